local figures = require "usagelua.report.figures"

local function unknown(reason) return { state = "unknown", reason = reason } end

local RESULT <const> = {
  columns = { { name = "product", type = "text" }, { name = "tests", type = "number", measure = true } },
  rows = {
    { product = "a", tests = 5 }, { product = "b", tests = 0 }, { product = "c", tests = 5 },
    { product = "d" }, { tests = 0 / 0 }, { tests = math.huge }, {},
  },
  marks = {
    [1] = { tests = { state = "at_least", reason = "cut" } }, [2] = { tests = unknown "partial" },
    [4] = { tests = { state = "at_least", reason = "lost" } },
  },
}

describe("figures.at", function()
  it("gives the value with its mark", function()
    assert.same({ 5, "at_least", "cut" }, { figures.at(RESULT, 1, "tests") })
    assert.same({ 5 }, { figures.at(RESULT, 3, "tests") })
    assert.same({}, { figures.at(RESULT, 7, "tests") })
  end)

  it("gives no value for what is unknown, whatever stands there", function()
    assert.same({ nil, "unknown", "partial" }, { figures.at(RESULT, 2, "tests") })
    assert.same({ nil, "unknown", "lost" }, { figures.at(RESULT, 4, "tests") })
  end)

  it("takes what is no finite number for unknown", function()
    for _, index in ipairs { 5, 6 } do
      local value, state, reason = figures.at(RESULT, index, "tests")
      assert.is_nil(value)
      assert.equal("unknown", state)
      assert.equal("tests came out as no finite number", reason)
    end
  end)
end)

describe("figures.each_marked", function()
  it("visits every marked cell, row by row", function()
    local visited = {}
    figures.each_marked(RESULT, function(index, column, state)
      visited[#visited + 1] = ("%d %s %s"):format(index, column.name, state)
    end)
    assert.same({ "1 tests at_least", "2 tests unknown", "4 tests unknown", "5 tests unknown",
      "6 tests unknown" }, visited)
  end)
end)
