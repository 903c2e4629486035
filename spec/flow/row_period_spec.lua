local row_period = require "usagelua.flow.row_period"

local SENT <const> = { from = "2026-06-01", to = "2026-06-30", from_utc = "2026-06-01T00:00:00Z",
  to_utc = "2026-07-01T00:00:00Z", period = "2026-06", period_start = "2026-06-01T00:00:00Z",
  period_end = "2026-07-01T00:00:00Z", zone = "UTC" }
local JUNE <const> = { "2026-06", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z" }

local function described(more)
  local list = { zone = "{zone}", missing = "window", outside = "error" }
  for key, value in pairs(more or {}) do list[key] = value end
  return list
end

local function read(more, first, last, sent)
  return { row_period.of(described(more), first, last, sent or SENT) }
end

describe("row_period.of", function()
  it("names the period that was asked for, also where it ends in a last millisecond", function()
    assert.same(JUNE, read({}, "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"))
    assert.same(JUNE, read({}, "2026-06-01T00:00:00.000Z", "2026-06-30T23:59:59.999Z"))
    assert.same(JUNE, read({}, "2026-06-01T02:00:00+02:00", "2026-06-30T23:59:59.999Z"))
  end)

  it("names a part of it where rows have periods of their own", function()
    assert.same({ "2026-06-03", "2026-06-03T00:00:00Z", "2026-06-04T00:00:00Z" },
      read({ grain = "day" }, "2026-06-03T00:00:00Z", "2026-06-04T00:00:00Z"))
    local daily = setmetatable({ grain = "day" }, { __index = SENT })
    assert.equal("2026-06-03", read({}, "2026-06-03T00:00:00Z", "2026-06-04T00:00:00Z", daily)[1])
  end)

  it("refuses what was not asked for, with the hint, or leaves it out", function()
    local err = read({ hint = "set zone (now {zone})" }, "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z")[2]
    assert.equal("shape", err.kind)
    assert.equal("asked for 2026-06-01 to 2026-06-30, a row is about 2026-05-01T00:00:00Z to "
      .. "2026-06-01T00:00:00Z; set zone (now UTC)", err.message)
    assert.is_false(read({ outside = "leave" }, "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z")[1])
    assert.equal("shape", read({}, "2026-06-03T00:00:00Z", "2026-06-04T00:00:00Z")[2].kind)
  end)

  it("takes a row that says none for the whole, or refuses it", function()
    assert.same(JUNE, read({}, nil, "2026-07-01T00:00:00Z"))
    assert.match("does not say its period", read({ missing = "error" }, nil, nil)[2].message)
  end)

  it("takes any where the vendor chose the period itself", function()
    local vendor = { zone = "UTC" }
    assert.same({ "2026-05", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z" },
      read({ grain = "month", outside = "leave" }, "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", vendor))
  end)

  it("refuses what is no time", function()
    assert.match("'soon' is not a time", read({}, "soon", "2026-06-01T00:00:00Z")[2].message)
    assert.match("which is no period", read({ outside = "leave" }, "2026-06-02T00:00:00Z",
      "2026-06-02T00:00:00Z")[2].message)
  end)
end)
