-- A rule checked against what the datasets have, before anything is asked. What
-- comes out is a plan: all names resolved, all forms made one.

local errors = require "usagelua.errors"
local measure = require "usagelua.rule.measure"
local once = require "usagelua.once"
local order = require "usagelua.order"
local others = require "usagelua.rule.others"
local same_usage = require "usagelua.rule.same_usage"
local schema = require "usagelua.rule.schema"
local spans = require "usagelua.rule.spans"
local where = require "usagelua.where"

local rule = {}

---@class usagelua.rule
---@field where (table|fun(row: table): any)?
---@field group_by (string|(string|table)[])? columns, or { name, function(row) }
---@field measures (string|(string|table)[])? names, or { SOURCE, as =, kind =, unit =, over = }
---@field derive table<string, fun(group: table): any>?
---@field having (table|fun(group: table): any)? conditions on the groups, in where's forms
---@field sort (string|string[])? columns; a minus sign in front sorts from the largest
---@field limit integer?
---@field top integer? as limit; without sort, by the first measure from the largest
---@field others boolean|string? with top: the rest as one row, under this name
---@field fields string[]? what the rule's functions read

---@class usagelua.plan
---@field index usagelua.schema_index
---@field scope usagelua.schema_index without the datasets that where leaves out
---@field where usagelua.where
---@field group_by table[] entries with name, type and fn
---@field slots usagelua.slot[]
---@field derive table[] entries with name and fn
---@field having usagelua.where
---@field columns usagelua.result_column[]
---@field missed table<string, boolean>? names that its functions read (rows/record.lua)
---@field group_index usagelua.schema_index what derive functions may read
---@field result_index usagelua.schema_index what having may read
---@field sort table[] entries with name and descending
---@field period_places table<string, integer>? of labels whose text is in another order than they
---@field limit integer?
---@field others { columns: string[], label: string }? where the rest is one row
---@field fields table<string, true>? all that has to be read; nil: everything

local KEYS <const> = {
  "where", "group_by", "measures", "derive", "having", "sort", "limit", "top", "others",
  "fields",
}

local function check_keys(r)
  if type(r) ~= "table" then errors.raise_usage("a rule is a table, not a %s", type(r)) end
  local known = {}
  for _, key in ipairs(KEYS) do known[key] = true end
  for _, key in ipairs(order.keys(r)) do
    if not known[key] then errors.raise_usage("%s", errors.unknown("rule key", key, KEYS)) end
  end
end

local function as_list(value, key)
  if value == nil then return {} end
  if type(value) == "string" then return { value } end
  if type(value) ~= "table" then
    errors.raise_usage("%s is a name or a list, not a %s", key, type(value))
  end
  for name in pairs(value) do
    if math.type(name) ~= "integer" then
      errors.raise_usage("%s is a list, and '%s' is no place in it; write %s = { { … } }", key,
        tostring(name), key)
    end
  end
  return value
end

local function group_function(entry)
  local name, fn = entry[1], entry[2]
  if type(name) ~= "string" or type(fn) ~= "function" or #entry ~= 2 then
    errors.raise_usage("group_by holds columns and { \"name\", function(row) … end }")
  end
  return { name = name, fn = fn, type = "any" }
end

local function group_column(entry, index)
  if type(entry) == "table" then return group_function(entry) end
  local column = index:need(entry)
  if column.measure then
    errors.raise_usage("group_by '%s': it is a measure; "
      .. "group by a column, or by { \"name\", function(row) … end }", entry)
  end
  return { name = entry, type = column.type }
end

local function group_columns(r, index)
  local list = {}
  for i, entry in ipairs(as_list(r.group_by, "group_by")) do
    list[i] = group_column(entry, index)
  end
  return list
end

local function slots_of(r, scope, index)
  local slots = {}
  for i, entry in ipairs(as_list(r.measures, "measures")) do
    slots[i] = measure.slot(entry, scope, index)
  end
  return slots
end

---The figures that functions make of others, in the order of their names.
---@param r { derive: table? } a rule
---@return { name: string, fn: function }[]
function rule.derivations(r)
  local list = {}
  if r.derive ~= nil and type(r.derive) ~= "table" then
    errors.raise_usage("derive maps names to functions, and is no %s", type(r.derive))
  end
  for i, name in ipairs(order.keys(r.derive or {})) do
    local fn = r.derive[name]
    if type(name) ~= "string" or type(fn) ~= "function" then
      errors.raise_usage("derive maps names to functions of the group: "
        .. "{ per_user = function(group) … end }")
    end
    list[i] = { name = name, fn = fn }
  end
  return list
end

local function group_result_columns(plan)
  local columns = {}
  for _, group in ipairs(plan.group_by) do
    columns[#columns + 1] = { name = group.name, type = group.type, measure = false }
  end
  for _, slot in ipairs(plan.slots) do
    columns[#columns + 1] = {
      name = slot.name, type = "number", measure = true, unit = slot.unit, kind = slot.kind,
      negative = slot.negative,
    }
  end
  return columns
end

local function columns_of(plan)
  local columns = group_result_columns(plan)
  for _, derived in ipairs(plan.derive) do
    columns[#columns + 1] = {
      name = derived.name, type = "number", measure = true, kind = "derived", negative = true,
    }
  end
  return columns
end

local function check_names(columns)
  local seen = {}
  for _, column in ipairs(columns) do
    if seen[column.name] then
      errors.raise_usage("the rule has two columns named '%s'; give one another name (as = …)",
        column.name)
    end
    seen[column.name] = true
  end
  if #columns == 0 then errors.raise_usage("a rule needs measures or group_by") end
end

local function sorting(sort, result_index)
  local list = {}
  for i, entry in ipairs(as_list(sort, "sort")) do
    if type(entry) ~= "string" then
      errors.raise_usage("sort holds column names, not a %s", type(entry))
    end
    local sign, name = entry:match "^(%-?)(.*)$"
    result_index:need(name, "column to sort by")
    list[i] = { name = name, descending = sign == "-" }
  end
  return list
end

local function check_limit(r)
  if r.limit ~= nil and r.top ~= nil then
    errors.raise_usage("limit and top say the same; give one of them")
  end
  local key = r.top ~= nil and "top" or "limit"
  if r[key] == nil then return nil end
  local count = type(r[key]) == "number" and math.tointeger(r[key])
  if not count or count < 1 then
    errors.raise_usage("%s is a whole number from 1, not '%s'", key, tostring(r[key]))
  end
  return count
end

local function has_function(plan)
  if plan.where.fn then return true end
  for _, group in ipairs(plan.group_by) do
    if group.fn then return true end
  end
  for _, slot in ipairs(plan.slots) do
    if slot.own then return true end
  end
  return false
end

local function add_fields(fields, names)
  for _, name in ipairs(names) do fields[name] = true end
end

-- Columns that tell which rows may contain the others.
local function containing(scope)
  local names = {}
  for _, dataset in ipairs(scope.different) do
    local condition = dataset.may_contain
    names[#names + 1] = type(condition) == "table" and next(condition) or nil
  end
  return names
end

-- What is read to know whose a figure is.
local function owner_fields(slot, scope)
  local names = containing(scope)
  table.move({ slot.of, "vendor", "account" }, 1, 3, #names + 1, names)
  names[#names + 1] = slot.per
  if type(slot.shared) == "table" then names[#names + 1] = slot.shared.column end
  return names
end

local function slot_fields(slot, scope)
  local names = slot.of and owner_fields(slot, scope) or {}
  names[#names + 1] = slot.source
  if slot.adding == "last" then
    table.move({ "period_start", "period_end" }, 1, 2, #names + 1, names)
  end
  return names
end

-- What the answers must be read for: everything where a function may look at
-- anything, else only what is named.
local function fields_of(r, plan)
  if has_function(plan) and not r.fields then return nil end
  local fields = {}
  for _, name in ipairs(as_list(r.fields, "fields")) do
    plan.index:need(name)
    fields[name] = true
  end
  add_fields(fields, plan.where.columns)
  for _, group in ipairs(plan.group_by) do
    if not group.fn then fields[group.name] = true end
  end
  for _, slot in ipairs(plan.slots) do add_fields(fields, slot_fields(slot, plan.scope)) end
  return fields
end

local function scope_of(plan)
  local lets_in = once.of(function(of_dataset, name)
    local const = { dataset = name }
    for key, value in pairs(of_dataset) do const[key] = value end
    return not plan.where.contradicts(const)
  end)
  return plan.index:within(function(dataset) return lets_in(dataset.const, dataset.name) end)
end

local function places_of_periods(plan)
  for _, group in ipairs(plan.group_by) do
    if group.name == "period" and not group.fn then return spans.places(plan.scope.datasets) end
  end
end

local function tell_apart(plan)
  for _, slot in ipairs(plan.slots) do
    if slot.adding == "single" then slot.apart = measure.apart(plan.scope, plan.group_by) end
  end
end

local function finish_plan(plan, r)
  tell_apart(plan)
  plan.columns = columns_of(plan)
  check_names(plan.columns)
  local result_index = schema.of_columns(plan.columns)
  plan.having = where.compile(r.having, result_index)
  plan.result_index, plan.group_index = result_index, schema.of_columns(group_result_columns(plan))
  plan.sort = sorting(others.sort_of(r, plan), result_index)
  plan.period_places = places_of_periods(plan)
  plan.limit = check_limit(r)
  plan.others = others.check(r, plan)
  plan.fields = fields_of(r, plan)
  same_usage.check(plan.slots, plan.group_by, plan.scope.datasets)
  return plan
end

---Checks a rule and resolves it.
---@param r usagelua.rule
---@param s usagelua.schema
---@return usagelua.plan
---Raises usage errors: unknown keys, columns, measures, kinds and units with the
---nearest known name; totals that would count the same usage twice.
function rule.check(r, s)
  check_keys(r)
  local index = schema.index(s)
  local plan = { index = index, where = where.compile(r.where, index), missed = {} }
  plan.scope = scope_of(plan)
  plan.group_by = group_columns(r, index)
  plan.slots = slots_of(r, plan.scope, index)
  plan.derive = rule.derivations(r)
  return finish_plan(plan, r)
end

---The plan that reads one figure over some rows, whatever its kind.
---@param name string
---@param wanted table|function|nil where
---@param s usagelua.schema
---@return usagelua.plan
function rule.figure(name, wanted, s)
  local index = schema.index(s)
  local plan = { index = index, where = where.compile(wanted, index), missed = {}, group_by = {},
    derive = {} }
  plan.scope = scope_of(plan)
  index:need(name, "measure")
  -- Conditions that let nothing in make the figure absent, which is no mistake.
  local scope = #plan.scope.datasets > 0 and plan.scope or index
  plan.slots = { measure.reading_slot(name, scope) or measure.slot(name, scope, index) }
  return finish_plan(plan, {})
end

return rule
