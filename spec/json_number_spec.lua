-- Numbers: read to the nearest double, written in the fewest digits that read
-- back, whatever the locale.

local locale = require "support.locale"
local json = require "usagelua.json"

local function bits(float) return string.pack("d", float) end

local function assert_real(expected, text)
  local value = assert(json.decode(text))
  assert.equal("float", math.type(value))
  assert.equal(bits(expected), bits(value), text)
end

local function assert_text(expected, value)
  local text = json.encode(value)
  assert.equal(expected, text)
  assert_real(value, text)
end

local function random_double()
  local float = string.unpack("d", string.pack("i8", math.random(0)))
  local finite = float == float and float ~= math.huge and float ~= -math.huge
  return finite and float or random_double()
end

local function digits_of(text)
  return #text:gsub("[eE].*", ""):gsub("%D", ""):gsub("^0+", ""):gsub("0+$", "")
end

-- The fewest digits that C's printf needs to be read back.
local function fewest_digits(value)
  for digits = 1, 17 do
    if tonumber(("%%.%dg"):format(digits):format(value)) == value then return digits end
  end
end

describe("a float", function()
  it("is written so that it stays one", function()
    assert_text("1.0", 1.0)
    assert_text("0.0", 0.0)
    assert_text("-0.0", -0.0)
    assert_text("100.0", 100.0)
    assert_text("1e300", 1e300)
    assert_text("-1.5", -1.5)
  end)

  it("is written shortest", function()
    assert_text("0.1", 0.1)
    assert_text("0.30000000000000004", 0.1 + 0.2)
    assert_text("312.54", 312.54)
    assert_text("5e-324", 5e-324)
    assert_text("2.2250738585072014e-308", 2.2250738585072014e-308)
    assert_text("1.7976931348623157e308", 1.7976931348623157e308)
    assert_text("9007199254740992.0", 2.0 ^ 53)
    assert_text("1e16", 1e16)
    assert_text("0.00001", 1e-5)
    assert_text("1e-6", 1e-6)
    assert_text("5.684341886080802e-14", 2.0 ^ -44) -- …801 is nearer and another double
    assert_text("9.5367431640625e-7", 2.0 ^ -20)
  end)

  it("reads back to the bit, in no more digits than printf needs", function()
    math.randomseed(11)
    for i = 1, 5000 do
      local value = i % 3 == 0 and math.random(-10 ^ 9, 10 ^ 9) / 10 ^ math.random(0, 9) or random_double()
      local text = json.encode(value)
      assert_real(value, text)
      assert.is_true(digits_of(text) <= fewest_digits(value), text)
    end
  end)

  it("of 17 to 20 digits is the nearest one, wherever its point stands", function()
    math.randomseed(12)
    for _ = 1, 3000 do
      local digits = {}
      for i = 1, math.random(17, 20) do digits[i] = math.random(i == 1 and 1 or 0, 9) end
      local text = table.concat(digits)
      for point = 0, #text - 1 do
        local before = point == 0 and "0" or text:sub(1, point)
        local literal = (point % 2 == 0 and "" or "-") .. before .. "." .. text:sub(point + 1)
        assert_real(tonumber(literal), literal)
      end
    end
  end)

  it("halfway between two is the even one, and a trace more is not", function()
    for _, halfway in ipairs { "4503599627370496.5", "4503599627370497.5", "9007199254740993.0",
      "9007199254740995.0", "1125899906842624.125", "1125899906842624.375", "-1125899906842624.125" } do
      assert_real(tonumber(halfway), halfway)
    end
    assert_real(4503599627370496.0, "4503599627370496.5")
    assert_real(4503599627370498.0, "4503599627370497.5")
    assert_real(4503599627370497.0, "4503599627370496.501")
    assert_real(4503599627370497.0, "4503599627370497.499")
  end)

  it("reads back at every power of two", function()
    for exponent = -1074, 1023 do
      local value = 2.0 ^ exponent
      local text = json.encode(value)
      assert_real(value, text)
      assert.is_true(digits_of(text) <= fewest_digits(value), text)
    end
  end)

  it("is the nearest one to the text", function()
    math.randomseed(12)
    for _ = 1, 5000 do
      local value = random_double()
      for _, form in ipairs { "%.17g", "%.25e", "%.20e", "%.5e" } do
        local text = form:format(value):gsub("^(-?%d+)$", "%1.0")
        local expected = tonumber(text)
        if math.abs(expected) ~= math.huge then assert_real(expected + 0.0, text) end
      end
    end
  end)

  it("is rounded to even half way, however many digits say so", function()
    assert_real(9007199254740992.0, "9007199254740993.0")
    assert_real(9007199254740994.0, "9007199254740993.00000000000000000000000001")
    assert_real(9007199254740996.0, "9007199254740995.0")
    assert_real(1.0, "1." .. ("0"):rep(1000) .. "1")
    assert_real(1.0, "0." .. ("0"):rep(400) .. "1e401")
    assert_real(0.0, "2e-324")
    assert_real(5e-324, "3e-324")
    assert_real(-0.0, "-1e-400")
    assert_real(0.0, "0e999999999999999999999")
    assert_real(1.7976931348623157e308, "1.7976931348623158e308")
    assert_real(1e22, "1e22")
    assert_real(1e23, "1e23")
    assert_real(123456789012345680.0, "12345678901234567890e-2")
  end)

  it("beyond the largest double is an error, with its place", function()
    for _, text in ipairs { "1e309", "1.7976931348623159e308", "-1e400", "1" .. ("0"):rep(400) .. ".0" } do
      local value, err = json.decode("[" .. text .. "]")
      assert.is_nil(value)
      assert.same({ "json", "range", 1 }, { err.kind, err.code, err.offset })
    end
  end)
end)

describe("an integer", function()
  it("is exact to both ends of 64 bits", function()
    math.randomseed(13)
    for _ = 1, 2000 do
      local value = math.random(0) >> math.random(0, 63)
      for _, expected in ipairs { value, -value } do
        local actual = json.decode(("%d"):format(expected))
        assert.equal("integer", math.type(actual))
        assert.equal(expected, actual)
        assert.equal(("%d"):format(expected), json.encode(expected))
      end
    end
  end)

  it("beyond them is an error, never a float", function()
    for _, text in ipairs { "9223372036854775808", "-9223372036854775809", "18446744073709551615",
      "18446744073709551616", "99999999999999999999", "1" .. ("0"):rep(1000) } do
      local value, err = json.decode(text)
      assert.is_nil(value)
      assert.equal("range", err.code)
    end
    local _, err = json.decode '{"a":[1,9223372036854775808]}'
    assert.equal("a[1]", err.path)
    assert.is_truthy(err.message:find("^integer 9223372036854775808 is out of range at line 1"))
  end)
end)

describe("a locale with a decimal comma", function()
  it("changes nothing", function()
    assert.equal("0,5\n[0.1,0.30000000000000004,1e300]\ntrue\ntrue\ntrue\n", locale.printed([[
      local json = require "usagelua.json"
      local function bits(number) return ("%q"):format(number) end
      enter_locale()
      print(("%.1f"):format(0.5))
      print(json.encode { 0.1, 0.1 + 0.2, 1e300 })
      print(bits(json.decode "0.30000000000000004") == bits(0.1 + 0.2))
      print(bits(json.decode "1.5") == bits(1.5))
      print(bits(json.decode "1.500000000000000000000000e-30") == bits(1.5e-30))]], "de_DE"))
  end)
end)
