local random = require "support.random"

local function draw(seed, count)
  local generator, list = random.new(seed), {}
  for i = 1, count do list[i] = generator:integer(-3, 3) end
  return list
end

describe("random.new", function()
  it("draws the same for the same seed, and otherwise for another", function()
    assert.same(draw(5, 50), draw(5, 50))
    assert.not_same(draw(5, 50), draw(6, 50))
  end)

  it("reaches both ends and nothing beyond", function()
    local seen = {}
    for _, number in ipairs(draw(1, 500)) do seen[number] = true end
    for number = -3, 3 do
      assert.is_true(seen[number])
      seen[number] = nil
    end
    assert.is_nil(next(seen))
  end)

  it("gives fractions from 0 to below 1, about evenly", function()
    local generator, sum = random.new(3), 0
    for _ = 1, 2000 do
      local fraction = generator:fraction()
      assert.is_true(fraction >= 0 and fraction < 1)
      sum = sum + fraction
    end
    assert.near(0.5, sum / 2000, 0.03)
  end)
end)
