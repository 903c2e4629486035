local number = require "usagelua.report.number"

describe("number.exact", function()
  it("is the shortest text that reads back as the same number", function()
    local cases = {
      { "0", 0 }, { "0", -0.0 }, { "-7", -7 }, { "3", 3.0 }, { "312.54", 312.54 }, { "0.1", 0.1 },
      { "0.30000000000000004", 0.1 + 0.2 }, { "1e+300", 1e300 }, { "9007199254740992", 2.0 ^ 53 },
      { "9223372036854775807", math.maxinteger }, { "-9223372036854775808", math.mininteger },
    }
    for _, case in ipairs(cases) do assert.equal(case[1], number.exact(case[2])) end
  end)

  it("reads back as the same number", function()
    for i = 1, 2000 do
      local value = string.unpack("d", string.pack("i8", i * 0x5DEECE66D0BB1))
      if value == value and math.abs(value) ~= math.huge then
        assert.equal(value, tonumber(number.exact(value)))
      end
    end
  end)
end)

describe("number.grouped", function()
  local CASES <const> = {
    { "0", 0 }, { "0", 0.0 }, { "7", 7 }, { "999", 999 }, { "1,000", 1000 }, { "-1,234,567", -1234567 },
    { "9,223,372,036,854,775,807", math.maxinteger }, { "-9,223,372,036,854,775,808", math.mininteger },
    { "312.54", 312.54 }, { "1,234,567.89", 1234567.891 }, { "2", 2.0 }, { "2.5", 2.5 }, { "100", 99.999 },
    { "0.0868", 0.0868166 }, { "0.0004", 0.0004 }, { "1", 0.999999 }, { "-0.5", -0.5 }, { "1e-12", 1e-12 },
    { "1e+22", 1e22 },
  }
  for _, case in ipairs(CASES) do
    it("writes " .. case[1], function() assert.equal(case[1], number.grouped(case[2])) end)
  end

  it("never writes zero for what is not zero", function()
    for exponent = -300, 0 do
      assert.not_equal("0", number.grouped(10.0 ^ exponent))
    end
  end)
end)
