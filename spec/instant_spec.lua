local instant = require "usagelua.instant"

describe("instant.parse", function()
  local cases = {
    { "1970-01-01T00:00:00Z", 0 }, { "2023-06-30T11:33:40+00:00", 1688124820 },
    { "2026-06-01T00:30:00+05:30", 1780254000 }, { "2026-05-31t19:00:00z", 1780254000 },
    { "2024-02-29T12:00:00Z", 1709208000 }, { "2000-03-01T00:00:00-08:00", 951897600 },
    { "1969-12-31T23:59:59Z", -1 }, { "2026-06-01 00:00:00Z", 1780272000 },
    { "2026-06-01T00:00:00.250Z", 1780272000.25 }, { "9999-12-31T23:59:59Z", 253402300799 },
  }
  for _, case in ipairs(cases) do
    it("reads " .. case[1], function()
      assert.equal(case[2], instant.parse(case[1]))
      assert.equal(math.type(case[2]), math.type(instant.parse(case[1])))
    end)
  end

  for _, text in ipairs {
    "2026-02-29T00:00:00Z", "2026-06-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
    "2026-06-01", "2026-06-01T00:00:00", "2026-06-01T24:00:00Z", "2026-06-01T00:60:00Z",
    "2026-06-01T00:00:00+5:30", "2026-06-01T00:00:00+24:00", "2026-06-01T00:00:00.Z", "yesterday",
      "",
    "2026-06-01T00:00:00Zulu", 1780272000, true,
  } do
    it("refuses " .. tostring(text), function()
      assert.is_nil(instant.parse(text))
    end)
  end

  it("agrees with the C library on every day of two centuries", function()
    for day = -25567, 47481, 13 do
      assert.equal(day * 86400, instant.parse(os.date("!%Y-%m-%dT%H:%M:%SZ", day * 86400)))
    end
  end)
end)
