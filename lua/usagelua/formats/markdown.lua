-- The report as GitHub's Markdown, for pull requests, issues and step summaries:
-- budgets first, since they decide, then the sections, and folded beneath them
-- what was asked and where it comes from.

local cell = require "usagelua.formats.cell"
local charts = require "usagelua.formats.charts"
local coverage_table = require "usagelua.formats.coverage_table"
local remarks = require "usagelua.formats.remarks"
local safe = require "usagelua.formats.safe"

local markdown = { name = "markdown", per_table = false }

local CHART_COLUMNS <const> = 72

-- What stands in a name is shown, not obeyed: emphasis, links, HTML, cells,
-- headings, lists, mentions of people.
-- Source: GitHub Flavored Markdown 0.29, 2.4 backslash escapes, 4.10 tables.
local SPECIAL <const> = "[\\`*_{}%[%]<>()#+!|~$]"

local ENTITIES <const> = { ["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;" }

-- A mention begins where no letter stands before the @; an address of mail is none.
local function without_mentions(text)
  text = text:gsub("^@", "@&#8203;")
  return (text:gsub("([^%w])@", "%1@&#8203;"))
end

local function escaped(text)
  text = safe.shown(text):gsub("&", ENTITIES)
  text = text:gsub(SPECIAL, function(mark) return ENTITIES[mark] or "\\" .. mark end)
  return without_mentions(text)
end

-- At the start of a line more is special: a list, a heading's underline, a number.
local function paragraph(text)
  text = escaped(text):gsub("^(%s*)([-=:])", "%1\\%2"):gsub("^(%s*%d+)([.)])", "%1\\%2")
  return safe.line(text)
end

local function write_row(out, cells)
  out(safe.line(("| %s |"):format(table.concat(cells, " | "))) .. "\n")
end

local function headings(columns)
  local cells, rule = {}, {}
  for i, column in ipairs(columns) do
    cells[i] = escaped(cell.heading(column))
    rule[i] = cell.alignment(column) == "point" and "---:" or "---"
  end
  return cells, rule
end

local function bold(text)
  return text == "" and "" or ("**%s**"):format(text)
end

local function write_total(out, total, columns)
  local cells, is_named = {}, false
  for i, column in ipairs(columns) do
    cells[i] = ""
    if column.measure then
      cells[i] = bold(escaped(cell.of_total(total, column)))
    elseif not is_named then
      cells[i], is_named = bold(escaped(total.label)), true
    end
  end
  write_row(out, cells)
end

local function write_table(out, result, total)
  local cells, rule = headings(result.columns)
  write_row(out, cells)
  write_row(out, rule)
  for index = 1, #result.rows do
    for i, column in ipairs(result.columns) do
      cells[i] = escaped(cell.at(result, index, column.name))
    end
    write_row(out, cells)
  end
  if total then write_total(out, total, result.columns) end
  out "\n"
end

local function write_heading(out, level, title)
  if title then out(("%s %s\n\n"):format(("#"):rep(level), escaped(title))) end
end

-- As many backticks as no line holds stand around it (4.5 fenced code blocks).
local function write_block(out, lines)
  local text, fence = table.concat(lines, "\n"), "```"
  while text:find(fence, 1, true) do fence = fence .. "`" end
  out(("%stext\n%s\n%s\n\n"):format(fence, text, fence))
end

local function write_list(out, lines)
  for _, line in ipairs(lines) do out(("- %s\n"):format(paragraph(line))) end
  if #lines > 0 then out "\n" end
end

local WRITE = {}

function WRITE.table(out, section)
  write_heading(out, 2, section.title)
  if section.empty then
    out(paragraph(section.empty) .. "\n\n")
  else
    write_table(out, section.result, section.total)
  end
  write_list(out, remarks.of_section(section))
end

function WRITE.chart(out, section)
  write_heading(out, 2, section.title)
  if section.empty then
    out(paragraph(section.empty) .. "\n\n")
  else
    write_block(out, charts.lines(section, CHART_COLUMNS))
  end
end

function WRITE.note(out, section)
  for line in (section.text .. "\n"):gmatch "(.-)\r?\n" do out(paragraph(line) .. "\n") end
  out "\n"
end

local SIGNS <const> = { passed = "✅", failed = "❌", undecided = "❔" }

local function write_budgets(out, budgets)
  if #budgets == 0 then return end
  write_heading(out, 2, "Budgets")
  write_row(out, { "", "budget", "outcome", "reason" })
  write_row(out, { "---", "---", "---", "---" })
  for _, one in ipairs(budgets) do
    write_row(out, { SIGNS[one.outcome], escaped(one.name), one.outcome, escaped(one.reason) })
  end
  out "\n"
end

local function write_folded(out, evaluated)
  out "<details>\n<summary>Coverage and provenance</summary>\n\n"
  if #evaluated.coverage > 0 then
    write_table(out, coverage_table.result(evaluated.coverage))
    write_list(out, remarks.of_coverage(evaluated.coverage))
  end
  write_list(out, remarks.of_report(evaluated))
  out "</details>\n"
end

---@param evaluated usagelua.evaluated
---@param out fun(text: string)
function markdown.write(evaluated, out)
  if not evaluated.is_records then write_heading(out, 1, evaluated.title) end
  write_budgets(out, evaluated.budgets)
  for _, section in ipairs(evaluated.sections) do WRITE[section.kind](out, section) end
  write_folded(out, evaluated)
end

return markdown
