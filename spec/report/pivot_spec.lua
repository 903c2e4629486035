local asked = require "support.asked"
local cell = require "usagelua.formats.cell"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local python = require "support.python"
local report = require "usagelua.report"
local section = require "usagelua.report.section"

local WHY <const> = "the answer stayed partial"

local function two_months(july)
  return asked.records(
    { dataset = "testmu.summary", rows = { { product = "web", tests = 100, duration_s = 5 }, { product = "app", tests = 40 } } },
    july or { dataset = "testmu.summary", month = "2026-07", rows = { { product = "web", tests = 150 } } })
end

local function by_month(frame, more)
  local rule = { group_by = { "product", "period" }, measures = "tests" }
  for key, value in pairs(more or {}) do rule[key] = value end
  return frame:aggregate(rule)
end

local function report_of(frame, more)
  local spec = { frame, pivot = "period" }
  for key, value in pairs(more or {}) do spec[key] = value end
  return report.new { section.table(spec) }
end

local function evaluated(frame, more)
  return report_of(frame, more):evaluate().sections[1]
end

local function names(columns, key)
  local list = {}
  for i, column in ipairs(columns) do list[i] = column[key] or false end
  return list
end

describe("pivot", function()
  it("makes a column of each value, in their order", function()
    local one = evaluated(by_month(two_months()))
    assert.same({ "product", "tests 2026-06", "tests 2026-07" }, names(one.result.columns, "name"))
    assert.same({ false, "2026-06", "2026-07" }, names(one.result.columns, "heading"))
    assert.same({ { product = "app", ["tests 2026-06"] = 40 },
      { product = "web", ["tests 2026-06"] = 100, ["tests 2026-07"] = 150 } }, one.result.rows)
    assert.same({}, one.result.marks)
  end)

  it("orders the columns by their values, whatever order the rows have", function()
    local one = evaluated(by_month(two_months(), { sort = "-tests" }))
    assert.same({ "product", "tests 2026-06", "tests 2026-07" }, names(one.result.columns, "name"))
    assert.equal("web", one.result.rows[1].product)
  end)

  it("puts several measures behind one another, each under its name", function()
    local one = evaluated(by_month(two_months(), { measures = { "tests", "duration_s" } }))
    assert.same({ "product", "tests 2026-06", "duration_s 2026-06", "tests 2026-07", "duration_s 2026-07" },
      names(one.result.columns, "name"))
    assert.equal("tests, 2026-06", cell.heading(one.result.columns[2]))
    assert.equal("duration (s), 2026-07", cell.heading(one.result.columns[5]))
  end)

  it("keeps each figure's mark in its place", function()
    local one = evaluated(by_month(two_months { dataset = "testmu.summary", month = "2026-07",
      rows = { { product = "web", tests = 150 }, { product = "app" } }, marks = {
        [1] = { tests = { state = "at_least", reason = WHY } }, [2] = { tests = { state = "unknown", reason = WHY } } } }))
    assert.same({ { ["tests 2026-07"] = { state = "unknown", reason = WHY } },
      { ["tests 2026-07"] = { state = "at_least", reason = WHY } } }, one.result.marks)
    assert.equal(40, one.result.rows[1]["tests 2026-06"])
  end)

  it("is unknown where the rows that would stand there are missing, not empty", function()
    local made = report_of(by_month(two_months { dataset = "testmu.summary", month = "2026-07", failed = "HTTP 503" }))
    local one = made:evaluate().sections[1]
    for i, row in ipairs(one.result.rows) do
      assert.is_nil(row["tests 2026-07"])
      local mark = (one.result.marks[i] or {})["tests 2026-07"]
      assert.truthy(mark and mark.state == "unknown" and mark.reason:find("HTTP 503", 1, true))
      assert.is_nil((one.result.marks[i] or {})["tests 2026-06"])
    end
    assert.equal(4, made:status())
    assert.truthy(asked.written(made, "text"):find("?", 1, true))
  end)

  it("has totals of each column, marked where a part is", function()
    local one = evaluated(by_month(two_months { dataset = "testmu.summary", month = "2026-07", partial = WHY,
      rows = { { product = "web", tests = 150 } }, marks = { [1] = { tests = { state = "at_least", reason = WHY } } } }),
      { total = true })
    assert.same({ ["tests 2026-06"] = 140, ["tests 2026-07"] = 150 }, one.total.result.rows[1])
    assert.same({ ["tests 2026-07"] = { state = "at_least", reason = WHY } }, one.total.result.marks[1])
  end)

  it("counts what rows do not report to the total of their column; a place without a row is no row", function()
    local rows = { { product = "web", tests = 150 }, { product = "ui", duration_s = 4 } }
    local one = evaluated(by_month(two_months { dataset = "testmu.summary", month = "2026-07", rows = rows },
      { measures = { "tests", "duration_s" } }), { total = true })
    assert.same({
      ["tests 2026-07"] = { rows = 1, inapplicable = 0, reported = 1, all = 2 },
      ["duration_s 2026-06"] = { rows = 1, inapplicable = 0, reported = 1, all = 2 },
      ["duration_s 2026-07"] = { rows = 1, inapplicable = 0, reported = 1, all = 2 },
    }, one.total.unreported)
  end)

  it("refuses the totals of what does not add up, in each column", function()
    local one = evaluated(by_month(two_months(), { measures = { "users" } }), { total = true })
    for _, column in ipairs(one.result.columns) do
      if column.measure then assert.truthy(one.total.refused[column.name]) end
    end
  end)

  it("keeps every name apart, whatever it is", function()
    local rows, keys = {}, order.keys(hostile)
    for i, key in ipairs(keys) do rows[i] = { product = hostile[key], user_id = "u", tests = i } end
    rows[#rows + 1] = { user_id = "u", tests = 1000 }
    rows[#rows + 1] = { product = "–", user_id = "u", tests = 2000 }
    local frame = asked.records({ dataset = "testmu.summary", rows = rows })
      :aggregate { group_by = { "product", "user_id" }, measures = "tests" }
    local made = report.new { section.table { frame, pivot = "product", total = true } }
    local one, sum, seen = made:evaluate().sections[1], 0, {}
    for _, column in ipairs(one.result.columns) do
      assert.is_nil(seen[column.name])
      seen[column.name] = true
      if column.measure then
        sum = sum + one.result.rows[1][column.name]
        assert.equal(one.result.rows[1][column.name], one.total.result.rows[1][column.name])
      end
    end
    assert.equal(frame:value "tests", sum)
    for _, format in ipairs { "text", "markdown", "html", "csv", "csv-excel", "json", "ndjson" } do
      local text = asked.written(made, format)
      if format ~= "json" and format ~= "ndjson" then assert.is_nil(text:find("[\27\0]"), format) end
      assert.is_nil(("\n" .. text):find("\n::", 1, true), format)
    end
  end)

  it("is the table as it was to FOCUS and OpenMetrics", function()
    local made = report_of(by_month(two_months()))
    assert.equal(asked.written(report.new { section.table { by_month(two_months()) } }, "focus"),
      asked.written(made, "focus"))
    assert.equal(asked.written(report.new { section.table { by_month(two_months()) } }, "openmetrics"),
      asked.written(made, "openmetrics"))
  end)

  it("agrees with the schema of JSON, turned and compared", function()
    if not python.has "jsonschema" then pending "python3-jsonschema is not installed" end
    local frame = asked.july_and_june({ { dataset = "testmu.summary", rows = { { product = "web", tests = 2 } } } },
      { { dataset = "testmu.summary", rows = { { product = "web", tests = 1 } } } })
      :aggregate { group_by = { "product", "period" }, measures = "tests" }
    local made = report.new { section.table { frame, pivot = "product", total = true },
      section.table { frame, compare = "previous", total = true },
      section.table { frame, compare = "previous", pivot = "period", columns = { "product", "period",
        { "tests_previous_change", heading = "More" } } } }
    assert.equal("", python.run([[
import json, sys, jsonschema
schema = json.load(open("docs/schema/report.schema.json"))
for error in jsonschema.Draft202012Validator(schema).iter_errors(json.load(open(sys.argv[1]))):
    print(error.message)
]], asked.written(made, "json")))
  end)

  it("turns the columns that were chosen, under their headings", function()
    local one = evaluated(by_month(two_months()),
      { columns = { "period", { "product", heading = "Product" }, { "tests", heading = "Runs" } } })
    assert.same({ "Product", "2026-06", "2026-07" }, names(one.result.columns, "heading"))
  end)

  it("refuses what it cannot turn", function()
    local frame = by_month(two_months())
    local function refused(more, of) return asked.refusal(report_of, of or frame, more) end
    assert.truthy(refused({ pivot = "perid" }):find("did you mean 'period'", 1, true))
    assert.truthy(refused({ pivot = "tests" }):find("'tests' is a measure", 1, true))
    assert.truthy(refused({ columns = { "product", "tests" } }):find("is none of its columns", 1, true))
    local two = report_of(frame, { columns = { "period", "tests" } })
    assert.truthy(asked.refusal(two.evaluate, two):find("two rows stand in one place", 1, true))
    local none = report_of(two_months():aggregate { group_by = { "product", "period" } })
    assert.truthy(asked.refusal(none.evaluate, none):find("shows no measure", 1, true))
    local rows = {}
    for i = 1, 501 do rows[i] = { product = "p" .. i, tests = i } end
    local many = report_of(by_month(asked.records { dataset = "testmu.summary", rows = rows }), { pivot = "product" })
    assert.truthy(asked.refusal(many.evaluate, many):find("more than 500 values", 1, true))
  end)
end)

describe("columns", function()
  local function columns_of(columns)
    return section.table { by_month(two_months()), columns = columns }
  end

  it("have headings for people, and names for machines", function()
    local made = report.new { section.table { by_month(two_months()), name = "t",
      columns = { { "tests", heading = "Tests run" }, "product" } } }
    assert.truthy(asked.written(made, "text"):find("Tests run", 1, true))
    assert.truthy(asked.written(made, "markdown"):find("Tests run", 1, true))
    assert.truthy(asked.written(made, "html"):find("Tests run", 1, true))
    assert.equal("tests,product,complete,marks", asked.written(made, "csv"):match "^[^\r]*")
  end)

  it("take hostile headings without harm", function()
    for _, key in ipairs(order.keys(hostile)) do
      local made = report.new { section.table { by_month(two_months()),
        columns = { { "tests", heading = hostile[key] }, "product" } } }
      for _, format in ipairs { "text", "markdown", "html", "csv-excel" } do
        local text = asked.written(made, format)
        assert.is_nil(text:find("[\27\0]"), format .. key)
        assert.is_nil(format == "html" and text:find("</script><b>", 1, true) or nil)
        assert.is_nil(("\n" .. text):find("\n::", 1, true), format .. key)
      end
    end
  end)

  it("are refused where they are written wrongly", function()
    for _, case in ipairs {
      { "unknown column 'tets'; did you mean 'tests'?", { { "tets", heading = "x" } } },
      { "names 'tests' twice", { "tests", { "tests", heading = "x" } } },
      { "did you mean 'heading'", { { "tests", headng = "x" } } },
      { "holds names and { \"tests\", heading", { { "tests" } } },
      { "holds names and { \"tests\", heading", { { "tests", heading = "" } } },
      { "has the heading 'x' twice", { { "tests", heading = "x" }, { "product", heading = "x" } } },
    } do
      local message = asked.refusal(columns_of, case[2])
      assert.truthy(message:find(case[1], 1, true), message)
    end
  end)
end)
