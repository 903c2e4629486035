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

describe("row_period.of where rows last as long as the description says", function()
  local function begun(lasts, start, zone, sent)
    return read({ zone = zone or "UTC", lasts = lasts, outside = "leave", missing = "error" }, start, nil, sent)
  end

  it("names the period by its beginning, by the clock of the zone", function()
    assert.same({ "2026-06-03", "2026-06-03T00:00:00Z", "2026-06-04T00:00:00Z" }, begun("1d", "2026-06-03T00:00:00Z"))
    assert.same({ "2026-06-03T05:40", "2026-06-03T05:40:00+05:30", "2026-06-03T05:50:00+05:30" },
      begun("10m", "2026-06-03T00:10:00Z", "+05:30"))
    assert.same({ "2026-06-03T00:00:30", "2026-06-03T00:00:30+00:00", "2026-06-03T00:01:00+00:00" },
      begun("30s", "2026-06-02T22:00:30-02:00", "+00:00"))
  end)

  it("takes lengths and clocks from parameters", function()
    local sent = setmetatable({ width = "6h", timezone = "-08:00" }, { __index = SENT })
    assert.same({ "2026-06-02T16:00", "2026-06-02T16:00:00-08:00", "2026-06-02T22:00:00-08:00" },
      begun("{width}", "2026-06-03T00:00:00Z", "{timezone}", sent))
  end)

  it("gives each row to one window: that in which it begins, and the first what has begun before", function()
    assert.is_false(begun("1d", "2026-07-01T00:00:00Z")[1])
    assert.is_false(begun("1h", "2026-05-31T23:00:00Z")[1])
    assert.equal("2026-05-31T23:00", begun("6h", "2026-05-31T23:00:00Z")[1])
    assert.equal("2026-06-30", begun("1d", "2026-06-30T23:00:00Z")[1])
  end)

  it("refuses a row that says none, one of another period, what is no time", function()
    local function refused(more, start) return read(more, start)[2].message end
    assert.match("does not say its period", refused({ lasts = "1d", missing = "error" }))
    assert.same(JUNE, read { lasts = "1d" })
    assert.equal("asked for 2026-06-01 to 2026-06-30, a row begins at 2026-07-01T00:00:00Z",
      refused({ lasts = "1d" }, "2026-07-01T00:00:00Z"))
    assert.match("'noon' is not a time", refused({ lasts = "1d" }, "noon"))
  end)
end)
