local asked = require "support.asked"
local report = require "usagelua.report"
local section = require "usagelua.report.section"
local series = require "usagelua.report.series"

local function chart_of(rows, marks, spec)
  spec[1] = asked.records({ dataset = "testmu.summary", rows = rows, marks = marks })
    :aggregate { group_by = { "product", "team" }, measures = "tests" }
  return report.new { section.chart(spec) }:evaluate().sections[1]
end

local function data_of(...)
  return series.of(chart_of(...))
end

describe("series.of", function()
  it("parts the figure by a column, in the order of the rows", function()
    local data = data_of({ { product = "a", team = "x", tests = 3 },
      { product = "b", team = "x", tests = 4 }, { product = "b", team = "y", tests = 9 } },
      nil, { kind = "line", x = "product", y = "tests", by = "team" })
    assert.same({ "a", "b" }, data.labels)
    assert.same({ "x", "y" }, { data.series[1].name, data.series[2].name })
    assert.same({ { value = 3 }, { value = 4 } }, data.series[1].points)
    assert.is_nil(data.series[2].points[1])
    assert.equal(9, data.most)
  end)

  it("keeps marks, and an unknown figure has no value", function()
    local why = { state = "unknown", reason = "cut" }
    local data = data_of({ { product = "a", team = "x", tests = 0 } }, { [1] = { tests = why } },
      { kind = "line", x = "product", y = "tests" })
    assert.same({ state = "unknown" }, data.series[1].points[1])
  end)

  it("refuses two rows at one place, and says how to group", function()
    local one = chart_of({ { product = "a", team = "x", tests = 3 },
      { product = "a", team = "y", tests = 4 } }, nil,
      { kind = "stacked", x = "product", y = "tests" })
    assert.matches("several rows for product 'a'; group the frame by product alone",
      asked.refusal(series.of, one))
  end)
end)

describe("series.stacked", function()
  it("adds what is known and says what is missing", function()
    local why = { state = "unknown", reason = "cut" }
    local data = data_of({ { product = "a", team = "x", tests = 3 },
      { product = "a", team = "y", tests = 0 }, { product = "b", team = "y", tests = 0 } },
      { [2] = { tests = why }, [3] = { tests = why } },
      { kind = "stacked", x = "product", y = "tests", by = "team" })
    assert.same({ 3, "at_least" }, { series.stacked(data, 1) })
    assert.same({ nil, "unknown" }, { series.stacked(data, 2) })
  end)

  it("is nothing where nothing is reported, and zero where that is", function()
    local data = { labels = { "a", "b" }, series = { { points = { {}, { value = 0 } } } } }
    assert.same({}, { series.stacked(data, 1) })
    assert.same({ 0 }, { series.stacked(data, 2) })
  end)
end)
