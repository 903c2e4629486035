-- Items for a flow function: an answer, or all pages of one, is read as a
-- table-driven dataset's would be, and its items are gathered instead of mapped.
-- They are handed out when all of it is whole.

local answers = require "usagelua.flow.answers"
local errors = require "usagelua.errors"
local gathered = require "usagelua.flow.gathered"
local own_request = require "usagelua.flow.own_request"
local pages = require "usagelua.flow.pages"

local handout = {}

-- Keys of a dataset that say how its answers are read.
local KEYS <const> = { pages = true, ok = true, echo = true, partial = true, format = true,
  rows = true, columns = true, delimiter = true, ends = true, null_rows = true }
-- Rows that moved between pages are read again from the first page once.
local READINGS <const> = 2

local function rows_of_reading()
  local list = {}
  for _, row in ipairs(require("usagelua.vendor.description").DATASET) do
    if KEYS[row[1]] then list[#list + 1] = row end
  end
  return list
end

local function checked_of(given, name)
  local reading = type(given) == "string" and { rows = given } or given
  return require("usagelua.vendor.rows").check(reading, rows_of_reading(), "ask:" .. name)
end

-- In the place of a mapper of records: each item is kept as it is.
local function collector(into)
  return {
    units = {},
    map = function(_, item, key)
      local ok, err = into:add(item, key)
      if not ok then return nil, err end
      return {}
    end,
    also = function() return {} end,
    account = function() end,
  }
end

-- The description of what is read, with a collector for every try. A dataset
-- with a `record` is read with all that its items hold.
local function dataset_of(own, reading, state)
  local dataset = own.planned.dataset
  local made = { name = dataset.name, params = {}, fields = {}, answer = "stream",
    record = function() end, idempotent = dataset.idempotent, request = dataset.request }
  for key in pairs(KEYS) do made[key] = made[key] or reading[key] end
  function made.mapper()
    state.page:close()
    state.page = gathered.new()
    return collector(state.page)
  end
  return made
end

-- The dataset's own request.
local function described_request(planned, name)
  local described = planned.dataset.request
  if not described then
    errors.raise_usage("ask:%s: say what is asked for: a path, or a table with a path", name)
  end
  return { planned = planned, values = {},
    label = ("%s %s"):format(described.method, described.path) }
end

local function check_answer(reading, place)
  local kind = answers.of(reading)
  if kind.has_path and not reading.rows then
    errors.raise_usage("%s: say where the items stand, for example \"data[]\"", place)
  elseif not kind.has_path and reading.rows then
    errors.raise_usage("%s: the items of %s are its rows, leave `rows` out", place, reading.format)
  end
  if kind.check then kind.check(setmetatable({ fields = {} }, { __index = reading }), place) end
end

local function reading_of(planned, given, reading, name)
  if reading == nil then return given == nil and planned.dataset or {} end
  return checked_of(reading, name)
end

---What is to be read: a request in the function's own words, with how its answer
---is read; the description's own where the function says nothing.
---@param planned usagelua.query
---@param given string|table|nil a request; nil: the dataset's own
---@param reading string|table|nil the path of its items, or keys as in a description
---@param name string of the method, for messages
---@return { own: usagelua.own_request, reading: table }
function handout.task(planned, given, reading, name)
  local task = { reading = reading_of(planned, given, reading, name),
    own = given and own_request.read(planned, given) or described_request(planned, name) }
  check_answer(task.reading, "ask:" .. name)
  require("usagelua.vendor.paging").check(task.reading.pages, task.own.planned.dataset.request,
    ("ask:%s.pages"):format(name))
  return task
end

local function take_page(state, read)
  local ok, err = state.whole:take(state.page)
  if not ok then return nil, err end
  state.is_partial = state.is_partial or read.is_partial
  state.doubt = state.doubt or read.doubt
  state.echoed = state.echoed and read.echoed
  return read
end

local function read_once(task, one, what, ask_page)
  local state = { whole = gathered.new(), page = gathered.new(), echoed = true, is_partial = false }
  local planned = setmetatable({ dataset = dataset_of(task.own, task.reading, state), measures = {} },
    { __index = task.own.planned })
  local part = { values = setmetatable(task.own.values, { __index = one.values }), label = what }
  local ok, err = pages.each(planned.dataset.pages, function(extra, label)
    local read, page_err = ask_page(planned, part, extra, label)
    if not read then return nil, page_err end
    return take_page(state, read)
  end)
  state.page:close()
  if ok then return state end
  state.whole:close()
  return nil, err
end

---Reads all of it.
---@param task table from handout.task
---@param one usagelua.query_part
---@param what string for messages
---@param ask_page fun(planned: table, part: table, extra: table?, label: string?): table?, table?
---@return { whole: usagelua.gathered, is_partial: boolean, doubt: string?, echoed: boolean }? state
---@return usagelua.error? err
function handout.read(task, one, what, ask_page)
  local state, err
  for _ = 1, READINGS do
    state, err = read_once(task, one, what, ask_page)
    if state or err.code ~= pages.MOVED then break end
  end
  return state, err
end

return handout
