-- Columns of seconds as people read them on a terminal: `1,204:05:12.5` under the
-- heading "duration (h:min:s)". All of a column is written so, or none of it where
-- nothing reaches a minute. Minutes and seconds always have two digits, so that
-- figures still stand under one another at the point, and nothing is rounded that
-- a number would not be: what is seen adds up to the total that is seen.

local cell = require "usagelua.formats.cell"
local figures = require "usagelua.report.figures"
local number = require "usagelua.report.number"
local safe = require "usagelua.formats.safe"

local duration = {}

local LEAST_S <const> = 60
-- Hundredths of larger ones are no exact integers any more.
local MOST_S <const> = 2 ^ 46

-- Whole seconds and the hundredths after the point, rounded as other numbers are.
local function split(seconds)
  if math.type(seconds) == "integer" then return seconds, "" end
  local whole, rest = number.fixed(seconds, 2):match "^([0-9]+)%.([0-9]+)$"
  rest = rest:gsub("0+$", "")
  return math.tointeger(tonumber(whole)), rest ~= "" and "." .. rest or ""
end

---@param seconds number
---@return string for example "0:05:12.5"
function duration.text(seconds)
  if math.abs(seconds) > MOST_S then return number.grouped(seconds) .. " s" end
  local sign = seconds < 0 and "-" or ""
  local whole, rest = split(math.abs(seconds))
  return ("%s%s:%02d:%02d%s"):format(sign, number.grouped(whole // 3600), whole // 60 % 60, whole % 60,
    rest)
end

local function is_duration(result, column)
  if column.unit ~= "s" or not figures.is_number(column) then return false end
  for index = 1, #result.rows do
    local value = figures.at(result, index, column.name)
    if value and math.abs(value) >= LEAST_S then return true end
  end
  return false
end

---The columns of a result, those that are to be read as durations marked so.
---@param result usagelua.result
---@return usagelua.result_column[]
function duration.columns(result)
  local columns = {}
  for place, column in ipairs(result.columns) do
    columns[place] = is_duration(result, column)
      and setmetatable({ is_duration = true }, { __index = column }) or column
  end
  return columns
end

-- The unit stands before the qualifier: "duration (h:min:s), previous".
local function heading_in_hours(column)
  if column.qualifier and not column.heading then
    return ("%s, %s"):format(heading_in_hours(column.of), safe.text(column.qualifier))
  end
  return (cell.heading(column):gsub("%(s%)$", "(h:min:s)"))
end

---A column's heading, as cell.heading has it.
---@param column usagelua.result_column one of duration.columns
---@return string
function duration.heading(column)
  return column.is_duration and heading_in_hours(column) or cell.heading(column)
end

---A figure or a name, as cell.at has it.
---@param result usagelua.result
---@param index integer
---@param column usagelua.result_column one of duration.columns
---@return string
function duration.at(result, index, column)
  if not column.is_duration then return cell.at(result, index, column.name) end
  local value, state = figures.at(result, index, column.name)
  if type(value) ~= "number" then return cell.text(value, state) end
  local text = duration.text(value)
  return state == "at_least" and ("%s %s"):format(cell.signs.at_least, text) or text
end

return duration
