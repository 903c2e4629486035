-- `pivot` of a table: one column for each value of a column, so that months stand
-- side by side. A place without a row is empty, or unknown where the rows that
-- would stand there are missing.

local errors = require "usagelua.errors"
local figures = require "usagelua.report.figures"
local groups = require "usagelua.aggregate.groups"
local marks = require "usagelua.marks"
local order = require "usagelua.order"
local spans = require "usagelua.rule.spans"
local total = require "usagelua.report.total"

local pivot = {}

local WHAT <const> = "pivot of usage.table"
local MOST_VALUES <const> = 500
local ABSENT <const> = "–"

local function parted(columns, by)
  local dimensions, measures = {}, {}
  for _, column in ipairs(columns) do
    local list = column.measure and measures or dimensions
    if column.name ~= by then list[#list + 1] = column end
  end
  if #measures == 0 then errors.raise_usage("%s: the table shows no measure", WHAT) end
  return dimensions, measures
end

local function raise_too_many(by)
  errors.raise_usage("%s: '%s' has more than %d values, and each would be a column", WHAT, by,
    MOST_VALUES)
end

-- The values in their order, periods in that of time.
local function in_order(list, by, frame)
  local places = by == "period" and spans.places(frame:schema().datasets)
  if not places then return order.sorted(list) end
  local compare = order.comparer()
  table.sort(list, function(a, b) return compare(places[a] or a, places[b] or b) < 0 end)
  return list
end

-- What is absent comes last.
local function values_of(result, by, frame)
  local seen, list, has_absent = {}, {}, false
  for _, row in ipairs(result.rows) do
    local value = row[by]
    if value == nil then
      has_absent = true
    elseif not seen[value] then
      seen[value] = true
      list[#list + 1] = value
      if #list > MOST_VALUES then raise_too_many(by) end
    end
  end
  list = in_order(list, by, frame)
  return list, has_absent and #list + 1 or #list
end

-- Names -------------------------------------------------------------------

-- A name that is there already, whatever a vendor called its things, gets a number.
local function free_name(name, taken)
  local free, count = name, 1
  while taken[free] do
    count = count + 1
    free = ("%s (%d)"):format(name, count)
  end
  taken[free] = true
  return free
end

-- One measure's columns are headed by the values alone.
local function column_of(column, value, taken, is_alone)
  local shown, copy = value == nil and ABSENT or tostring(value), {}
  for key, field in pairs(column) do copy[key] = field end
  copy.name = free_name(("%s %s"):format(column.name, shown), taken)
  copy.heading = is_alone and shown or nil
  if not is_alone then copy.of, copy.qualifier = column, shown end
  return copy
end

-- For each value the columns of its measures.
local function columns_of(dimensions, measures, values, count)
  local columns, by_value, taken = {}, {}, {}
  for i, column in ipairs(dimensions) do
    columns[i], taken[column.name] = column, true
  end
  for at = 1, count do
    by_value[at] = {}
    for j, column in ipairs(measures) do
      local made = column_of(column, values[at], taken, #measures == 1)
      by_value[at][j], columns[#columns + 1] = made.name, made
    end
  end
  return columns, by_value
end

-- Rows --------------------------------------------------------------------

local function key_of(row, dimensions)
  local key = {}
  for i, column in ipairs(dimensions) do key[i] = row[column.name] end
  return key
end

local function raise_two(dimensions, by)
  local names = figures.names(dimensions)
  names[#names + 1] = by
  errors.raise_usage("%s: two rows stand in one place; group the frame by %s alone", WHAT,
    table.concat(names, ", "))
end

local function line_at(lines, row, dimensions)
  local node = lines:at(key_of(row, dimensions))
  if not node.row then
    node.row, node.marks, node.filled = {}, {}, {}
    for _, column in ipairs(dimensions) do node.row[column.name] = row[column.name] end
  end
  return node
end

local function place(line, result, index, measures, names)
  for j, column in ipairs(measures) do
    local value, state, reason = figures.at(result, index, column.name)
    line.row[names[j]] = value
    if state then line.marks[names[j]] = { state = state, reason = reason } end
  end
end

local function could_be(const, row, by, value)
  for name, certain in pairs(const) do
    local here = row[name]
    if name == by then here = value end
    if here ~= nil and here ~= certain then return false end
  end
  return true
end

local function reasons_of(taints, row, by, value)
  local reasons
  for _, taint in ipairs(taints) do
    if could_be(taint.const, row, by, value) then reasons = marks.with(reasons, taint.reason) end
  end
  return reasons
end

-- A place that no row fills, while rows may be missing, is unknown.
local function doubt_gaps(line, taints, by, values, count, by_value)
  for at = 1, count do
    local reasons = not line.filled[at] and reasons_of(taints, line.row, by, values[at])
    for _, name in ipairs(reasons and by_value[at] or {}) do
      line.marks[name] = marks.unknown(reasons)
    end
  end
end

local function positions_of(values, count)
  local at = {}
  for i, value in ipairs(values) do at[value] = i end
  return function(value)
    if value == nil then return count end
    return at[value]
  end
end

local function lines_of(result, by, shape)
  local lines, position = groups.new(#shape.dimensions), positions_of(shape.values, shape.count)
  for index, row in ipairs(result.rows) do
    local line, at = line_at(lines, row, shape.dimensions), position(row[by])
    if line.filled[at] then raise_two(shape.dimensions, by) end
    line.filled[at] = true
    place(line, result, index, shape.measures, shape.by_value[at])
  end
  for _, line in ipairs(lines.list) do
    doubt_gaps(line, result.taints or {}, by, shape.values, shape.count, shape.by_value)
  end
  return lines.list
end

-- Totals ------------------------------------------------------------------

local function with_value(by, value)
  return function(row) return row[by] == value end
end

-- The total of each column: that of the rows of its value.
local function total_of(frame, result, by, shape)
  local row, of_row, refused, silent = {}, {}, {}, {}
  for at = 1, shape.count do
    local own = total.of(frame, { columns = shape.measures, rows = result.rows,
      left_out = result.left_out }, with_value(by, shape.values[at]))
    for j, column in ipairs(shape.measures) do
      local name = shape.by_value[at][j]
      row[name], of_row[name] = own.result.rows[1][column.name], own.result.marks[1][column.name]
      refused[name], silent[name] = own.refused[column.name], own.unreported[column.name]
    end
  end
  return { label = total.label(result), refused = refused, unreported = silent,
    result = { columns = shape.columns, rows = { row }, marks = { of_row } } }
end

---Turns a result so that the values of a column are columns.
---@param result usagelua.result with the columns that are shown
---@param by string the column
---@param frame usagelua.frame for the totals
---@param has_total boolean
---@return usagelua.result
---@return usagelua.total_row?
function pivot.of(result, by, frame, has_total)
  local shape = {}
  shape.dimensions, shape.measures = parted(result.columns, by)
  shape.values, shape.count = values_of(result, by, frame)
  shape.columns, shape.by_value = columns_of(shape.dimensions, shape.measures, shape.values, shape.count)
  local turned = {}
  for key, field in pairs(result) do turned[key] = field end
  turned.columns, turned.rows, turned.marks, turned.doubts = shape.columns, {}, {}, {}
  for i, line in ipairs(lines_of(result, by, shape)) do
    turned.rows[i] = line.row
    if next(line.marks) then turned.marks[i] = line.marks end
  end
  local has_rows = #turned.rows > 0
  return turned, has_total and has_rows and total_of(frame, result, by, shape) or nil
end

return pivot
