local once = require "usagelua.once"

local function counting()
  local calls = 0
  return function(...)
    calls = calls + 1
    return { calls = calls, given = table.pack(...) }
  end
end

describe("once.of", function()
  it("makes one value for each table, from the first call's arguments", function()
    local value_of, a, b = once.of(counting()), {}, {}
    assert.are.equal(value_of(a, 1), value_of(a, 2))
    assert.are.equal(1, value_of(a).given[2])
    assert.are.equal(2, value_of(b).calls)
  end)

  it("is tried again where making it raised", function()
    local fails = true
    local value_of, key = once.of(function() return not fails and 5 or error "no" end), {}
    assert.is_false((pcall(value_of, key)))
    fails = false
    assert.are.equal(5, value_of(key))
  end)

  it("keeps neither table nor value", function()
    local seen = setmetatable({}, { __mode = "k" })
    local value_of = once.of(function(key) return { key = key } end)
    for _ = 1, 10 do
      local key = {}
      seen[key], seen[value_of(key)] = true, true
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(seen))
  end)
end)

describe("once.of_both", function()
  it("makes one value for each pair of tables", function()
    local value_of, a, b = once.of_both(counting()), {}, {}
    assert.are.equal(value_of(a, b), value_of(a, b))
    assert.are_not.equal(value_of(a, b), value_of(b, a))
    assert.are_not.equal(value_of(a, a), value_of(a, b))
  end)

  it("keeps neither of them", function()
    local seen = setmetatable({}, { __mode = "k" })
    local value_of = once.of_both(function(a, b) return { a, b } end)
    local left, right = {}, {}
    for _ = 1, 10 do
      local other = {}
      seen[value_of(left, other)], seen[value_of(other, right)], seen[other] = true, true, true
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(seen))
  end)
end)

describe("once.by_text", function()
  it("gives each table a list of its own", function()
    local known, a, b = once.by_text(), {}, {}
    known(a).x = 1
    assert.are.equal(1, known(a).x)
    assert.is_nil(known(b).x)
  end)
end)
