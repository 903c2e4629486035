-- One figure or name as a person reads it: `?` unknown, `≥` at least,
-- `–` not reported, `0` zero; `*` before a total that some rows report nothing to.

local figures = require "usagelua.report.figures"
local number = require "usagelua.report.number"
local safe = require "usagelua.formats.safe"

local cell = {}

local ABSENT <const> = "–"
local UNKNOWN <const> = "?"

---@type table<string, string> state of a mark to its sign
cell.signs = { unknown = UNKNOWN, at_least = "≥", unreported = "*" }

local WRITE = {
  number = number.grouped,
  string = safe.text,
  boolean = function(value) return value and "yes" or "no" end,
  ["nil"] = function() return ABSENT end,
}

---@param value any
---@param state "unknown"|"at_least"|nil
---@return string
function cell.text(value, state)
  if state == "unknown" then return UNKNOWN end
  local write = WRITE[type(value)] or function() return safe.text(tostring(value)) end
  local text = write(value)
  return state == "at_least" and ("%s %s"):format(cell.signs.at_least, text) or text
end

---@param result usagelua.result
---@param index integer
---@param name string
---@return string
function cell.at(result, index, name)
  return cell.text(figures.at(result, index, name))
end

---A cell of a table's last line.
---@param total usagelua.total_row
---@param column usagelua.result_column a measure
---@param read (fun(result: usagelua.result, index: integer, column: table): string)? how a figure is
---written
---@return string "" where there is no total
function cell.of_total(total, column, read)
  local name = column.name
  if total.refused[name] then return "" end
  local text = read and read(total.result, 1, column) or cell.at(total.result, 1, name)
  local counts = total.unreported[name]
  if not counts or counts.rows == 0 or text == UNKNOWN then return text end
  return ("%s %s"):format(cell.signs.unreported, text)
end

---A column's heading: the table's own, or the name with its unit: `duration_s` is
---"duration (s)".
---@param column usagelua.result_column
---@return string
function cell.heading(column)
  if column.heading then return safe.text(column.heading) end
  if column.qualifier then
    return ("%s, %s"):format(cell.heading(column.of), safe.text(column.qualifier))
  end
  local name, unit = safe.text(column.name), column.unit
  if not unit or unit == "1" then return name end
  local suffix = "_" .. unit
  if #name > #suffix and name:sub(-#suffix) == suffix then name = name:sub(1, -#suffix - 1) end
  return ("%s (%s)"):format(name, safe.text(unit))
end

---How the cells of a column stand under one another.
---@param column usagelua.result_column
---@return "point"|"left"
function cell.alignment(column)
  return figures.is_number(column) and "point" or "left"
end

return cell
