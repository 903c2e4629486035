local outcome = require "support.outcome"
local prices = require "usagelua.report.prices"
local tmp = require "support.tmp"

local HEAD <const> = "measure,price,per,unit,currency,product,has_access\n"
local TESTS <const> = { name = "tests", unit = "1", kind = "sum" }
local DURATION <const> = { name = "duration_s", unit = "s", kind = "sum" }

local folder

before_each(function() folder = tmp.folder() end)

local function card(text)
  return prices.new(folder:write("rates.csv", text))
end

local function cost(made, row, column, value)
  local found = prices.cost(made, row, column, value)
  return found and found.cost
end

local function refused(text)
  return (outcome.usage_error(card, text):gsub("^.*/rates", "rates"))
end

describe("usage.prices of a file", function()
  it("is the card that its rows describe, exactly", function()
    local made = card(HEAD .. "tests,0.1,,,EUR,automate,\nduration_s,0.02,1,min,EUR,,\ntests,8.50,1000,,EUR,,\n")
    assert.are.equal("EUR", made.currency)
    assert.are.equal("0.3", cost(made, { product = "automate" }, TESTS, 3))
    assert.are.equal("0.0255", cost(made, { product = "live" }, TESTS, 3))
    assert.are.equal("1.2", cost(made, {}, DURATION, 3600))
    assert.is_nil(cost(made, {}, { name = "users", unit = "1" }, 3))
  end)

  it("compares booleans as such, and hostile values as text", function()
    local made = card(HEAD .. 'tests,1,,,EUR,"=cmd|\'x\'!A0",\ntests,2,,,EUR,,true\n')
    assert.are.equal("1", cost(made, { product = "=cmd|'x'!A0" }, TESTS, 1))
    assert.are.equal("2", cost(made, { has_access = true }, TESTS, 1))
    assert.is_nil(cost(made, { has_access = false }, TESTS, 1))
  end)

  for text, expected in pairs {
    ["tests,\"0,05\",,,EUR,,\n"] = "rates.csv, line 2: column 'price': '0,05' is not a decimal such as 0.05, with a point",
    ["tests,-1,,,EUR,,\n"] = "rates.csv, line 2: column 'price': '-1' is not a decimal such as 0.05, with a point",
    ["tests,,,,EUR,,\n"] = "rates.csv, line 2: column 'price': it is empty",
    [",1,,,EUR,,\n"] = "rates.csv, line 2: column 'measure': it is empty",
    ["tests,1,0,,EUR,,\n"] = "rates.csv, line 2: column 'per': '0' is not a whole number from 1 to 1000000000",
    ["tests,1,1.5,,EUR,,\n"] = "rates.csv, line 2: column 'per': '1.5' is not a whole number from 1 to 1000000000",
    ["tests,1,,,eur,,\n"] = "rates.csv, line 2: column 'currency': 'eur' is not a code of ISO 4217 such as EUR",
    ["tests,1,,,EUR,,\ntests,1,,,USD,,\n"] =
      "rates.csv, line 3: column 'currency': 'USD', and 'EUR' on line 2; a card has one currency",
    ["tests,1,,,EUR,,yes\n"] = "rates.csv, line 2: column 'has_access': 'yes' is not true or false",
  } do
    it("refuses: " .. expected, function() assert.are.equal(expected, refused(HEAD .. text)) end)
  end

  it("refuses a file without prices, without its columns, with a unit that converts to none", function()
    assert.are.equal("rates.csv: it holds no price", refused(HEAD))
    assert.truthy(refused("measure,cost,currency\ntests,1,EUR\n"):find("rates.csv: unknown column 'price'", 1, true))
    assert.truthy(refused(HEAD .. "duration_s,1,,B,EUR,,\n"):find("unit 's' does not convert to 'B'", 1, true))
  end)
end)
