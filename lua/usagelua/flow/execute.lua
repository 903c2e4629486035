-- Runs a planned query: every part (window and fan-out value) is a task, each
-- page a transaction of its own; a part that did not become whole adds
-- nothing and marks what it would have added to.

local answer = require "usagelua.flow.answer"
local errors = require "usagelua.errors"
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

local PARTIAL = "the vendor marked its answer as partial in %d tries"

local function add_page(tools, entry, stage, part, read)
  local batch = read.batch
  batch.const = part.const
  if read.is_partial then
    local reason = PARTIAL:format(PARTIAL_TRIES)
    tools.coverage:partial(entry, ("%s: %s"):format(part.label, reason))
    if #batch.rows == 0 then
      stage:taint(part.const, reason, "unknown")
    elseif not batch.marks then
      stage:taint(part.const, reason, "at_least")
    end
  end
  stage:add(batch)
end

local function check_records(tools, planned, batch)
  local check = planned.dataset.check
  if not check then return end
  for _, row in ipairs(batch.rows) do
    local warning = check(units.canonical_row(row, batch.units), planned)
    if warning then tools.warn(planned, warning) end
  end
end

local function read_part(tools, planned, entry, part, stage)
  return pages.each(planned.dataset.pages, function(extra, label)
    local read, err = ask_page(tools, planned, part, extra, label)
    if not read then return nil, err end
    check_records(tools, planned, read.batch)
    tools.coverage:echoed(entry, read.echoed)
    tools.coverage:account(entry, read.batch.rows[1] and read.batch.rows[1].account)
    add_page(tools, entry, stage, part, read)
    return read
  end)
end

local function try_part(tools, planned, entry, part, stage)
  local ok, err
  for _ = 1, planned.dataset.pages and WINDOW_TRIES or 1 do
    local own = stage:stage()
    ok, err = read_part(tools, planned, entry, part, own)
    if ok then
      own:commit()
      return true
    end
    own:drop()
    if err.kind ~= "shape" then break end
  end
  return nil, err
end

local function run_part(tools, planned, entry, part, stage)
  tools.coverage:asked(entry)
  local finished, ok, err = pcall(try_part, tools, planned, entry, part, stage)
  if finished and ok then
    tools.coverage:answered(entry)
    return
  end
  local failure = errors.wrap(finished and err or ok, part.label)
  stage:taint(part.const, tostring(failure))
  tools.coverage:failed(entry, failure)
  if not finished and failure.kind ~= "deadline" then error(failure, 0) end
end

---Runs all parts of a query at the same time and adds what they bring to the
---stage.
---@param planned usagelua.query
---@param stage table
---@param tools usagelua.tools
function execute.run(planned, stage, tools)
  local entry = tools.coverage:query {
    dataset = planned.name,
    account = planned.account,
    period_start = planned.windows[1].period_start,
    period_end = planned.windows[#planned.windows].period_end,
    period = planned.period,
  }
  tools.client:lane(planned.lane, {
    burst = planned.vendor.rate.burst,
    per_minute = planned.vendor.rate.per_minute,
    in_flight = planned.in_flight or planned.vendor.rate.in_flight,
  })
  local tasks = {}
  for index, part in ipairs(planned.parts) do
    tasks[index] = tools.scheduler:spawn(run_part, tools, planned, entry, part, stage)
  end
  tools.scheduler:join(tasks)
end

return execute
