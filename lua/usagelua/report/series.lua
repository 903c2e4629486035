-- A chart's rows as series over labels: one series, or one for each value of the
-- column `by`. Labels and series stand in the order of the rows.

local errors = require "usagelua.errors"
local figures = require "usagelua.report.figures"

local series = {}

---@class usagelua.chart_point
---@field value number? nil where nothing is known
---@field state "unknown"|"at_least"|nil

---@class usagelua.chart_series
---@field name string? value of `by`; nil where the chart has one series
---@field points table<integer, usagelua.chart_point> by the label's place; holes: no row

---@class usagelua.chart_data
---@field labels any[] values of x
---@field series usagelua.chart_series[]
---@field most number the largest value; 0 where there is none
---@field column usagelua.result_column of y

local function new_places()
  local list, places = {}, {}
  return list, function(value, item)
    local key = value == nil and list or value
    if not places[key] then
      list[#list + 1] = item
      places[key] = #list
    end
    return places[key]
  end
end

local function name_of(value)
  if value == nil then return "–" end
  return tostring(value)
end

local function refuse_twice(section, label)
  errors.raise_usage("chart '%s' has several rows for %s '%s'; group the frame by %s alone",
    section.name, section.x, name_of(label),
    section.by and ("%s and %s"):format(section.x, section.by) or section.x)
end

---@param section usagelua.evaluated_section a chart with rows
---@return usagelua.chart_data
---Raises a usage error where two rows would stand at one place.
function series.of(section)
  local result = section.result
  local labels, label_place = new_places()
  local list, series_place = new_places()
  local most = 0
  for index, row in ipairs(result.rows) do
    local at = label_place(row[section.x], name_of(row[section.x]))
    local by = section.by and row[section.by]
    local one = list[series_place(by, { name = section.by and name_of(by) or nil, points = {} })]
    if one.points[at] then refuse_twice(section, row[section.x]) end
    local value, state = figures.at(result, index, section.y)
    one.points[at] = { value = value, state = state }
    most = math.max(most, value or 0)
  end
  return { labels = labels, series = list, most = most, column = figures.column(result, section.y) }
end

---What stands on top of one another at a label, and whether all of it is known.
---@param data usagelua.chart_data
---@param at integer
---@return number? sum of what is known; nil where nothing is reported or known
---@return "unknown"|"at_least"|nil state
function series.stacked(data, at)
  local sum, is_whole
  for _, one in ipairs(data.series) do
    local point = one.points[at]
    if point then
      if point.value then sum = (sum or 0) + point.value end
      is_whole = is_whole ~= false and not point.state
    end
  end
  if is_whole then return sum, nil end
  return sum, sum and "at_least" or "unknown"
end

---@param data usagelua.chart_data
---@return number the largest sum at a label
function series.greatest(data)
  local most = 0
  for at = 1, #data.labels do most = math.max(most, series.stacked(data, at) or 0) end
  return most
end

return series
