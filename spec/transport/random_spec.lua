local random = require "usagelua.transport.random"

describe("random.new", function()
  it("draws the same for the same seed, whatever else is drawn", function()
    local a, b = random.new(7), random.new(7)
    for _ = 1, 100 do
      math.random()
      assert.equal(a(), b())
    end
    assert.not_equal(random.new(8)(), random.new(7)())
  end)

  it("gives units below one and integers within their range, evenly", function()
    local draw, seen = random.new(1), {}
    for _ = 1, 6000 do
      local unit, n = draw(), draw(1, 6)
      assert.is_true(unit >= 0 and unit < 1)
      assert.equal("integer", math.type(n))
      seen[n] = (seen[n] or 0) + 1
    end
    assert.equal(6, #seen)
    for _, count in ipairs(seen) do assert.is_true(count > 850 and count < 1150) end
  end)
end)
