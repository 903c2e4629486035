-- Runs planned queries: all their parts at the same time, as the lanes let
-- them. A part that did not become whole adds nothing and marks what it would
-- have added to; the coverage says so.

local errors = require "usagelua.errors"
local expected = require "usagelua.flow.expected"
local fanout = require "usagelua.client.fanout"
local notes = require "usagelua.flow.notes"
local part = require "usagelua.flow.part"
local telling = require "usagelua.flow.telling"

local execute = {}

-- Parts under way or waiting, at least; mostly the lanes let far fewer of them ask
-- at once.
local WORKERS <const> = 256

local function period_known(planned, said)
  if planned.period.vendor or not planned.dataset.window then return "vendor's own" end
  return said.echoed and "echoed" or "assumed"
end

local function succeed(tools, job, said)
  local coverage, entry = tools.coverage, job.entry
  coverage:period(entry, period_known(job.planned, said))
  if said.account then coverage:account(entry, said.account) end
  if job.expected then job.expected:answered(job.planned.params, said.found or {}) end
  local lacking = said.is_partial and (said.partial_reason or part.PARTIAL) or said.doubt
  if lacking then
    coverage:partial(entry, ("%s: %s"):format(job.part.label, lacking))
  else
    coverage:answered(entry)
  end
  job.ended = true
  telling.of(tools, job.part, { event = "part", state = "ended" })
end

local function fail(tools, job, err, stage)
  local failure = errors.wrap(err, job.part.label)
  stage:taint(job.part.const, tostring(failure))
  tools.coverage:failed(job.entry, tostring(failure))
  job.ended = true
  telling.of(tools, job.part, { event = "part", state = "ended", failed = true })
end

-- What raises here stops everything, be it a signal or a mistake in a script.
local function run_job(tools, job, stage)
  tools.coverage:asked(job.entry)
  job.began = true
  telling.of(tools, job.part, { event = "part", state = "begun" })
  local said, err = part.read(tools, job.planned, job.part, stage)
  if said then return succeed(tools, job, said) end
  fail(tools, job, err, stage)
end

-- Parts that the end of the time caught on their way, or before it.
local function fail_unfinished(tools, jobs, stage, err)
  for _, job in ipairs(jobs) do
    if not job.began then tools.coverage:asked(job.entry) end
    if not job.ended then fail(tools, job, err, stage) end
  end
end

local function has_reports(jobs)
  for _, job in ipairs(jobs) do
    if job.planned.dataset.job then return true end
  end
  return false
end

local function add_left(work, tools)
  local leftovers = require "usagelua.flow.leftovers"
  for _, entry in ipairs(leftovers.to_clear(tools)) do
    work[#work + 1] = function() leftovers.clear(entry, tools) end
  end
end

-- The parts, and before them what earlier runs left and nobody asks for again.
local function all_work(tools, jobs, stage)
  local work = {}
  if has_reports(jobs) then add_left(work, tools) end
  for _, job in ipairs(jobs) do
    work[#work + 1] = function() run_job(tools, job, stage) end
  end
  return work
end

local function cap_of(planned)
  return planned.in_flight or planned.vendor.rate.in_flight
end

-- As many as the widest lane lets ask at once.
local function workers_for(jobs)
  local most = WORKERS
  for _, job in ipairs(jobs) do most = math.max(most, cap_of(job.planned) or 0) end
  return most
end

local function run_jobs(tools, jobs, stage)
  local work = all_work(tools, jobs, stage)
  local ok, err = pcall(fanout.run, tools.scheduler, work, workers_for(jobs), function(one) one() end)
  if ok then return end
  if errors.from(err).kind ~= "deadline" then error(err, 0) end
  fail_unfinished(tools, jobs, stage, err)
end

local function new_entry(tools, planned)
  local windows = planned.windows
  local entry = tools.coverage:query {
    dataset = planned.name,
    period_start = windows[1].period_start, period_end = windows[#windows].period_end,
    doubt = not windows[1].vendor and planned.dataset.window and planned.dataset.window.unverified,
  }
  for _, text in ipairs(planned.notes) do tools.coverage:note(entry, text) end
  local cut = notes.of_cut(windows)
  if cut then tools.coverage:note(entry, cut) end
  return entry
end

-- What the rules cannot use is not asked for.
local function wanted_parts(tools, planned, stage)
  local wanted = {}
  for _, one in ipairs(planned.parts) do
    if not tools.wants or tools.wants(one.const) then
      wanted[#wanted + 1] = one
    else
      stage:skip(one.const)
    end
  end
  return wanted
end

local function open_lane(tools, planned)
  local rate = planned.vendor.rate
  tools.client:lane(planned.lane, { burst = rate.burst, per_minute = rate.per_minute,
    gap_s = rate.gap_s, in_flight = cap_of(planned) })
end

local function add_jobs(jobs, tools, planned, stage)
  local wanted = wanted_parts(tools, planned, stage)
  if #wanted == 0 then return end
  open_lane(tools, planned)
  local entry, expects = new_entry(tools, planned), expected.of(planned)
  tools.entries[planned] = entry
  for _, one in ipairs(wanted) do
    jobs[#jobs + 1] = { planned = planned, part = one, entry = entry, expected = expects }
  end
end

-- The answers name the account as the records do; where none came, the query's
-- own name for it has to do.
local function name_accounts(tools, jobs)
  for _, job in ipairs(jobs) do
    if job.planned.account then tools.coverage:account(job.entry, job.planned.account) end
  end
end

-- What was asked for by name and did not come.
local function note_missing(tools, jobs)
  for _, job in ipairs(jobs) do
    for _, text in ipairs(job.expected and job.expected:missing() or {}) do
      tools.coverage:note(job.entry, text)
    end
  end
end

-- The tools, with what is noted of a query standing in its coverage too.
local function with_entries(tools)
  local entries = {}
  return setmetatable({ entries = entries, note = function(planned, text)
    tools.note(planned, text)
    if planned then tools.coverage:note(entries[planned], text) end
  end }, { __index = tools })
end

---Asks for all queries and adds what they bring to the stage. When the time of
---the run is over, what has not come is marked; any other stop raises.
---@param queries usagelua.query[]
---@param stage usagelua.stage
---@param tools usagelua.tools
function execute.run(queries, stage, tools)
  local jobs = {}
  tools = with_entries(tools)
  for _, planned in ipairs(queries) do add_jobs(jobs, tools, planned, stage) end
  do
    local _ <close> = telling.queries(tools, jobs)
    run_jobs(tools, jobs, stage)
  end
  name_accounts(tools, jobs)
  note_missing(tools, jobs)
end

return execute
