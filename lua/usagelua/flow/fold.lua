-- The way of an answer's items past Lua: from the reader into the groups of the
-- rules. Items that are not just as the columns expect them are handed out, to
-- become rows like any other's.

local columns = require "usagelua.flow.columns"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local fields = require "usagelua.flow.fields"

local fold = {}

---@class usagelua.fold
---@field plan usagelua.column_plan
---@field constants usagelua.compiled_field[] of the columns that come from beside the items
local methods = {}
local metatable = { __name = "usagelua.answer_fold", __index = methods }

-- Reading leaves so little garbage that the collector would let megabytes of it
-- gather in a long answer; a step in so many pieces keeps the peak where it is.
local PIECES_A_STEP <const> = 64

local function target_of(plan, dataset, const, sent)
  return { columns = table.move(plan.columns, 1, #plan.columns, 1, {}), index = plan.index, const = const,
    units = fields.units(dataset.fields, sent) }
end

local function compiled_constants(plan, dataset, sent)
  local described = {}
  for _, name in ipairs(plan.constants) do described[name] = dataset.fields[name] end
  return fields.compile(described, sent)
end

local function field_constant(dataset, sent, name)
  local field = dataset.fields[name]
  if not field or field[1] then return nil end
  if field.value ~= nil then return field.value end
  return sent[field.param]
end

-- What every row has: the row's own constants before the part's.
local function set_constants(self, dataset, sent)
  local const = {}
  for name, value in pairs(self.const) do const[name] = value end
  for _, column in ipairs(self.plan.columns) do
    local own = field_constant(dataset, sent, column.name)
    if own ~= nil then const[column.name] = own end
  end
  self.const = const
end

---How the items of one answer are added up, or nil and why they have to become
---rows.
---@param dataset table
---@param sent table<string, any>
---@param wanted table<string, true>? columns that somebody reads; nil: a function may read any
---@param const table<string, any>? columns that all rows share; nil: the items are nobody's rows
---@param folding usagelua.folding|usagelua.keeping of the rules that read them
---@return usagelua.fold?
---@return string? why
function fold.prepare(dataset, sent, wanted, const, folding)
  if not const then return nil, "items are handed out" end
  local plan, why = columns.plan(dataset, wanted or folding:all_columns(dataset, const))
  if not plan then return nil, why end
  local self = { plan = plan, const = const, folding = folding, reads_all = not wanted, pieces = 0 }
  set_constants(self, dataset, sent)
  self.target = target_of(plan, dataset, self.const, sent)
  self.constants = compiled_constants(plan, dataset, sent)
  self.rules, why = folding:rules(self.target)
  if not self.rules then return nil, why end
  return setmetatable(self, metatable)
end

---Begins to take the items of a reader, which selects `paths`.
---@param reader table of core.json
function methods:attach(reader)
  local plan = self.plan
  local judge = self.folding:judge(self.target, function(column) return self.fold:cell(column) end)
  self.fold = core.fold({ columns = self.target.columns, each = plan.each,
    each_optional = plan.each_optional, rules = self.rules, keep = self.folding.keeps }, judge, reader)
  for i, column in ipairs(plan.columns) do
    self.fold:otherwise(i, self.const[column.name])
  end
end

---The paths that the reader has to select.
---@return string[]
function methods:paths()
  return self.plan.paths
end

-- Values beside the items hold for those that are read after them.
local function set_side(self, side)
  if side == self.side or #self.constants == 0 then return true end
  local row = fields.read(self.constants, { side = side }, "")
  if not row then return false end
  self.side = side
  for _, name in ipairs(self.plan.constants) do
    local value = row[name]
    if value == nil then value = self.const[name] end
    self.fold:otherwise(self.plan.index[name], value)
  end
  return true
end

-- An item that was kept as it came, as the reader would have given it; all of it
-- where a function may read anything.
local function decoded(self, text)
  local reader <close> = core.json.reader { rows = ".",
    fields = not self.reads_all and self.plan.paths or nil }
  local ok, err = reader:feed(text)
  if not ok then return nil, errors.from(err) end
  assert(reader:finish())
  return (reader:next())
end

local function give(self, reader, on_item, text, key)
  if text == true then return on_item(reader:next(), key) end
  local item, err = decoded(self, text)
  if item == nil then return nil, err end
  return on_item(item, key)
end

-- Values beside the items that are not what their columns expect are wrong as
-- soon as there is an item.
local function refuse(self, reader, on_item)
  local text, key = self.fold:first()
  if text == nil then return true end
  return give(self, reader, on_item, text, key)
end

---Adds up what was read, and hands out the items that are to become rows.
---@param reader table
---@param on_item fun(item: any, key: string?): true?, usagelua.error?
---@return true? ok
---@return usagelua.error? err
function methods:drain(reader, on_item)
  self.pieces = self.pieces + 1
  if self.pieces % PIECES_A_STEP == 0 then collectgarbage "step" end
  if not set_side(self, reader:side()) then return refuse(self, reader, on_item) end
  if self.fold:take() then return true end
  local text, key = self.fold:doubt()
  while text ~= nil do
    local ok, err = give(self, reader, on_item, text, key)
    if not ok then return nil, err end
    text, key = self.fold:doubt()
  end
  return true
end

---Puts what was added up, or kept, into the batch; nothing can be taken after it.
---@param batch usagelua.batch
function methods:finish(batch)
  local rows, part = self.fold:finish(), self.folding.keeps and "kept" or "folded"
  batch[part] = self.folding:result(self.fold, self.target, self.rules, rows)
end

return fold
