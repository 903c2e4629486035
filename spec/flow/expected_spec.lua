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

describe("expected.check", function()
  local DATASET <const> = { rows = "data[]", expect = NAMES, fields = { team = {}, user_id = {} } }

  local function assert_stranger(what, sent, rows, dataset)
    local ok, err = expected.check(dataset or DATASET, sent, rows)
    assert.is_nil(ok)
    assert.are.equal("shape", err.kind)
    assert.are.equal(("data[]: a row is about %s, which was not asked for"):format(what), err.message)
  end

  it("lets through what was asked for, by either name", function()
    assert.is_true(expected.check(DATASET, { ids = { 1, "2" } }, { { team = "1" }, { team = "2" } }))
    assert.is_true(expected.check(DATASET, { ids = { "1" }, mails = { "x" } },
      { { team = "1", user_id = "y" }, { team = "7", user_id = "x" } }))
    assert.is_true(expected.check(DATASET, { ids = "1" }, {}))
  end)

  it("refuses rows that nobody asked for", function()
    assert_stranger("team 7, user_id y", { ids = { "1" } }, { { team = "1" }, { team = "7", user_id = "y" } })
    assert_stranger("nothing that was asked for", { ids = { "1" } }, { {} })
  end)

  it("cannot judge what was not asked for by name, or a column that is not there", function()
    assert.is_true(expected.check(DATASET, {}, { { team = "7" } }))
    assert.is_true(expected.check({ fields = {} }, { ids = { "1" } }, { { team = "7" } }))
    assert.is_true(expected.check({ rows = "data[]", expect = NAMES, fields = { user_id = {} } },
      { ids = { "1" } }, { { user_id = "7" } }))
  end)
end)

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
