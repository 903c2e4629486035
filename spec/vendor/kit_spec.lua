local kit = require "usagelua.vendor.kit"

local NEW_YORK <const> = "America/New_York"

local function assert_shape(expected, fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.are.equal("shape", err.kind)
  assert.are.equal(expected, err.message)
end

describe("kit.clock_seconds", function()
  for text, expected in pairs {
    ["2026-06-01T00:00:00.000Z"] = { 1780286400, 0 },
    ["2026-06-01T00:00:00"] = { 1780286400, 0 },
    ["2026-06-01T00:00:00-04:00"] = { 1780286400, 0 },
    ["2026-06-01T04:00:00+00:00"] = { 1780286400, 0 },
    ["2026-05-31T23:59:59.999Z"] = { 1780286399, 0.999 },
    ["2026-03-08T03:00:00Z"] = { 1772953200, 0 }, -- the hour after the gap
    ["2025-11-02T01:30:00Z"] = { 1762061400, 0 }, -- the earlier of two
    ["2025-11-02T01:30:00-05:00"] = { 1762065000, 0 },
  } do
    it("reads " .. text, function()
      assert.are.same(expected, { kit.clock_seconds(text, NEW_YORK) })
    end)
  end

  it("refuses what is no time as the vendor's mistake", function()
    assert_shape("'soon' is not a time: 'soon': not an RFC 3339 date-time such as "
      .. "2026-06-01T00:00:00Z", kit.clock_seconds, "soon", "UTC")
  end)
end)

describe("kit.period", function()
  for _, case in ipairs {
    { 1780272000, 1782864000, "UTC", "month", "2026-06", "2026-06-01T00:00:00Z",
      "2026-07-01T00:00:00Z" },
    { 1780272000, 1782864000, "UTC", "day", "2026-06-01..2026-06-30" },
    { 1780272000, 1780358400, "UTC", "day", "2026-06-01" },
    { 1780272000, 1780876800, "UTC", "week", "2026-W23" },
    { 1780272000, 1780358400, "UTC", "month", "2026-06-01" },
    { 1780286400, 1780290000, NEW_YORK, "hour", "2026-06-01T00", "2026-06-01T00:00:00-04:00",
      "2026-06-01T01:00:00-04:00" },
    { 1762063200, 1762066800, NEW_YORK, "hour", "2025-11-02T01-05:00" },
  } do
    it("names " .. case[5], function()
      local label, from, to = kit.period(table.unpack(case, 1, 4))
      assert.are.equal(case[5], label)
      if case[6] then assert.are.same({ case[6], case[7] }, { from, to }) end
    end)
  end
end)

describe("kit.refuse", function()
  it("refuses an answer, not the script", function()
    assert_shape("7 is no colour", kit.refuse, "%d is no colour", 7)
  end)
end)
