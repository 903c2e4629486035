local asked = require "support.asked"
local prices = require "usagelua.report.prices"
local report = require "usagelua.report"
local section = require "usagelua.report.section"

local function card(...)
  return prices.new { currency = "USD", ... }
end

local TESTS <const> = { name = "tests", unit = "1", kind = "sum" }
local DURATION <const> = { name = "duration_s", unit = "s", kind = "sum" }

local function cost(made, row, column, value)
  local found = prices.cost(made, row, column, value)
  return found and found.cost
end

describe("usage.prices", function()
  it("prices exactly what floats would not", function()
    local cents = card { measure = "tests", price = "0.1" }
    assert.equal("0.3", cost(cents, {}, TESTS, 3))
    assert.equal("922337203685477580.7", cost(cents, {}, TESTS, math.maxinteger))
    assert.equal("0.031254", cost(card { measure = "duration_s", price = "0.0001" }, {}, DURATION, 312.54))
  end)

  it("converts units, and prices so many at once", function()
    local by_minute = card { measure = "duration_s", unit = "min", price = "0.02" }
    assert.equal("1.2", cost(by_minute, {}, DURATION, 3600))
    assert.equal("0.0003333333", cost(by_minute, {}, DURATION, 1))
    assert.equal("15.625", cost(card { measure = "tests", per = 1000, price = "12.50" }, {}, TESTS, 1250))
    assert.equal("0.000333333333", prices.cost(by_minute, {}, DURATION, 1).unit_price)
  end)

  it("takes the first price whose conditions fit, and none where none does", function()
    local made = card({ measure = "tests", price = "2", where = { product = "automate" } },
      { measure = "tests", price = 1, where = { vendor = "testmu" } })
    assert.equal("6", cost(made, { vendor = "testmu", product = "automate" }, TESTS, 3))
    assert.equal("3", cost(made, { vendor = "testmu", product = "live" }, TESTS, 3))
    assert.is_nil(cost(made, { vendor = "acme" }, TESTS, 3))
    assert.is_nil(cost(made, { vendor = "testmu" }, DURATION, 3))
  end)

  it("names the prices that nothing has: misspelt, or behind one that fits the same rows", function()
    local frame = asked.records({ dataset = "testmu.summary", rows = {
      { product = "web", tests = 3, users = 2 }, { product = "app", tests = 2 },
    } }):aggregate { group_by = "product", measures = { "tests", "users" } }
    local function warnings(...)
      local said = {}
      local one = report.new({ section.table { frame }, prices = card(...) },
        { warn = function(text) said[#said + 1] = text end })
      asked.written(one, "focus")
      return table.concat(said, "\n")
    end
    local function price(measure, product)
      return { measure = measure, price = "1", where = { product = product } }
    end
    assert.equal("", warnings(price("tests", "web"), price("tests")))
    assert.equal("no figure of this report has these prices of the rate card: tests where product = "
      .. "wbe; users; tests where product = app (of several that fit a row the first one counts)",
      warnings(price("tests", "wbe"), price("users"), price("tests"), price("tests", "app")))
  end)

  it("refuses what is no card, naming the entry", function()
    local cases = {
      { {}, "currency" }, { { currency = "usd", { measure = "tests", price = "1" } }, "ISO 4217" },
      { { currency = "USD" }, "holds no price" },
      { { currency = "USD", { measure = "tests", price = 0.1 } }, 'write it as text: price = "0.1"' },
      { { currency = "USD", { measure = "tests", price = "1,5" } }, "entry 1: price has to be a decimal" },
      { { currency = "USD", { measure = "tests", price = "-1" } }, "entry 1: price has to be a decimal" },
      { { currency = "USD", { price = "1" } }, "needs measure" },
      { { currency = "USD", { measure = "tests", price = "1", per = 0 } }, "per is a whole number" },
      { { currency = "USD", { measure = "tests", price = "1", were = {} } }, "did you mean 'where'?" },
    }
    for _, case in ipairs(cases) do
      local message = asked.refusal(prices.new, case[1])
      assert.truthy(message:find(case[2], 1, true), message)
    end
  end)
end)
