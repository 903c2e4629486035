-- Reads one answer: items and side values in one pass, checked as a whole.
-- What comes back is a batch of rows and what the answer says about itself.

local alone = require "usagelua.flow.alone"
local answers = require "usagelua.flow.answers"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local expected = require "usagelua.flow.expected"
local fold = require "usagelua.flow.fold"
local once = require "usagelua.once"
local pages = require "usagelua.flow.pages"
local path = require "usagelua.flow.path"
local records = require "usagelua.flow.records"
local refusal = require "usagelua.client.refusal"
local spelling = require "usagelua.flow.spelling"
local template = require "usagelua.flow.template"
local values = require "usagelua.flow.values"

local answer = {}

---@class usagelua.answer
---@field batch usagelua.batch rows, marks, units
---@field is_partial boolean the vendor's own flag
---@field rows_missing boolean a partial answer that may lack rows
---@field doubt string? why the answer may lack rows though it does not say so
---@field echoed boolean the answer repeats the period that was asked for
---@field account string?
---@field side table<string, any>
---@field items integer
---@field keys string[] values of the dataset's `pages.unique`
---@field url string where it came from
---@field headers table<string, string>? names in lower case; of a page
---@field likeness string? tells its rows from those of another page, where that is needed

-- What is asked of the reader ----------------------------------------------

local side_paths = once.of_both(function(dataset, vendor)
  if not answers.of(dataset).has_side then return {} end
  local paths = {}
  for name, text in pairs(records.side_paths(dataset)) do paths[name] = text end
  local function add(text)
    if text then paths[text] = text end
  end
  for _, text in pairs(dataset.echo or {}) do add(text) end
  for text in pairs(dataset.ok or {}) do add(text) end
  add(dataset.partial)
  for _, text in ipairs(pages.side_paths(dataset.pages)) do add(text) end
  for _, text in ipairs(refusal.said_at(vendor.errors, vendor.error_message)) do add(text) end
  return paths
end)

-- Judging the document -----------------------------------------------------

-- What a good answer holds there: a value, or one of several.
local function check_ok(dataset, side)
  for text, wanted in pairs(dataset.ok or {}) do
    local list = type(wanted) == "table" and wanted or { wanted }
    local is_good, shown = false, {}
    for index, value in ipairs(list) do
      is_good = is_good or side[text] == value
      shown[index] = values.shown(value)
    end
    if not is_good then return values.mismatch(text, table.concat(shown, " or "), side[text]) end
  end
  return true
end

-- What went out as text may come back as a number.
local function is_same(value, sent)
  return tostring(value) == tostring(template.column(sent))
end

-- An answer that repeats another period or type than was asked for answers
-- another question.
local function check_echo(dataset, side, sent)
  for name, text in pairs(dataset.echo or {}) do
    local value = side[text]
    if value ~= nil and sent[name] ~= nil and not is_same(value, sent[name]) then
      return nil, errors.new { kind = "shape", code = text,
        message = ("%s: asked for %s, the answer is about %s"):format(text,
          values.shown(sent[name]), values.shown(value)) }
    end
  end
  return true
end

-- Rows that say their period have been compared with it, each.
local function is_said_by_rows(dataset, items)
  local fields = dataset.fields
  return (dataset.rows_say_period or dataset.row_period) and items > 0 and fields.period_start ~= nil
    and fields.period_end ~= nil
end

local function is_echoed(dataset, side, sent, items)
  local echo = dataset.echo or {}
  if is_said_by_rows(dataset, items) then return true end
  for _, name in ipairs { "from", "to" } do
    if not echo[name] or sent[name] == nil or not is_same(side[echo[name]], sent[name]) then
      return false
    end
  end
  return true
end

-- Reading it ---------------------------------------------------------------

-- JSON that is well formed and still cannot be read as what it means. Asked
-- again, it would come again.
local LASTING <const> = { duplicate = true, range = true }

---@return usagelua.error
function answer.reading_error(err)
  err = errors.from(err)
  if err.kind == "shape" and err.row == 0 then -- no header: perhaps a page that says sorry
    err = errors.new(err)
    err.retry = true
  end
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
  local problem = answers.state(reader)
  return not problem, problem
end

-- JSON is whole where it is complete; what else came is asked of readers that
-- cannot see it by themselves.
local function finish(reader, response)
  if type(reader) == "userdata" then return reader:finish() end
  return reader:finish(response:facts(), response.headers)
end

-- Feeds the reader as bytes come; items leave it piece by piece.
local function read_items(response, reader, on_item, taking)
  local ok, err = response:feed(answers.sink(reader), function()
    local drained, item_err = drain(reader, on_item, taking)
    response.rows = reader:count()
    if not drained then return item_err end
  end)
  if ok then ok, err = finish(reader, response) end
  if ok then ok, err = drain(reader, on_item, taking) end
  return ok, err and answer.reading_error(err)
end

-- Errors of a document that came; behind them the vendor may have said more.
local OF_DOCUMENT <const> = { json = true, shape = true }

-- What the answer says itself goes before what it looks like.
local function own_words(state, response, err)
  if err and not OF_DOCUMENT[err.kind] then return err end
  return refusal.of_document(response, state.rules, state.reader:side())
    or err and refusal.of_text(response, state.rules) or err
end

-- Absent, null or false; whatever else stands there is no promise.
local function says_partial(dataset, side)
  local flag = dataset.partial and side[dataset.partial]
  return flag ~= nil and flag ~= false and flag ~= core.json.null
end

-- One answer while it is read: rows are mapped as they come, or, where the
-- description judges rows by side values, when the document has ended.
local reading = {}
reading.__index = reading

local function begin(planned, sent, columns, folding, const)
  local dataset, vendor = planned.dataset, planned.vendor
  local unique = dataset.pages and dataset.pages.unique
  local kind = answers.of(dataset)
  local taking = folding and fold.prepare(dataset, sent, columns, const, folding, planned.params)
  local paths, whole = records.selection(dataset, columns), nil
  if taking then paths, whole = taking:paths() end
  local reader = kind.open(dataset, side_paths(dataset, vendor), paths, whole)
  local mapper = (dataset.mapper or records.mapper)(dataset, sent)
  if taking then taking:attach(reader, mapper) end
  return setmetatable({
    dataset = dataset, sent = sent, mapper = mapper,
    kind = kind, rules = vendor.errors, reader = reader,
    rows = {}, held = {}, keys = {}, items = 0,
    fold = taking, unique = unique, key_of = unique and path.compile(unique),
    has_likeness = pages.needs_rows(dataset.pages), parts = {},
    alone = not taking and alone.new(dataset) or nil,
  }, reading)
end

-- Pages are told apart by these, so each item has to have one.
function reading:take_key(item)
  local key = self.key_of { item = item }
  local kind = math.type(key) or type(key)
  if kind ~= "string" and kind ~= "integer" then
    local place = ("%s.%s"):format(self.dataset.rows or "row", self.unique)
    return values.mismatch(place, "text or an integer", key)
  end
  self.keys[self.items] = tostring(key)
  return true
end

function reading:map(item, key)
  local rows, err = self.mapper:map(item, key, self.reader:side())
  if not rows and not self.dataset.rows then err = errors.wrap(err, ("row %d"):format(self.items)) end
  if not rows then return nil, err end
  table.move(rows, 1, #rows, #self.rows + 1, self.rows)
  return true
end

function reading:take(item, key)
  if self.key_of then
    local ok, err = self:take_key(item)
    if not ok then return nil, err end
  end
  local err = self.alone and self.alone:refuse(item, self.items)
  if err then return nil, err end
  return self:map(item, key)
end

-- `number`: which it is, where not all are handed out.
function reading:item(item, key, number)
  self.items = number or self.items + 1
  if self.has_likeness and not self.fold then
    self.first, self.last = self.first or pages.print(item), item
  end
  if self.fold or self.dataset.answer ~= "whole" then return self:take(item, key) end
  self.held[self.items] = { item, key }
  return true
end

-- Rows that are not there are not none.
function reading:check_rows()
  local found, is_null = self.reader:found()
  if found and (not is_null or self.dataset.null_rows) then return true end
  return nil, errors.new { kind = "shape", code = "no_rows",
    message = ("no %s in the answer%s"):format(
    self.dataset.rows, is_null and ", null stands there" or "") }
end

-- Errors that stand inside a good answer.
function reading:check_said(response)
  local err = own_words(self, response)
  if err or not self.kind.judge then return not err, err end
  local ok, said = self.kind.judge(self.dataset, self.reader:side())
  if ok then return true end
  return nil, errors.new { kind = "vendor", message = said.message, code = said.code,
    status = response.status }
end

function reading:judge(response)
  local side = self.reader:side()
  local ok, err = self:check_said(response)
  if ok then ok, err = check_ok(self.dataset, side) end
  if ok then ok, err = self:check_rows() end
  if not ok then return nil, err end
  return check_echo(self.dataset, side, spelling.sent(self.dataset.params, self.sent))
end

function reading:take_held()
  for index, pair in ipairs(self.held) do
    self.items = index
    local ok, err = self:take(pair[1], pair[2])
    if not ok then return nil, err end
  end
  return true
end

-- What went past Lua, as far as something is to be known of it.
function reading:take_folded()
  local ok, err = self.fold:settle(self.reader, says_partial(self.dataset, self.reader:side()),
    function(item, key, number) return self:item(item, key, number) end)
  if not ok then return nil, answer.reading_error(err) end
  self.items = self.reader:count()
  local again = alone.refusal(self.dataset, self.fold:again())
  if again then return nil, again end
  self.fold:add_keys(self.keys, self.items)
  if not self.has_likeness then return true end
  local first, last = self.fold:ends(self.reader)
  if first == nil and last then return nil, answer.reading_error(last) end
  self.first, self.last = first and pages.print(first), last
  return true
end

function reading:map_held()
  local held, problem = (self.fold and self.take_folded or self.take_held)(self)
  if not held then return nil, problem end
  local ok, missing = self.mapper:judge()
  if not ok then return nil, missing end
  local also, err = self.mapper:also(self.reader:side())
  if not also then return nil, err end
  table.move(also, 1, #also, #self.rows + 1, self.rows)
  if self.fold then self.fold:finish(self.parts) end
  return true
end

function reading:likeness()
  if not self.first then return nil end
  return ("%d %s %s"):format(self.items, self.first, pages.print(self.last))
end

function reading:result(declared)
  local side, dataset = self.reader:side(), self.dataset
  local _, doubt = answers.state(self.reader)
  local batch = { rows = self.rows, units = self.mapper.units,
    marks = self.mapper:marks_of(self.rows) }
  for part, value in pairs(self.parts) do batch[part] = value end
  local is_partial = says_partial(dataset, side)
  local explained = is_partial and require("usagelua.flow.partial").mark(batch, declared)
  return {
    batch = batch, is_partial = is_partial, doubt = doubt,
    echoed = is_echoed(dataset, side, self.sent, self.reader:count()),
    rows_missing = is_partial and (not explained or dataset.pages ~= nil),
    account = self.mapper:account(side), side = side, items = self.reader:count(), keys = self.keys,
    likeness = self:likeness(),
  }
end

---Reads the response of one request.
---@param response usagelua.response
---@param planned usagelua.query
---@param sent table<string, any> the values the request was built from
---@param columns table<string, true>? that rules read; nil: all
---@param folding usagelua.folding|usagelua.keeping|nil of the rules; nil: all items become rows
---@param const table<string, any>? columns that all rows share
---@return usagelua.answer? answer
---@return usagelua.error? err
function answer.read(response, planned, sent, columns, folding, const)
  local part_err = refusal.of_part(response)
  if part_err then return nil, part_err end
  local state = begin(planned, sent, columns, folding, const)
  local ok, err = read_items(response, state.reader, function(item, key, number)
    return state:item(item, key, number)
  end, state.fold)
  if not ok then return nil, own_words(state, response, err) end
  ok, err = state:judge(response)
  if ok then ok, err = state:map_held() end
  if ok then ok, err = expected.check(planned.dataset, sent, state.rows, state.parts.about) end
  if not ok then return nil, err end
  local result = state:result(planned.measures)
  result.url = response.url
  if planned.dataset.pages then result.headers = response.headers end
  response.rows = result.items
  return result
end

return answer
