local errors = require "usagelua.errors"
local kit = require "usagelua.vendor.kit"

local NEW_YORK <const> = "America/New_York"

-- Kind and message of what the function raises.
local function raised(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return errors.from(err).kind, errors.from(err).message
end

describe("the kit's times", function()
  it("are read and written", function()
    assert.are.equal(1780272000, kit.seconds "2026-06-01T00:00:00Z")
    assert.are.equal("2026-03-01T05:40:00+05:30", kit.at_offset("2026-03-01T00:00:00Z", "+05:30", 600))
  end)

  for _, case in ipairs {
    { "2026-06-01T00:00:00Z" }, { "2026-06-01", "%Y-%m-%d" }, { 1780272000, "epoch" },
    { 1780272000000, "epoch_ms" }, { "2026-06-01T02:00:00+02:00", "rfc3339", "Europe/Berlin" },
    { "2026-05-31 19:00", "%Y-%m-%d %H:%M", "-05:00" },
  } do
    it("are " .. case[1] .. " as " .. tostring(case[2] or "they come"), function()
      assert.are.equal(case[1], kit.time(1780272000, case[2], case[3]))
    end)
  end

  it("refuse what is none", function()
    assert.are.equal("usage", (raised(kit.time, "1780272000")))
    assert.are.equal("usage", (raised(kit.time, 1780272000, "%Q")))
    assert.are.equal("usage", (raised(kit.time, 1780272000, nil, "Nowhere")))
    assert.are.equal("shape", (raised(kit.seconds, "yesterday")))
  end)
end)

describe("the kit's JSON", function()
  it("is exact and strict", function()
    assert.are.equal(9007199254740993, kit.decode("[9007199254740993]")[1])
    assert.are.equal(kit.null, kit.decode("[null]")[1])
    assert.are.equal('{"a":[],"b":1}', kit.encode { b = 1, a = kit.array {} })
    assert.are.equal("json", (raised(kit.decode, '{"a":1,"a":2}')))
    assert.are.equal("shape", (raised(kit.decode, nil)))
  end)
end)

describe("the kit", function()
  it("escapes what is to stand in a path", function()
    assert.are.equal("a%2Fb%3Fc%20d%25", kit.escape "a/b?c d%")
    assert.are.equal("7", kit.escape(7))
  end)

  it("ends in words of the script's own", function()
    local kind, message = raised(kit.fail, "no seats")
    assert.are.same({ "vendor", "no seats" }, { kind, message })
  end)
end)

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
