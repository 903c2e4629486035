local asked = require "support.asked"
local hostile = require "support.hostile"
local order = require "usagelua.order"

local WHY <const> = "the answer stayed partial"

local function records(rows, marks)
  return asked.records { dataset = "testmu.summary", rows = rows, marks = marks }
end

local function four()
  return records { { product = "a", tests = 40 }, { product = "b", tests = 30 },
    { product = "c", tests = 20, duration_s = 5 }, { product = "d", tests = 10, duration_s = 2.5 } }
end

local function top(frame, more)
  local rule = { group_by = "product", measures = "tests", top = 2, others = true }
  for key, value in pairs(more or {}) do rule[key] = value end
  return frame:aggregate(rule)
end

local function refused(frame, more)
  return asked.refusal(top, frame, more)
end

describe("top", function()
  it("takes the groups with the largest first measure", function()
    local frame = top(four(), { others = false })
    assert.same({ { product = "a", tests = 40 }, { product = "b", tests = 30 } }, frame:result().rows)
    assert.equal(2, frame:result().left_out)
  end)

  it("takes the rule's own order where there is one", function()
    assert.same({ { product = "d", tests = 10 }, { product = "c", tests = 20 } },
      top(four(), { others = false, sort = "tests" }):result().rows)
  end)
end)

describe("others", function()
  it("are the rest as one row, so that nothing is lost", function()
    local frame = top(four())
    assert.same({ product = "(others)", tests = 30 }, frame:result().rows[3])
    assert.equal(0, frame:result().left_out)
    assert.equal(100, frame:value "tests")
  end)

  it("are not there where nothing is left", function()
    assert.equal(4, #top(four(), { top = 4 }))
    assert.equal(4, #top(four(), { top = 5 }))
  end)

  it("bear the name that the rule gives", function()
    assert.equal("the rest", top(four(), { others = "the rest" }):result().rows[3].product)
  end)

  it("keep what all of them have in common", function()
    local frame = top(four(), { group_by = { "vendor", "product" } })
    assert.same({ vendor = "testmu", product = "(others)", tests = 30 }, frame:result().rows[3])
  end)

  it("have peaks, means, counts of different things and derived figures of their own", function()
    local frame = top(records {
      { product = "a", tests = 40, user_id = "x" }, { product = "b", tests = 30, user_id = "x" },
      { product = "c", tests = 20, user_id = "x" }, { product = "d", tests = 10, user_id = "x" },
      { product = "d", tests = 9, user_id = "y" },
    }, { measures = { "tests", { "tests", as = "peak", kind = "max" }, { "tests", as = "mean", kind = "mean" },
      { "user_id", as = "users_seen", kind = "distinct" }, { kind = "count", as = "rows" } },
      derive = { each = function(group) return group.tests / group.rows end } })
    assert.same({ product = "(others)", tests = 39, peak = 20, mean = 13, users_seen = 2, rows = 3, each = 13 },
      frame:result().rows[3])
  end)

  it("add exactly beyond 2^53, and say where they are beyond 2^63", function()
    local huge = math.maxinteger - 1
    local rows = { { product = "a", tests = huge }, { product = "b", tests = 2 }, { product = "c", tests = 1 } }
    assert.equal(3, top(records(rows), { top = 1 }):result().rows[2].tests)
    rows[4], rows[5] = { product = "d", tests = huge - 1 }, { product = "e", tests = huge - 2 }
    local result = top(records(rows), { top = 1 }):result()
    assert.is_nil(result.rows[2].tests)
    assert.equal("unknown", result.marks[2].tests.state)
  end)

  it("keep the marks of what they are made of", function()
    local frame = top(records({ { product = "a", tests = 40 }, { product = "b", tests = 30 },
      { product = "c", tests = 20 }, { product = "d" } },
      { [4] = { tests = { state = "unknown", reason = WHY } } }))
    assert.equal(20, frame:result().rows[3].tests)
    assert.same({ tests = { state = "at_least", reason = WHY } }, frame:result().marks[3])
  end)

  it("are unknown where nothing of them is known, never zero", function()
    local frame = top(records({ { product = "a", tests = 40 }, { product = "b", tests = 30 }, { product = "c" } },
      { [3] = { tests = { state = "unknown", reason = WHY } } }))
    assert.is_nil(frame:result().rows[3].tests)
    assert.equal("unknown", frame:result().marks[3].tests.state)
  end)

  it("may hold more where a window failed whose rows nobody has seen", function()
    local frame = asked.records({ dataset = "testmu.summary", rows = {
      { product = "a", tests = 40 }, { product = "b", tests = 30 }, { product = "c", tests = 20 } } },
      { dataset = "browserstack.users", failed = "HTTP 503" })
      :aggregate { group_by = { "vendor", "product" }, measures = "tests", top = 1, others = true }
    local result = frame:result()
    assert.equal(50, result.rows[2].tests)
    assert.equal("at_least", result.marks[2].tests.state)
    assert.truthy(result.marks[2].tests.reason:find("HTTP 503", 1, true))
  end)

  it("may hold more where the failed window touches but a group that is shown", function()
    local result = asked.records({ dataset = "testmu.summary", rows = {
      { product = "b", tests = 30 }, { product = "c", tests = 20 } } },
      { dataset = "browserstack.users", rows = { { product = "a", tests = 40 } } },
      { dataset = "browserstack.users", month = "2026-07", failed = "HTTP 503" })
      :aggregate { group_by = { "vendor", "product" }, measures = "tests", top = 1, others = true }:result()
    assert.same({ 40, 50 }, { result.rows[1].tests, result.rows[2].tests })
    assert.same({ "at_least", "at_least" }, { result.marks[1].tests.state, result.marks[2].tests.state })
  end)

  it("do not count what may not belong to them", function()
    local frame = top(records({ { product = "a", tests = 40, duration_s = 1 }, { product = "b", tests = 30, duration_s = 1 },
      { product = "c", tests = 20, duration_s = 1 }, { product = "d", tests = 10 } },
      { [4] = { duration_s = { state = "unknown", reason = WHY } } }),
      { measures = { "tests", "duration_s" }, having = { duration_s = { max = 5 } } })
    local result = frame:result()
    assert.equal(20, result.rows[3].tests)
    assert.equal("at_least", result.marks[3].tests.state)
  end)

  it("take any name of a product as it is", function()
    local rows = {}
    for i, key in ipairs(order.keys(hostile)) do rows[i] = { product = hostile[key], tests = i } end
    rows[#rows + 1] = { product = "(others)", tests = 1000 }
    local frame = top(records(rows))
    assert.same({ "(others)", 1000 }, { frame:result().rows[1].product, frame:result().rows[1].tests })
    assert.equal(frame:value "tests", top(records(rows), { top = 1 }):value "tests")
    assert.equal(3, #frame)
  end)

  it("are refused for what does not add up", function()
    for _, measure in ipairs { "users", "parallels_allocated" } do
      local message = refused(four(), { measures = { "tests", measure } })
      assert.truthy(message:find(("others: measure '%s' is of kind"):format(measure), 1, true), message)
    end
  end)

  it("are refused without top, without a column of text, without a name", function()
    assert.equal("others are those beyond the top: give top = 10", asked.refusal(function()
      four():aggregate { group_by = "product", measures = "tests", others = true } end))
    assert.truthy(refused(four(), { others = 5 }):find("others is true or the name", 1, true))
    assert.truthy(refused(four(), { group_by = {} }):find("groups by no column of text", 1, true))
    assert.equal("limit and top say the same; give one of them", refused(four(), { limit = 2 }))
    assert.equal("top is a whole number from 1, not '0'", refused(four(), { top = 0 }))
  end)
end)
