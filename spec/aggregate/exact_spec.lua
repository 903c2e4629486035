local exact = require "usagelua.aggregate.exact"

local function total(values, unit)
  local sum = exact.new()
  for _, value in ipairs(values) do exact.add(sum, value) end
  return exact.total({ [unit or "s"] = sum }, "s")
end

local function shuffled(list, random)
  local copy = table.move(list, 1, #list, 1, {})
  for i = #copy, 2, -1 do
    local j = random(i)
    copy[i], copy[j] = copy[j], copy[i]
  end
  return copy
end

describe("exact", function()
  local cases = {
    { "integers", { 1, 2, 3 }, 6 },
    { "tenths", { 0.1, 0.2, 0.3, 0.4 }, 1 },
    { "a tenth ten times", { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 }, 1 },
    { "what cancels out", { 1e100, 1.0, -1e100 }, 1 },
    { "a half to even", { 2.0 ^ 53, 1.0 }, 2.0 ^ 53 },
    { "a half and a trifle upwards", { 2.0 ^ 53, 1.0, 2.0 ^ -60 }, 2.0 ^ 53 + 2 },
    { "both sorts of numbers", { math.maxinteger, 0.5, -math.maxinteger }, 0.5 },
    { "integers over the edge and back", { math.maxinteger, math.maxinteger, -math.maxinteger },
      math.maxinteger },
    { "the smallest integer", { math.mininteger, 1, -1 }, math.mininteger },
  }
  for _, case in ipairs(cases) do
    it("adds " .. case[1], function()
      assert.equal(case[3], (total(case[2])))
      assert.equal(math.type(case[3]), math.type((total(case[2]))))
    end)
  end

  it("says what does not fit", function()
    for _, values in ipairs { { math.maxinteger, 1 }, { math.mininteger, -1 } } do
      local sum, reason = total(values)
      assert.is_nil(sum)
      assert.equal("the sum is beyond 9223372036854775807", reason)
    end
    local seconds, minutes = exact.new(), exact.new()
    exact.add(seconds, math.maxinteger)
    exact.add(minutes, 1)
    assert.same({ nil, "the sum is beyond 9223372036854775807" },
      { exact.total({ s = seconds, min = minutes }, "s") })
    assert.equal("a part of the sum is too large", select(2, total { 1, math.huge }))
    assert.equal("a part of the sum is not a number", select(2, total { math.huge, 0 / 0 }))
    assert.equal("a part of the sum is not a number", select(2, total { 0 / 0, math.huge }))
  end)

  it("adds several units without rounding between", function()
    local minutes, seconds, ms = exact.new(), exact.new(), exact.new()
    exact.add(minutes, 7)
    exact.add(seconds, 12)
    exact.add(ms, 345)
    local parts = { min = minutes, s = seconds, ms = ms }
    assert.equal(432.345, exact.total(parts, "s"))
    assert.equal(432345, exact.total(parts, "ms"))
    exact.add(seconds, 0.5)
    assert.equal(432.845, exact.total(parts, "s"))
  end)

  it("does not depend on order, nor on how the parts were merged", function()
    math.randomseed(7)
    for _ = 1, 300 do
      local values = {}
      for i = 1, math.random(2, 40) do
        values[i] = math.random(3) == 1 and math.random(-1000000, 1000000)
          or (math.random() - 0.5) * 10.0 ^ math.random(-12, 12)
      end
      local expected = total(values)
      assert.equal(expected, (total(shuffled(values, math.random))))
      local whole, part = exact.new(), exact.new()
      local cut = math.random(#values)
      for i, value in ipairs(shuffled(values, math.random)) do
        exact.add(i < cut and whole or part, value)
      end
      exact.merge(part, whole)
      assert.equal(expected, (exact.total({ s = part }, "s")))
    end
  end)

  it("does not depend on the order of integers that overflow on the way", function()
    math.randomseed(11)
    for _ = 1, 200 do
      local values, back = {}, {}
      for i = 1, 20 do
        values[i] = math.random(math.mininteger, math.maxinteger)
        back[i] = -values[i] + (i == 1 and 42 or 0)
      end
      table.move(back, 1, 20, 21, values)
      assert.equal(42, (total(shuffled(values, math.random))))
    end
  end)
end)
