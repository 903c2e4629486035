-- A bar list: label, number, and a bar as long as the number is large.

local cell = require "usagelua.formats.cell"
local cells = require "usagelua.formats.cells"
local duration = require "usagelua.formats.duration"
local figures = require "usagelua.report.figures"
local grid = require "usagelua.formats.grid"

local bars = {}

local FULL <const> = "█"
local EIGHTHS <const> = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" }
local MOST_BAR_CELLS <const> = 40
local GAP <const> = "  "

local function greatest(result, y)
  local most = 0
  for i = 1, #result.rows do
    local value = figures.at(result, i, y)
    if value then most = math.max(most, value) end
  end
  return most
end

---A bar of full cells with an eighth part at its end; what is above zero shows.
---@param value number?
---@param most number the value whose bar is the longest
---@param width integer cells of the longest bar
---@return string
function bars.bar(value, most, width)
  if not value or value <= 0 or most <= 0 then return "" end
  local eighths = math.max(1, math.floor(value / most * width * 8 + 0.5))
  return FULL:rep(eighths // 8) .. (EIGHTHS[eighths % 8] or "")
end

local function grid_column(column)
  return { heading = duration.heading(column), align = cell.alignment(column) }
end

local function texts(result)
  local x, y = table.unpack(duration.columns(result), 1, 2)
  local rows = {}
  for i = 1, #result.rows do
    rows[i] = { duration.at(result, i, x), duration.at(result, i, y) }
  end
  return { grid_column(x), grid_column(y) }, rows
end

local function widest(lines)
  local width = 0
  for _, line in ipairs(lines) do width = math.max(width, cells.width(line)) end
  return width
end

---The lines with a bar behind each of the last `count`.
---@param lines string[]
---@param count integer
---@param bar_of fun(i: integer): string
---@return string[]
function bars.beside(lines, count, bar_of)
  local first, left = #lines - count, widest(lines)
  for i = 1, count do
    local bar, line = bar_of(i), lines[first + i]
    if bar ~= "" then
      lines[first + i] = line .. (" "):rep(left - cells.width(line)) .. GAP .. bar
    end
  end
  return lines
end

local function with_bars(lines, result, width)
  local y = result.columns[2].name
  local most = greatest(result, y)
  return bars.beside(lines, #result.rows, function(i)
    return bars.bar(figures.at(result, i, y), most, width)
  end)
end

local function as_list(rows)
  local lines = {}
  for i, row in ipairs(rows) do lines[i] = ("%s: %s"):format(row[1], row[2]) end
  return lines
end

---@param section usagelua.evaluated_section a chart: its columns are labels, then figures
---@param width integer cells of a line
---@return string[] lines
function bars.lines(section, width)
  local result = section.result
  local columns, rows = texts(result)
  local bar_width = math.min(MOST_BAR_CELLS, width // 3)
  local lines = grid.lines(columns, rows, width - bar_width - #GAP, true)
  return lines and with_bars(lines, result, bar_width) or as_list(rows)
end

return bars
