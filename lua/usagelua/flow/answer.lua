-- Reads one answer: items and side values in one pass, checked as a whole.
-- What comes back is a batch of rows and what the answer says about itself.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local fold = require "usagelua.flow.fold"
local partial = require "usagelua.flow.partial"
local path = require "usagelua.flow.path"
local records = require "usagelua.flow.records"
local values = require "usagelua.flow.values"

local answer = {}

---@class usagelua.answer
---@field batch usagelua.batch rows, marks, units
---@field is_partial boolean the vendor's own flag
---@field rows_missing boolean a partial answer that may lack rows
---@field echoed boolean the answer repeats the period that was asked for
---@field account string?
---@field side table<string, any>
---@field items integer
---@field keys string[] values of the dataset's `pages.unique`

-- What is asked of the reader ----------------------------------------------

local function side_paths(dataset)
  local paths = records.side_paths(dataset)
  local function add(text)
    if text then paths[text] = text end
  end
  for _, text in pairs(dataset.echo or {}) do add(text) end
  for text in pairs(dataset.ok or {}) do add(text) end
  add(dataset.partial)
  add(dataset.pages and dataset.pages.total)
  return paths
end

-- Judging the document -----------------------------------------------------

local function check_ok(dataset, side)
  for text, wanted in pairs(dataset.ok or {}) do
    if side[text] ~= wanted then
      return values.mismatch(text, values.shown(wanted), side[text])
    end
  end
  return true
end

-- An answer that repeats another period or type than was asked for answers
-- another question.
local function check_echo(dataset, side, sent)
  for name, text in pairs(dataset.echo or {}) do
    local value = side[text]
    if value ~= nil and sent[name] ~= nil and value ~= sent[name] then
      return nil, errors.new { kind = "shape", code = text,
        message = ("%s: asked for %s, the answer is about %s"):format(text,
          values.shown(sent[name]), values.shown(value)) }
    end
  end
  return true
end

local function is_echoed(dataset, side, sent)
  local echo = dataset.echo or {}
  for _, name in ipairs { "from", "to" } do
    if not echo[name] or sent[name] == nil or side[echo[name]] ~= sent[name] then return false end
  end
  return true
end

-- Reading it ---------------------------------------------------------------

-- JSON that is well formed and still cannot be read as what it means. Asked
-- again, it would come again.
local LASTING <const> = { duplicate = true, range = true }

local function reading_error(err)
  err = errors.from(err)
  if err.kind ~= "json" or not LASTING[err.code] then return err end
  return errors.new { kind = "shape", message = err.message, code = err.code, cause = err }
end

-- The item, and the key under which it stood in the innermost object.
local function next_item(reader)
  local found = table.pack(reader:next())
  return found[1], found[found.n > 1 and found.n or 2]
end

local function drain(reader, on_item, taking)
  if taking then return taking:drain(reader, on_item) end
  local item, key = next_item(reader)
  while item ~= nil do
    local ok, err = on_item(item, key)
    if not ok then return nil, err end
    item, key = next_item(reader)
  end
  return true
end

-- Feeds the reader as bytes come; items leave it piece by piece.
local function read_items(response, reader, on_item, taking)
  local ok, err = response:feed(reader, function()
    local drained, item_err = drain(reader, on_item, taking)
    if not drained then return item_err end
  end)
  if ok then ok, err = reader:finish() end
  if not ok then return nil, reading_error(err) end
  return drain(reader, on_item, taking)
end

-- One answer while it is read: rows are mapped as they come, or, where the
-- description judges rows by side values, when the document has ended.
local reading = {}
reading.__index = reading

local function begin(dataset, sent, columns, folding, const)
  local unique = dataset.pages and dataset.pages.unique
  local taking = folding and fold.prepare(dataset, sent, columns, const, folding)
  local reader = core.json.reader { rows = dataset.rows, side = side_paths(dataset),
    fields = taking and taking:paths() or records.selection(dataset, columns) }
  if taking then taking:attach(reader) end
  return setmetatable({
    dataset = dataset, sent = sent, mapper = records.mapper(dataset, sent),
    reader = reader,
    rows = {}, held = {}, keys = {}, items = 0,
    fold = taking, unique = unique, key_of = unique and path.compile(unique),
  }, reading)
end

-- Pages are told apart by these, so each item has to have one.
function reading:take_key(item)
  local key = self.key_of { item = item }
  local kind = math.type(key) or type(key)
  if kind ~= "string" and kind ~= "integer" then
    local place = ("%s.%s"):format(self.dataset.rows, self.unique)
    return values.mismatch(place, "text or an integer", key)
  end
  self.keys[self.items] = tostring(key)
  return true
end

function reading:map(item, key)
  local rows, err = self.mapper:map(item, key, self.reader:side())
  if not rows then return nil, err end
  table.move(rows, 1, #rows, #self.rows + 1, self.rows)
  return true
end

function reading:item(item, key)
  self.items = self.items + 1
  if self.key_of then
    local ok, err = self:take_key(item)
    if not ok then return nil, err end
  end
  if self.dataset.answer ~= "whole" then return self:map(item, key) end
  self.held[self.items] = { item, key }
  return true
end

-- Rows that are not there are not none.
function reading:check_rows()
  local found, is_null = self.reader:found()
  if found and (not is_null or self.dataset.null_rows) then return true end
  return nil, errors.new { kind = "shape", message = ("no %s in the answer%s"):format(
    self.dataset.rows, is_null and ", null stands there" or "") }
end

function reading:judge()
  local side = self.reader:side()
  local ok, err = check_ok(self.dataset, side)
  if ok then ok, err = self:check_rows() end
  if not ok then return nil, err end
  return check_echo(self.dataset, side, self.sent)
end

function reading:map_held()
  for _, pair in ipairs(self.held) do
    local ok, err = self:map(pair[1], pair[2])
    if not ok then return nil, err end
  end
  local also, err = self.mapper:also(self.reader:side())
  if not also then return nil, err end
  table.move(also, 1, #also, #self.rows + 1, self.rows)
  return true
end

-- Absent, null or false; whatever else stands there is no promise.
local function says_partial(dataset, side)
  local flag = dataset.partial and side[dataset.partial]
  return flag ~= nil and flag ~= false and flag ~= core.json.null
end

function reading:result(declared)
  local side, dataset = self.reader:side(), self.dataset
  local batch = { rows = self.rows, units = self.mapper.units }
  batch.folded = self.fold and self.fold:finish()
  local is_partial = says_partial(dataset, side)
  local explained = is_partial and partial.mark(batch, declared)
  return {
    batch = batch, is_partial = is_partial, echoed = is_echoed(dataset, side, self.sent),
    rows_missing = is_partial and (not explained or dataset.pages ~= nil),
    account = self.mapper:account(side), side = side, items = self.reader:count(), keys = self.keys,
  }
end

---Reads the response of one request.
---@param response usagelua.response
---@param planned usagelua.query
---@param sent table<string, any> the values the request was built from
---@param columns table<string, true>? that rules read; nil: all
---@param folding usagelua.folding? of the rules; nil: all items become rows
---@param const table<string, any>? columns that all rows share
---@return usagelua.answer? answer
---@return usagelua.error? err
function answer.read(response, planned, sent, columns, folding, const)
  local state = begin(planned.dataset, sent, columns, folding, const)
  local ok, err = read_items(response, state.reader, function(item, key)
    return state:item(item, key)
  end, state.fold)
  if ok then ok, err = state:judge() end
  if ok then ok, err = state:map_held() end
  if not ok then return nil, err end
  return state:result(planned.measures)
end

return answer
