local asked = require "support.asked"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local report = require "usagelua.report"
local sample = require "support.sample"
local section = require "usagelua.report.section"
local shell = require "support.shell"

local function written(...)
  return asked.written(report.new { ... }, "openmetrics")
end

local function assert_says(words, text)
  assert.truthy(text:find(words, 1, true), ("no %q in\n%s"):format(words, text))
end

local function assert_valid(text)
  local checked = shell.run({ "promtool", "check", "metrics" }, { stdin = text })
  assert.same({ 0, "" }, { checked.status, checked.stdout .. checked.stderr })
end

local function by_product(rows, marks, measures)
  return asked.records({ dataset = "testmu.summary", rows = rows, marks = marks })
    :aggregate { group_by = "product", measures = measures or { "tests", "duration_s" } }
end

describe("openmetrics", function()
  it("writes a gauge per measure in Prometheus' base units, with the texts as labels", function()
    local frame = by_product({ { product = "automation", tests = 8450, duration_s = 312.54 } }, nil,
      { "tests", { "duration_s", as = "hours", unit = "h" } })
    local text = written(section.table { frame, name = "by-product" })
    assert_says([[
# HELP usagelua_tests tests of the report's period
# TYPE usagelua_tests gauge
usagelua_tests{table="by-product",product="automation"} 8450
]], text)
    assert_says([[
# TYPE usagelua_duration_seconds gauge
# UNIT usagelua_duration_seconds seconds
usagelua_duration_seconds{table="by-product",product="automation"} 312.54
]], text)
    assert_says("\n# EOF\n", text)
    assert_valid(text)
  end)

  it("has no sample of an unknown figure, and says what is incomplete", function()
    local why = { state = "unknown", reason = "cut" }
    local text = written(section.table { by_product({
      { product = "a", tests = 0 }, { product = "b", tests = 7 }, { product = "c", tests = 0 },
    }, { [1] = { tests = why }, [2] = { tests = { state = "at_least", reason = "cut" } } }) })
    assert.is_nil(text:find('usagelua_tests{table="table-1",product="a"}', 1, true))
    assert_says('usagelua_tests{table="table-1",product="b"} 7\n', text)
    assert_says('usagelua_tests{table="table-1",product="c"} 0\n', text)
    assert_says('usagelua_incomplete{table="table-1",product="a",measure="tests",state="unknown"} 1', text)
    assert_says('usagelua_incomplete{table="table-1",product="b",measure="tests",state="at_least"} 1', text)
    assert_valid(text)
  end)

  it("tells two tables, and two rows that look alike, apart", function()
    local frame = by_product { { product = "a", tests = 1 }, { product = "b", tests = 2 } }
    local text = written(section.table { frame, name = "x" },
      section.table { frame, name = "y", columns = { "tests" } })
    assert_says('usagelua_tests{table="x",product="a"} 1\n', text)
    assert_says('usagelua_tests{table="y"} 1\n', text)
    assert_says('usagelua_tests{table="y",repeat="1"} 2\n', text)
    assert_valid(text)
  end)

  it("gives each budget a series per outcome and the coverage its counts", function()
    local frame = by_product { { product = "a", tests = 5 } }
    local text = written(section.table { frame },
      section.budget { frame, name = "b", measure = "tests", max = 4 })
    assert_says('usagelua_budget_outcome{budget="b",outcome="failed"} 1\n', text)
    assert_says('usagelua_budget_outcome{budget="b",outcome="passed"} 0\n', text)
    assert_says('usagelua_windows{dataset="testmu.summary",state="answered"} 1\n', text)
    assert_valid(text)
  end)

  it("says where the figures come from, and when, in no label", function()
    local text = asked.written(sample.report(), "openmetrics")
    assert.matches("\n# HELP usagelua_provenance Where the figures come from: [^\n]*zone UTC; [^\n]*as of 20", text)
    assert_says("\nusagelua_provenance 1\n", text)
    assert.matches("\n# UNIT usagelua_as_of_timestamp_seconds seconds\nusagelua_as_of_timestamp_seconds 17%d+\n", text)
    assert_valid(text)
  end)

  it("has the same series in each run of the same report", function()
    local function series(changes)
      local provenance, names = {}, {}
      for key, value in pairs(sample.provenance) do provenance[key] = value end
      for key, value in pairs(changes) do provenance[key] = value end
      for line in asked.written(sample.report { provenance = provenance }, "openmetrics"):gmatch "[^\n]+" do
        if not line:find "^#" then names[#names + 1] = line:match "^(.*) [^ ]+$" end
      end
      return names
    end
    assert.same(series {}, series { now = "2026-08-01T00:00:00Z", script = { name = "report.lua",
      sha256 = ("ef"):rep(32) }, notes = { "the report job 81c9 is left at the vendor" }, version = "0.2.0" })
  end)

  it("stays valid with hostile names, each still there", function()
    local rows = {}
    for i, key in ipairs(order.keys(hostile)) do rows[i] = { product = hostile[key], tests = i } end
    local text = written(section.table { by_product(rows) })
    assert_valid(text)
    assert_valid(asked.written(sample.report(), "openmetrics"))
    local _, samples = text:gsub("\nusagelua_tests{", "")
    assert.equal(#rows, samples)
  end)
end)
