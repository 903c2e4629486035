local expected = require "usagelua.flow.expected"

local NAMES <const> = { ids = "team", mails = "user_id" }

local function new()
  return expected.of { dataset = { expect = NAMES } }
end

local function found(rows)
  local values = {}
  expected.find(values, NAMES, rows)
  return values
end

describe("expected", function()
  it("is nothing where the dataset names nothing", function()
    assert.is_nil(expected.of { dataset = {} })
    local values = {}
    expected.find(values, nil, { { team = "a" } })
    assert.are.same({}, values)
  end)

  it("names what was asked for and bears no row, numbers in their order", function()
    local one = new()
    one:answered({ ids = { 10, "9", "100", "b", "a" }, mails = "x" }, found { { team = "9" } })
    assert.are.same({ "no row for ids 10, 100, a, b", "no row for mails x" }, one:missing())
  end)

  it("takes the parts of a query together", function()
    local one = new()
    one:answered({ ids = { "1", "2" } }, found { { team = "1" } })
    one:answered({ ids = { "1", "2" } }, found { { team = "2", user_id = "x" } })
    assert.are.same({}, one:missing())
  end)

  it("says nothing of parts that were not answered", function()
    assert.are.same({}, new():missing())
  end)

  it("counts those beyond the first twenty", function()
    local one, ids = new(), {}
    for n = 1, 25 do ids[n] = n end
    one:answered({ ids = ids }, {})
    assert.truthy(one:missing()[1]:find("19, 20 and 5 more", 1, true))
  end)
end)
