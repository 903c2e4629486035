-- Reads one answer: items and side values in one pass, checked as a whole.
-- What comes back is a batch of rows and what the answer says about itself.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local records = require "usagelua.flow.records"

local answer = {}

local NULL = core.json.null

---@class usagelua.answer
---@field batch table rows, marks, units
---@field is_partial boolean the vendor's own flag
---@field echoed boolean the answer repeats the period that was asked for
---@field side table<string, any>
---@field items integer
---@field keys any[] values of the dataset's `pages.unique`

local function shape(format, ...)
  return nil, errors.new { kind = "shape", message = format:format(...) }
end

local function add_all(into, from)
  for _, path in pairs(from or {}) do into[path] = path end
end

local function side_paths(dataset)
  local paths = records.side_paths(dataset)
  add_all(paths, dataset.echo)
  if dataset.partial then paths[dataset.partial] = dataset.partial end
  for path in pairs(dataset.ok or {}) do paths[path] = path end
  if dataset.pages and dataset.pages.total then
    paths[dataset.pages.total] = dataset.pages.total
  end
  return paths
end

local function shown(value)
  if value == nil then return "nothing" end
  if value == NULL then return "null" end
  if type(value) == "table" then return "an object or a list" end
  return ("'%s'"):format(tostring(value))
end

local function check_ok(dataset, side)
  for path, wanted in pairs(dataset.ok or {}) do
    if side[path] ~= wanted then
      return shape("%s: expected '%s', got %s", path, wanted, shown(side[path]))
    end
  end
  return true
end

-- An answer that repeats another period or type than was asked for answers
-- another question.
local function check_echo(dataset, side, sent)
  local echoed = false
  for name, path in pairs(dataset.echo or {}) do
    local value = side[path]
    if value ~= nil and value ~= sent[name] then
      return shape("%s: asked for '%s', the answer is about %s", path, tostring(sent[name]),
        shown(value))
    end
    if value ~= nil and (name == "from" or name == "to") then echoed = true end
  end
  return echoed
end

local function drain(reader, on_item)
  local item, key = reader:next()
  while item ~= nil do
    local ok, err = on_item(item, key)
    if not ok then return nil, err end
    item, key = reader:next()
  end
  return true
end

-- JSON that is well formed and still cannot be read as what it means. Asked
-- again, it would come again.
local LASTING <const> = { duplicate = true, range = true }

local function reading_error(err)
  err = errors.from(err)
  if err.kind ~= "json" or not LASTING[err.code] then return err end
  return errors.new { kind = "shape", message = err.message, code = err.code, cause = err }
end

-- Feeds the reader as bytes come; items leave it piece by piece.
local function read_items(response, reader, on_item)
  local ok, err = response:feed(reader, function()
    local drained, item_err = drain(reader, on_item)
    if not drained then return item_err end
  end)
  if not ok then return nil, reading_error(err) end
  ok, err = reader:finish()
  if not ok then return nil, reading_error(err) end
  return drain(reader, on_item)
end

local ZERO_REASON = "the vendor marked its answer as partial: a zero may be a failed fetch"

local function mark_cell(batch, index, name, state, reason)
  batch.marks = batch.marks or {}
  batch.marks[index] = batch.marks[index] or {}
  batch.marks[index][name] = { state = state, reason = reason }
end

-- A partial answer does not say which part failed: every zero is unknown, a
-- count of different things is at least so much.
local function mark_partial(batch, declared)
  for index, row in ipairs(batch.rows) do
    for name, measure in pairs(declared) do
      if row[name] == 0 then
        row[name] = nil
        mark_cell(batch, index, name, "unknown", ZERO_REASON)
      elseif row[name] and measure.kind == "distinct" then
        mark_cell(batch, index, name, "at_least", "the vendor marked its answer as partial")
      end
    end
  end
end

-- One answer while it is read: rows are mapped as they come, or, where the
-- description judges rows by side values, when the document has ended.
local reading = {}
reading.__index = reading

local function begin(query, sent)
  local dataset = query.dataset
  local mapper = records.mapper(dataset, sent)
  return setmetatable({
    query = query, dataset = dataset, sent = sent, mapper = mapper,
    reader = core.json.reader { rows = dataset.rows, side = side_paths(dataset) },
    rows = {}, held = {}, keys = {}, items = 0,
    unique = dataset.pages and dataset.pages.unique,
  }, reading)
end

function reading:map(item, key)
  local rows, err = self.mapper.map(item, key, self.reader:side())
  if not rows then return nil, err end
  table.move(rows, 1, #rows, #self.rows + 1, self.rows)
  return true
end

function reading:item(item, key)
  self.items = self.items + 1
  if self.unique then self.keys[self.items] = item[self.unique] end
  if self.dataset.answer ~= "whole" then return self:map(item, key) end
  self.held[self.items] = { item, key }
  return true
end

function reading:judge()
  local side, dataset = self.reader:side(), self.dataset
  local ok, err = check_ok(dataset, side)
  if not ok then return nil, err end
  if not self.reader:found() then return shape("no %s in the answer", dataset.rows) end
  return check_echo(dataset, side, self.sent)
end

function reading:map_held()
  for _, pair in ipairs(self.held) do
    local ok, err = self:map(pair[1], pair[2])
    if not ok then return nil, err end
  end
  local also, err = self.mapper.also(self.reader:side())
  if not also then return nil, err end
  table.move(also, 1, #also, #self.rows + 1, self.rows)
  return true
end

function reading:result(echoed)
  local side = self.reader:side()
  local batch = { rows = self.rows, units = self.mapper.units }
  local flag = self.dataset.partial
  local is_partial = flag ~= nil and side[flag] == true
  if is_partial then mark_partial(batch, self.query.measures) end
  return { batch = batch, is_partial = is_partial, echoed = echoed, side = side,
    items = self.items, keys = self.keys }
end

---Reads the response of one request.
---@param response table
---@param query table a planned query
---@param sent table<string, any> the values the request was built from
---@return usagelua.answer? answer
---@return usagelua.error? err
function answer.read(response, query, sent)
  local state = begin(query, sent)
  local ok, err = read_items(response, state.reader, function(item, key)
    return state:item(item, key)
  end)
  if not ok then return nil, err end
  local echoed
  echoed, err = state:judge()
  if err then return nil, err end
  ok, err = state:map_held()
  if not ok then return nil, err end
  return state:result(echoed)
end

return answer
