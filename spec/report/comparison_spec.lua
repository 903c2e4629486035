local asked = require "support.asked"
local cell = require "usagelua.formats.cell"
local csv = require "usagelua.csv"
local report = require "usagelua.report"
local section = require "usagelua.report.section"
local tmp = require "support.tmp"

local WHY <const> = "the answer stayed partial"

local function summary(rows, more)
  local query = { dataset = "testmu.summary", rows = rows }
  for key, value in pairs(more or {}) do query[key] = value end
  return query
end

local function records(july, june)
  return asked.july_and_june({ july }, { june })
end

local function two_months()
  return records(
    summary { { product = "web", tests = 150 }, { product = "app", tests = 40 }, { product = "new", tests = 7 } },
    summary { { product = "web", tests = 100 }, { product = "app", tests = 50 }, { product = "gone", tests = 3 } })
end

local function by_product(frame, more)
  local rule = { group_by = "product", measures = "tests" }
  for key, value in pairs(more or {}) do rule[key] = value end
  return frame:aggregate(rule)
end

local function report_of(frame, more)
  local spec = { frame, compare = "previous" }
  for key, value in pairs(more or {}) do spec[key] = value end
  return report.new { section.table(spec) }
end

local function evaluated(frame, more)
  local made = report_of(frame, more):evaluate()
  return made.sections[1], made
end

local function row_of(one, product)
  for i, row in ipairs(one.result.rows) do
    if row.product == product then return row, one.result.marks[i] or {} end
  end
end

local function refused(frame, more)
  return asked.refusal(report_of, frame, more)
end

describe("compare", function()
  it("puts the period before beside each figure, with the change", function()
    local one = evaluated(by_product(two_months()))
    assert.same({ product = "web", tests = 150, tests_previous = 100, tests_previous_change = 50,
      tests_previous_change_percent = 50 }, row_of(one, "web"))
    assert.same({ product = "app", tests = 40, tests_previous = 50, tests_previous_change = -10,
      tests_previous_change_percent = -20 }, (row_of(one, "app")))
    assert.equal(0, report_of(by_product(two_months())):status())
  end)

  it("tells the change in per cent without a float's drift", function()
    assert.is_true((115 / 100 - 1) * 100 < 15)
    local one = evaluated(by_product(asked.july_and_june(
      { summary { { product = "web", tests = 115 } } }, { summary { { product = "web", tests = 100 } } })))
    assert.equal(15, row_of(one, "web").tests_previous_change_percent)
  end)

  it("heads its columns with the figure and its unit", function()
    local frame = asked.july_and_june({ summary {} }, { summary {} })
      :aggregate { measures = { "duration_s" } }
    local headings = {}
    for i, column in ipairs(evaluated(frame).result.columns) do headings[i] = cell.heading(column) end
    assert.same({ "duration (s)", "duration (s), previous", "duration (s), change",
      "duration (s), change in %" }, headings)
  end)

  it("compares whole numbers with fractions, and negative ones", function()
    for _, case in ipairs { { 5, 2.5, 2.5 }, { 2.5, 5, -2.5 }, { -4, 6, -10 }, { 4, -6, 10 }, { 0, 7, -7 } } do
      local frame = asked.july_and_june({ summary { { balance = case[1] } } }, { summary { { balance = case[2] } } })
        :aggregate { measures = "balance" }
      assert.equal(case[3], evaluated(frame).result.rows[1].balance_previous_change)
    end
  end)

  it("has no change of what only one of the periods has: not reported is not 0", function()
    local one = evaluated(by_product(two_months()))
    assert.same({ product = "new", tests = 7 }, row_of(one, "new"))
    assert.same({ product = "gone", tests_previous = 3 }, row_of(one, "gone"))
  end)

  it("counts what rows do not report to a total; a row of one period only misses nothing in the other", function()
    local function rows(...) return summary { { product = "web", tests = 5, duration_s = 2 }, ... } end
    local frame = by_product(records(rows({ product = "new", tests = 1, duration_s = 1 }),
      rows({ product = "gone", tests = 1, duration_s = 1 }, { product = "ui", duration_s = 3 })),
      { measures = { "tests", "duration_s" } })
    assert.same({ tests_previous = { rows = 1, inapplicable = 0, reported = 2, all = 4 } },
      (evaluated(frame, { total = true })).total.unreported)
  end)

  it("has no share of nothing", function()
    local one = evaluated(by_product(records(summary { { product = "web", tests = 5 } },
      summary { { product = "web", tests = 0 } })))
    assert.same({ product = "web", tests = 5, tests_previous = 0, tests_previous_change = 5 }, row_of(one, "web"))
    assert.same({}, one.result.marks)
  end)

  it("knows no change of a figure that is unknown or incomplete in either period", function()
    local one = evaluated(by_product(records(
      summary({ { product = "a", tests = 5 }, { product = "b" }, { product = "c", tests = 5 } },
        { marks = { [2] = { tests = { state = "unknown", reason = WHY } } } }),
      summary({ { product = "a", tests = 4 }, { product = "b", tests = 4 }, { product = "c" } },
        { marks = { [1] = { tests = { state = "at_least", reason = WHY } },
          [3] = { tests = { state = "unknown", reason = WHY } } } }))))
    for _, product in ipairs { "a", "b", "c" } do
      local row, of_row = row_of(one, product)
      assert.is_nil(row.tests_previous_change)
      assert.equal("unknown", of_row.tests_previous_change.state)
      assert.equal("unknown", of_row.tests_previous_change_percent.state)
    end
    local row, of_row = row_of(one, "a")
    assert.same({ 4, "at_least" }, { row.tests_previous, of_row.tests_previous.state })
  end)

  it("is unknown, and partial, where the period before could not be asked", function()
    local one, made = evaluated(by_product(records(summary { { product = "web", tests = 5 } },
      summary(nil, { failed = "HTTP 503" }))))
    local row, of_row = row_of(one, "web")
    assert.equal(5, row.tests)
    assert.is_nil(row.tests_previous)
    assert.equal("unknown", of_row.tests_previous.state)
    assert.truthy(of_row.tests_previous.reason:find("HTTP 503", 1, true))
    assert.equal(4, made.status)
    assert.equal(2, #made.coverage)
  end)

  it("keeps the total of this period known, or marked, apart from the other's", function()
    local one = evaluated(by_product(records(summary(nil, { failed = "HTTP 503" }),
      summary { { product = "web", tests = 4 } })), { total = true })
    assert.same({ "unknown", nil }, { (one.total.result.marks[1].tests or {}).state,
      (one.total.result.marks[1].tests_previous or {}).state })
    assert.equal(4, one.total.result.rows[1].tests_previous)
    local row, of_row = row_of(one, "web")
    assert.same({ 4, "unknown" }, { row.tests_previous, of_row.tests.state })
  end)

  it("says what failed where neither period has a row", function()
    local one, made = evaluated(by_product(records(summary {}, summary(nil, { failed = "HTTP 503" }))))
    assert.equal(0, #one.result.rows)
    assert.truthy(one.empty:find("HTTP 503", 1, true))
    assert.equal(4, made.status)
  end)

  it("finds the partner of a row whatever the rule chooses or sorts", function()
    local frame = by_product(two_months(), { having = { tests = { max = 45 } }, sort = "-tests", limit = 1 })
    local one = evaluated(frame)
    assert.equal(1, #one.result.rows)
    assert.same({ "app", 40, 50 }, { one.result.rows[1].product, one.result.rows[1].tests,
      one.result.rows[1].tests_previous })
  end)

  it("compares derived figures, and figures without groups", function()
    local one = evaluated(two_months():aggregate { measures = "tests",
      derive = { half = function(group) return group.tests / 2 end } })
    assert.equal(1, #one.result.rows)
    assert.same({ 197, 153, 44 }, { one.result.rows[1].tests, one.result.rows[1].tests_previous,
      one.result.rows[1].tests_previous_change })
    assert.same({ 98.5, 76.5, 22 }, { one.result.rows[1].half, one.result.rows[1].half_previous,
      one.result.rows[1].half_previous_change })
  end)

  it("compares the totals too, of what adds up", function()
    local one = evaluated(by_product(two_months()), { total = true })
    local row = one.total.result.rows[1]
    assert.same({ 197, 153, 44 }, { row.tests, row.tests_previous, row.tests_previous_change })
    assert.same({}, one.total.refused)
    local partial = evaluated(by_product(records(summary { { product = "web", tests = 5 } },
      summary(nil, { failed = "HTTP 503" }))), { total = true })
    assert.equal(1, #partial.result.rows)
    assert.equal(5, partial.total.result.rows[1].tests)
    assert.is_nil(partial.total.result.marks[1].tests)
    assert.is_nil(partial.total.result.rows[1].tests_previous_change)
    assert.equal("unknown", partial.total.result.marks[1].tests_previous_change.state)
  end)

  it("does not let a change between the largest integers wrap", function()
    local frame = asked.july_and_june(
      { summary { { product = "web", balance = math.maxinteger } } }, { summary { { product = "web", balance = -2 } } })
      :aggregate { group_by = "product", measures = "balance" }
    assert.equal(2.0 ^ 63, evaluated(frame).result.rows[1].balance_previous_change)
  end)

  it("compares the parts of a period in their order", function()
    local frame = two_months():aggregate { group_by = { "period", "product" }, measures = "tests" }
    local one = evaluated(frame)
    local row = row_of(one, "web")
    assert.same({ "2026-07", 150, 100 }, { row.period, row.tests, row.tests_previous })
    assert.equal("2026-07", row_of(one, "gone").period)
  end)

  it("compares what was joined with a table of the user's own, which stays", function()
    local folder = tmp.folder()
    local heads = csv.read(folder:write("heads.csv", "product,heads\nweb,10\napp,4\n"))
      :records { measures = { heads = {} } }:aggregate { group_by = "product", measures = "heads" }
    local frame = by_product(two_months()):join(heads, { on = "product" }):aggregate {
      group_by = "product", measures = { "tests", "heads" },
      derive = { each = function(group) return group.tests / group.heads end } }
    local row = row_of(evaluated(frame), "web")
    assert.same({ 15, 10, 5, 50, 10 }, { row.each, row.each_previous, row.each_previous_change,
      row.tests_previous_change, row.heads_previous })
  end)

  it("chooses among the columns of both", function()
    local one = evaluated(by_product(two_months()),
      { columns = { "product", { "tests_previous_change", heading = "More" } } })
    assert.same({ "product", "tests_previous_change" },
      { one.result.columns[1].name, one.result.columns[2].name })
    assert.equal("More", one.result.columns[2].heading)
  end)

  it("leaves FOCUS and OpenMetrics what was used in this period alone", function()
    local made = report_of(by_product(two_months()))
    local focus, metrics = asked.written(made, "focus"), asked.written(made, "openmetrics")
    assert.is_nil(focus:find("previous", 1, true))
    assert.is_nil(metrics:find("previous", 1, true))
    assert.equal(4, select(2, focus:gsub("\r\n", "")))
  end)

  it("asks for the other period once, for all tables", function()
    local count = 0
    local frame = asked.asking({ summary { { product = "web", tests = 5 } } }, function()
      count = count + 1
      return asked.records(summary { { product = "web", tests = 4 } })
    end)
    local one, other = report_of(by_product(frame)), report_of(frame:aggregate { measures = "tests" })
    assert.equal(1, one:evaluate().sections[1].result.rows[1].tests_previous_change)
    assert.equal(1, other:evaluate().sections[1].result.rows[1].tests_previous_change)
    assert.equal(1, count)
  end)

  it("is refused where two periods cannot be compared", function()
    local frame = two_months()
    for _, case in ipairs {
      { "did you mean 'previous'", by_product(frame), { compare = "previuos" } },
      { "compare of usage.table has to be a string", by_product(frame), { compare = true } },
      { "records of two periods have no row in common", frame },
      { "where names period", by_product(frame, { where = { period = "2026-07" } }) },
      { "group_by names period_start", by_product(frame, { group_by = { "period_start" } }) },
      { "leave out others", by_product(frame, { top = 1, others = true }) },
      { "no measure to compare", frame:aggregate { group_by = "product" } },
      { "no other period", asked.records(summary {}):aggregate { measures = "tests" } },
    } do
      local message = case[2] and refused(case[2], case[3])
      local found = message:find(case[1], 1, true) or message:gsub("has to be", "of usage.table has to be"):find(case[1], 1, true)
      assert.truthy(found, message)
    end
  end)
end)
