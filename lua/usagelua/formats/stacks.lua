-- A stacked chart as text: a row per label with the figure of each series, their
-- sum, and a bar as long as the sum is large. Where the bars have no room beside
-- them the figures stand alone, and where these have none, one below the other.

local bars = require "usagelua.formats.bars"
local cell = require "usagelua.formats.cell"
local grid = require "usagelua.formats.grid"
local safe = require "usagelua.formats.safe"
local series = require "usagelua.report.series"

local stacks = {}

local MOST_BAR_CELLS <const> = 30
local GAP <const> = "  "

local function columns_of(section, data)
  local columns = { { heading = safe.text(section.x), align = "left" } }
  for _, one in ipairs(data.series) do
    columns[#columns + 1] = { heading = safe.text(one.name or section.y), align = "point" }
  end
  columns[#columns + 1] = { heading = "sum", align = "point" }
  return columns
end

local function row_of(data, at)
  local row = { safe.text(data.labels[at]) }
  for _, one in ipairs(data.series) do
    local point = one.points[at] or {}
    row[#row + 1] = cell.text(point.value, point.state)
  end
  row[#row + 1] = cell.text(series.stacked(data, at))
  return row
end

local function with_bars(lines, data, width)
  local most = series.greatest(data)
  return bars.beside(lines, #data.labels, function(at)
    return bars.bar(series.stacked(data, at), most, width)
  end)
end

-- Of a label those series that have a figure there.
local function as_list(columns, rows)
  local lines = {}
  for _, row in ipairs(rows) do
    lines[#lines + 1] = ("%s: %s"):format(row[1], row[#row])
    for i = 2, #row - 1 do
      if row[i] ~= cell.text(nil) then
        lines[#lines + 1] = ("  %s: %s"):format(columns[i].heading, row[i])
      end
    end
  end
  return lines
end

---@param section usagelua.evaluated_section a chart of kind stacked, with rows
---@param width integer cells of a line
---@return string[] lines
function stacks.lines(section, width)
  local data, rows = series.of(section), {}
  for at = 1, #data.labels do rows[at] = row_of(data, at) end
  local bar_width, columns = math.min(MOST_BAR_CELLS, width // 3), columns_of(section, data)
  local lines = grid.lines(columns, rows, width - bar_width - #GAP)
  if lines then return with_bars(lines, data, bar_width) end
  return grid.lines(columns, rows, width) or as_list(columns, rows)
end

return stacks
