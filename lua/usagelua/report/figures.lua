-- One cell of a result, read together with its mark. Whoever prints, adds or
-- judges a figure reads it here, so that an unknown one is nobody's zero.

local order = require "usagelua.order"
local row_list = require "usagelua.rows.list"

local figures = {}

local UNKNOWN <const> = "unknown"

local function is_finite(value)
  return value == value and value ~= math.huge and value ~= -math.huge
end

---@param result usagelua.result
---@param index integer row number
---@param name string column
---@return any value nil when absent or unknown
---@return "unknown"|"at_least"|nil state
---@return string? reason of the state
function figures.at(result, index, name)
  local value = result.rows[index][name]
  local mark = result.marks and result.marks[index] and result.marks[index][name]
  if math.type(value) == "float" and not is_finite(value) then
    return nil, UNKNOWN, mark and mark.reason or ("%s came out as no finite number"):format(name)
  end
  if not mark then return value end
  if mark.state == UNKNOWN or value == nil then return nil, UNKNOWN, mark.reason end
  return value, mark.state, mark.reason
end

local CERTAIN <const> = { text = true, boolean = true }

-- Columns whose values need a look where no mark stands: most have finite ones.
local function doubtful(columns)
  local list = {}
  for _, column in ipairs(columns) do
    if not CERTAIN[column.type] then list[#list + 1] = column.name end
  end
  return list
end

local function has_infinite(row, names)
  for _, name in ipairs(names) do
    local value = row[name]
    if math.type(value) == "float" and not is_finite(value) then return true end
  end
  return false
end

---A function that says of a row and its number whether a cell of it may be marked.
---@param result usagelua.result
---@return fun(index: integer, row: table): boolean
function figures.marker(result)
  local marks, names = result.marks or {}, doubtful(result.columns)
  return function(index, row) return marks[index] ~= nil or has_infinite(row, names) end
end

---Iterates over the rows that may have a marked figure, in their order: of rows in
---columns that are all finite, those with marks.
---@param result usagelua.result
---@return fun(): integer?
function figures.marked_rows(result)
  local list, may_be_marked, i = nil, figures.marker(result), 0
  if row_list.is(result.rows) and row_list.is_finite(result.rows) then
    list = order.keys(result.marks or {})
  end
  return function()
    i = i + 1
    if list then return list[i] end
    while i <= #result.rows and not may_be_marked(i, result.rows[i]) do i = i + 1 end
    if i <= #result.rows then return i end
  end
end

---Calls `visit(index, column, state, reason)` for every marked cell, row by
---row and in the order of the columns.
---@param result usagelua.result
---@param visit fun(index: integer, column: usagelua.result_column, state: string, reason: string)
function figures.each_marked(result, visit)
  for index in figures.marked_rows(result) do
    for _, column in ipairs(result.columns) do
      local _, state, reason = figures.at(result, index, column.name)
      if state then visit(index, column, state, reason) end
    end
  end
end

---@param result usagelua.result
---@param name string
---@return usagelua.result_column?
function figures.column(result, name)
  for _, column in ipairs(result.columns) do
    if column.name == name then return column end
  end
end

---@param column usagelua.result_column
---@return boolean
function figures.is_number(column)
  return column.type == "number" or column.type == "integer"
end

---@param columns usagelua.result_column[]
---@return string[]
function figures.names(columns)
  local names = {}
  for i, column in ipairs(columns) do names[i] = column.name end
  return names
end

return figures
