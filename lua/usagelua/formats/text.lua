-- The report for a person: tables, bars and budgets that fit the terminal, and
-- beneath them what is missing, what was assumed, and where it all comes from.

local charts = require "usagelua.formats.charts"
local coverage_table = require "usagelua.formats.coverage_table"
local paint = require "usagelua.formats.paint"
local remarks = require "usagelua.formats.remarks"
local safe = require "usagelua.formats.safe"
local sheet = require "usagelua.formats.sheet"
local wrap = require "usagelua.formats.wrap"

local text = { name = "text", per_table = false }

local DEFAULT_COLUMNS <const> = 100
local LEAST_COLUMNS <const> = 20
local REMARKS_SHOWN <const> = 12

---@class usagelua.text_page where lines go, with the width and the colours at hand
---@field width integer
---@field said table<string, true> remarks that stand above already
---@field line fun(line: string?, style: string?)
---@field paragraph fun(words: string, first: string?, rest: string?, style: string?)

local function open_page(out, options)
  local page = { width = math.max(LEAST_COLUMNS, options.columns or DEFAULT_COLUMNS), said = {} }
  local brush = paint.brush(options.color)
  function page.line(line, style)
    out(brush(style, safe.line(line or "")) .. "\n")
  end
  function page.paragraph(words, first, rest, style)
    local lines = wrap.lines(safe.text(words), page.width, first, rest)
    for _, line in ipairs(lines) do page.line(line, style) end
  end
  return page
end

local function write_lines(page, lines)
  for _, line in ipairs(lines) do page.line(line) end
end

local function write_heading(page, title)
  if not title then return end
  page.paragraph(title, "", "", "title")
  page.line()
end

local function write_remarks(page, lines)
  if #lines > 0 then page.line() end
  for i = 1, math.min(#lines, REMARKS_SHOWN) do page.paragraph(lines[i], "  ", "    ", "faint") end
  if #lines > REMARKS_SHOWN then
    local more = #lines - REMARKS_SHOWN
    page.paragraph(("… and %d more; -f json holds all of them"):format(more), "  ", "    ", "faint")
  end
end

-- A chart mostly shows a table's figures again; what stands beneath that is not repeated.
local function unsaid(page, lines)
  local fresh = {}
  for _, line in ipairs(lines) do
    if not page.said[line] then fresh[#fresh + 1] = line end
  end
  return fresh
end

local function write_figures(page, section, lines_of)
  write_heading(page, section.title)
  if section.empty then
    page.paragraph(section.empty, "", "  ")
  else
    write_lines(page, lines_of(section, page.width))
  end
  local lines = remarks.of_section(section)
  write_remarks(page, section.kind == "chart" and unsaid(page, lines) or lines)
  for _, line in ipairs(lines) do page.said[line] = true end
end

local WRITE = {}

function WRITE.table(page, section) write_figures(page, section, sheet.lines) end

function WRITE.chart(page, section) write_figures(page, section, charts.lines) end

function WRITE.note(page, section)
  for paragraph in (section.text .. "\n"):gmatch "(.-)\r?\n" do page.paragraph(paragraph) end
end

local BUDGET_SIGNS <const> = { passed = "✓", failed = "✗", undecided = "?" }

local function write_budgets(page, budgets)
  if #budgets == 0 then return end
  page.line()
  write_heading(page, "Budgets")
  for _, one in ipairs(budgets) do
    local sign = BUDGET_SIGNS[one.outcome]
    page.paragraph(("%s %s %s: %s"):format(sign, one.outcome, one.name, one.reason), "", "    ",
      one.outcome)
  end
end

local function write_coverage(page, coverage)
  if #coverage == 0 then return end
  page.line()
  write_heading(page, "Coverage")
  write_lines(page, sheet.lines({ result = coverage_table.result(coverage) }, page.width))
  write_remarks(page, unsaid(page, remarks.of_coverage(coverage)))
end

local function write_provenance(page, evaluated)
  local lines = remarks.of_report(evaluated)
  if #lines > 0 then page.line() end
  for _, line in ipairs(lines) do page.paragraph(line, "", "  ", "faint") end
end

---@param evaluated usagelua.evaluated
---@param out fun(text: string)
---@param options usagelua.format_options
function text.write(evaluated, out, options)
  local page = open_page(out, options)
  if not evaluated.is_records then write_heading(page, evaluated.title) end
  for i, section in ipairs(evaluated.sections) do
    if i > 1 then page.line() end
    WRITE[section.kind](page, section)
  end
  write_budgets(page, evaluated.budgets)
  write_coverage(page, evaluated.coverage)
  write_provenance(page, evaluated)
end

return text
