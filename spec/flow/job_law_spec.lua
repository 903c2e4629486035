-- The law of report jobs over seeded weather, signals and kills, in the simulator: after any number
-- of runs that ended badly and one that ended well, no job is left at the vendor but those whose
-- creation nobody heard the answer of, and for each of these a run has said so. Thousands of runs a
-- minute: LAW_RUNS=20000 plays more of them, from LAW_SEED on.
local acme = require "support.acme"
local clock = require "usagelua.time.clock"
local collect = require "usagelua.collect"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local ledger = require "usagelua.ledger"
local random = require "support.random"
local simulated_jobs = require "support.simulated_jobs"
local simulated_run = require "support.simulated_run"
local tmp = require "support.tmp"
local weather = require "usagelua.transport.weather"

local CASES = tonumber(os.getenv "LAW_RUNS") or 150
local FIRST_SEED = tonumber(os.getenv "LAW_SEED") or 1
local TEAMS = { "a", "b", "c", "d" }
local MONTHS = { "2025-10", "2025-11" }
local KILLED = {}
-- An answer of 200 to a deletion that was none looks like a good one; a page of HTML is told apart.
local FAULTS = {}
for _, name in ipairs(weather.names) do
  if name == "html" or not weather.pretending[name] then FAULTS[#FAULTS + 1] = name end
end

-- What happens to one run: how it ends, and in which weather.
local function draw_run(draw)
  return {
    ends = draw:item { "well", "stopped", "killed", "killed" }, at_s = draw:integer(1, 600) / 10,
    weather = draw:item { 0, 0.1, 0.3 }, month = draw:item(MONTHS),
    teams = table.concat(TEAMS, ",", 1, draw:integer(1, #TEAMS)),
  }
end

local function draw_case(seed, folder)
  local draw = random.new(seed)
  local case = { seed = seed, clock = clock.virtual(1767225600), folder = folder, runs = {} }
  case.vendor = simulated_jobs.new {
    polls = draw:integer(0, 4), late = draw:integer(0, 2), limit = draw:item { 1, 3, 100 },
    rate = { burst = 5, per_minute = 15 },
    states = draw:item { {}, {}, { "failed" }, { "completed", "failed", "broken" } },
  }
  -- Lost jobs fill a small queue for good, and a failed one may fail again.
  case.is_good = case.vendor.options.limit == 100 and #case.vendor.options.states < 2
  for i = 1, draw:integer(1, 3) do case.runs[i] = draw_run(draw) end
  case.runs[#case.runs + 1] = { ends = "well", weather = 0, month = draw:item(MONTHS),
    teams = table.concat(TEAMS, ",", 1, draw:integer(1, #TEAMS)), is_last = true }
  return case
end

local function fail(case, format, ...)
  error(("seed %d: %s"):format(case.seed, format:format(...)), 0)
end

-- A run of its own process: a new client, the same vendor, time and folder.
local function new_run(case, plan, index)
  plan.said = ""
  local draw_fault = weather.random(plan.weather, FAULTS)
  local run
  run = simulated_run.new {
    loader = acme.loader(simulated_jobs.vendor(simulated_jobs.dataset())), clock = case.clock,
    say = function(text) plan.said = plan.said .. text .. "\n" end,
    seed = case.seed * 10 + index, ledger = ledger.open { clock = case.clock,
      folder = case.folder },
    weather = function(request, count, draw)
      case.fault = draw_fault(request, count, draw)
      return case.fault
    end,
    answer = function(request, now)
      local created = #case.vendor.jobs
      local answer = case.vendor:answer(request, now)
      local job = case.vendor.jobs[#case.vendor.jobs]
      if #case.vendor.jobs > created then job.is_lost, job.run = case.fault ~= nil, plan end
      return answer
    end,
  }
  return run
end

local function stop_at(run, at)
  run.scheduler:spawn(function()
    run.scheduler:sleep(at)
    run.scheduler:cancel_all(errors.new { kind = "cancelled", message = "stopped", signal = 2 })
  end)
end

-- No clean-up, no closer: the process is gone.
local function kill_at(run, at)
  local ends = run.clock.monotonic() + at
  local step = run.transport.step
  function run.transport.step(self, seconds)
    if run.clock.monotonic() >= ends then error(KILLED, 0) end
    return step(self, math.min(seconds, ends - run.clock.monotonic()))
  end
end

local ENDS = { stopped = stop_at, killed = kill_at, well = function() end }

local function known_or_marked(case, plan, frame)
  local value, _, state = frame:value "tests"
  local _, teams = plan.teams:gsub("%w", "")
  local right = simulated_jobs.TOTAL * teams
  if plan.is_last and case.is_good and value ~= right then fail(case, "%s and not %d", value, right) end
  if state == nil and value ~= right then fail(case, "shown as %s, is %d", value, right) end
  if state == "at_least" and value > right then fail(case, "at least %s, is %d", value, right) end
end

local function play(case, plan, index)
  local run = new_run(case, plan, index)
  ENDS[plan.ends](run, plan.at_s)
  local frame
  local ok, err = pcall(run.scheduler.run, run.scheduler, function()
    frame = collect.new(run, { { "acme.usage", period = run:read_period(plan.month),
      team = plan.teams } })
    return frame:value "tests"
  end)
  if ok then return known_or_marked(case, plan, frame) end
  if err ~= KILLED and errors.from(err).message ~= "stopped" then fail(case, "%s", tostring(err)) end
end

-- Entries that were written and never learned their job's id.
local function count_intents(case)
  local count = 0
  for _, line in ipairs(ledger.look({ clock = case.clock, jobs = case.folder .. "/jobs" }):list()) do
    if not line.facts.id then count = count + 1 end
  end
  return count
end

local function said(plan, text)
  return plan.said:find(text, 1, true) ~= nil
end

-- A creation whose answer the weather took is said by its own run, one that a kill or the end of the
-- clean-up cut off by the next one.
local function check_said(case, job, place)
  local is_said = said(job.run, "perhaps one job more")
  for i = place + 1, #case.runs do
    is_said = is_said or said(case.runs[i], "perhaps one job more")
  end
  if not is_said then fail(case, "nobody says that %s may be left", job.id) end
end

local function place_of(case, plan)
  for i, one in ipairs(case.runs) do
    if one == plan then return i end
  end
end

-- A run that ends by itself, or is stopped while the vendor answers, hears of all that it creates.
local function hears_all(plan)
  return plan.ends == "well" or plan.ends == "stopped" and plan.weather == 0
end

local function check_left(case)
  local unheard = 0
  for _, job in ipairs(case.vendor.jobs) do
    if not job.deleted_at then
      unheard = unheard + 1
      if not job.is_lost and hears_all(job.run) then fail(case, "%s is left", job.id) end
      check_said(case, job, place_of(case, job.run))
    end
  end
  if unheard > case.unheard then fail(case, "%d are left, %d unheard", unheard, case.unheard) end
end

local function play_case(case)
  case.unheard = 0
  for index, plan in ipairs(case.runs) do
    case.vendor.limited = 0
    play(case, plan, index)
    collectgarbage() -- the locks of a dead process are free
    collectgarbage()
    case.unheard = case.unheard + count_intents(case)
    -- Deletions after a stop do not wait, and repeated ones may be too many.
    local is_calm = plan.ends ~= "stopped" or plan.weather == 0
    if index == 1 and is_calm and case.vendor.limited > 0 then fail(case, "the vendor had to slow us down") end
  end
  for _, job in ipairs(case.vendor.jobs) do
    case.unheard = case.unheard + (job.is_lost and 1 or 0)
  end
  check_left(case)
  local files = core.file.list(case.folder .. "/jobs")
  if #files > 0 then fail(case, "the ledger still holds %s", table.concat(files, ", ")) end
end

describe("report jobs", function()
  it("are all deleted in the end, or named", function()
    local folder <close> = tmp.in_memory()
    for seed = FIRST_SEED, FIRST_SEED + CASES - 1 do
      play_case(draw_case(seed, ("%s/%d"):format(folder.path, seed)))
    end
  end)
end)
