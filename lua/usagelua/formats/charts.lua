-- A chart as lines of text, by its kind.

local charts = {}

local LINES <const> = {
  bar = require("usagelua.formats.bars").lines,
  stacked = require("usagelua.formats.stacks").lines,
  line = require("usagelua.formats.sparks").lines,
}

---@param section usagelua.evaluated_section a chart with rows
---@param width integer cells of a line
---@return string[] lines
function charts.lines(section, width)
  return LINES[section.chart](section, width)
end

return charts
