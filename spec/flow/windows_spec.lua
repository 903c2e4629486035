local outcome = require "support.outcome"
local period = require "usagelua.time.period"
local timestamp = require "usagelua.time.timestamp"
local windows = require "usagelua.flow.windows"
local zone = require "usagelua.time.zone"

local DAY <const> = 86400
local ZONES = { "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
  "America/Sao_Paulo", "Pacific/Apia", "UTC", "+05:30" }

local TESTMU = { max_days = 90, ends = "inclusive", whole = "second", format = "%Y-%m-%d %H:%M:%S",
  zone = "offset" }
local CONCURRENCY = { max_days = 31, ends = "exclusive", format = "rfc3339", zone = "UTC" }
local DATES = { max_days = 31, ends = "inclusive", format = "%Y-%m-%d", zone = "UTC" }

local function at(text)
  return (assert(timestamp.parse_rfc3339(text)))
end

-- 1 s to 5 years, every order of magnitude as often as the others.
local function random_period(place)
  local from = math.random(at "2006-01-01T00:00:00Z", at "2036-01-01T00:00:00Z")
  local length = math.floor(math.exp(math.random() * math.log(5 * 366 * DAY)))
  return period.between(from, from + length, place)
end

local function assert_tiles(asked, list)
  local at_s = asked.from
  for _, window in ipairs(list) do
    assert.equal(at_s, window.from)
    assert.is_true(window.to > window.from)
    assert.equal(window.from, (at(window.period_start)))
    assert.equal(window.to, (at(window.period_end)))
    at_s = window.to
  end
  assert.equal(asked.to, at_s)
end

local function longest(list)
  local seconds = 0
  for _, window in ipairs(list) do seconds = math.max(seconds, window.to - window.from) end
  return seconds
end

local function assert_one_offset(place, window)
  local change = place:next_change(window.from)
  assert.is_true(change == nil or change >= window.to)
end

-- How each kind of rules writes its edges, back as instants.
local READ_BACK = {
  [TESTMU] = function(edges)
    return at(edges.from:gsub(" ", "T") .. edges.timezone), at(edges.to:gsub(" ", "T") .. edges.timezone) + 1
  end,
  [CONCURRENCY] = function(edges) return at(edges.from), at(edges.to) end,
}

describe("windows.cut", function()
  for name, rules in pairs { offset = TESTMU, UTC = CONCURRENCY } do
    it("tiles 1,000 random periods in eight zones: edges in " .. name, function()
      math.randomseed(rules.max_days)
      for i = 1, 1000 do
        local asked = random_period(zone.parse(ZONES[i % #ZONES + 1]))
        local list = windows.cut(asked, rules)
        assert_tiles(asked, list)
        for _, window in ipairs(list) do
          assert.is_true(window.to - window.from <= rules.max_days * DAY)
          if rules == TESTMU then assert_one_offset(asked.zone, window) end
          assert.same({ window.from, window.to }, { READ_BACK[rules](windows.edges(window, rules)) })
        end
      end
    end)
  end

  it("holds to a limit in hours, to the second", function()
    local asked = period.parse("2026-06-01T01:30:10..2026-06-01T20:00:00", "UTC")
    local list = windows.cut(asked, { max_hours = 6 })
    assert_tiles(asked, list)
    assert.equal(6 * 3600, longest(list))
  end)

  it("tiles every grain, each window in one piece of it", function()
    math.randomseed(5)
    for _, name in ipairs(ZONES) do
      for _, grain in ipairs { "year", "quarter", "month", "week", "day", "hour" } do
        local place = zone.parse(name)
        local from = math.random(at "2006-01-01T00:00:00Z", at "2030-01-01T00:00:00Z")
        local asked = period.between(from, from + (grain == "hour" and 3 or 400) * DAY, place)
        local list = windows.cut(asked, TESTMU, grain)
        assert_tiles(asked, list)
        local pieces, i = asked:split(grain), 1
        for _, window in ipairs(list) do
          if window.from >= pieces[i].to then i = i + 1 end
          assert.is_true(pieces[i].from <= window.from and window.to <= pieces[i].to)
          assert.equal(pieces[i].label, window.grain_label)
          assert_one_offset(place, window)
        end
      end
    end
  end)

  it("tiles by hours, and keeps to whole ones", function()
    math.randomseed(6)
    local rules = { max_hours = 6, whole = "hour", zone = "UTC" }
    for i = 1, 200 do
      local place = zone.parse(ZONES[i % #ZONES + 1])
      local from = math.random(300000, 500000) * 3600
      local asked = period.between(from, from + math.random(1, 100) * 3600, place)
      local list = windows.cut(asked, rules)
      assert_tiles(asked, list)
      for _, window in ipairs(list) do
        assert.is_true(window.to - window.from <= 6 * 3600)
        assert.equal(0, window.from % 3600)
      end
    end
  end)

  it("tiles whole days, counted as days", function()
    local asked = period.parse("2025..2026", "Europe/Berlin")
    local rules = { max_days = 31, ends = "inclusive", format = "%Y-%m-%d", zone = "report" }
    local list = windows.cut(asked, rules)
    assert_tiles(asked, list)
    assert.equal(24, #list)
    for _, window in ipairs(list) do
      assert.is_true(asked.zone:is_day_start(window.from))
      assert.is_true(window.to - window.from <= 31 * DAY + 3600)
    end
  end)

  local function rows(text, zone_name, rules, grain)
    local list = {}
    for i, window in ipairs(windows.cut(period.parse(text, zone_name), rules, grain)) do
      local edges = windows.edges(window, rules)
      list[i] = ("%s | %s | %s | %s"):format(window.label, edges.from, edges.to, edges.timezone)
    end
    return list
  end

  it("cuts at midnight, 90 days less one second for an inclusive end", function()
    assert.same({
      "2026-01-01..2026-03-31 | 2026-01-01 00:00:00 | 2026-03-31 23:59:59 | +05:30",
      "2026-04-01..2026-05-15 | 2026-04-01 00:00:00 | 2026-05-15 23:59:59 | +05:30",
    }, rows("2026-01-01..2026-05-15", "+05:30", TESTMU))
  end)

  it("cuts a period that begins at noon at midnight too", function()
    assert.same({
      "2026-01-01T12:00:00..2026-04-01T00:00:00 | 2026-01-01 12:00:00 | 2026-03-31 23:59:59 | +00:00",
      "2026-04-01..2026-04-30 | 2026-04-01 00:00:00 | 2026-04-30 23:59:59 | +00:00",
    }, rows("2026-01-01T12:00..2026-04-30", "UTC", TESTMU))
  end)

  it("asks for no hour that comes twice in words that say no offset", function()
    local day = "2026-10-25"
    local function cut(rules, place, grain, text)
      return pcall(windows.cut, period.parse(text or day, place or "Europe/Berlin"), rules, grain)
    end
    local clock = { zone = "report", format = "%Y-%m-%d %H:%M:%S" }
    for _, rules in ipairs { clock, { zone = "report", format = "%F %R", ends = "inclusive" },
      { zone = "Europe/Berlin", format = "%FT%TZ" },
      { zone = "report", max_hours = 1, whole = "hour", parts = { "year", "month", "day", "hour" } } } do
      local ok, err = cut(rules, nil, "hour")
      assert.is_false(ok)
      assert.truthy(err.message:find("2026-10-25 02:", 1, true), err.message)
      assert.truthy(err.message:find("comes twice in Europe/Berlin", 1, true), err.message)
    end
    assert.is_true((cut(clock)))
    assert.is_true((cut(clock, "UTC", "hour")))
    assert.is_true((cut(clock, nil, "hour", "2026-10-24")))
    assert.is_true((cut({ zone = "report", format = "%F" }, nil, "day")))
    for _, format in ipairs { "rfc3339", "epoch", "%F %T%z" } do
      local ok, list = cut({ zone = "report", format = format }, nil, "hour")
      assert.is_true(ok)
      assert.are.equal(25, #list)
    end
    assert.are.equal(25, #select(2, cut({ zone = "offset", format = "%F %R" }, nil, "hour")))
  end)

  it("cuts where the offset changes, and writes each part with its own", function()
    assert.same({
      "2026-03-01T00:00:00..2026-03-29T03:00:00 | 2026-03-01 00:00:00 | 2026-03-29 01:59:59 | +01:00",
      "2026-03-29T03:00:00..2026-04-01T00:00:00 | 2026-03-29 03:00:00 | 2026-03-31 23:59:59 | +02:00",
    }, rows("2026-03", "Europe/Berlin", TESTMU))
    assert.same({
      "2026-10-25T00:00:00..2026-10-25T02:00:00+01:00"
        .. " | 2026-10-25 00:00:00 | 2026-10-25 02:59:59 | +02:00",
      "2026-10-25T02:00:00+01:00..2026-10-26T00:00:00"
        .. " | 2026-10-25 02:00:00 | 2026-10-25 23:59:59 | +01:00",
    }, rows("2026-10-25", "Europe/Berlin", TESTMU))
  end)

  it("writes an excluded end at an offset change with the offset before it", function()
    local rules = { format = "%H:%M%:z", zone = "offset" }
    assert.same({ "00:00+02:00", "03:00+02:00" }, { rows("2026-10-25", "Europe/Berlin", rules)[1]
      :match "| (%S+) | (%S+)" })
  end)

  it("splits by grain first, in the report's zone", function()
    assert.same({
      "2026-04 | 2026-03-31T22:00:00Z | 2026-04-30T22:00:00Z | +00:00",
      "2026-05-01..2026-05-30 | 2026-04-30T22:00:00Z | 2026-05-30T22:00:00Z | +00:00",
      "2026-05-31 | 2026-05-30T22:00:00Z | 2026-05-31T22:00:00Z | +00:00",
    }, rows("2026-04..2026-05", "Europe/Berlin", { max_days = 30, ends = "exclusive" }, "month"))
  end)

  it("labels one window as the period, several as A..B", function()
    assert.equal("2026-Q2 | 2026-04-01 | 2026-06-30 | +00:00",
      rows("2026-Q2", "UTC", { max_days = 91, ends = "inclusive", format = "%Y-%m-%d" })[1])
    assert.equal("2026-04-01..2026-05-01 | 2026-04-01 | 2026-05-01 | +00:00",
      rows("2026-Q2", "UTC", DATES)[1])
  end)

  it("says when the parts need not add up", function()
    local rules = { max_days = 31, cut = "may_differ" }
    assert.is_nil(windows.cut(period.parse "2026-06", rules)[1].may_differ)
    for _, window in ipairs(windows.cut(period.parse "2026-Q2", rules)) do
      assert.is_true(window.may_differ)
    end
    assert.is_nil(windows.cut(period.parse "2026-Q2", DATES)[1].may_differ)
  end)

  it("cuts nothing for a grain by which the vendor divides its own answer", function()
    local rules = { cut = "forbidden", grain_by = "vendor", grains = { "total", "month" } }
    local list = windows.cut(period.parse "2026", rules, "month")
    assert.same({ 1, "2026" }, { #list, list[1].label })
  end)

  local function labels(text, rules, grain)
    local list = {}
    for index, window in ipairs(windows.cut(period.parse(text), rules, grain)) do list[index] = window.label end
    return list
  end

  it("cuts at the borders of what the vendor divides its answer into", function()
    local rules = { grain_by = "vendor", max_buckets = 2 }
    assert.same({ "2026-01-01..2026-02-28", "2026-03-01..2026-04-30", "2026-05" },
      labels("2026-01..2026-05", rules, "month"))
    assert.same({ "2026-Q1" }, labels("2026-Q1", rules, "total"))
    assert.same({ "2026-06-01..2026-06-28", "2026-06-29..2026-07-26", "2026-07-27..2026-07-31" },
      labels("2026-06..2026-07", { grain_by = "vendor", max_days = 28 }, "week"))
    assert.same({ "2026-05" }, labels("2026-05", { grain_by = "vendor", max_days = 31 }, "day"))
    assert.same({ "2026-06-01..2026-06-20", "2026-06-21..2026-06-30" },
      labels("2026-06", { grain_by = "vendor", max_days = 20 }, "month"))
  end)

  it("cuts by months where they begin", function()
    local rules = { max_months = 2 }
    assert.same({ "2026-01-15..2026-02-28", "2026-03-01..2026-04-15" }, labels("2026-01-15..2026-04-15", rules))
    assert.same({ "2026-01", "2026-02" }, labels("2026-01..2026-02", { max_months = 1, whole = "month" }, "month"))
    assert.same({ "2026-01-01..2026-06-30", "2026-07-01..2026-12-31" },
      labels("2026", { max_months = 8, whole = "quarter" }))
  end)

  it("leaves the vendor its own period where it has one", function()
    local own = { format = "%Y-%m-%d", vendor_default = true }
    local list = windows.cut(period.parse "vendor", own)
    assert.same({ { vendor = true, label = "vendor", grain_label = "vendor" } }, list)
    assert.same({}, windows.edges(list[1], own))
  end)

  local function refused(text, zone_name, rules, grain)
    return outcome.usage_error(windows.cut, period.parse(text, zone_name), rules, grain)
  end

  it("refuses what would have to be cut and must not be", function()
    local rules = { max_days = 31, cut = "forbidden" }
    assert.is_nil(refused("2026-05", "UTC", rules))
    assert.is_nil(refused("2026-05", "UTC", rules, "month"))
    assert.equal("period '2026-Q2': it is 91 days long, and this dataset takes at most 31 days at once and "
      .. "its totals do not add up over parts; ask for a shorter period", refused("2026-Q2", "UTC", rules))
    assert.equal("period '2026-05': grain 'week' would cut it, and this dataset's totals do not add "
      .. "up over parts; use grain total, or ask for one week at a time",
      refused("2026-05", "UTC", rules, "week"))
    assert.equal("period '2026-03': the offset of Europe/Berlin changes within it, and this dataset takes "
      .. "one offset and its totals do not add up over parts; use --zone UTC or a fixed offset",
      refused("2026-03", "Europe/Berlin", { cut = "forbidden", zone = "offset" }))
    assert.equal("period '2026-06-01T00:00:00..2026-06-01T18:00:00': it is 0.75 days long, and this dataset "
      .. "takes at most 6 hours at once and its totals do not add up over parts; ask for a shorter period",
      refused("2026-06-01T00:00..2026-06-01T18:00", "UTC", { max_hours = 6, cut = "forbidden" }))
  end)

  it("says which length would be cut", function()
    assert.matches("it is 59 days long, and this dataset takes at most 1 calendar month at once",
      refused("2026-01..2026-02", "UTC", { max_months = 1, cut = "forbidden" }))
    assert.matches("by day it has 31, and this dataset takes at most 30 at once",
      refused("2026-01", "UTC", { max_buckets = 30, grain_by = "vendor", cut = "forbidden" }, "day"))
    assert.is_nil(refused("2026-06", "UTC", { max_buckets = 30, grain_by = "vendor", cut = "forbidden" }, "day"))
  end)

  it("refuses edges that are no whole months, and grains finer than them", function()
    local rules = { max_months = 1, whole = "month" }
    assert.equal("period '2026-06-15': this dataset takes whole months in UTC, and 2026-06-15T00:00:00Z is "
      .. "none; choose another period, or --zone UTC", refused("2026-06-15", "UTC", rules))
    assert.equal("grain 'day': this dataset can be asked by total, year, quarter, month",
      refused("2026-06", "UTC", rules, "day"))
    assert.equal("grain 'month': this dataset can be asked by total, week",
      refused("2026-06", "UTC", { format = "%G-W%V" }, "month"))
  end)

  it("refuses a grain that the dataset has not", function()
    assert.equal("grain 'hour': this dataset can be asked by total, year, quarter, month, week, day",
      refused("2026-06", "UTC", DATES, "hour"))
    assert.equal("grain 'day': this dataset can be asked by total, month",
      refused("2026-06", "UTC", { grains = { "total", "month" } }, "day"))
    assert.is_nil(refused("2026-06-01", "UTC", { whole = "hour" }, "hour"))
    assert.is_nil(refused("2026-06-01", "UTC", { format = "epoch_ms" }, "hour"))
  end)

  it("refuses edges that are no whole days, or hours", function()
    assert.equal("period '2026-06': this dataset takes whole days in UTC, and 2026-05-31T22:00:00Z is none; "
      .. "choose another period, or --zone UTC", refused("2026-06", "Europe/Berlin", DATES))
    assert.equal("period '2026-06-01T00:00:00..2026-06-02T12:00:00': this dataset takes whole days in UTC, "
      .. "and 2026-06-02T12:00:00Z is none; choose another period, or --zone UTC",
      refused("2026-06-01..2026-06-02T12:00", "UTC", DATES))
    assert.equal("period '2026-06-01': this dataset takes whole hours in UTC, and 2026-05-31T18:30:00Z is "
      .. "none; choose another period, or --zone UTC",
      refused("2026-06-01", "Asia/Kolkata", { whole = "hour" }))
  end)

  it("does not believe a format of days to hold seconds", function()
    local rules = { whole = "second", format = "%Y-%m-%d" }
    assert.matches("takes whole days in UTC", refused("2026-06-01T00:00..2026-06-02T12:00", "UTC", rules))
    assert.matches("can be asked by", refused("2026-06", "UTC", rules, "hour"))
  end)

  it("refuses whole days with one offset where the offset changes in a day", function()
    local rules = { format = "%Y-%m-%d", zone = "offset" }
    assert.is_nil(refused("2026-06", "Europe/Berlin", rules))
    assert.equal("period '2026-03': the offset of Europe/Berlin changes at 2026-03-29T03:00:00+02:00, "
      .. "and this dataset takes whole days with one offset; use --zone UTC or a fixed offset such as +01:00",
      refused("2026-03", "Europe/Berlin", rules))
  end)

  it("refuses the vendor's own period where it has none, or by grain", function()
    assert.equal("period 'vendor': this dataset has no period of its own; name one such as 'last month'",
      refused("vendor", "UTC", DATES))
    assert.equal("grain 'day': the vendor's own period is not cut",
      refused("vendor", "UTC", { vendor_default = true }, "day"))
  end)

  it("raises on rules that no window can keep", function()
    assert.has_error(function() windows.cut(period.parse "2026", { max_hours = 12, whole = "day" }) end,
      "a window of at most 43200 s cannot hold a whole day")
    assert.equal("format '%Q'", refused("2026", "UTC", { format = "%Q" }):sub(1, 11))
    for message, rules in pairs {
      ["max_days and max_months both limit a window; give one"] = { max_days = 31, max_months = 1 },
      ["a window of at most 2 months cannot hold a whole quarter"] = { max_months = 2, whole = "quarter" },
      ["months are not made of whole weeks: say max_days"] = { max_months = 2, whole = "week" },
      ["unknown part 'moth'; did you mean 'month'? known: day, hour, month, year"] = { parts = { "moth" } },
      ["max_buckets counts what the vendor divides itself: say grain_by = \"vendor\""] = { max_buckets = 2 },
    } do
      assert.equal(message, outcome.usage_error(windows.check, rules))
    end
  end)
end)

describe("windows.edges", function()
  local function edges(zone_name, rules)
    local e = windows.edges(windows.cut(period.parse("2026-06", zone_name), rules)[1], rules)
    return ("%s %s %s"):format(e.from, e.to, e.timezone)
  end

  it("writes each format, the last unit that it shows being included", function()
    for _, row in ipairs {
      { "2026-06-01 2026-06-30 +00:00", { format = "%F" } },
      { "2026-06-01T00 2026-06-30T23 +00:00", { format = "%FT%H" } },
      { "00:00 23:59 +00:00", { format = "%R" } },
      { "2026-06-01T00:00:00Z 2026-06-30T23:59:59Z +00:00", {} },
      { "2026-06-01T00:00:00.000Z 2026-06-30T23:59:59.999Z +00:00", { format = "rfc3339ms" } },
      { "1780272000 1782863999 +00:00", { format = "epoch" } },
      { "1780272000000 1782863999999 +00:00", { format = "epoch_ms" } },
    } do
      row[2].ends = "inclusive"
      assert.equal(row[1], edges("UTC", row[2]))
    end
  end)

  it("writes nines for the zeros of a fraction at an end that counts: the second is asked for whole", function()
    for _, row in ipairs {
      { "2026-06-01T00:00:00.000Z 2026-06-30T23:59:59.999Z +00:00", { format = "%FT%T.000Z" } },
      { "2026-06-01 00:00:00,000000 2026-06-30 23:59:59,999999 +00:00", { format = "%F %H:%M:%S,000000" } },
      { "20260601000000000 20260630235959999 +00:00", { format = "%Y%m%d%H%M%S000" } },
      { "1780272000000 1782863999999 +00:00", { format = "%s000" } },
      { "2026-06-01T00:00:00Z 2026-06-30T23:59:59Z +00:00", { format = "%FT%TZ" } },
      { "2026-06-01T00:00.000 2026-06-30T23:59.000 +00:00", { format = "%FT%R.000" } },
      { "00%S.000 59%S.000 +00:00", { format = "%M%%S.000" } },
    } do
      row[2].ends = "inclusive"
      assert.equal(row[1], edges("UTC", row[2]))
    end
  end)

  it("writes the start of what follows where the end is excluded", function()
    for _, row in ipairs {
      { "2026-06-01T00:00:00.000Z 2026-07-01T00:00:00.000Z +00:00", { format = "%FT%T.000Z" } },
      { "2026-06-01 2026-07-01 +00:00", { format = "%F" } },
      { "2026-06-01T00:00:00.000Z 2026-07-01T00:00:00.000Z +00:00", { format = "rfc3339ms" } },
      { "1780272000 1782864000 +00:00", { format = "epoch" } },
    } do
      assert.equal(row[1], edges("UTC", row[2]))
    end
  end)

  it("writes the beginning in parts, as they are said", function()
    local rules = { parts = { "year", "hour", m = "%-m", day = "%-d" }, zone = "report" }
    local e = windows.edges(windows.cut(period.parse("2026-06", "Europe/Berlin"), rules)[1], rules)
    assert.same({ "2026", "6", "1", "00", nil }, { e.year, e.m, e.day, e.hour, e.month })
    assert.same({ "day", "hour", "m", "year" }, windows.part_names(rules))
  end)

  it("writes in the zone that the vendor reads", function()
    for _, row in ipairs {
      { "2026-05-31T22:00:00Z 2026-06-30T21:59:59Z +00:00", {} },
      { "2026-06-01T00:00:00+02:00 2026-06-30T23:59:59+02:00 +02:00", { zone = "offset" } },
      { "2026-05-31T18:00:00.000-04:00 2026-06-30T17:59:59.999-04:00 -04:00",
        { format = "rfc3339ms", zone = "America/New_York" } },
      { "2026-06-01 2026-06-30 +02:00", { format = "%F", zone = "report" } },
    } do
      row[2].ends = "inclusive"
      assert.equal(row[1], edges("Europe/Berlin", row[2]))
    end
  end)
end)

describe("a clock of no whole minutes", function()
  it("is refused with what to do, since no offset says it", function()
    local asked = period.parse("1971-06", "Africa/Monrovia")
    for _, rules in ipairs { TESTMU, { max_days = 31, format = "%F %T", zone = "report" } } do
      local _, err = pcall(windows.cut, asked, rules)
      assert.equal("usage", err.kind)
      assert.equal("period '1971-06': the clock of Africa/Monrovia then differed from UTC by -2670 s, "
        .. "which is no whole minute and cannot be sent; use --zone UTC", err.message)
    end
    assert.equal(1, #windows.cut(period.parse("1971-06", "UTC"), TESTMU))
  end)
end)
