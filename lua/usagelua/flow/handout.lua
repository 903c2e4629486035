-- Items for a flow function: an answer, or all pages of one, is read as a
-- table-driven dataset's would be, and its items are gathered instead of mapped.
-- They are handed out when all of it is whole.

local errors = require "usagelua.errors"
local gathered = require "usagelua.flow.gathered"
local own_reading = require "usagelua.flow.own_reading"
local own_request = require "usagelua.flow.own_request"
local pages = require "usagelua.flow.pages"
local telling = require "usagelua.flow.telling"

local handout = {}

-- Rows that moved between pages are read again from the first page once.
local READINGS <const> = 2

-- The dataset's own request.
local function described_request(planned, name)
  local described = planned.dataset.request
  if not described then
    errors.raise_usage("ask:%s: say what is asked for: a path, or a table with a path", name)
  end
  return { planned = planned, values = {},
    label = ("%s %s"):format(described.method, described.path) }
end

---What is to be read: a request in the function's own words, with how its answer
---is read; the description's own where the function says nothing.
---@param planned usagelua.query
---@param given string|table|nil a request; nil: the dataset's own
---@param reading string|table|nil the path of its items, or keys as in a description
---@param name string of the method, for messages
---@return { own: usagelua.own_request, reading: table }
function handout.task(planned, given, reading, name)
  local task = {
    own = given and own_request.read(planned, given) or described_request(planned, name),
    reading = own_reading.read(reading, given == nil and planned.dataset or nil, "ask:" .. name),
  }
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

local function dataset_of(task, state)
  return own_reading.dataset(task.own.planned.dataset, task.reading, function(page)
    state.page:close()
    state.page = page
  end)
end

local function read_once(task, one, what, ask_page)
  local state = { whole = gathered.new(), page = gathered.new(), echoed = true, is_partial = false }
  local planned = setmetatable({ dataset = dataset_of(task, state), measures = {} },
    { __index = task.own.planned })
  local part = { values = setmetatable(task.own.values, { __index = one.values }), label = what,
    whole = telling.whole(one) }
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
