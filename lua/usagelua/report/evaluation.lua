-- The figures behind a report's sections, what is missing of them, how the
-- budgets come out, and the status that a pipeline obeys.

local errors = require "usagelua.errors"
local figures = require "usagelua.report.figures"
local gaps = require "usagelua.report.gaps"
local schema = require "usagelua.rule.schema"
local spans = require "usagelua.rule.spans"
local unmatched = require "usagelua.report.unmatched"

local evaluation = {}

local ENTRY_KEYS <const> = {
  "dataset", "account", "period_start", "period_end", "period",
  "asked", "answered", "partial", "failed",
}

---@class usagelua.evaluated_section
---@field kind "table"|"chart"|"note"
---@field name string? of tables and charts
---@field title string?
---@field text string? of a note
---@field chart string? of a chart: its kind; x, y and by are its columns
---@field result usagelua.result? of tables and charts, with the chosen columns only
---@field total usagelua.total_row?
---@field spans table<string, { from: integer, to: integer }>? what was asked for, by label
---@field plain usagelua.evaluated_section? the table before it was turned or compared
---@field empty string? why there are no rows
---@field coverage usagelua.coverage_entry[]? of the frame
---@field sources usagelua.coverage_entry[]? those whose records the section's rule lets in

---@class usagelua.evaluated
---@field title string
---@field is_records boolean the records of `fetch` instead of a script's sections
---@field sections usagelua.evaluated_section[]
---@field budgets usagelua.budget_outcome[]
---@field coverage usagelua.coverage_entry[]
---@field read string[] incomplete figures that the script itself has read, in words
---@field provenance usagelua.provenance
---@field prices usagelua.price_card?
---@field status 0|3|4|5

-- A column that no record has can still be shown, if its dataset may have it.
local function chosen_column(frame, result, name)
  local column = figures.column(result, name)
  return column or schema.index(frame:schema()):need(name)
end

local function with_heading(column, heading)
  if not heading then return column end
  local copy = {}
  for key, field in pairs(column) do copy[key] = field end
  copy.heading = heading
  return copy
end

local function chosen_columns(frame, result, names, headings)
  if not names then return result.columns end
  local columns = {}
  for i, name in ipairs(names) do
    columns[i] = with_heading(chosen_column(frame, result, name), headings and headings[name])
  end
  return columns
end

-- The same rows and marks behind another choice of columns.
local function result_of(frame, names, headings)
  local result, copy = frame:result(), {}
  for key, field in pairs(result) do copy[key] = field end
  copy.columns = chosen_columns(frame, result, names, headings)
  return copy
end

local function total_of(one, result)
  if not one.total or one.pivot or #result.rows == 0 then return nil end
  local total = require "usagelua.report.total"
  if not one.comparison then return total.of(one.frame, result) end
  local comparison = require "usagelua.report.comparison"
  local made = total.of(one.frame, result, nil, comparison.counting(one.comparison))
  comparison.complete_total(one.comparison, made)
  return made
end

-- What tools read that know one period and one row for each thing: the table as it
-- was before it was turned or compared.
local function plain_of(one)
  if not (one.pivot or one.comparison) then return nil end
  local names = {}
  for _, name in ipairs(one.columns or {}) do
    if schema.index(one.basis:schema()):column(name) then names[#names + 1] = name end
  end
  return { kind = "table", name = one.name, coverage = one.basis:covered(),
    spans = spans.by_label(one.basis:schema().datasets),
    result = result_of(one.basis, one.columns and names) }
end

-- A group without any figure of its rule is no row, whatever the answers held.
local function none_held(frame)
  local names, plan = {}, frame:made_by()
  for index, slot in ipairs(plan and plan.slots or {}) do names[index] = slot.name end
  return "no rows: the answers held none"
    .. (names[1] and " with a figure of " .. table.concat(names, ", ") or "")
end

local function why_empty(result, coverage, frame)
  if #result.rows > 0 then return nil end
  local lines, conditions = gaps.lines(coverage), result.unmatched or {}
  if #lines + #conditions == 0 then
    local notes = table.concat(result.notes or {}, "; ")
    return notes ~= "" and "no rows: " .. notes or none_held(frame)
  end
  local what = #lines > 0 and "no rows: " or "no rows matched: "
  if #conditions > 0 then lines[#lines + 1] = unmatched.told(conditions) end
  return what .. table.concat(lines, "; ")
end

-- The queries whose records the rule of a section lets in.
local function sources_of(frame, coverage)
  local list, reads = {}, {}
  for _, entry in ipairs(coverage) do
    local dataset = entry.dataset
    if reads[dataset] == nil then
      reads[dataset] = frame:reads { dataset = dataset, vendor = dataset:match "^[^.]+" }
    end
    if reads[dataset] then list[#list + 1] = entry end
  end
  return list
end

local EVALUATE = {}

function EVALUATE.table(one)
  local result, coverage = result_of(one.frame, one.columns, one.headings), one.frame:covered()
  local empty, last = why_empty(result, coverage, one.frame), total_of(one, result)
  if one.pivot then
    local pivot = require "usagelua.report.pivot"
    result, last = pivot.of(result, one.pivot, one.frame, one.total)
  end
  return {
    kind = "table", name = one.name, title = one.title, result = result, coverage = coverage,
    empty = empty, total = last, plain = plain_of(one),
    spans = spans.by_label(one.frame:schema().datasets),
    sources = sources_of(one.frame, coverage),
  }
end

function EVALUATE.chart(one)
  local names = one.by and { one.x, one.by, one.y } or { one.x, one.y }
  local result, coverage = result_of(one.frame, names), one.frame:covered()
  local column = result.columns[#names]
  if not figures.is_number(column) then
    errors.raise_usage("y of usage.chart is '%s', a %s column; it takes a measure", one.y,
      column.type)
  end
  return {
    kind = "chart", name = one.name, title = one.title, chart = one.chart, x = one.x, y = one.y,
    by = one.by, result = result, coverage = coverage, empty = why_empty(result, coverage, one.frame),
    sources = sources_of(one.frame, coverage),
  }
end

function EVALUATE.note(one)
  return { kind = "note", text = one.text }
end

local function evaluate_sections(sections, context)
  local shown, budgets = {}, {}
  for _, one in ipairs(sections) do
    if one.kind == "budget" then
      local outcomes = require("usagelua.report.budget").judge(one, context)
      table.move(outcomes, 1, #outcomes, #budgets + 1, budgets)
    else
      shown[#shown + 1] = EVALUATE[one.kind](one)
    end
  end
  return shown, budgets
end

local function text_of(entry)
  local parts = {}
  for i, key in ipairs(ENTRY_KEYS) do parts[i] = tostring(entry[key]) end
  for _, list in ipairs { entry.reasons, entry.notes or {} } do
    parts[#parts + 1] = table.concat(list, "\0")
  end
  return table.concat(parts, "\0")
end

-- The n-th of equal entries, so that two queries which went alike are both told.
local function numbered_text(entry, counts)
  local text = text_of(entry)
  counts[text] = (counts[text] or 0) + 1
  return ("%s\0%d"):format(text, counts[text])
end

local function add_entries(entries, seen, added)
  local counts = {}
  for _, entry in ipairs(added) do
    local text = numbered_text(entry, counts)
    if not seen[text] then
      seen[text] = true
      entries[#entries + 1] = entry
    end
  end
end

local function coverages_of(sections)
  local lists, seen = {}, {}
  for _, one in ipairs(sections) do
    local list = one.frame and one.frame:covered()
    if list and not seen[list] then lists[#lists + 1] = list end
    if list then seen[list] = true end
  end
  return lists
end

-- Frames of one collection tell the same queries; each stands here once.
local function all_coverage(sections)
  local entries, seen, lists = {}, {}, coverages_of(sections)
  if #lists == 1 then return table.move(lists[1], 1, #lists[1], 1, {}) end
  for _, list in ipairs(lists) do add_entries(entries, seen, list) end
  return entries
end

-- Incomplete figures that the script itself has read: what it made of them is
-- incomplete as well.
local function read_by_script(sections)
  local lines, seen = {}, {}
  for _, one in ipairs(sections) do
    for _, figure in ipairs(one.frame and one.frame:noticed() or {}) do
      local words = figure.state == "at_least" and "at least so much" or figure.state
      local line = ("the script read %s, which is %s: %s"):format(figure.measure, words, figure.reason)
      if not seen[line] then lines[#lines + 1] = line end
      seen[line] = true
    end
  end
  return lines
end

local function holds_mark(result)
  local found = false
  figures.each_marked(result, function() found = true end)
  return found
end

local function is_incomplete(one)
  if one.total and holds_mark(one.total.result) then return true end
  return one.result ~= nil and holds_mark(one.result)
end

local function any(list, test)
  for _, item in ipairs(list) do
    if test(item) then return true end
  end
  return false
end

local function has_outcome(outcome)
  return function(one) return one.outcome == outcome end
end

local function status_of(evaluated)
  if any(evaluated.budgets, has_outcome "failed") then return 3 end
  if gaps.is_nothing(evaluated.coverage) then return 5 end
  local is_partial = any(evaluated.budgets, has_outcome "undecided")
    or any(evaluated.sections, is_incomplete)
    or not gaps.is_whole(evaluated.coverage)
    or #evaluated.read > 0
  return is_partial and 4 or 0
end

local function provenance_of(run)
  local provenance = run.provenance
  if type(provenance) == "function" then provenance = provenance() end
  return provenance or {}
end

local function frames_of(sections)
  local frames = {}
  for _, one in ipairs(sections) do frames[#frames + 1] = one.frame end
  return frames
end

-- All that will be read is known before the first frame is asked; a run asks
-- for all of them at the same time.
local function ask(sections, run)
  local frames = frames_of(sections)
  for _, frame in ipairs(frames) do frame:need() end
  if run.ask_together then run.ask_together(frames, "report") end
  for _, frame in ipairs(frames) do frame:ask("report") end
end

-- A price that is not used may be misspelt, and what it was for be priced by
-- another one, or by none.
local function warn_of_prices(card, sections, run)
  local unused = card and run.warn and require("usagelua.report.prices").unused(card, sections) or {}
  if #unused == 0 then return end
  run.warn(("no figure of this report has these prices of the rate card: %s (of several that fit a "
    .. "row the first one counts)"):format(table.concat(unused, "; ")))
end

---@param report usagelua.report
---@return usagelua.evaluated
function evaluation.of(report)
  ask(report.sections, report.run)
  local context = { now = report.run.now and report.run.now(),
    period = function() return provenance_of(report.run).period end }
  local sections, budgets = evaluate_sections(report.sections, context)
  local prices = report.prices or report.run.prices
  warn_of_prices(prices, sections, report.run)
  local evaluated = {
    title = report.title, is_records = report.is_records, sections = sections, budgets = budgets,
    coverage = all_coverage(report.sections), read = read_by_script(report.sections),
    provenance = provenance_of(report.run), prices = prices,
  }
  evaluated.status = status_of(evaluated)
  return evaluated
end

return evaluation
