local asked = require "support.asked"
local budget = require "usagelua.report.budget"

local STAYED_PARTIAL <const> = "the answer stayed partial"

local function summary(rows, marks)
  return asked.records { dataset = "testmu.summary", rows = rows, marks = marks }
end

local function by(group_by, records, more)
  local rule = { group_by = group_by, measures = { "tests", "users", "parallels_peak" } }
  for key, value in pairs(more or {}) do rule[key] = value end
  return records:aggregate(rule)
end

local function at_least() return { state = "at_least", reason = STAYED_PARTIAL } end
local function unknown() return { state = "unknown", reason = STAYED_PARTIAL } end

-- Three products: web is known, app is at least 40, smartui is unknown.
local function three()
  return by("product", summary({
    { product = "web", tests = 100 }, { product = "app", tests = 40 }, { product = "smartui" },
  }, { [2] = { tests = at_least() }, [3] = { tests = unknown() } }))
end

local function two_months()
  return by({ "period" }, asked.records(
    { dataset = "testmu.summary", rows = { { tests = 60, users = 7 } } },
    { dataset = "testmu.summary", month = "2026-07", rows = { { tests = 80, users = 9 } } }))
end

local function browserstack_failed()
  return by({ "vendor", "product" }, asked.records(
    { dataset = "testmu.summary", rows = { { product = "web", tests = 100 } } },
    { dataset = "browserstack.users", failed = "HTTP 503" }))
end

local function judged(frame, spec)
  spec[1], spec.measure = frame, spec.measure or "tests"
  return budget.judge(budget.new(spec))[1]
end

local WEB, APP, SMARTUI = { product = "web" }, { product = "app" }, { product = "smartui" }

-- what, frame, budget, outcome, value, limit, words of the reason
local CASES <const> = {
  { "a known figure under max", three, { where = WEB, max = 101 },
    "passed", 100, 101, "100 is within max 101" },
  { "a known figure at max", three, { where = WEB, max = 100 },
    "passed", 100, 100, "within max 100" },
  { "a known figure over max", three, { where = WEB, max = 99 },
    "failed", 100, 99, "100 is over max 99" },
  { "a known figure over min", three, { where = WEB, min = 99 },
    "passed", 100, 99, "100 reaches min 99" },
  { "a known figure at min", three, { where = WEB, min = 100 },
    "passed", 100, 100, "reaches min 100" },
  { "a known figure under min", three, { where = WEB, min = 101 },
    "failed", 100, 101, "100 is under min 101" },
  { "a figure between both", three, { where = WEB, min = 1, max = 200 },
    "passed", 100, 200, "within max 200" },
  { "a figure over both", three, { where = WEB, min = 1, max = 50 },
    "failed", 100, 50, "over max 50" },
  { "a figure under both", three, { where = WEB, min = 150, max = 200 },
    "failed", 100, 150, "under min 150" },
  { "an incomplete one over max", three, { where = APP, max = 39 },
    "failed", 40, 39, "at least 40 is over max 39" },
  { "an incomplete one at max", three, { where = APP, max = 40 },
    "undecided", 40, 40, STAYED_PARTIAL },
  { "an incomplete one under max", three, { where = APP, max = 41 },
    "undecided", 40, 41, "may be over max 41" },
  { "an incomplete one over min", three, { where = APP, min = 40 },
    "passed", 40, 40, "at least 40 reaches min 40" },
  { "an incomplete one under min", three, { where = APP, min = 41 },
    "undecided", 40, 41, "may be under min 41" },
  { "an incomplete one between both", three, { where = APP, min = 1, max = 99 },
    "undecided", 40, 99, "over max 99" },
  { "an unknown figure", three, { where = SMARTUI, max = 1 }, "undecided", nil, 1, STAYED_PARTIAL },
  { "a figure that no row has", three, { where = WEB, measure = "users", max = 1 },
    "undecided", nil, 1, "users" },
  { "a sum with an unknown part, over max", three, { max = 139 },
    "failed", 140, 139, "at least 140 is over" },
  { "a sum with an unknown part", three, { max = 500 }, "undecided", 140, 500, STAYED_PARTIAL },
  { "no row that matches", three, { where = { product = "webb" }, max = 1 }, "undecided", nil, 1,
    "app, smartui, web" },
  { "a sum over months", two_months, { max = 140 }, "passed", 140, 140, "140 is within" },
  { "one month's users", two_months, { measure = "users", where = { period = "2026-07" }, max = 8 },
    "failed", 9, 8,
    "9 is over max 8" },
  { "users of several months", two_months, { measure = "users", max = 100 }, "undecided", nil, 100,
    "distinct counts of 2" },
  { "rows whose source failed", browserstack_failed, { where = { vendor = "browserstack" }, max = 9 },
    "undecided",
    nil, 9, "HTTP 503" },
  { "rows of another source", browserstack_failed, { where = { vendor = "testmu" }, max = 100 },
    "passed", 100, 100,
    "100 is within" },
  { "rows of any source", browserstack_failed, { max = 100 }, "undecided", 100, 100, "HTTP 503" },
  { "a row that a failed source may add to", browserstack_failed, { where = WEB, max = 100 },
    "undecided", 100, 100,
    "HTTP 503" },
}

describe("budget.judge", function()
  for _, case in ipairs(CASES) do
    it("judges " .. case[1], function()
      local spec = {}
      for key, value in pairs(case[3]) do spec[key] = value end
      local result = judged(case[2](), spec)
      assert.equal(case[4], result.outcome)
      assert.equal(case[5], result.value)
      assert.equal(case[6], result.limit)
      assert.truthy(result.reason:find(case[7], 1, true), result.reason)
    end)
  end

  it("judges what is reported, and says beside it how many rows report nothing", function()
    local frame = summary({ { product = "web", tests = 5 }, { product = "app", tests = 7, duration_s = 3600 },
      { product = "ui", tests = 0 } })
      :aggregate { group_by = "product", measures = { "tests", { "duration_s", as = "hours", unit = "h" } } }
    local passed, failed = judged(frame, { measure = "hours", max = 2 }), judged(frame, { measure = "hours", min = 2 })
    assert.same({ "passed", "1 h is within max 2 h; 2 of 3 rows report no hours", 2 },
      { passed.outcome, passed.reason, passed.unreported })
    assert.same({ "failed", "1 h is under min 2 h; 2 of 3 rows report no hours" }, { failed.outcome, failed.reason })
    assert.equal(0, judged(frame, { measure = "hours", where = APP, max = 2 }).unreported)
    assert.is_nil(judged(frame, { measure = "hours", where = WEB, max = 2 }).unreported)
  end)

  it("tells name, measure, unit, bound and state", function()
    local hours = summary({ { product = "web", duration_s = 7200 } }):aggregate {
      measures = { { "duration_s", as = "hours", unit = "h" } },
    }
    local result = judged(hours, { name = "contract", measure = "hours", max = 1.5 })
    assert.same({
      name = "contract", measure = "hours", unit = "h", bound = "max", outcome = "failed", value = 2,
      limit = 1.5, reason = "2 h is over max 1.5 h", unreported = 0,
    }, result)
    assert.equal("at_least", judged(three(), { where = APP, max = 1 }).state)
    assert.equal("unknown", judged(three(), { where = SMARTUI, max = 1 }).state)
  end)

  it("does not take a part of a figure that may be negative for a bound", function()
    local records = summary({ { product = "web", balance = 100 }, { product = "app" } },
      { [2] = { balance = unknown() } })
    local balance = records:aggregate { group_by = "product", measures = "balance" }
    local result = judged(balance, { measure = "balance", max = 1 })
    assert.equal("undecided", result.outcome)
    assert.is_nil(result.value)
  end)

  it("does not pass on rows that a limit cut off", function()
    local records = summary { { product = "web", tests = 100 }, { product = "app", tests = 40 } }
    local top = by("product", records, { sort = "-tests", limit = 1 })
    local result = judged(top, { max = 120 })
    assert.equal("undecided", result.outcome)
    assert.truthy(result.reason:find("limit cut off 1 rows", 1, true))
    assert.equal("passed", judged(top, { where = WEB, max = 120 }).outcome)
  end)

  it("is undecided where there are no rows at all", function()
    local result = judged(by("product", summary {}), { max = 1 })
    assert.equal("undecided", result.outcome)
    assert.is_nil(result.value)
    assert.is_string(result.reason)
  end)

  it("asks for nothing before it is judged", function()
    local frame = three()
    budget.new { frame, measure = "tests", max = 1 }
    assert.is_false(frame:is_asked())
  end)
end)

local JUNE_BEGAN <const> = 1780272000 -- 2026-06-01T00:00:00Z

-- June, asked day by day; days of which nothing is said have no row.
local function june(tests_by_day, failed_day)
  local windows = {}
  for day = 1, 30 do
    local from = JUNE_BEGAN + (day - 1) * 86400
    windows[day] = { from = from, to = from + 86400, label = ("2026-06-%02d"):format(day),
      rows = { tests_by_day[day] and { tests = tests_by_day[day] } },
      failed = day == failed_day and "HTTP 503" or nil }
  end
  return asked.records { dataset = "testmu.summary", windows = windows }
end

local function judged_at(day, frame, spec)
  spec[1], spec.measure = frame, spec.measure or "tests"
  return budget.judge(budget.new(spec), { now = JUNE_BEGAN + (day - 1) * 86400 + 3600 })[1]
end

describe("a share of a contract", function()
  local function share(spec)
    spec.where = WEB
    return judged(three(), spec)
  end

  it("is judged against its part of the whole", function()
    local passed = share { of = 200, max_share = 0.5 }
    assert.same({ "passed", 100, 100 }, { passed.outcome, passed.value, passed.limit })
    assert.equal("100 is within max 50 % of 200", passed.reason)
    assert.equal("failed", share({ of = 200, max_share = 0.49 }).outcome)
    assert.equal("passed", share({ of = 200, min_share = 0.5 }).outcome)
    assert.equal("failed", share({ of = 200, min_share = 0.6, max_share = 1 }).outcome)
  end)

  it("is a part as people reckon it, without a float's drift", function()
    local function of_ten(spec)
      spec.where = { product = "ten" }
      return judged(by("product", summary { { product = "ten", tests = spec.tests } }),
        { where = spec.where, of = spec.of, max_share = spec.max_share, min_share = spec.min_share })
    end
    assert.is_true(100 * 0.29 < 29)
    local passed = of_ten { tests = 29, of = 100, max_share = 0.29 }
    assert.same({ "passed", 29 }, { passed.outcome, passed.limit })
    assert.equal("failed", of_ten({ tests = 30, of = 100, max_share = 0.29 }).outcome)
    assert.is_true(3 * 0.1 > 0.3)
    assert.equal(0.3, of_ten({ tests = 1, of = 3, min_share = 0.1 }).limit)
    local large = of_ten { tests = 9007199254740993, of = 9007199254740993, max_share = 1 }
    assert.same({ "passed", "9007199254740993" }, { large.outcome, ("%d"):format(large.limit) })
  end)

  it("decides on incomplete figures as any limit does", function()
    local function app(spec)
      spec.where = APP
      return judged(three(), spec).outcome
    end
    assert.equal("failed", app { of = 40, max_share = 0.9 })
    assert.equal("undecided", app { of = 400, max_share = 0.9 })
    assert.equal("passed", app { of = 40, min_share = 1 })
  end)
end)

describe("a projected budget", function()
  local function by_day(tests, failed_day) return by("period", june(tests, failed_day)) end

  it("judges the run-rate of the parts that are complete, with its basis", function()
    local tests = {}
    for day = 1, 12 do tests[day] = 100 end
    local result = judged_at(11, by_day(tests), { max = 2900, projected = true })
    assert.same({ "failed", 3000, 2900 }, { result.outcome, result.value, result.limit })
    assert.equal("3,000 (run-rate of 1,000 in 10 of 30 parts) is over max 2,900", result.reason)
    assert.equal("passed", judged_at(11, by_day(tests), { max = 3000, projected = true }).outcome)
  end)

  it("is right where figure and seconds multiplied are beyond 64 bits", function()
    local tests = {}
    for day = 1, 12 do tests[day] = 10 ^ 13 // 1 | 0 end
    local result = judged_at(11, by_day(tests), { max = 1e14, projected = true })
    assert.same({ "failed", 3e14 }, { result.outcome, result.value })
    assert.matches("300,000,000,000,000 (run-rate of 100,000,000,000,000 in 10", result.reason, 1, true)
  end)

  it("counts days without any row as days without tests", function()
    local result = judged_at(11, by_day { [1] = 100, [5] = 200 }, { max = 1000, projected = true })
    assert.equal(900, result.value)
  end)

  it("takes the figure as it is once the period has ended", function()
    local result = judged_at(40, by_day { [1] = 100, [30] = 200 }, { max = 1000, projected = true })
    assert.same({ 300, "300 is within max 1,000" }, { result.value, result.reason })
  end)

  it("is undecided before the first part is complete", function()
    local result = judged_at(1, by_day { [1] = 100 }, { max = 1, projected = true })
    assert.equal("undecided", result.outcome)
    assert.matches("no part of the period is complete", result.reason)
  end)

  it("of a day that failed is at least so much: over max it has failed, else undecided", function()
    local frame = by_day({ [1] = 100 }, 2)
    assert.equal("failed", judged_at(3, frame, { max = 1000, projected = true }).outcome)
    local result = judged_at(3, frame, { max = 2000, projected = true })
    assert.same({ "undecided", "at_least", 1500 }, { result.outcome, result.state, result.value })
  end)

  it("is refused where nothing says which parts are complete, or where nothing adds up", function()
    local function refused(frame, spec)
      spec[1], spec.measure, spec.projected = frame, spec.measure or "tests", true
      return asked.refusal(budget.new, spec)
    end
    assert.matches("needs the column period", refused(three(), { max = 1 }))
    assert.matches("only what adds up has a run%-rate",
      refused(by_day {}, { measure = "users", max = 1 }))
  end)
end)

describe("a budget against an earlier run", function()
  local function with(text, spec, period)
    spec[1], spec.measure, spec.name, spec.where = three(), "tests", "web", spec.where or WEB
    spec.against = "last.json"
    return budget.judge(budget.new(spec), { period = function() return period end,
      read = function(path)
        assert.equal("last.json", path)
        if text then return text end
        return nil, { kind = "io", code = "ENOENT", message = "no such file" }
      end })[1]
  end

  it("judges the change", function()
    local earlier = '{"schema":1,"budgets":[{"name":"web","value":80,"state":null}]}'
    local passed = with(earlier, { max_change = 0.25 })
    assert.same({ "passed", 100, 100 }, { passed.outcome, passed.value, passed.limit })
    assert.equal("100 is within max +25 % on the 80 of last.json", passed.reason)
    assert.equal("failed", with(earlier, { max_change = 0.2 }).outcome)
    assert.equal("failed", with(earlier, { min_change = 0.3 }).outcome)
    assert.equal("passed", with(earlier, { min_change = -0.1 }).outcome)
  end)

  it("is judged without a float's drift", function()
    assert.is_true(100 * (1 + 0.15) < 115)
    local earlier = '{"schema":1,"budgets":[{"name":"web","value":%d}]}'
    local function limit(value, change)
      return with(earlier:format(value), { max_change = change }).limit
    end
    assert.equal(115, limit(100, 0.15))
    assert.equal(77, limit(70, 0.1))
    assert.equal("float", math.type(limit(math.maxinteger, 1)))
    assert.is_true(limit(math.maxinteger, 1) > 1.8e19)
  end)

  local function of_period(from, to)
    return ('{"schema":1,"budgets":[{"name":"web","value":100}],"provenance":'
      .. '{"period":{"label":"before","from":"%s","to":"%s"}}}'):format(from, to)
  end

  local function period(from, to) return { label = "now", from = from, to = to } end

  it("compares with as long a period: months, days on which the clock is changed", function()
    local JUNE <const> = period("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z")
    local cases = {
      { "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", JUNE },
      { "2026-05-01T00:00:00+02:00", "2026-06-01T00:00:00+02:00", JUNE },
      { "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00",
        period("2026-03-30T00:00:00+02:00", "2026-03-31T00:00:00+02:00") },
      { "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z",
        period("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z") },
      { "2026-05-03T00:00:00Z", "2026-06-02T00:00:00Z", JUNE },
    }
    for _, case in ipairs(cases) do
      local result = with(of_period(case[1], case[2]), { max_change = 0 }, case[3])
      assert.equal("passed", result.outcome, result.reason)
    end
    assert.equal("passed", with(of_period("", ""), { max_change = 0 }, JUNE).outcome)
    assert.equal("passed", with(of_period("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"),
      { max_change = 0 }, { label = "vendor" }).outcome)
  end)

  it("is undecided against a longer or shorter period, or another figure", function()
    local this_month = period("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z")
    local cases = {
      { of_period("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"),
        "last.json is about before and this run about now, which is not as long" },
      { of_period("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z"), "which is not as long" },
      { '{"schema":1,"budgets":[{"name":"web","value":9,"measure":"users"}]}',
        "the measure of 'web' was users in last.json, and is tests now" },
      { '{"schema":1,"budgets":[{"name":"web","value":9,"measure":"tests","unit":"h"}]}',
        "the unit of 'web' was h in last.json, and is 1 now" },
      { '{"schema":2,"budgets":[{"name":"web","value":9}]}', "schema 2" },
    }
    for _, case in ipairs(cases) do
      local result = with(case[1], { max_change = 100 }, this_month)
      assert.same({ "undecided", nil }, { result.outcome, result.limit })
      assert.truthy(result.reason:find(case[2], 1, true), result.reason)
    end
  end)

  it("is undecided, with what to do, where there is nothing to compare with", function()
    local cases = {
      { nil, "keep this run's -o last.json for the next" },
      { "nonsense", "is no report" },
      { '{"schema":1,"title":"x"}', "is no report" },
      { '{"budgets":[{"name":"other","value":1}]}', "has no budget 'web'" },
      { '{"budgets":[{"name":"web","value":null}]}', "was not known" },
      { '{"budgets":[{"name":"web","value":9,"state":"at_least"}]}', "was incomplete" },
      { '{"budgets":[{"name":"web","value":-9}]}', "below zero" },
    }
    for _, case in ipairs(cases) do
      local result = with(case[1], { max_change = 0.2 })
      assert.same({ "undecided", nil }, { result.outcome, result.limit })
      assert.truthy(result.reason:find(case[2], 1, true), result.reason)
    end
  end)
end)

describe("a budget for each group", function()
  local function each(frame, spec)
    spec[1], spec.measure = frame, "tests"
    local told = {}
    for i, one in ipairs(budget.judge(budget.new(spec))) do
      told[i] = ("%s %s"):format(one.name, one.outcome)
    end
    return told
  end

  it("is judged group by group, each under its own name", function()
    assert.same({ "tests: app failed", "tests: smartui undecided", "tests: web failed" },
      each(three(), { max = 30, each = "product" }))
    assert.same({ "t: app undecided", "t: smartui undecided", "t: web passed" },
      each(three(), { name = "t", max = 100, each = "product" }))
  end)

  it("keeps to its conditions, tables and functions", function()
    local frame = by({ "product", "team" }, summary {
      { product = "web", team = "qa", tests = 10 }, { product = "web", team = "dev", tests = 20 },
      { product = "app", team = "qa", tests = 99 }, { product = "web", tests = 5 } })
    local wanted = { "tests: qa passed", "tests: dev failed", "tests: – passed" } -- as the rows stand
    assert.same(wanted, each(frame, { max = 15, each = "team", where = { product = "web" } }))
    assert.same(wanted, each(frame, { max = 15, each = "team",
      where = function(row) return row.product == "web" end }))
  end)

  it("is one undecided budget where there is no group at all", function()
    assert.same({ "tests undecided" }, each(by("product", summary {}), { max = 1, each = "product" }))
  end)
end)

describe("budget.new", function()
  local REFUSALS <const> = {
    { "no limit", {}, "usage.budget needs max or min; of a contract (of) max_share or min_share" },
    { "a misspelt key", { maxx = 1 }, "did you mean 'max'?" },
    { "a misspelt measure", { measure = "tets", max = 1 }, "did you mean 'tests'?" },
    { "a misspelt column", { where = { prodct = "web" }, max = 1 }, "did you mean 'product'?" },
    { "a condition that looks like an operator", { where = { tests = "> 0" }, max = 1 },
      "usage.budget 'tests'" },
    { "a limit that is no number", { max = "500" }, "max of usage.budget has to be a number" },
    { "a limit without end", { max = math.huge }, "finite" },
    { "a limit that is NaN", { min = 0 / 0 }, "finite" },
    { "limits the wrong way round", { min = 2, max = 1 }, "min 2 is over max 1" },
    { "a name that is none", { name = 5, max = 1 }, "name of usage.budget has to be a string" },
    { "an empty name", { name = "", max = 1 }, "name of usage.budget is empty" },
    { "a where of another kind", { where = "web", max = 1 }, "where is a table" },
    { "a second frame", { [2] = {}, max = 1 }, "[2]" },
    { "a share of nothing said", { max_share = 0.9 }, "max_share needs of" },
    { "a contract without a share", { of = 100 }, "of needs max_share or min_share" },
    { "a contract of nothing", { of = 0, max_share = 1 }, "more than 0" },
    { "a change since nothing said", { max_change = 0.1 }, "max_change needs against" },
    { "an earlier run without a change", { against = "x.json", max = 1 }, "against needs max_change" },
    { "two limits", { of = 1, max_share = 1, max = 1 }, "two limits" },
    { "a misspelt column of groups", { max = 1, each = "prodct" }, "did you mean 'product'?" },
    { "groups that where has chosen", { max = 1, each = "product", where = { product = "web" } },
      "judges every value" },
  }

  for _, case in ipairs(REFUSALS) do
    it("refuses " .. case[1], function()
      local spec = { three(), measure = "tests" }
      for key, value in pairs(case[2]) do spec[key] = value end
      local message = asked.refusal(budget.new, spec)
      assert.truthy(message:find(case[3], 1, true), message)
    end)
  end

  it("refuses what is no frame", function()
    local function assert_refused(words, spec)
      local message = asked.refusal(budget.new, spec)
      assert.truthy(message:find(words, 1, true), message)
    end
    assert_refused("takes a frame first", { {}, measure = "tests", max = 1 })
    assert_refused("takes a table, not a string", "tests")
    assert_refused("usage.budget needs measure", { three(), max = 1 })
  end)

  it("refuses a figure that counts the same usage twice", function()
    local records = asked.records({ dataset = "testmu.summary" }, { dataset = "testmu.users" })
    local frame = by({ "dataset", "product" }, records)
    local message = asked.refusal(budget.new, { frame, measure = "tests", max = 1 })
    assert.truthy(message:find("count the same usage", 1, true), message)
    assert.is_table(budget.new { frame, measure = "tests", max = 1, where = { dataset = "testmu.users" } })
  end)
end)
