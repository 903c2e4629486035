local acme = require "support.acme"
local kit = require "usagelua.vendor.kit"
local loader = require "usagelua.vendor.loader"
local period = require "usagelua.time.period"
local query = require "usagelua.flow.query"
local request = require "usagelua.flow.request"

local JUNE = period.parse("2026-06", "UTC")

local function testmu(spec, context)
  local around = { loader = loader.new { kit = kit }, period = JUNE }
  for key, value in pairs(context or {}) do around[key] = value end
  return query.plan(spec, around)
end

local function assert_refused(expected, plan, ...)
  local ok, err = pcall(plan, ...)
  assert.is_false(ok)
  assert.are.equal("usage", err.kind)
  assert.truthy(err.message:find(expected, 1, true), err.message)
end

local function labels(planned)
  local list = {}
  for index, part in ipairs(planned.parts) do list[index] = part.label end
  return list
end

describe("query.plan", function()
  it("makes a part of every window and fan-out value", function()
    assert.are.same({
      "testmu.summary 2026-05 account-user", "testmu.summary 2026-05 service-user",
      "testmu.summary 2026-06 account-user", "testmu.summary 2026-06 service-user",
    }, labels(testmu({ "testmu.summary", grain = "month" },
      { period = period.parse("2026-05-01..2026-06-30", "UTC") })))
    assert.are.equal(12, #testmu({ "testmu.users" }).parts)
    assert.are.same({ "testmu.users 2026-06 service-user smartui" },
      labels(testmu { "testmu.users", type = "service-user", product = "smartui" }))
  end)

  it("knows what all records of a part share", function()
    assert.are.same({ vendor = "testmu", dataset = "testmu.users", period = "2026-06", region = "eu",
      period_start = "2026-06-01T00:00:00Z", period_end = "2026-07-01T00:00:00Z", product = "smartui",
      user_type = "account-user" },
      testmu({ "testmu.users", type = "account-user", product = "smartui", region = "eu" }).parts[1].const)
  end)

  it("does not bind records to the window that bring a period of their own", function()
    local const = testmu({ "testmu.concurrency", product = "automation" }).parts[1].const
    assert.are.same({ vendor = "testmu", dataset = "testmu.concurrency", product = "automation" }, const)
  end)

  it("does not bind further records to what only the rows have", function()
    local also = { { fields = { users = "$.meta.users", team = { param = "team" } } } }
    local planned = acme.plan(acme.vendor {
      params = { team = {} }, fields = { product = { value = "x" }, team = { param = "team" }, tests = "n" },
      also = also }, { team = "QA" })
    assert.are.equal("QA", planned.parts[1].const.team)
    assert.is_nil(planned.parts[1].const.product)
  end)

  it("asks a list parameter that is not fanned out in one request", function()
    local vendor = acme.vendor { params = { ids = { list = true } },
      request = { path = "/u", query = { ids = "{ids}" } } }
    local planned = acme.plan(vendor, { ids = { 1, 2 } })
    assert.are.same({ 1, 2 }, planned.parts[1].values.ids)
    assert.are.equal("https://api.acme.test/v1/u?ids=1%2C2",
      request.build(planned, planned.parts[1].values).url)
  end)

  it("refuses a list that cannot be sent so, before anything is", function()
    local vendor = acme.vendor { params = { ids = { list = true } },
      request = { path = "/u", query = { ids = "{ids}" } } }
    assert_refused("'1,2' holds a comma", acme.plan, vendor, { ids = { "1,2", "3" } })
  end)

  it("asks once where a fan-out parameter is not given", function()
    local vendor = acme.vendor { params = { ids = { list = true } }, fan_out = { "ids" } }
    assert.are.equal(1, #acme.plan(vendor).parts)
    assert.are.equal(2, #acme.plan(vendor, { ids = "1,2" }).parts)
  end)

  it("refuses what it does not know, with the nearest name", function()
    assert_refused("did you mean 'type'?", testmu, { "testmu.summary", typ = "account-user" })
    assert_refused("did you mean 'testmu.users'?", testmu, { "testmu.user" })
    assert_refused("'summary' is not a dataset: write vendor.dataset", testmu, { "summary" })
    assert_refused("did you mean 'eu'?", testmu, { "testmu.summary", region = "ey" })
    assert_refused("grain 'decade'", testmu, { "testmu.summary", grain = "decade" })
  end)

  it("refuses accounts and caps that cannot be meant", function()
    for _, account in ipairs { "", "a b", "../x", "_a", 5, "a=b" } do
      assert_refused("account must be a short name", testmu, { "testmu.summary", account = account })
    end
    for _, in_flight in ipairs { 0, -1, 1.5, "4" } do
      assert_refused("in_flight must be a whole number from 1", testmu,
        { "testmu.summary", in_flight = in_flight })
    end
  end)

  it("names the account in the records where no answer does", function()
    local function const(fields)
      return acme.plan(acme.vendor { fields = fields }, { account = "emea" }).parts[1].const
    end
    assert.are.equal("emea", const({ tests = "n" }).account)
    assert.is_nil(const({ tests = "n", account = "$.org" }).account)
  end)

  it("gives every account a lane of its own", function()
    assert.are.equal("testmu:default", testmu({ "testmu.summary" }).lane)
    assert.are.equal("testmu:emea", testmu({ "testmu.summary", account = "emea" }).lane)
    assert.are.equal(16, testmu({ "testmu.summary", in_flight = 16 }).in_flight)
  end)

  it("takes the region's address", function()
    assert.are.equal("https://api.lambdatest.com/insights/api/v3/public",
      testmu({ "testmu.summary", region = "us" }).base_url)
    assert.are.equal("https://eu-api.lambdatest.com/insights/api/v3/public",
      testmu({ "testmu.summary", region = "eu" }).base_url)
    assert_refused("unknown region 'eu'; known: ", acme.plan, acme.vendor(), { region = "eu" })
  end)
end)

describe("a dataset with a base URL of its own", function()
  local function vendor()
    return acme.vendor({ base_url = "https://cloud.acme.test/v2" },
      { hosts = { "cloud.acme.test" }, regions = { eu = "https://eu.acme.test" } })
  end

  it("is asked there", function()
    assert.are.equal("https://cloud.acme.test/v2", acme.plan(vendor()).base_url)
  end)

  it("has no regions", function()
    assert_refused("acme.usage: it is asked at cloud.acme.test in every region", acme.plan, vendor(),
      { region = "eu" })
  end)
end)

describe("a dataset without window", function()
  it("is asked once, for what is the case now", function()
    local planned = acme.plan(acme.vendor(), {}, { period = period.parse("2026", "UTC") })
    assert.are.equal(1, #planned.parts)
    assert.is_nil(planned.parts[1].const.period)
    assert.are.same({}, query.schema(planned).periods)
  end)

  it("has no periods to be cut", function()
    assert_refused("acme.usage: grain 'month'", acme.plan, acme.vendor(), { grain = "month" },
      { period = period.parse("2026", "UTC") })
  end)
end)

describe("a dataset of the past only", function()
  local NOW = 1781776800 -- 2026-06-18T10:00:00Z

  local function concurrency(text)
    return testmu({ "testmu.concurrency", product = "automation",
      period = period.parse(text, "Europe/Berlin", NOW) }, { now = NOW + 0.25 })
  end

  it("is asked as far as now, and says so", function()
    local planned = concurrency "this month"
    assert.are.equal("2026-06-18T10:00:00Z", planned.parts[1].values.to_utc)
    assert.are.equal("2026-05-31T22:00:00Z", planned.parts[1].values.from_utc)
    assert.are.equal("testmu.concurrency: '2026-06' has not ended, asked as far as now "
      .. "(2026-06-18T12:00:00+02:00)", planned.note)
  end)

  it("is asked for the whole of what is over", function()
    local planned = concurrency "2026-05"
    assert.are.equal("2026-05-31T22:00:00Z", planned.parts[1].values.to_utc)
    assert.is_nil(planned.note)
  end)

  it("is not asked for the future", function()
    assert_refused("period '2026-07': it lies in the future, and testmu.concurrency has figures of the past "
      .. "only", concurrency, "2026-07")
  end)
end)

describe("query.schema", function()
  it("tells a month that had to be asked for in two windows as one", function()
    local quarter = period.parse("2026-Q1", "Europe/Berlin")
    local planned = testmu({ "testmu.summary", type = "account-user", grain = "month" }, { period = quarter })
    local names = {}
    for index, part in ipairs(planned.parts) do names[index] = part.const.period end
    assert.are.same({ "2026-01", "2026-02", "2026-03", "2026-03" }, names)
    assert.are.equal("2026-03-29T03:00:00+02:00", planned.parts[4].const.period_start)
    local periods, months = query.schema(planned).periods, {}
    for index, month in ipairs(quarter:split "month") do
      months[index] = { from = month.from, to = month.to, label = month.label }
    end
    assert.are.same(months, periods)
    local whole = testmu({ "testmu.summary", type = "account-user" }, { period = quarter })
    assert.are.equal("2026-01-01T00:00:00..2026-03-29T03:00:00", whole.parts[1].const.period)
  end)

  it("tells datasets, periods and what sets a query apart", function()
    local described = query.schema(testmu { "testmu.summary", type = "account-user", account = "emea" })
    assert.are.equal("testmu usage", described.counts)
    assert.are.same({ account = "emea", type = "account-user" }, described.identity)
    assert.are.same({ { from = JUNE.from, to = JUNE.to, label = "2026-06" } }, described.periods)
    assert.are.equal("distinct", described.measures.users.kind)
    assert.are.same({ account = "" }, query.schema(testmu { "testmu.summary" }).identity)
  end)
end)

describe("a dataset that keeps some months", function()
  local NOW <const> = 1784109600 -- 2026-07-15T10:00:00Z

  local function plan(text, zone)
    local vendor = acme.vendor { window = { keeps_months = 12, vendor_default = true },
      request = { path = "/u", query = { f = "{from}", t = "{to}" } } }
    return acme.plan(vendor, {}, { period = period.parse(text, zone or "UTC", NOW), now = NOW })
  end

  it("is asked for them, the present one among them", function()
    assert.are.equal("2025-08", plan("2025-08").windows[1].label)
    assert.are.equal("2026-07", plan("2026-07").windows[1].label)
    assert.are.equal("vendor", plan("vendor").windows[1].label)
  end)

  it("is refused what is older, or has not begun", function()
    assert_refused("acme.usage has figures of the last 12 calendar months only, from "
      .. "2025-08-01T00:00:00+02:00 on", plan, "2025-07", "Europe/Berlin")
    assert_refused("it lies in the future", plan, "2026-08")
  end)
end)

describe("a dataset that divides its answer by the grain", function()
  local function plan(grain, described)
    local vendor = acme.vendor { window = { grain_by = "vendor", grains = { "total", "day" } },
      request = described or { path = "/u", query = { f = "{from}", t = "{to}", interval = "{grain}" } },
      fields = { period_start = "from", tests = "n" } }
    return acme.plan(vendor, { grain = grain }, { period = JUNE }).parts[1]
  end

  it("is told it, and nothing where it is the total", function()
    assert.are.equal("day", plan("day").values.grain)
    assert.is_nil(plan("total").values.grain)
  end)

  it("brings periods of its own only where it divides", function()
    assert.are.equal("2026-06", plan("total").const.period)
    assert.is_nil(plan("day").const.period)
    assert.is_nil(plan("total", { path = "/u", query = { f = "{from}", t = "{to}" } }).const.period)
  end)

  it("is refused a grain that it has not, with those that it has", function()
    assert_refused("grain 'week': this dataset can be asked by total, day", plan, "week")
  end)
end)
