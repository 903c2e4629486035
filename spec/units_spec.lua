local datasets = require "support.datasets"
local python = require "support.python"
local units = require "usagelua.units"

describe("units.convert", function()
  local cases = {
    { 312540, "ms", "s", 312.54 }, { 7200, "s", "h", 2 }, { 90, "min", "h", 1.5 }, { 43, "min", "s",
      2580 },
    { 0, "ms", "h", 0 }, { 3, "d", "h", 72 }, { 1, "GiB", "B", 1073741824 }, { 1, "GB", "MB",
      1000 },
    { 0.5, "h", "s", 1800 }, { 12.5, "min", "s", 750 }, { 50, "%", "1", 0.5 }, { 7, "credits",
      "credits", 7 },
    { -1500, "ms", "s", -1.5 }, { math.maxinteger, "s", "s", math.maxinteger },
  }
  for _, case in ipairs(cases) do
    it(("makes %s %s of %s %s"):format(case[4], case[3], case[1], case[2]), function()
      local value = units.convert(case[1], case[2], case[3])
      assert.equal(case[4], value)
      assert.equal(math.type(case[4]), math.type(value))
    end)
  end

  it("is exact where the product does not fit, and what it is of does", function()
    for _, case in ipairs { { math.maxinteger, "kB", "KiB" }, { math.mininteger, "kB", "KiB" },
      { math.maxinteger - 7, "GB", "GiB" }, { -9007199254740993, "TB", "GiB" }, { 1 << 62, "KiB", "kB" } } do
      local expected = python.run(([[
from fractions import Fraction
n, d = %d, %d
x = Fraction(int("%d") * n, d)
print(x if x.denominator == 1 and abs(x) <= 2**63 else float(x))]]):format(
        select(1, units.ratio(case[2], case[3])), select(2, units.ratio(case[2], case[3])), case[1]), "")
      assert.equal(tonumber(expected), units.convert(table.unpack(case)), case[1] .. case[2])
    end
  end)

  it("is infinite where an integer does not fit, and says so", function()
    assert.equal(math.huge, units.convert(math.maxinteger, "s", "ms"))
    assert.equal(-math.huge, units.convert(math.mininteger, "KiB", "kB"))
    assert.equal("a figure is beyond 9223372036854775807 ms", units.beyond(math.huge, "ms"))
    assert.is_nil(units.beyond(math.maxinteger, "ms"))
  end)

  it("knows the largest that fits", function()
    for _, case in ipairs { { "min", "s" }, { "h", "s" }, { "d", "ns" }, { "TiB", "B" } } do
      local most = units.largest(case[1], case[2])
      assert.equal("integer", math.type(units.convert(most, case[1], case[2])))
      assert.equal(math.huge, units.convert(most + 1, case[1], case[2]))
    end
    assert.equal(math.maxinteger, units.largest("ms", "s"))
    assert.equal(math.maxinteger, units.largest("kB", "KiB"))
    local most = units.largest("KiB", "kB")
    assert.equal("integer", math.type(units.convert(most, "KiB", "kB")))
  end)

  it("comes back to the same number", function()
    for n = 0, 2000 do
      local value = n * 7919
      assert.equal(value, units.convert(units.convert(value, "h", "ms"), "ms", "h"))
    end
  end)

  it("refuses what does not measure the same, naming what would", function()
    assert.equal("unit 's' does not convert to 'GB'; it converts to d, h, min, ms, ns, s, us",
      datasets.refusal(units.convert, 1, "s", "GB"))
    assert.match("converts to no other", datasets.refusal(units.convert, 1, "credits", "s"))
  end)
end)

describe("units.product", function()
  it("is nil exactly where it does not fit", function()
    assert.equal(math.maxinteger, units.product(math.maxinteger, 1))
    assert.is_nil(units.product(math.maxinteger, 2))
    assert.equal(math.mininteger, units.product(math.mininteger, 1))
    assert.equal(math.mininteger, units.product(-(1 << 62), 2))
    assert.is_nil(units.product(math.mininteger, 2))
    assert.is_nil(units.product(-(1 << 62) - 1, 2))
  end)
end)

describe("units.quotient", function()
  it("is a whole number beyond 2^53 where it is one", function()
    assert.equal(9007199254740993, units.quotient(9007199254740993 * 1000, 1000))
    assert.equal("integer", math.type(units.quotient(9007199254740993 * 1000, 1000)))
  end)

  it("is the nearest double below", function()
    assert.equal(1 / 3, units.quotient(1, 3))
    assert.equal(9007199254740993.5 + 0, units.quotient(9007199254740993 * 2 + 1, 2))
  end)
end)
