local scale = require "usagelua.formats.scale"

describe("ticks", function()
  it("are round, even, and reach the value in five steps at most", function()
    assert.same({ 0, 1 }, scale.ticks(0, 5))
    assert.same({ 0, 2000, 4000, 6000, 8000, 10000 }, scale.ticks(8450, 5))
    assert.same({ 0, 1, 2, 3 }, scale.ticks(3, 5))
    assert.same({ 0, 5, 10, 15, 20, 25 }, scale.ticks(25, 5))
  end)

  it("hold for any size of value", function()
    for exponent = -6, 15 do
      for digit = 1, 99, 7 do
        local most = digit * 10.0 ^ exponent
        local ticks = scale.ticks(most, 5)
        assert.is_true(ticks[#ticks] >= most * (1 - 1e-9))
        assert.is_true(#ticks >= 2 and #ticks <= 6)
        assert.is_true(ticks[#ticks - 1] < most)
      end
    end
  end)
end)
