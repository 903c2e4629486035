-- The report as one HTML page that stands alone: no script, no request to
-- anywhere, so that it shows where policies forbid both (Jenkins' artefacts).
-- Long tables fold; charts are drawn in place.

local cell = require "usagelua.formats.cell"
local charts = require "usagelua.formats.charts"
local coverage_table = require "usagelua.formats.coverage_table"
local markup = require "usagelua.formats.markup"
local remarks = require "usagelua.formats.remarks"
local style = require "usagelua.formats.html_style"
local svg_chart = require "usagelua.formats.svg_chart"

local html = { name = "html", per_table = false }

local ROWS_OPEN <const> = 30
local CHART_COLUMNS <const> = 80

local function heading(out, title)
  if title then out(("<h2>%s</h2>\n"):format(markup.text(title))) end
end

local function list(out, lines, class)
  if #lines == 0 then return end
  out(('<ul class="%s">\n'):format(class))
  for _, line in ipairs(lines) do out(("<li>%s</li>\n"):format(markup.text(line))) end
  out "</ul>\n"
end

-- Tables -------------------------------------------------------------------

local function class_of(column, text)
  if cell.alignment(column) == "point" then return ' class="number"' end
  return text:find "^[0-9]+%-[0-9][0-9]%-[0-9][0-9]" and ' class="date"' or ""
end

local function cell_tag(tag, column, text, scope)
  return ("<%s%s%s>%s</%s>"):format(tag, scope or "", class_of(column, text), text, tag)
end

local function row(out, columns, text_of)
  out "<tr>"
  for _, column in ipairs(columns) do out(cell_tag("td", column, markup.text(text_of(column)))) end
  out "</tr>\n"
end

local function head(out, columns)
  out '<div class="scroll"><table>\n<thead><tr>'
  for _, column in ipairs(columns) do
    out(cell_tag("th", column, markup.text(cell.heading(column)), ' scope="col"'))
  end
  out "</tr></thead>\n"
end

local function rows_between(out, result, from, to)
  out "<tbody>\n"
  for index = from, to do
    row(out, result.columns, function(column) return cell.at(result, index, column.name) end)
  end
  out "</tbody>\n"
end

local function foot(out, columns, total)
  local is_named = false
  out "<tfoot>"
  row(out, columns, function(column)
    if column.measure then return cell.of_total(total, column) end
    local label = is_named and "" or total.label
    is_named = true
    return label
  end)
  out "</tfoot>\n"
end

local function whole_table(out, result, from, to, total)
  head(out, result.columns)
  rows_between(out, result, from, to)
  if total then foot(out, result.columns, total) end
  out "</table></div>\n"
end

-- The total stands with the rows that are seen at once.
local function folding_table(out, result, total)
  local count = #result.rows
  whole_table(out, result, 1, math.min(count, ROWS_OPEN), total)
  if count <= ROWS_OPEN then return end
  out(("<details><summary>%d more rows</summary>\n"):format(count - ROWS_OPEN))
  whole_table(out, result, ROWS_OPEN + 1, count)
  out "</details>\n"
end

-- Charts -------------------------------------------------------------------

local SWATCH <const> =
  '<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" class="%s"/></svg>%s</li>\n'

local function legend(out, data)
  if #data.series < 2 then return end
  out '<ul class="legend">\n'
  for place, one in ipairs(data.series) do
    out(SWATCH:format(svg_chart.colour(place), markup.text(one.name)))
  end
  out "</ul>\n"
end

-- Figures below zero are written down, not drawn.
local function chart(out, section, id)
  local drawing, data = svg_chart.draw(section, id)
  if not drawing then
    local lines = charts.lines(section, CHART_COLUMNS)
    return out(("<pre>%s</pre>\n"):format(markup.text(table.concat(lines, "\0")):gsub("\u{2400}", "\n")))
  end
  out "<figure>\n"
  out(drawing .. "\n")
  out(("<figcaption>%s</figcaption>\n"):format(markup.text(cell.heading(data.column))))
  legend(out, data)
  out "</figure>\n"
end

-- Sections -----------------------------------------------------------------

local WRITE = {}

local function figures_of(out, section, draw)
  heading(out, section.title)
  if section.empty then
    out(("<p>%s</p>\n"):format(markup.text(section.empty)))
  else
    draw()
  end
end

function WRITE.table(out, section)
  figures_of(out, section, function() folding_table(out, section.result, section.total) end)
  list(out, remarks.of_section(section), "remarks")
end

function WRITE.chart(out, section, id)
  figures_of(out, section, function() chart(out, section, id) end)
end

function WRITE.note(out, section)
  for paragraph in (section.text .. "\n"):gmatch "(.-)\r?\n" do
    if paragraph ~= "" then out(("<p>%s</p>\n"):format(markup.text(paragraph))) end
  end
end

local SIGNS <const> = { passed = "✓", failed = "✗", undecided = "?" }

local function budgets(out, outcomes)
  if #outcomes == 0 then return end
  heading(out, "Budgets")
  out '<ul class="budgets">\n'
  for _, one in ipairs(outcomes) do
    out(('<li class="%s"><b>%s %s</b> %s: %s</li>\n'):format(one.outcome, SIGNS[one.outcome],
      one.outcome, markup.text(one.name), markup.text(one.reason)))
  end
  out "</ul>\n"
end

local function coverage(out, entries)
  if #entries == 0 then return end
  heading(out, "Coverage")
  whole_table(out, coverage_table.result(entries), 1, #entries)
  list(out, remarks.of_coverage(entries), "remarks")
end

local function provenance(out, evaluated)
  out "<footer>\n"
  heading(out, "Where the figures come from")
  list(out, remarks.of_report(evaluated), "remarks")
  out "</footer>\n"
end

-- The policy says once more, to the browser, what the page is made of.
local HEAD <const> = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>%s</title>
<style>
%s</style>
</head>
<body>
]]

---@param evaluated usagelua.evaluated
---@param out fun(text: string)
function html.write(evaluated, out)
  local title = markup.text(evaluated.title)
  out(HEAD:format(title, style))
  out(("<h1>%s</h1>\n"):format(title))
  budgets(out, evaluated.budgets)
  for i, section in ipairs(evaluated.sections) do
    WRITE[section.kind](out, section, ("chart-%d"):format(i))
  end
  coverage(out, evaluated.coverage)
  provenance(out, evaluated)
  out "</body>\n</html>\n"
end

return html
