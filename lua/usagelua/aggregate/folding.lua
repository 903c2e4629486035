-- The rules of a frame as core.fold takes them: rows of an answer are then added
-- up in C, and only their groups become Lua values. A rule that needs to see
-- rows says so, and is given rows.

local aggregate = require "usagelua.aggregate"
local folded = require "usagelua.aggregate.folded"
local measures = require "usagelua.measures"
local order = require "usagelua.order"
local record = require "usagelua.rows.record"
local timestamp = require "usagelua.time.timestamp"

local folding = {}

---@class usagelua.folding
---@field plans usagelua.plan[]
local methods = {}
local metatable = { __name = "usagelua.folding", __index = methods }

-- What C cannot do for a rule ----------------------------------------------

local NUMERIC <const> = { sum = true, mean = true, max = true, min = true, single = true, last = true,
  quantile = true }

-- What is asked of ---------------------------------------------------------

---What the rules are to be made for: the columns of one part's answers.
---@class usagelua.fold_target
---@field columns table[] with name and kind
---@field index table<string, integer>
---@field const table<string, any>
---@field units table<string, string>

local INSTANTS_ALONE <const> = { before = true, after = true, or_absent = true }

local function epoch_of(limit)
  return type(limit) == "number" and limit or timestamp.instant(limit)
end

-- Instants of texts are compared without asking, where nothing else is asked.
local function instant_condition(entry, want)
  for key in pairs(want) do
    if not INSTANTS_ALONE[key] then return end
  end
  entry.before, entry.after = epoch_of(want.before), epoch_of(want.after)
end

local function conditions_of(plan, target)
  local list = {}
  for i, c in ipairs(plan.where.conditions) do
    local number = target.index[c.column]
    local entry = { column = number, lists = c.lists, wanted = c.wanted and #c.wanted or 0 }
    if target.columns[number].late and (c.want.before or c.want.after) then
      return nil, ("an instant, %s, that stands beside the items"):format(c.column)
    end
    if target.columns[number].kind == "number" then
      local why = folding.number_condition(entry, c, plan, target)
      if why then return nil, why end
    else
      instant_condition(entry, c.want)
    end
    list[i] = entry
  end
  return list
end

-- A figure is compared in its measure's own unit.
function folding.number_condition(entry, c, plan, target)
  local measure = plan.index.measures[c.column]
  local unit = target.units[c.column] or plan.index:unit(target.const.dataset, c.column) or "1"
  if measure and measure.unit ~= unit then
    return ("a condition on %s in another unit"):format(c.column)
  end
  local want = c.want
  if want.match ~= nil then return ("a pattern for %s"):format(c.column) end
  entry.min, entry.max, entry.absent = want.min, want.max, want.absent == true
  entry.passes_absent = want.absent == true or want.or_absent == true
  entry.values = table.move(want, 1, #want, 1, {})
end

-- A view on a row of which nothing is known, that notes what it is asked for.
local function asking_view(plan, target)
  local view, names = record.view(plan.index), {}
  view:open { rows = { {} }, const = target.const, units = target.units }
  view:at(1)
  local function note(_, name) names[name] = true end
  view.raw, view.instant, view.get = note, note, note
  return view, names
end

-- What a slot's adding reads of a row beside the figure: whose it is, and of
-- which moment.
local function read_besides(plan, slot, target)
  local view, names = asking_view(plan, target)
  local cell = aggregate.cell(plan, view, slot)
  cell.adding.add(cell.adding.new(), 1, cell)
  return order.keys(names)
end

-- Nil where one of the names is no column.
local function numbers_of(names, target)
  local list = {}
  for i, name in ipairs(names) do
    list[i] = target.index[name]
    if not list[i] then return nil end
  end
  return list
end

local WITH_OWNERS <const> = { sum = true, last = true }

local NOTHING <const> = { adding = "none", of = {} }

-- A column that no row has adds nothing to any figure.
local function is_absent(column, target)
  return column.is_given and target.const[column.name] == nil
end

local function slot_of(plan, slot, target)
  local index, source, dataset = plan.index, slot.source, target.const.dataset
  if slot.own then return nil, slot.name .. " is made of rows" end
  if not source then return { adding = "count", of = {} } end
  local column = target.columns[target.index[source]]
  if slot.own_kind ~= "dimension" and index:lacks(dataset, source) then return NOTHING end
  if is_absent(column, target) then return NOTHING end
  local is_number = column.kind == "number"
  if NUMERIC[slot.adding] and not is_number or slot.adding == "distinct" and is_number then
    return nil, ("%s of %s"):format(slot.adding, source)
  end
  local names = read_besides(plan, slot, target)
  local of = (#names == 0 or WITH_OWNERS[slot.adding]) and numbers_of(names, target)
  if not of then return nil, ("%s by what nobody reads"):format(source) end
  return { adding = slot.adding, source = target.index[source], names = names, of = of }
end

local function slots_of(plan, target)
  local list = {}
  for j, slot in ipairs(plan.slots) do
    local entry, why = slot_of(plan, slot, target)
    if not entry then return nil, why end
    list[j] = entry
  end
  return list
end

-- What a function gives is a column of its own, behind those of the items.
local function group_columns(plan, rule, target)
  local list = {}
  for i, group in ipairs(plan.group_by) do
    list[i] = target.index[group.name]
    if group.fn then
      target.columns[#target.columns + 1] = { kind = "text", asked = { rule, i } }
      list[i] = #target.columns
    end
  end
  return list
end

local function rule_of(plan, rule, target)
  local conditions, why = conditions_of(plan, target)
  if not conditions then return nil, why end
  local slots
  slots, why = slots_of(plan, target)
  if not slots then return nil, why end
  return { group_by = group_columns(plan, rule, target), conditions = conditions, slots = slots,
    filter = plan.where.fn ~= nil }
end

local CONSTANTS <const> = { text = "string", boolean = "boolean" }

-- A constant stands where an item says nothing.
local function check_constants(target)
  for _, column in ipairs(target.columns) do
    local value = column.name and target.const[column.name]
    if value ~= nil and type(value) ~= CONSTANTS[column.kind] then
      return ("%s is the same everywhere, and a %s"):format(column.name, type(value))
    end
  end
end

---The rules for one part's answers, or nil and why rows have to be seen.
---@param target usagelua.fold_target
---@return table[]? rules
---@return string? why
function methods:rules(target)
  local why, list = check_constants(target), {}
  if why then return nil, why end
  for i, plan in ipairs(self.plans) do
    list[i], why = rule_of(plan, i, target)
    if not list[i] then return nil, why end
  end
  return list
end

local function judge_value(plan, condition, value)
  local c = plan.where.conditions[condition]
  local passes = c.test(value)
  return passes, value ~= nil and c.which and c.which(value) or nil
end

-- A number that no field names, or all that a row has: only the item itself can
-- tell that.
local UNTOLD <const> = setmetatable({}, { __name = "usagelua.untold" })

-- The present row as a view has it, for what is more than a column's value.
local function view_of(plan, target, fold)
  local view, index = record.view(plan.index, plan.fields), target.index
  view:open { rows = {}, const = target.const, units = target.units }
  view.missed = plan.missed
  local function leave_untold()
    fold:untold()
    error(UNTOLD, 0)
  end
  function view.raw(_, name)
    local number = index[name]
    if number then return fold:cell(number) end
    local value = target.const[name]
    if value == nil and not (measures.is_known(name) or measures.is_column(name)) then
      leave_untold()
    end
    return value
  end
  view.each = leave_untold
  return view
end

-- The columns whose values a function may read as they stand. Of a name that no
-- schema has it is noted whether a row has it.
local function plain_columns(plan, target, view)
  local numbers = {}
  for name, number in pairs(target.index) do
    local measure = plan.index.measures[name]
    local is_plain = not measure or view:unit(name) == measure.unit
    local is_noted = plan.missed and not plan.index:column(name)
    if is_plain and not is_noted and (not plan.fields or plan.fields[name]) then
      numbers[name] = number
    end
  end
  return numbers
end

---The row that a rule's functions get. What they read mostly is a column, and C
---gives it; all else is asked of a view.
---@param plan { index: usagelua.schema_index, fields: table<string, true>?, missed: table? }
---@param target usagelua.fold_target
---@param fold table of core.fold
---@return table row
function folding.row(plan, target, fold)
  local view = view_of(plan, target, fold)
  local own = {}
  for name, method in pairs(getmetatable(view:proxy())) do own[name] = method end
  return fold:row(plain_columns(plan, target, view), function(name, is_asking)
    if not is_asking then record.raise_over() end
    return view:read(name)
  end, own)
end

-- The values of a group's function, by their numbers, and the numbers by them.
local function values_of(target, rule, group)
  target.given = target.given or {}
  local of_rule = target.given[rule] or {}
  target.given[rule] = of_rule
  of_rule[group] = of_rule[group] or { codes = {} }
  return of_rule[group]
end

-- The number of a value that a group's function gives.
local function group_code(group, values, value)
  value = aggregate.group_value(group, value)
  if not values.codes[value] then
    values[#values + 1] = value
    values.codes[value] = #values
  end
  return values.codes[value]
end

local function groups_of(plan, rule, target)
  local list = {}
  for i, group in ipairs(plan.group_by) do
    list[i] = group.fn ~= nil and { group.fn, values_of(target, rule, i).codes }
  end
  return list
end

local function has_functions(plan)
  local found = plan.where.fn ~= nil
  for _, group in ipairs(plan.group_by) do found = found or group.fn ~= nil end
  return found
end

---Whether one of the rules has functions: their values are an answer's own.
---@return boolean
function methods:asks_functions()
  for _, plan in ipairs(self.plans) do
    if has_functions(plan) then return true end
  end
  return false
end

---The functions of the rules as core.fold asks them, with the row that each gets.
---@param target usagelua.fold_target
---@param fold table of core.fold
---@return table[]
function methods:functions(target, fold)
  local list = {}
  for i, plan in ipairs(self.plans) do
    list[i] = has_functions(plan) and { row = folding.row(plan, target, fold), where = plan.where.fn,
      groups = groups_of(plan, i, target) }
  end
  return list
end

---What the rules' conditions say of a value: true, false, or nil where that cannot
---be said; and which of the wanted values it is. Without a condition, the number
---of a value that the function of a group gave.
---@param target usagelua.fold_target
---@return fun(rule: integer, condition: integer?, value: any, given: any): boolean|integer?, integer?
function methods:judge(target)
  return function(rule, condition, value, given)
    local plan = self.plans[rule]
    if condition then return judge_value(plan, condition, value) end
    return group_code(plan.group_by[value], values_of(target, rule, value), given)
  end
end

local function add_all(names, more)
  for _, name in ipairs(more) do names[name] = true end
end

local function add_named(names, plan)
  add_all(names, plan.where.columns)
  for _, group in ipairs(plan.group_by) do names[group.name] = not group.fn or nil end
  for _, slot in ipairs(plan.slots) do add_all(names, { slot.source }) end
end

---The columns to be read where a function may look at any: all that the dataset
---describes, and what the rules name.
---@param dataset table
---@return table<string, true>
function methods:all_columns(dataset)
  if self.columns[dataset] then return self.columns[dataset] end
  local names = {}
  for name in pairs(dataset.fields) do names[name] = true end
  add_all(names, measures.origin_columns)
  for _, plan in ipairs(self.plans) do add_named(names, plan) end
  self.columns[dataset] = names
  return names
end

---What was added up, for the accumulators of these rules.
---@param fold table of core.fold, finished
---@param target usagelua.fold_target
---@param rules table[] that it was made with
---@param rows integer
---@return usagelua.folded
function methods:result(fold, target, rules, rows)
  return folded.new(self.plans, fold, target, rules, rows)
end

---@param plans usagelua.plan[]
---@return usagelua.folding
function folding.new(plans)
  return setmetatable({ plans = plans, columns = {} }, metatable)
end

return folding
