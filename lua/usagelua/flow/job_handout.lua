-- A report job in a flow function's hands: created when it is asked for, its
-- items handed out when the whole result is there, deleted on every way out,
-- whether the script closes it or not.

local answer = require "usagelua.flow.answer"
local errors = require "usagelua.errors"
local gathered = require "usagelua.flow.gathered"
local job = require "usagelua.flow.job"
local job_part = require "usagelua.flow.job_part"
local own_reading = require "usagelua.flow.own_reading"
local parts = require "usagelua.flow.parts"

local job_handout = {}

-- Files of a result wait for the last of them; so many may be many.
local FILE_BYTES <const> = 1 << 20

-- What is asked --------------------------------------------------------------

-- Names in its requests that nothing fills.
local function check_names(dataset, place)
  for _, one in ipairs(require("usagelua.vendor.job_consistency").requests(dataset)) do
    local unfilled = parts.unfilled(one.dataset)
    if #unfilled > 0 then
      errors.raise_usage("%s.%s: {%s} is no parameter, no edge of the window and not among the values",
        place, one.step, unfilled[1])
    end
  end
end

local function params_with(dataset, values)
  local params = {}
  for name, param in pairs(dataset.params) do params[name] = param end
  for name in pairs(values) do params[name] = { required = true } end
  return params
end

local function described_by(planned, given, values)
  local dataset = planned.dataset
  local described = given and require("usagelua.vendor.rows").check(given,
    require("usagelua.vendor.description").JOB, "ask:job") or dataset.job
  if not described then
    errors.raise_usage("ask:job: say what is created: a table as the key `job` of a description")
  end
  local made = setmetatable({ job = described, pages = false, params = params_with(dataset, values) },
    { __index = dataset })
  require("usagelua.vendor.job_consistency").check(made, "ask:job")
  check_names(made, "ask:job")
  return described
end

local function merged(one, values)
  local all = {}
  for name, value in pairs(one.values) do all[name] = value end
  for name, value in pairs(values) do all[name] = value end
  return all
end

-- Its items ------------------------------------------------------------------

-- Reads the result, or a file of it; what comes back is a try that was good.
local function reader_of(planned, reading, values)
  return function(response)
    local page
    local dataset = own_reading.dataset(planned.dataset, reading, function(new) page = new end, FILE_BYTES)
    local around = setmetatable({ dataset = dataset, measures = {} }, { __index = planned })
    local read, err = answer.read(response, around, values)
    if not read then
      if page then page:close() end
      return nil, err
    end
    read.page = page
    return read
  end
end

local function gather(results)
  local state = { whole = gathered.new(), echoed = true, is_partial = false }
  for _, read in ipairs(results) do
    local ok, err = state.whole:take(read.page)
    if not ok then error(err, 0) end
    state.is_partial = state.is_partial or read.is_partial
    state.doubt = state.doubt or read.doubt
    state.echoed = state.echoed and read.echoed
    read.page:close()
  end
  return state
end

-- The query, with results of the form that is read here.
local function around(planned, reading)
  local dataset = setmetatable({ format = reading.format or "json", columns = reading.columns or false,
    packed = reading.packed or false }, { __index = planned.dataset })
  return setmetatable({ dataset = dataset }, { __index = planned })
end

---@class usagelua.job_in_hand
---@field report usagelua.job
---@field label string
local methods = {}
local metatable = { __name = "usagelua.job_in_hand", __index = methods }

---Creates the job.
---@param context { tools: usagelua.tools, planned: usagelua.query, one: usagelua.query_part }
---@param given table? as the key `job` of a description; the dataset's own where absent
---@param reading string|table|nil how each of its answers is read
---@param values table? further names for its templates
---@return usagelua.job_in_hand? job to be closed
---@return usagelua.error? err
function job_handout.open(context, given, reading, values)
  local tools, planned, one = context.tools, context.planned, context.one
  values = values or {}
  local described = described_by(planned, given, values)
  local checked = own_reading.read(reading, given == nil and planned.dataset or nil, "ask:job")
  local all = merged(one, values)
  local asked = around(planned, checked)
  local report, err = job.open(described, all, job_part.context(tools, asked, one),
    reader_of(asked, checked, all))
  if not report then return nil, err end
  return setmetatable({ report = report, label = "job " .. (report.id or "") }, metatable)
end

---Waits for the result: all of its items. Once.
---@return { whole: usagelua.gathered, is_partial: boolean, doubt: string?, echoed: boolean }? state
---@return usagelua.error? err
function methods:result()
  if self.is_read then errors.raise_usage("the items of a job are handed out once") end
  local results, err = self.report:result()
  if not results then return nil, err end
  self.is_read = true
  return gather(results)
end

---Deletes it; again does nothing.
function methods:close()
  self.report:close()
end

return job_handout
