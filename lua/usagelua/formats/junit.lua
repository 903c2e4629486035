-- Budgets and gaps as a JUnit report, which every CI system shows: a budget is a
-- test case, an undecided one is skipped, a query that did not bring all is an
-- error. The suites stand in the order failures are looked for.
-- Source: the schema of Jenkins' xUnit plugin (junit-10.xsd), of which GitLab's
-- and GitHub's readers take a part.

local gaps = require "usagelua.report.gaps"
local markup = require "usagelua.formats.markup"
local remarks = require "usagelua.formats.remarks"
local safe = require "usagelua.formats.safe"

local junit = { name = "junit", per_table = false }

local SUITE <const> = "usagelua"

---@class usagelua.junit_case
---@field class string
---@field name string
---@field outcome "passed"|"failure"|"error"|"skipped"
---@field message string?

local OUTCOMES <const> = { passed = "passed", failed = "failure", undecided = "skipped" }

local function budget_case(one)
  return { class = SUITE .. ".budgets", name = one.name, outcome = OUTCOMES[one.outcome],
    message = one.reason }
end

local function entry_name(entry)
  local words = { entry.dataset }
  words[#words + 1] = entry.account
  if entry.period_start then
    words[#words + 1] = ("%s to %s"):format(entry.period_start, entry.period_end or "?")
  end
  return table.concat(words, " ")
end

local function coverage_case(entry)
  local lines = gaps.lines { entry }
  return { class = SUITE .. ".coverage", name = entry_name(entry),
    outcome = #lines > 0 and "error" or "passed", message = lines[1] }
end

local function cases_of(list, make)
  local cases = {}
  for i, item in ipairs(list) do cases[i] = make(item) end
  return cases
end

local function count(cases, outcome)
  local n = 0
  for _, case in ipairs(cases) do
    if case.outcome == outcome then n = n + 1 end
  end
  return n
end

local function counts(cases)
  return {
    { "tests", #cases }, { "failures", count(cases, "failure") },
    { "errors", count(cases, "error") }, { "skipped", count(cases, "skipped") },
  }
end

local function attributes(first, more)
  return table.move(more, 1, #more, #first + 1, first)
end

-- A line of its own in the file: it must not start a command in a CI log.
local function line(out, text)
  out(safe.line(text) .. "\n")
end

local function write_case(out, case)
  local open = markup.open("testcase", { { "classname", case.class }, { "name", case.name },
    { "time", "0" } })
  if case.outcome == "passed" then
    return line(out, ("    %s</testcase>"):format(open))
  end
  line(out, "    " .. open)
  local kind = case.outcome ~= "skipped" and case.class:match "[^.]+$" or nil
  local child = markup.open(case.outcome, { { "message", case.message }, { "type", kind } })
  line(out, ("      %s%s</%s>"):format(child,
    case.outcome == "skipped" and "" or markup.text(case.message or ""), case.outcome))
  line(out, "    </testcase>")
end

-- The schema wants seconds and a local time without a zone.
local function timestamp_of(evaluated)
  local now = evaluated.provenance.now
  return now and now:match "^%d+%-%d%d%-%d%dT%d%d:%d%d:%d%d"
end

-- Where the figures come from, as properties of each suite.
local function write_properties(out, evaluated)
  local lines = remarks.of_report(evaluated)
  if #lines == 0 then return end
  line(out, "    <properties>")
  for _, said in ipairs(lines) do
    line(out, ("      %s</property>"):format(
      markup.open("property", { { "name", "provenance" }, { "value", said } })))
  end
  line(out, "    </properties>")
end

local function write_suite(out, evaluated, name, cases)
  if #cases == 0 then return end
  local head = attributes({ { "name", name } }, counts(cases))
  head = attributes(head, { { "time", "0" }, { "timestamp", timestamp_of(evaluated) } })
  line(out, "  " .. markup.open("testsuite", head))
  write_properties(out, evaluated)
  for _, case in ipairs(cases) do write_case(out, case) end
  line(out, "  </testsuite>")
end

---@param evaluated usagelua.evaluated
---@param out fun(text: string)
function junit.write(evaluated, out)
  local budgets = cases_of(evaluated.budgets, budget_case)
  local coverage = cases_of(evaluated.coverage, coverage_case)
  local all = attributes(table.move(budgets, 1, #budgets, 1, {}), coverage)
  line(out, '<?xml version="1.0" encoding="UTF-8"?>')
  line(out, markup.open("testsuites", attributes({ { "name", evaluated.title } }, counts(all))))
  write_suite(out, evaluated, "budgets", budgets)
  write_suite(out, evaluated, "coverage", coverage)
  line(out, "</testsuites>")
end

return junit
