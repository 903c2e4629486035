-- What was measured, in words and tables of Markdown.
local goals = require "goals"
local shown = require "shown"
local statistics = require "statistics"

local tables = {}

local function line_of(cells)
  for place, text in ipairs(cells) do cells[place] = shown.cell(text) end
  return "| " .. table.concat(cells, " | ") .. " |"
end

local function head_of(names)
  return line_of(names) .. "\n|" .. (" --- |"):rep(#names)
end

local function problem_line(result, columns)
  local cells = { result.program.title, result.problem }
  for place = 3, columns do cells[place] = "" end
  return line_of(cells)
end

local function median(result, measure)
  return shown.number(statistics.of(result.samples, measure).median)
end

local function peak(result)
  return ("%.1f"):format(statistics.of(result.samples, "peak_kb").median / 1024)
end

local function range(spread)
  return ("%s / %s / %s"):format(shown.number(spread.least), shown.number(spread.median),
    shown.number(spread.most))
end

-- A row beside peers ---------------------------------------------------------

local function compared(row, result)
  local measure, base = row.measure or "wall", row.results[1]
  local spread = statistics.of(result.samples, measure)
  local amount = row.mb or row.amount
  return line_of {
    result.program.title, range(spread), median(result, "cpu"), peak(result),
    amount and shown.number(amount / spread.median) or "–",
    shown.ratio(statistics.ratio(result.samples, base.samples, measure)),
    shown.ratio(statistics.ratio(result.samples, base.samples, "cpu")),
    result.extra or result.output or "",
  }
end

local function comparison(row)
  return { "program", "s: min / median / max", "CPU s", "peak MB", row.mb and "MB/s" or row.unit or "–",
    "× usagelua's time", "× its CPU", row.extra and row.extra.head or "out" }, compared
end

-- A scale curve --------------------------------------------------------------

local function cost(row, result, measure)
  local first = row.results[1]
  if result == first then return "–" end
  return shown.seconds(statistics.unit_cost(result, first, measure).median)
end

local function whole_cost(result)
  local amount = result.program.amount
  return amount > 0 and shown.seconds(statistics.of(result.samples, "cpu").median / amount) or "–"
end

local function point(row, result)
  local cells = { result.program.title, range(statistics.of(result.samples, "wall")), median(result, "cpu"),
    peak(result), cost(row, result, "wall"), cost(row, result, "cpu"), whole_cost(result) }
  cells[#cells + 1] = row.extra and result.extra
  return line_of(cells)
end

-- Above the first point, which does next to nothing, and the whole process.
local function scale(row)
  local names = { "point", "s: min / median / max", "CPU s", "peak MB", "further time per " .. row.curve,
    "further CPU per " .. row.curve, "whole CPU per " .. row.curve }
  names[#names + 1] = row.extra and row.extra.head
  return names, point
end

local ORIGIN <const> = "%s, by `%s`, of usagelua %s; %s rounds in %.1f minutes; load %s when it began."

local function origin_text(origin)
  return ORIGIN:format(origin.date, origin.command, origin.revision, shown.number(origin.rounds),
    origin.seconds / 60, origin.load)
end

local function row_text(row)
  local names, write = (row.curve and scale or comparison)(row)
  local lines = { "## " .. row.title, "", origin_text(row.origin), "" }
  if row.note then table.move({ row.note, "" }, 1, 2, #lines + 1, lines) end
  lines[#lines + 1] = head_of(names)
  for _, result in ipairs(row.results) do
    lines[#lines + 1] = result.problem and problem_line(result, #names) or write(row, result)
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Goals ----------------------------------------------------------------------

local function verdict_line(row, verdict)
  local met = verdict.reason or verdict.is_met and "yes" or "**no**"
  return line_of { row.title, verdict.goal, verdict.found, verdict.by_cpu, met }
end

local function goals_text(rows)
  local lines = { "## What is aimed at", "", head_of { "row", "goal", "measured", "by CPU", "met" } }
  for _, row in ipairs(rows) do
    for _, verdict in ipairs(goals.judge(row)) do lines[#lines + 1] = verdict_line(row, verdict) end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The whole ------------------------------------------------------------------

local OPENING <const> = [[
# Benchmark

On %s. Above each row stands when, of which revision and by which command it was measured, in how
many rounds, and how busy the machine was before (load: processes that ran or waited, of the last minute).

Each program is a process of its own, start-up included; the programs of a row run in turn, and a
ratio is taken between two runs of the same round. Given are medians, with the range in brackets;
MB is 10^6 bytes of documents and 2^20 bytes of memory, which is that of the largest single process.
The web server shares the machine. `out` is the hash of what was printed: only a program that prints
the same as usagelua has figures. In the main job usagelua runs a report script through BrowserStack's
whole report job (create, status, report, delete) by the description that is shipped, but for its wait
of four seconds before the first question; the other programs download the document.

Versions: %s.
]]

-- What each row says, once.
local function distinct(rows, of)
  local list, seen = {}, {}
  for _, row in ipairs(rows) do
    for _, text in ipairs(of(row.origin)) do
      if not seen[text] then seen[text], list[#list + 1] = true, text end
    end
  end
  return list
end

local function machines(origin)
  return { origin.machine }
end

local function versions(origin)
  return origin.versions
end

---@param rows bench.measurement[] with their results
---@return string
function tables.text(rows)
  local programs = distinct(rows, versions)
  table.sort(programs, function(one, other) return one:lower() < other:lower() end)
  local parts = { OPENING:format(table.concat(distinct(rows, machines), "; and on "),
    table.concat(programs, ", ")), goals_text(rows) }
  for _, row in ipairs(rows) do parts[#parts + 1] = row_text(row) end
  return table.concat(parts, "\n")
end

---Whether some program printed another result than the others, or failed.
---@param rows bench.measurement[]
---@return boolean
function tables.has_wrong(rows)
  for _, row in ipairs(rows) do
    for _, result in ipairs(row.results) do
      local is_due = result.program.command and not result.program.may_fail
      if result.problem and is_due then return true end
    end
  end
  return false
end

return tables
