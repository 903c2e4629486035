-- `compare` of a table: the same rule over the period before, or a year before,
-- asked of the vendor, beside each figure; the change in numbers and per cent.
-- What is unknown in either period has no known change.

local derive = require "usagelua.aggregate.derive"
local errors = require "usagelua.errors"
local figures = require "usagelua.report.figures"
local join = require "usagelua.frame.join"
local schema = require "usagelua.rule.schema"
local spans = require "usagelua.rule.spans"

local comparison = {}

local WHAT <const> = "compare of usage.table"

-- What may be compared with: the move of a period, and what its columns are called.
local KINDS <const> = {
  previous = { name = "previous", words = "previous",
    move = function(period) return period:previous() end },
  ["last year"] = { name = "last_year", words = "last year",
    move = function(period) return period:last_year() end },
}
local KIND_NAMES <const> = { "previous", "last year" }
local SPANS <const> = { period = true, period_start = true, period_end = true }

local function plan_of(frame)
  local plan = frame:made_by()
  if not plan then
    errors.raise_usage("%s: records of two periods have no row in common; aggregate them by "
      .. "what they have", WHAT)
  end
  return plan
end

local function check_plan(plan)
  if plan.others then
    errors.raise_usage("%s: the others of two periods are not the same ones; leave out others", WHAT)
  end
  for _, name in ipairs(plan.where.columns) do
    if SPANS[name] then
      errors.raise_usage("%s: where names %s, which another period does not have", WHAT, name)
    end
  end
  for _, group in ipairs(plan.group_by) do
    if SPANS[group.name] and group.name ~= "period" then
      errors.raise_usage("%s: group_by names %s; name period, whose parts are compared in their "
        .. "order", WHAT, group.name)
    end
  end
end

-- Parts of a period --------------------------------------------------------

-- The other period's label to the one in the same place of this period.
local function labels_between(frame, other)
  local here, there = spans.of(frame:schema().datasets), spans.of(other:schema().datasets)
  local labels = {}
  if #here ~= #there then
    errors.raise_usage("%s: the period has %d parts and the other one %d, so they are not compared "
      .. "one by one; leave period out of group_by, or take a grain of which both have as many",
      WHAT, #here, #there)
  end
  for i, span in ipairs(there) do labels[span.label] = here[i].label end
  return labels
end

local function translation(plan, frame, other)
  for _, group in ipairs(plan.group_by) do
    if group.name == "period" then
      local labels = labels_between(frame, other)
      return function(name, value)
        if name ~= "period" or value == nil then return value end
        return labels[value]
      end
    end
  end
end

-- Columns ------------------------------------------------------------------

local function difference(value, before)
  local is_exact = math.type(value) == "integer" and math.type(before) == "integer"
  if is_exact and (value ~ before) < 0 then return value + 0.0 - before end
  return value - before
end

local function change(name, other)
  return function(row)
    local value, before = row[name], row[other]
    if type(value) ~= "number" or type(before) ~= "number" then return nil end
    return difference(value, before)
  end
end

-- Of nothing there is no share. The difference first: 115 is 15 % more than 100,
-- and 115 / 100 - 1 is 14.999999999999991 %.
local function change_percent(name, other)
  return function(row)
    local value, before = row[name], row[other]
    if type(value) ~= "number" or type(before) ~= "number" or before == 0 then return nil end
    return difference(value, before) * 100.0 / before
  end
end

local function compared(column, kind)
  local name = column.name
  return { name = name, other = ("%s_%s"):format(name, kind.name),
    change = ("%s_%s_change"):format(name, kind.name),
    percent = ("%s_%s_change_percent"):format(name, kind.name) }
end

local function derivations(list)
  local derived = {}
  for _, one in ipairs(list) do
    derived[#derived + 1] = { name = one.change, fn = change(one.name, one.other), of = one.name,
      other = one.other }
    derived[#derived + 1] = { name = one.percent, fn = change_percent(one.name, one.other),
      of = one.name, other = one.other }
  end
  return derived
end

local function with(column, fields)
  local copy = {}
  for key, value in pairs(column) do copy[key] = value end
  for key, value in pairs(fields) do copy[key] = value end
  return copy
end

local function add_measure(columns, column, one, kind)
  local derived = { type = "number", measure = true, kind = "derived", negative = true, of = column }
  columns[#columns + 1] = column
  columns[#columns + 1] = with(column, { name = one.other, of = column, qualifier = kind.words })
  columns[#columns + 1] = with(derived, { name = one.change, unit = column.unit,
    qualifier = "change" })
  columns[#columns + 1] = with(derived, { name = one.percent, unit = "%", qualifier = "change in %" })
end

local function describe(frame, kind)
  local columns, list, names = {}, {}, {}
  for _, column in ipairs(frame:columns()) do
    if column.measure then
      local one = compared(column, kind)
      list[#list + 1], names[column.name] = one, one.other
      add_measure(columns, column, one, kind)
    else
      columns[#columns + 1] = column
    end
  end
  if #list == 0 then errors.raise_usage("%s: the frame has no measure to compare", WHAT) end
  return columns, list, names
end

-- Making -------------------------------------------------------------------

-- Of the other period every row may be a partner.
local function rule_without_choice(rule)
  local bare = {}
  for key, value in pairs(rule) do bare[key] = value end
  bare.having, bare.sort, bare.limit, bare.top = nil, nil, nil, nil
  return bare
end

local function chooses(rule)
  return rule.having ~= nil or rule.limit ~= nil or rule.top ~= nil
end

local function names_of(plan)
  local names = {}
  for i, group in ipairs(plan.group_by) do names[i] = group.name end
  return names
end

-- Which measures of a row are of its own period, and which of the other.
local function sides_of(list)
  local here, there, sides = {}, {}, {}
  for _, one in ipairs(list) do
    here[#here + 1], there[#there + 1] = one.name, one.other
    sides[one.name] = { beside = here, measure = one.name }
    sides[one.other] = { beside = there, measure = one.name }
  end
  return sides
end

---@class usagelua.comparison
---@field frame usagelua.frame with the other period's columns
---@field basis usagelua.frame without them
---@field sides table<string, { beside: string[], measure: string }> of a measure: those of its
---period, and its name in the basis
---@field derive table[] name, fn, of and other: the measure here and there
---@field index usagelua.schema_index what these read

---@param frame usagelua.frame
---@param how any "previous" or "last year"
---@return usagelua.comparison
---Raises usage errors for frames that have no other period.
function comparison.of(frame, how)
  local kind = KINDS[how]
  if not kind then errors.raise_usage("%s", errors.unknown("compare of usage.table", how, KIND_NAMES)) end
  local plan = plan_of(frame)
  check_plan(plan)
  local rule = frame:made_with()
  local other = frame:again(kind.move, kind.name, rule_without_choice(rule))
  local columns, list, names = describe(frame, kind)
  local derived = derivations(list)
  return { derive = derived, index = schema.of_columns(columns), basis = frame,
    sides = sides_of(list), frame = join.make {
    left = frame, right = other, on = names_of(plan), rows = chooses(rule) and "left" or "all",
    columns = columns, right_names = names, derive = derived,
    translate = translation(plan, frame, other), only_certain = true,
    right_dataset = function(name) return ("%s, %s"):format(name, kind.words) end,
  } }
end

---How the rows are counted that report nothing of a measure: one that only the other
---period has is none of them.
---@param compared_with usagelua.comparison
---@return fun(name: string): usagelua.unreported_options
function comparison.counting(compared_with)
  return function(name)
    local side = compared_with.sides[name]
    return { basis = compared_with.basis, beside = side.beside, measure = side.measure }
  end
end

local function is_added(total, name)
  return figures.column(total.result, name) ~= nil and not total.refused[name]
end

---The changes of the totals, where both have one.
---@param compared_with usagelua.comparison
---@param total usagelua.total_row
function comparison.complete_total(compared_with, total)
  local derived, row = {}, total.result
  for _, one in ipairs(compared_with.derive) do
    if total.refused[one.name] and is_added(total, one.of) and is_added(total, one.other) then
      total.refused[one.name] = nil
      derived[#derived + 1] = one
    end
  end
  derive.add({ { row = row.rows[1], marks = row.marks[1] } },
    { derive = derived, group_index = compared_with.index })
end

return comparison
