-- Runs a planned query: every part (window and fan-out value) is a task, each
-- page a transaction of its own; a part that did not become whole adds
-- nothing and marks what it would have added to.

local answer = require "usagelua.flow.answer"
local errors = require "usagelua.errors"
local measures = require "usagelua.measures"
local pages = require "usagelua.flow.pages"
local request = require "usagelua.flow.request"
local units = require "usagelua.units"

local execute = {}

-- A partial answer is asked again this often before it is taken as it is.
local PARTIAL_TRIES = 3
local PARTIAL_WAIT_S = 0.5
-- Rows that moved between pages are read again from the first page once.
local WINDOW_TRIES = 2

---@class usagelua.tools
---@field client table
---@field scheduler table
---@field coverage table
---@field warn fun(text: string, query: usagelua.query)

local function ask_once(tools, planned, part, extra, label)
  local built = request.build(planned, part.values, extra)
  built.what = label and part.label .. ", " .. label or part.label
  return tools.client:call(built, function(response)
    return answer.read(response, planned, part.values)
  end)
end

local function ask_page(tools, planned, part, extra, label)
  local read, err
  for try = 1, PARTIAL_TRIES do
    read, err = ask_once(tools, planned, part, extra, label)
    if not read or not read.is_partial then break end
    if try < PARTIAL_TRIES then tools.scheduler:sleep(PARTIAL_WAIT_S * 2 ^ (try - 1)) end
  end
  return read, err
end

local PARTIAL <const> = "the vendor marked its answer as partial, in %d tries"

-- Zeros of a partial answer are marked in its rows; one without any has
-- nothing to hang the mark on.
local function add_page(stage, part, read)
  local batch = read.batch
  batch.const = part.const
  if read.is_partial and not batch.marks then
    stage:taint(part.const, PARTIAL:format(PARTIAL_TRIES))
  end
  stage:add(batch)
end

local function canonical(row, own_units)
  local record = {}
  for name, value in pairs(row) do
    local unit = own_units[name]
    record[name] = unit and units.convert(value, unit, measures.resolve(name).unit) or value
  end
  return record
end

local function check_records(tools, planned, batch)
  local check = planned.dataset.check
  if not check then return end
  for _, row in ipairs(batch.rows) do
    local warning = check(canonical(row, batch.units), planned.params)
    if warning then tools.warn(planned, warning) end
  end
end

-- What the pages of a part said about it, until the part is whole.
local function note_page(said, read)
  said.is_partial = said.is_partial or read.is_partial
  said.echoed = said.echoed ~= false and read.echoed
  local first = read.batch.rows[1]
  said.account = said.account or first and first.account
end

local function read_part(tools, planned, part, stage)
  local said = {}
  local ok, err = pages.each(planned.dataset.pages, function(extra, label)
    local read, page_err = ask_page(tools, planned, part, extra, label)
    if not read then return nil, page_err end
    check_records(tools, planned, read.batch)
    note_page(said, read)
    add_page(stage, part, read)
    return read
  end)
  if not ok then return nil, err end
  return said
end

local function try_part(tools, planned, part, stage)
  local said, err
  for _ = 1, planned.dataset.pages and WINDOW_TRIES or 1 do
    local own <close> = stage:stage()
    said, err = read_part(tools, planned, part, own)
    if said then
      own:commit()
      return said
    end
    if err.kind ~= "shape" then break end
  end
  return nil, err
end

local function period_known(planned, said)
  if planned.period.vendor then return "vendor's own" end
  return said.echoed and "echoed" or "assumed"
end

local function finish_part(tools, planned, entry, part, said)
  local coverage = tools.coverage
  coverage:period(entry, period_known(planned, said))
  if said.account then coverage:account(entry, said.account) end
  if said.is_partial then
    coverage:partial(entry, ("%s: %s"):format(part.label, PARTIAL:format(PARTIAL_TRIES)))
  else
    coverage:answered(entry)
  end
end

-- A part that fails says so in the coverage and marks what it would have
-- added to.
local function fail_part(tools, entry, part, stage, err)
  local reason = tostring(errors.wrap(err, part.label))
  stage:taint(part.const, reason)
  tools.coverage:failed(entry, reason)
end

-- Only a stop of the whole run goes on as an error.
local function run_part(tools, planned, entry, part, stage)
  local said, err = try_part(tools, planned, part, stage)
  if said then return finish_part(tools, planned, entry, part, said) end
  fail_part(tools, entry, part, stage, err)
end

local function new_entry(tools, planned)
  local windows = planned.windows
  return tools.coverage:query {
    dataset = planned.name, account = planned.account,
    period_start = windows[1].period_start, period_end = windows[#windows].period_end,
  }
end

-- A part that the deadline cut off has failed like any other; another error
-- ends the query.
local function settle(tools, planned, entry, stage, tasks)
  for index, task in ipairs(tasks) do
    if not task.ok and task.err.kind ~= "deadline" then error(task.err, 0) end
    if not task.ok then fail_part(tools, entry, planned.parts[index], stage, task.err) end
  end
end

-- A little longer than the parts themselves may clean up.
local JOIN_S <const> = 3.5

---Runs all parts of a query at the same time and adds what they bring to the
---stage.
---@param planned usagelua.query
---@param stage usagelua.stage
---@param tools usagelua.tools
function execute.run(planned, stage, tools)
  local scheduler, tasks = tools.scheduler, {}
  local entry = new_entry(tools, planned)
  tools.client:lane(planned.lane, {
    burst = planned.vendor.rate.burst,
    per_minute = planned.vendor.rate.per_minute,
    in_flight = planned.in_flight or planned.vendor.rate.in_flight,
  })
  for index, part in ipairs(planned.parts) do
    tools.coverage:asked(entry)
    tasks[index] = scheduler:spawn(run_part, tools, planned, entry, part, stage)
  end
  scheduler:shield(JOIN_S, scheduler.join, scheduler, tasks)
  settle(tools, planned, entry, stage, tasks)
end

---What a query comes to that the deadline kept from beginning.
---@param planned usagelua.query
---@param stage usagelua.stage
---@param tools usagelua.tools
---@param err usagelua.error
function execute.give_up(planned, stage, tools, err)
  local entry = new_entry(tools, planned)
  for _, part in ipairs(planned.parts) do
    tools.coverage:asked(entry)
    fail_part(tools, entry, part, stage, err)
  end
end

return execute
