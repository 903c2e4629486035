-- How many of a frame's rows report nothing of a measure, so that a figure over
-- them is said to be of the others. Rows whose dataset has no such measure are
-- counted apart: nothing is missing there.

local schema = require "usagelua.rule.schema"

local unreported = {}

---@class usagelua.unreported
---@field rows integer that report nothing of a measure which their dataset has
---@field inapplicable integer whose dataset has no such measure
---@field reported integer that have the figure, known or not
---@field all integer

---@class usagelua.unreported_options
---@field where (table|function)? which rows; all by default
---@field beside string[]? measures that a row may have together with it; all of the frame's by
---default
---@field basis usagelua.frame? whose measure it is, where the rows were made of that frame's
---@field measure string? its name there

local ROWS <const> = "\0rows"
local ABSENT <const> = { absent = true }
local NONE <const> = { rows = 0, inapplicable = 0, reported = 0, all = 0 }

-- Conditions -----------------------------------------------------------------

local function passes_absent(condition)
  return condition == nil
    or type(condition) == "table" and (condition.absent or condition.or_absent) == true
end

-- Nil where the conditions let in no row without the figures.
local function conditions(wanted, names)
  local all = {}
  for name, condition in pairs(wanted or {}) do all[name] = condition end
  for _, name in ipairs(names) do
    if not passes_absent(all[name]) then return nil end
    all[name] = ABSENT
  end
  return all
end

local function test(wanted, names)
  return function(row)
    if not wanted(row) then return false end
    for _, name in ipairs(names) do
      if row[name] ~= nil then return false end
    end
    return true
  end
end

-- Counting -------------------------------------------------------------------

-- Whose a row is, as far as rows say it.
local ORIGIN <const> = { "vendor", "dataset" }

local function origin_columns(index)
  local list = {}
  for _, name in ipairs(ORIGIN) do
    if index:column(name) then list[#list + 1] = name end
  end
  return list
end

-- The rows that have none of these measures, and how many in all, by whose they are.
local function rows_without(frame, wanted, names)
  local make = type(wanted) == "function" and test or conditions
  local meant, index, list, count = make(wanted, names), schema.index(frame:schema()), {}, 0
  if not meant then return list, count end
  local result = frame:result_by { where = meant, group_by = origin_columns(index),
    measures = { { kind = "count", as = ROWS } } }
  for i, row in ipairs(result.rows) do
    list[i], count = row, count + (row[ROWS] or 0)
  end
  return list, count
end

local function is_of(dataset, row)
  local vendor = dataset.const.vendor
  return (row.dataset == nil or row.dataset == dataset.name)
    and (row.vendor == nil or vendor == nil or row.vendor == vendor)
end

-- May a row of this origin have the measure? One that several frames' rows met in
-- may have what any of them brought.
local function may_report(frame, measure, row)
  if frame:origin().parents then return true end
  local index = schema.index(frame:schema())
  for _, dataset in ipairs(index.datasets) do
    if is_of(dataset, row) and not index:lacks(dataset.name, measure) then return true end
  end
  return false
end

local function count_inapplicable(rows, frame, measure)
  local count = 0
  for _, row in ipairs(rows) do
    if not may_report(frame, measure, row) then count = count + (row[ROWS] or 0) end
  end
  return count
end

local function measure_names(frame)
  local names = {}
  for _, column in ipairs(frame:columns()) do
    if column.measure then names[#names + 1] = column.name end
  end
  return names
end

-- The measures that come in one record with this one. A row without any of them is
-- another record, which says nothing of this measure.
local function of_one_record(frame, measure, names)
  local known, list = schema.index(frame:schema()).measures, {}
  for _, name in ipairs(names) do
    if known[name] and known[name].part == known[measure].part then list[#list + 1] = name end
  end
  return list
end

-- Of what is added up; where nothing was there to be counted, no figure is missing.
local function is_added(frame, measure)
  local known = schema.index(frame:schema()).measures[measure]
  if not known or known.counted then return false end
  for _, column in ipairs(frame:columns()) do
    if column.name == measure then return column.kind == "sum" end
  end
  return known.kind == "sum"
end

---@param frame usagelua.frame
---@param measure string
---@param options usagelua.unreported_options?
---@return usagelua.unreported none of a measure that is not a sum
function unreported.of(frame, measure, options)
  options = options or {}
  if not is_added(frame, measure) then return NONE end
  local where = options.where
  local rows, count = rows_without(frame, where, { measure })
  if count == 0 then return NONE end
  local apart, silent = rows_without(frame, where,
    of_one_record(frame, measure, options.beside or measure_names(frame)))
  local basis, own_name = options.basis or frame, options.measure or measure
  local inapplicable = count_inapplicable(rows, basis, own_name)
    - count_inapplicable(apart, basis, own_name)
  local _, all = rows_without(frame, where, {})
  return { rows = count - silent - inapplicable, inapplicable = inapplicable,
    reported = all - count, all = all }
end

return unreported
