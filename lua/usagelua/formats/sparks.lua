-- A line chart as text: a row per series with its least and greatest value and a
-- sparkline over the labels; what is unknown or not reported is its sign.

local cell = require "usagelua.formats.cell"
local cells = require "usagelua.formats.cells"
local grid = require "usagelua.formats.grid"
local safe = require "usagelua.formats.safe"
local series = require "usagelua.report.series"

local sparks = {}

local LEVELS <const> = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local NO_ROW <const> = " "

---@param value number
---@param most number
---@return string
function sparks.level(value, most)
  if most <= 0 or value <= 0 then return LEVELS[1] end
  return LEVELS[math.min(#LEVELS, math.max(1, math.ceil(value / most * #LEVELS)))]
end

local function line_of(one, count, most)
  local parts = {}
  for at = 1, count do
    local point = one.points[at]
    local value = point and point.value
    parts[at] = value and sparks.level(value, most) or point and cell.text(nil, point.state) or NO_ROW
  end
  return table.concat(parts)
end

-- Least and greatest as they are known; a part that is known bounds from below.
local function bounds_of(one, count)
  local least, most, state
  for at = 1, count do
    local point = one.points[at]
    if point then
      state = state or point.state and "at_least"
      if point.value then
        least = math.min(least or point.value, point.value)
        most = math.max(most or point.value, point.value)
      end
    end
  end
  return least, most, most and state or (state and "unknown")
end

local function row_of(one, data)
  local least, most, state = bounds_of(one, #data.labels)
  return { one.name and safe.text(one.name) or cell.heading(data.column), cell.text(least),
    cell.text(most, state), line_of(one, #data.labels, data.most) }
end

local function span_line(data)
  return ("%s … %s"):format(safe.text(data.labels[1]), safe.text(data.labels[#data.labels]))
end

local function as_list(rows)
  local lines = {}
  for i, row in ipairs(rows) do lines[i] = ("%s: %s to %s"):format(row[1], row[2], row[3]) end
  return lines
end

---@param section usagelua.evaluated_section a chart of kind line, with rows
---@param width integer cells of a line
---@return string[] lines
function sparks.lines(section, width)
  local data, rows = series.of(section), {}
  for i, one in ipairs(data.series) do rows[i] = row_of(one, data) end
  local columns = {
    { heading = section.by or "", align = "left" }, { heading = "least", align = "point" },
    { heading = "most", align = "point" }, { heading = cell.heading(data.column), align = "left" },
  }
  local lines = cells.width(rows[1][4]) < width and grid.lines(columns, rows, width)
  if not lines then return as_list(rows) end
  lines[#lines + 1] = span_line(data)
  return lines
end

return sparks
