local errors = require "usagelua.errors"
local kit = require "usagelua.vendor.kit"

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
