local decimal = require "usagelua.decimal"
local python = require "support.python"
local random = require "support.random"

local function product(a, b)
  return decimal.text(decimal.multiply(decimal.parse(a), decimal.parse(b)))
end

local function quotient(a, divisor, places)
  return decimal.text(decimal.divide(decimal.parse(a), divisor, places))
end

describe("decimal", function()
  it("reads what is a number, and nothing else", function()
    for text, same in pairs { ["12.50"] = "12.5", ["-0.00"] = "0", ["1e-05"] = "0.00001",
      ["1.5e+3"] = "1500", ["007"] = "7", ["0"] = "0", ["-3"] = "-3" } do
      assert.equal(same, decimal.text(decimal.parse(text)))
    end
    for _, text in ipairs { "", "1.", ".5", "1e", "x", "1,5", "0x10", "nan", "1e999", " 1", "--1" } do
      assert.is_nil(decimal.parse(text), text)
    end
  end)

  it("multiplies without losing a digit", function()
    assert.equal("0.01", product("0.1", "0.1"))
    assert.equal("85070591730234615847396907784232501249", product("9223372036854775807",
      "9223372036854775807"))
    assert.equal("-0.000000000001", product("-0.000001", "0.000001"))
    assert.equal("0", product("0", "123456789012345678901234567890"))
  end)

  it("rounds a quotient once, a half away from zero", function()
    assert.equal("0.3333333333", quotient("1", 3, 10))
    assert.equal("0.67", quotient("2", 3, 2))
    assert.equal("0.13", quotient("0.125", 1, 2))
    assert.equal("-0.13", quotient("-0.125", 1, 2))
    assert.equal("1", quotient("0.999", 1, 2))
    assert.equal("10000000", quotient("99999999.6", 10, 0))
  end)

  it("agrees with Python's decimal on any numbers", function()
    local draw, lines = random.new(20261127), {}
    local function digits(most)
      local text = ""
      for _ = 1, draw:integer(1, most) do text = text .. draw:integer(0, 9) end
      return text
    end
    for i = 1, 400 do
      local a, b = digits(20) .. "." .. digits(12), digits(18) .. "." .. digits(8)
      local divisor = draw:integer(1, 1 << 31)
      local exact = decimal.multiply(decimal.parse(a), decimal.parse(b))
      lines[i] = ("%s %s %d %s %s"):format(a, b, divisor, decimal.text(exact),
        decimal.text(decimal.divide(exact, divisor, 10)))
    end
    assert.equal("400\n", python.run([[
import sys
from decimal import Decimal, getcontext, ROUND_DOWN, ROUND_HALF_UP
getcontext().prec = 200
agreed = 0
for line in open(sys.argv[1]):
    a, b, divisor, product, quotient = line.split()
    exact = Decimal(a) * Decimal(b)
    # A quotient is cut one place behind the last before it is rounded: the same
    # as rounding the exact one.
    cut = (exact / Decimal(divisor)).quantize(Decimal(1).scaleb(-11), rounding=ROUND_DOWN)
    if Decimal(product) == exact and Decimal(quotient) == cut.quantize(
            Decimal(1).scaleb(-10), rounding=ROUND_HALF_UP):
        agreed += 1
print(agreed)
]], table.concat(lines, "\n")))
  end)
end)
