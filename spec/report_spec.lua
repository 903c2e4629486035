local asked = require "support.asked"
local budget = require "usagelua.report.budget"
local errors = require "usagelua.errors"
local report = require "usagelua.report"
local sample = require "support.sample"
local section = require "usagelua.report.section"

local function summary(query)
  local one = { dataset = "testmu.summary", rows = { { product = "web", tests = 5 } } }
  for key, value in pairs(query or {}) do one[key] = value end
  return asked.records(one)
end

local function tests_by_product(records)
  return records:aggregate { group_by = "product", measures = { "tests", "users" } }
end

local function of_table(records, more)
  local spec = { tests_by_product(records) }
  for key, value in pairs(more or {}) do spec[key] = value end
  return report.new { section.table(spec) }
end

local function first_section(one) return one:evaluate().sections[1] end

local function assert_refused(words, fn, ...)
  local message = asked.refusal(fn, ...)
  assert.truthy(message:find(words, 1, true), message)
end

describe("report.new", function()
  local function frame() return tests_by_product(summary()) end

  it("asks for nothing", function()
    local one = frame()
    report.new {
      title = "x", section.table { one, total = true }, section.chart { one, x = "product", y = "tests" },
    }
    assert.is_false(one:is_asked())
  end)

  it("refuses what is no section, with the way out", function()
    assert_refused("usage.table { frame }", report.new, { frame() })
    assert_refused("usage.note", report.new, { "some text" })
    assert_refused("section 1 of usage.report is a nil", report.new, { nil, section.note "x" })
    assert_refused("holds no section", report.new, { title = "x" })
    assert_refused("did you mean 'title'", report.new, { titel = "x", section.note "x" })
    assert_refused("takes a table", report.new, "x")
    assert_refused("title of usage.report", report.new, { title = 5, section.note "x" })
  end)

  it("refuses two sections of one name, upper or lower case", function()
    assert_refused("named 'A'", report.new,
      { section.table { frame(), name = "a" }, section.table { frame(), name = "A" } })
    assert_refused("two budgets", report.new, {
      budget.new { frame(), measure = "tests", max = 1 }, budget.new { frame(), measure = "tests", min = 1 },
    })
    assert_refused("named 'table-2'", report.new,
      { section.table { frame(), name = "table-2" }, section.table { frame() } })
  end)

  it("names the tables that have no name", function()
    local one = report.new {
      section.table { frame() }, section.table { frame(), name = "mine" }, section.note "x",
      section.table { frame() },
    }
    assert.same({ "table-1", "mine", "table-3" }, one:table_names())
  end)

  it("does not change the sections that it is given", function()
    local given = section.table { frame() }
    report.new { given }
    assert.is_nil(given.name)
  end)
end)

describe("section", function()
  local function frame() return tests_by_product(summary()) end

  it("refuses bad tables", function()
    assert_refused("did you mean 'title'", section.table, { frame(), titel = "x" })
    assert_refused("takes a frame first", section.table, { title = "x" })
    assert_refused("takes a frame first", section.table, { "frame" })
    assert_refused("[2]", section.table, { frame(), frame() })
    assert_refused("total of usage.table has to be a boolean", section.table, { frame(), total = "yes" })
    assert_refused("did you mean 'tests'", section.table, { frame(), columns = { "tets" } })
    assert_refused("'tests' twice", section.table, { frame(), columns = { "tests", "tests" } })
    assert_refused("empty list", section.table, { frame(), columns = {} })
  end)

  it("refuses names that are no part of a file's name", function()
    for _, name in ipairs { "", "a/b", "..", ".hidden", "-o", "a b", "a\nb", "a\0b", "ä", ("x"):rep(65) } do
      assert_refused("file's name", section.table, { frame(), name = name })
    end
    assert.equal("by-team_2.x", section.table({ frame(), name = "by-team_2.x" }).name)
  end)

  it("refuses bad charts and notes", function()
    assert_refused("known: bar, line, stacked", section.chart, { frame(), kind = "pie", x = "product", y = "tests" })
    assert_refused("usage.chart needs y", section.chart, { frame(), x = "product" })
    assert_refused("did you mean 'product'", section.chart, { frame(), x = "prodct", y = "tests" })
    assert_refused("takes a text", section.note, {})
  end)

  it("refuses a total that would count the same usage twice", function()
    local records = asked.records({ dataset = "testmu.summary" }, { dataset = "testmu.users" })
    local by_dataset = records:aggregate { group_by = "dataset", measures = "tests" }
    assert_refused("count the same usage", section.table, { by_dataset, total = true })
    assert.is_table(section.table { by_dataset })
  end)
end)

describe("report:evaluate", function()
  it("gives the chosen columns in their order", function()
    local one = first_section(of_table(summary(), { columns = { "tests", "product" } }))
    assert.equal("tests", one.result.columns[1].name)
    assert.equal("product", one.result.columns[2].name)
    assert.equal(2, #one.result.columns)
  end)

  it("shows a column that no record has", function()
    local one = report.new { section.table { summary(), columns = { "product", "team" } } }
    assert.equal("team", first_section(one).result.columns[2].name)
  end)

  it("says why a table is empty", function()
    local function empty(query, rule)
      local records = summary(query)
      local frame = rule and records:aggregate(rule) or records
      return first_section(report.new { section.table { frame } }).empty
    end
    local no_such = { where = { product = "app" }, measures = "tests", group_by = "product" }
    assert.is_nil(empty())
    assert.equal("no rows: the answers held none", empty { rows = {} })
    assert.equal("no rows: the answers held none with a figure of balance", empty({},
      { group_by = "product", measures = "balance" }))
    assert.equal("no rows: testmu.summary failed: HTTP 503", empty { failed = "HTTP 503" })
    assert.equal("no rows matched: no row has product = app; there are web", empty({}, no_such))
    assert.equal("no rows: testmu.summary stayed partial: x; no row has product = app; there are web",
      empty({ partial = "x" }, no_such))
  end)

  it("adds what adds up in the total, and says why the rest does not", function()
    local records = summary { rows = {
      { product = "web", tests = 5, users = 3 }, { product = "app", tests = 7, users = 2 },
    } }
    local total = first_section(of_table(records, { total = true })).total
    assert.same({ { tests = 12 } }, total.result.rows)
    assert.same({ {} }, total.result.marks)
    assert.truthy(total.refused.users:find("the same ones", 1, true))
    assert.equal("total", total.label)
  end)

  it("carries marks into the total", function()
    local records = summary {
      rows = { { product = "web", tests = 5 }, { product = "app" } },
      marks = { [2] = { tests = { state = "unknown", reason = "cut" } } },
    }
    local total = first_section(of_table(records, { total = true })).total
    assert.equal(5, total.result.rows[1].tests)
    assert.same({ state = "at_least", reason = "cut" }, total.result.marks[1].tests)
  end)

  it("counts beside the total the rows that report nothing to it; that is no gap", function()
    local made = of_table(summary { rows = {
      { product = "web", tests = 5 }, { product = "app", tests = 7, users = 1 }, { product = "ui", users = 2 },
    } }, { total = true })
    local total = first_section(made).total
    assert.same({ tests = { rows = 1, inapplicable = 0, reported = 2, all = 3 } }, total.unreported)
    assert.same({ { tests = 12 } }, total.result.rows)
    assert.same({ {} }, total.result.marks)
    assert.equal(0, made:status())
  end)

  it("counts none where every row reports, and none where there is no total", function()
    local function counted(rows) return first_section(of_table(summary { rows = rows }, { total = true })).total end
    assert.same({}, counted({ { product = "web", tests = 5 }, { product = "app", tests = 0 } }).unreported)
    local of_users = counted { { product = "web", users = 5 } }
    assert.same({}, of_users.unreported)
    assert.is_nil(of_users.result.rows[1].tests)
  end)

  it("says that a total is of the rows shown only", function()
    local frame = summary({ rows = { { product = "web", tests = 5 }, { product = "app", tests = 7 } } })
      :aggregate { group_by = "product", measures = "tests", sort = "-tests", limit = 1 }
    local total = first_section(report.new { section.table { frame, total = true } }).total
    assert.equal("total of 1 of 2", total.label)
    assert.equal(7, total.result.rows[1].tests)
  end)

  it("tells the queries of one collection once, and two that went alike twice", function()
    local function queries(...)
      local sections = {}
      for i, frame in ipairs { ... } do sections[i] = section.table { frame } end
      return #report.new(sections):evaluate().coverage
    end
    local records = summary()
    assert.equal(1, queries(records, tests_by_product(records)))
    assert.equal(2, queries(asked.records({ dataset = "testmu.summary" }, { dataset = "testmu.summary" })))
  end)

  it("asks once, however often it is called", function()
    local one = of_table(summary())
    assert.equal(one:evaluate(), one:evaluate())
  end)

  it("takes the provenance from the run, as a table or late", function()
    local frame = tests_by_product(summary())
    local function provenance(given)
      return report.new({ section.table { frame } }, { provenance = given }):evaluate().provenance
    end
    assert.same({ version = "1" }, provenance { version = "1" })
    assert.same({ version = "2" }, provenance(function() return { version = "2" } end))
    assert.same({}, provenance(nil))
  end)
end)

describe("report:status", function()
  local UNKNOWN_TESTS <const> = {
    rows = { { product = "web" } }, marks = { { tests = { state = "unknown", reason = "cut" } } },
  }

  local function status(records, limits, run)
    local frame = tests_by_product(records)
    local sections = { section.table { frame } }
    for i, limit in ipairs(limits or {}) do
      sections[i + 1] = budget.new { frame, name = "budget " .. i, measure = "tests", max = limit }
    end
    return report.new(sections, run):status()
  end

  it("is 0 where all is whole and all budgets pass", function()
    assert.equal(0, status(summary()))
    assert.equal(0, status(summary(), { 5, 6 }))
  end)

  it("is 3 where a budget fails, whatever else is missing", function()
    assert.equal(3, status(summary(), { 6, 4 }))
    assert.equal(3, status(summary { partial = "x" }, { 4 }))
    local twice = asked.records({ dataset = "testmu.summary", rows = { { product = "web", tests = 5 } } },
      { dataset = "browserstack.users", failed = "x" })
    assert.equal(3, status(twice, { 4 }))
  end)

  it("is 4 where a figure is incomplete or a budget undecided", function()
    assert.equal(4, status(summary(UNKNOWN_TESTS)))
    assert.equal(4, status(summary { partial = "x" }))
    assert.equal(4, status(summary(UNKNOWN_TESTS), { 10 }))
    local nothing = tests_by_product(summary())
    assert.equal(4, report.new {
      budget.new { nothing, measure = "tests", where = { product = "app" }, max = 1 },
    }:status())
  end)

  it("is 4 where one source of several failed", function()
    assert.equal(4, status(asked.records({ dataset = "testmu.summary", rows = {} },
      { dataset = "browserstack.users", failed = "x" })))
  end)

  it("is 4 where one source failed and the other stayed partial", function()
    assert.equal(4, status(asked.records({ dataset = "testmu.summary", rows = {}, partial = "cut" },
      { dataset = "browserstack.users", failed = "x" })))
  end)

  it("is 5 where nothing could be fetched", function()
    assert.equal(5, status(summary { failed = "refused" }))
    assert.equal(5, status(summary { failed = "refused" }, { 10 }))
  end)

  it("is 4 where the script read a figure that is incomplete", function()
    local frame = tests_by_product(summary(UNKNOWN_TESTS))
    local value = frame:value("tests", { product = "web" })
    local one = report.new { section.table { frame, columns = { "product" } } }
    assert.is_nil(value)
    assert.equal(4, one:status())
    assert.truthy(one:evaluate().read[1]:find("the script read tests, which is unknown: cut", 1, true))
  end)

  it("does not count marks of columns that are not shown", function()
    local function two_months()
      return asked.records(
        { dataset = "testmu.summary", rows = { { product = "web", users = 3 } } },
        { dataset = "testmu.summary", month = "2026-07", rows = { { product = "web", users = 3 } } })
    end
    assert.equal(4, of_table(two_months()):status())
    assert.equal(0, of_table(two_months(), { columns = { "product", "tests" } }):status())
  end)

  it("is 0 instead of 4, and only of 4, where the run allows partial results", function()
    local run = { options = { allow_partial = true } }
    assert.equal(0, status(summary(UNKNOWN_TESTS), {}, run))
    assert.equal(3, status(summary(), { 4 }, run))
    assert.equal(5, status(summary { failed = "x" }, {}, run))
  end)

  it("is 0 for records of two windows whose distinct counts cannot be added", function()
    local records = asked.records({ dataset = "testmu.summary", rows = { { users = 3 } } },
      { dataset = "testmu.summary", month = "2026-07", rows = { { users = 4 } } })
    assert.equal(0, report.of_records(records):status())
  end)
end)

describe("report:write", function()
  local function writing(make)
    local opened, texts = {}, {}
    local function sink(name)
      opened[#opened + 1] = name
      return {
        write = function(_, text)
          texts[name] = (texts[name] or "") .. text
          return true
        end,
        commit = function() return true end,
        close = function() end,
      }
    end
    local one = make { output = { stdout = function() return sink "stdout" end, file = sink } }
    return one, opened, texts
  end

  local function one_table(run)
    return report.new({ section.table { tests_by_product(summary()) } }, run)
  end

  it("writes a format to stdout and a file by its ending or by name", function()
    for _, case in ipairs {
      { "text", "stdout" }, { "csv", "stdout" }, { "out/a.csv", "out/a.csv" }, { "ndjson=b", "b" },
      { "./a.txt", "./a.txt" }, { "json=x=y.csv", "x=y.csv" },
    } do
      local one, opened, texts = writing(one_table)
      assert.is_true(one:write(case[1]))
      assert.same({ case[2] }, opened)
      assert.truthy(texts[case[2]]:find("web", 1, true))
    end
  end)

  it("writes a file for each of several tables", function()
    local one, opened = writing(sample.report)
    assert.is_true(one:write "out/usage.csv")
    assert.same({
      "out/usage-by-product.csv", "out/usage-by-name.csv", "out/usage-failed.csv", "out/usage-none.csv",
    }, opened)
  end)

  it("refuses several tables on stdout before anything is asked", function()
    local one = sample.report()
    assert_refused("write a file each with -o csv=FILE", one.write, one, "csv")
    assert.is_false(one.sections[1].frame:is_asked())
  end)

  it("refuses tables of a report that has none", function()
    local one = report.new { section.note "x" }
    assert_refused("this report has none", one.write, one, "ndjson")
  end)

  it("refuses formats that are not there, naming those that are", function()
    local one = one_table()
    assert_refused("known: csv, csv-excel, focus, html, json, junit, markdown, ndjson, openmetrics, text",
      one.write, one, "pdf")
    assert_refused("did you mean 'json'", one.write, one, "jsno=a.txt")
    assert_refused("one of: text, markdown, html, csv, csv-excel, json, ndjson, junit, openmetrics, focus",
      one.write, one, "a.pdf")
    assert_refused("one of: text", one.write, one, "dir.csv/file")
  end)

  it("gives the error of a sink and commits nothing", function()
    local err, committed, closed = errors.new { kind = "io", message = "disk full" }, false, 0
    local function broken()
      return {
        write = function() return nil, err end,
        commit = function() committed = true end,
        close = function() closed = closed + 1 end,
      }
    end
    local one = one_table { output = { stdout = broken, file = function() return nil, err end } }
    assert.same({ nil, err }, { one:write "json" })
    assert.is_false(committed)
    assert.equal(1, closed)
    assert.same({ nil, err }, { one:write "a.json" })
  end)

  it("makes no file visible before all of them are written", function()
    local events = {}
    local function sink(name)
      return {
        write = function(_, text)
          if name:find "failed" then return nil, "full" end
          return text ~= nil
        end,
        commit = function() events[#events + 1] = name end,
        close = function() events[#events + 1] = "closed" end,
      }
    end
    local one = sample.report { output = { file = sink } }
    assert.same({ nil, "full" }, { one:write "a.csv" })
    assert.same({ "closed", "closed", "closed" }, events)
  end)
end)
