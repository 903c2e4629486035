-- The way of an answer's items past Lua: from the reader into the groups of the
-- rules. Items that are not just as the columns expect them are handed out, to
-- become rows like any other's.

local answers = require "usagelua.flow.answers"
local columns = require "usagelua.flow.columns"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local fields = require "usagelua.flow.fields"
local once = require "usagelua.once"
local records = require "usagelua.flow.records"
local row_checks = require "usagelua.flow.row_checks"

local fold = {}

---@class usagelua.fold
---@field plan usagelua.column_plan
---@field constants usagelua.compiled_field[] of the columns that come from beside the items
local methods = {}
local metatable = { __name = "usagelua.answer_fold", __index = methods }

-- Reading leaves so little garbage that the collector would let megabytes of it
-- gather in a long answer; a step in so many pieces keeps the peak where it is.
local PIECES_A_STEP <const> = 64

-- What a plan's columns are where no item says it ---------------------------

-- The fields of those that come from beside the items, by their names.
local late_fields = once.of_both(function(plan, dataset)
  local described = {}
  for _, name in ipairs(plan.constants) do described[name] = dataset.fields[name] end
  return described
end)

-- The fields of its columns that the query fixes.
local fixed_fields = once.of_both(function(plan, dataset)
  local fixed = {}
  for _, column in ipairs(plan.columns) do
    local field = dataset.fields[column.name]
    if field and not field[1] then fixed[column.name] = field end
  end
  return fixed
end)

-- What every row has: the row's own constants before the part's.
local function constants_of(plan, dataset, sent, const)
  local fixed = fixed_fields(plan, dataset)
  if next(fixed) == nil then return const end
  local all = {}
  for name, value in pairs(const) do all[name] = value end
  for name, field in pairs(fixed) do
    local own = field.value
    if own == nil then own = sent[field.param] end
    if own ~= nil then all[name] = own end
  end
  return all
end

-- What rules are made for --------------------------------------------------

-- All that rules look at: two answers for which it is the same have the same.
local function spelled(plan, const, units)
  local parts = { tostring(const.dataset) }
  for _, column in ipairs(plan.columns) do
    parts[#parts + 1] = ("%s %s"):format(type(const[column.name]), units[column.name] or "")
  end
  return table.concat(parts, "\n")
end

local function new_target(plan, const, units)
  return { columns = table.move(plan.columns, 1, #plan.columns, 1, {}), index = plan.index,
    const = const, units = units }
end

local rules_before = once.of_both(function() return {} end)

-- The target of an answer, and the rules for it, or nil and why there are none.
local function target_and_rules(plan, const, units, folding)
  local known, key = rules_before(folding, plan), spelled(plan, const, units)
  local made = known[key]
  if made then
    return { columns = made.columns, index = plan.index, const = const, units = units }, made.rules, made.why
  end
  local target = new_target(plan, const, units)
  local rules, why = folding:rules(target)
  if not folding:asks_functions() then
    known[key] = { columns = target.columns, rules = rules, why = why }
  end
  return target, rules, why
end

---How the items of one answer are added up, or nil and why they have to become
---rows.
---@param dataset table
---@param sent table<string, any>
---@param wanted table<string, true>? columns that somebody reads; nil: a function may read any
---@param const table<string, any>? columns that all rows share; nil: the items are nobody's rows
---@param folding usagelua.folding|usagelua.keeping of the rules that read them
---@param params table<string, any>? the query's, for the dataset's `check`
---@return usagelua.fold?
---@return string? why
function fold.prepare(dataset, sent, wanted, const, folding, params)
  if not const then return nil, "items are handed out" end
  local plan, why = columns.plan(dataset, wanted or folding:all_columns(dataset, const))
  if plan and plan.has_bare and folding.keeps then why = "members may hold numbers of any name" end
  if plan and plan.has_loose_key and folding.keeps then why = "keys may be numbers that no field names" end
  if why then return nil, why end
  local self = { dataset = dataset, sent = sent, plan = plan, folding = folding, pieces = 0,
    is_whole = dataset.answer == "whole", reads_items = not wanted or records.needs_items(dataset) }
  self.const = constants_of(plan, dataset, sent, const)
  self.constants = fields.compile(late_fields(plan, dataset), sent)
  local units = fields.units(dataset.fields, sent)
  self.target, self.rules, why = target_and_rules(plan, self.const, units, folding)
  if not self.rules then return nil, why end
  self.checks = row_checks.new(dataset, plan, #self.rules, params)
  return setmetatable(self, metatable)
end

local function numbers_of(plan, names)
  local numbers = {}
  for i, name in ipairs(names) do numbers[i] = plan.index[name] end
  return numbers
end

local function derive_of(plan)
  return plan.derive and { from = numbers_of(plan, plan.derive.from), to = numbers_of(plan, plan.derive.to) }
end

local function spec_of(self)
  local plan, rules = self.plan, table.move(self.rules, 1, #self.rules, 1, {})
  local own = self.checks.rules
  return { columns = self.target.columns, each = plan.each, each_optional = plan.each_optional,
    unique = plan.unique, distinct = plan.distinct, ends = plan.ends, mark = plan.mark,
    derive = derive_of(plan),
    holds = self.dataset.partial ~= nil,
    keep = self.folding.keeps,
    rules = table.move(own, 1, #own, #rules + 1, rules) }
end

-- A row that does not say its period has none of its own.
local function derive(self)
  local derived = self.plan.derive
  if not derived then return end
  for _, name in ipairs(derived.from) do self.fold:otherwise(self.plan.index[name], nil) end
  local row_period = require "usagelua.flow.row_period"
  self.fold:derive(row_period.derivation(self.dataset.row_period, derived.from, derived.to, self.sent))
end

-- An integer that is none in its measure's own unit is the mapper's to refuse.
local function limit(self)
  for name, most in pairs(fields.most(self.target.units)) do
    local column = self.plan.index[name]
    if column then self.fold:most(column, most) end
  end
end

-- An item that was kept as it came, as the reader would have given it; all of it
-- where anything may be read.
local function decoded(self, text, reads_items)
  local reader <close> = core.json.reader { rows = ".",
    fields = not reads_items and self.plan.paths or nil }
  local ok, err = reader:feed(text)
  if not ok then return nil, errors.from(err) end
  assert(reader:finish())
  return (reader:next())
end

-- The end mark is no row, and nothing stands behind it.
local function take_mark(self, reader)
  if not self.plan.mark then return true end
  local text, is_behind = self.fold:mark()
  if text and not reader.mark then reader:set_mark(decoded(self, text, true)) end
  local problem = is_behind and reader:refuse_behind_mark() or nil
  return not problem, problem
end

---Begins to take the items of a reader, which selects `paths`.
---@param reader table of core.json, or what stands around one
---@param mapper usagelua.record_mapper of the items that become rows
function methods:attach(reader, mapper)
  self.mapper = mapper
  self.fold = core.fold(spec_of(self), self.folding:judge(self.target), answers.sink(reader))
  local functions = self.folding:functions(self.target, self.fold)
  self.checks:add_functions(functions, self.target, self.fold)
  self.fold:functions(functions)
  self.fold:wait(mapper:is_waiting())
  for i, column in ipairs(self.plan.columns) do
    self.fold:otherwise(i, self.const[column.name])
  end
  limit(self)
  derive(self)
  if self.plan.mark then reader:let_take(function() take_mark(self, reader) end) end
end

---The paths that the reader has to select, and whether items that become rows are
---whole nevertheless. Of an item of JSON the text is there where more is needed.
---@return string[] paths
---@return boolean whole
function methods:paths()
  return self.plan.paths, self.reads_items
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

-- What is behind the text of an item; true stands for the reader's next.
local function item_of(self, reader, text)
  if text == true then return reader:next(), answers.state(reader) end
  local item, err = decoded(self, text, self.reads_items)
  if item ~= nil and type(reader) == "table" and reader.as_item then
    return reader:as_item(item), answers.state(reader)
  end
  return item, err
end

-- Pages may be told apart by an item that C has not seen.
local function note_end(self, item)
  if not self.plan.ends then return end
  self.first, self.last = self.first or { item }, { item }
end

local function give(self, reader, on_item, text, key, number)
  local item, err = item_of(self, reader, text)
  if item == nil then return nil, err end
  if text == true then note_end(self, item) end
  return on_item(item, key, number)
end

-- Values beside the items that are not what their columns expect are wrong as
-- soon as there is an item.
local function refuse(self, reader, on_item)
  local text, key, number = self.fold:first()
  if text == nil then return true end
  return give(self, reader, on_item, text, key, number)
end

-- What is wrong with what stands in front of the items, and whether they have to
-- wait for it.
local function begun(reader)
  if type(reader) == "table" and reader.begun then return reader:begun() end
end

-- Items are handed out as long as the mapper awaits something in them.
local function take(self, reader, on_item)
  local problem, waits = begun(reader)
  if problem or waits then return not problem, problem end
  if not set_side(self, reader:side()) then return refuse(self, reader, on_item) end
  if self.fold:take() then return take_mark(self, reader) end
  local text, key, number = self.fold:doubt()
  while text ~= nil do
    local ok, err = give(self, reader, on_item, text, key, number)
    if not ok then return nil, err end
    text, key, number = self.fold:doubt()
  end
  self.fold:wait(self.mapper:is_waiting())
  return take_mark(self, reader)
end

---Adds up what was read, and hands out the items that are to become rows. An
---answer that is judged as a whole waits for `settle`.
---@param reader table
---@param on_item fun(item: any, key: string?, number: integer): true?, usagelua.error?
---@return true? ok
---@return usagelua.error? err
function methods:drain(reader, on_item)
  self.pieces = self.pieces + 1
  if self.pieces % PIECES_A_STEP == 0 then collectgarbage "step" end
  if self.is_whole then return take_mark(self, reader) end
  return take(self, reader, on_item)
end

---The same once the whole answer is known to be good. Of one that is marked as
---partial every item is handed out.
---@param reader table
---@param is_partial boolean
---@param on_item fun(item: any, key: string?, number: integer): true?, usagelua.error?
---@return true? ok
---@return usagelua.error? err
function methods:settle(reader, is_partial, on_item)
  if not self.is_whole then return true end
  if is_partial then self.fold:give_back() end
  return take(self, reader, on_item)
end

---The keys of the items into a list, where they were not handed out.
---@param keys string[]
---@param count integer of items
function methods:add_keys(keys, count)
  if not self.plan.unique then return end
  for i = 1, count do keys[i] = self.fold:unique(i) or keys[i] end
end

---Which item is the first that has the same identity as one before, and its values.
---@return integer? number
---@return string|false ...
function methods:again()
  return self.fold:again()
end

---The first item and the last, all of them; nothing where there is none.
---@param reader table
---@return any first
---@return any last_or_err an error, where there is no first
function methods:ends(reader)
  local texts = table.pack(self.fold:ends())
  local first, last = self.first, self.last
  for i = 1, texts.n do
    local item, err = item_of(self, reader, texts[i])
    if item == nil then return nil, err end
    first, last = first or { item }, { item }
  end
  return first and first[1], last and last[1]
end

---Puts what was added up, or kept, into the parts of a batch: with what is said of
---it. Nothing can be taken after it.
---@param parts table
function methods:finish(parts)
  local rows, part = self.fold:finish(), self.folding.keeps and "kept" or "folded"
  parts.about, parts.warnings = self.checks:about(self.fold), self.checks.warnings
  parts[part] = self.folding:result(self.fold, self.target, self.rules, rows)
end

return fold
