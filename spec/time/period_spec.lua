local outcome = require "support.outcome"
local period = require "usagelua.time.period"
local timestamp = require "usagelua.time.timestamp"
local zone = require "usagelua.time.zone"

local function at(text)
  return (assert(timestamp.parse_rfc3339(text)))
end

local NOW <const> = at "2026-06-17T12:00:00Z" -- a Wednesday, 2026-W25

-- "label kind from to" of a text, in UTC unless said otherwise.
local function described(text, zone_name)
  local p = period.parse(text, zone_name or "UTC", NOW)
  return ("%s %s %s %s"):format(p.label, p.kind, p.zone:rfc3339(p.from), p.zone:rfc3339(p.to))
end

local function labels(pieces)
  local list = {}
  for i, piece in ipairs(pieces) do list[i] = piece.label end
  return list
end

local FORMS <const> = "accepted: 2026, 2026-Q2, 2026-06, 2026-W23, 2026-06-15, A..B (dates: both "
  .. "days included; date-times such as 2026-06-01T00:00:00 or 2026-06-01T00:00:00+02:00: B "
  .. "excluded), last 30 days, last 12 weeks, last 3 months, today, yesterday, this or "
  .. "last week, month, quarter, year, and vendor"

describe("period.parse", function()
  it("reads calendar units", function()
    for text, expected in pairs {
      ["2026"] = "2026 year 2026-01-01T00:00:00Z 2027-01-01T00:00:00Z",
      ["2026-Q2"] = "2026-Q2 quarter 2026-04-01T00:00:00Z 2026-07-01T00:00:00Z",
      ["2026-q4"] = "2026-Q4 quarter 2026-10-01T00:00:00Z 2027-01-01T00:00:00Z",
      ["2026Q1"] = "2026-Q1 quarter 2026-01-01T00:00:00Z 2026-04-01T00:00:00Z",
      ["2026-06"] = "2026-06 month 2026-06-01T00:00:00Z 2026-07-01T00:00:00Z",
      ["2024-02"] = "2024-02 month 2024-02-01T00:00:00Z 2024-03-01T00:00:00Z",
      ["2026-W23"] = "2026-W23 week 2026-06-01T00:00:00Z 2026-06-08T00:00:00Z",
      ["2026-w01"] = "2026-W01 week 2025-12-29T00:00:00Z 2026-01-05T00:00:00Z",
      ["2026-W53"] = "2026-W53 week 2026-12-28T00:00:00Z 2027-01-04T00:00:00Z",
      ["2024-02-29"] = "2024-02-29 day 2024-02-29T00:00:00Z 2024-03-01T00:00:00Z",
      ["  2026-06-15 "] = "2026-06-15 day 2026-06-15T00:00:00Z 2026-06-16T00:00:00Z",
      ["2026-06-15T13"] = "2026-06-15T13 hour 2026-06-15T13:00:00Z 2026-06-15T14:00:00Z",
    } do
      assert.equal(expected, described(text))
    end
  end)

  it("reads ranges of dates, both included", function()
    for text, expected in pairs {
      ["2026-06-01..2026-06-15"] = "2026-06-01..2026-06-15 range 2026-06-01T00:00:00Z 2026-06-16T00:00:00Z",
      ["2026-06-15..2026-06-15"] = "2026-06-15 day 2026-06-15T00:00:00Z 2026-06-16T00:00:00Z",
      [" 2026-01  ..  2026-03 "] = "2026-01-01..2026-03-31 range 2026-01-01T00:00:00Z 2026-04-01T00:00:00Z",
      ["2025..2026-Q2"] = "2025-01-01..2026-06-30 range 2025-01-01T00:00:00Z 2026-07-01T00:00:00Z",
      ["2026-W01..2026-W02"] = "2025-12-29..2026-01-11 range 2025-12-29T00:00:00Z 2026-01-12T00:00:00Z",
      ["2026-06..2026-06-10"] = "2026-06-01..2026-06-10 range 2026-06-01T00:00:00Z 2026-06-11T00:00:00Z",
      ["2026-06..2026-06"] = "2026-06 month 2026-06-01T00:00:00Z 2026-07-01T00:00:00Z",
    } do
      assert.equal(expected, described(text))
    end
  end)

  it("reads ranges of date-times, the later excluded", function()
    for text, expected in pairs {
      ["2026-06-01T00:00:00..2026-06-03T00:00:00"] = "2026-06-01..2026-06-02 range "
        .. "2026-06-01T00:00:00+02:00 2026-06-03T00:00:00+02:00",
      ["2026-06-01T08:30..2026-06-01 17:00"] = "2026-06-01T08:30:00..2026-06-01T17:00:00 range "
        .. "2026-06-01T08:30:00+02:00 2026-06-01T17:00:00+02:00",
      ["2026-06-01T00:00:00Z..2026-06-01T00:00:01Z"] = "2026-06-01T02:00:00..2026-06-01T02:00:01 range "
        .. "2026-06-01T02:00:00+02:00 2026-06-01T02:00:01+02:00",
      ["2026-06-01..2026-06-02t12:00:00.000-08:00"] = "2026-06-01T00:00:00..2026-06-02T22:00:00 range "
        .. "2026-06-01T00:00:00+02:00 2026-06-02T22:00:00+02:00",
      ["2026-05-31T22:00Z..2026-06"] = "2026-06-01..2026-06-30 range "
        .. "2026-06-01T00:00:00+02:00 2026-07-01T00:00:00+02:00",
      ["2026-10-25T02:30:00+02:00..2026-10-25T02:30:00+01:00"] =
        "2026-10-25T02:30:00+02:00..2026-10-25T02:30:00+01:00 range "
        .. "2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00",
    } do
      assert.equal(expected, described(text, "Europe/Berlin"))
    end
  end)

  it("reads words, in any case and with any spacing", function()
    for text, expected in pairs {
      ["today"] = "2026-06-17 day 2026-06-17T00:00:00Z 2026-06-18T00:00:00Z",
      ["Yesterday"] = "2026-06-16 day 2026-06-16T00:00:00Z 2026-06-17T00:00:00Z",
      ["this week"] = "2026-W25 week 2026-06-15T00:00:00Z 2026-06-22T00:00:00Z",
      ["LAST  WEEK"] = "2026-W24 week 2026-06-08T00:00:00Z 2026-06-15T00:00:00Z",
      ["this-month"] = "2026-06 month 2026-06-01T00:00:00Z 2026-07-01T00:00:00Z",
      ["last_month"] = "2026-05 month 2026-05-01T00:00:00Z 2026-06-01T00:00:00Z",
      ["previous month"] = "2026-05 month 2026-05-01T00:00:00Z 2026-06-01T00:00:00Z",
      ["this quarter"] = "2026-Q2 quarter 2026-04-01T00:00:00Z 2026-07-01T00:00:00Z",
      ["last quarter"] = "2026-Q1 quarter 2026-01-01T00:00:00Z 2026-04-01T00:00:00Z",
      ["this year"] = "2026 year 2026-01-01T00:00:00Z 2027-01-01T00:00:00Z",
      ["last year"] = "2025 year 2025-01-01T00:00:00Z 2026-01-01T00:00:00Z",
      ["last 30 days"] = "2026-05-18..2026-06-16 range 2026-05-18T00:00:00Z 2026-06-17T00:00:00Z",
      ["last 1 day"] = "2026-06-16 day 2026-06-16T00:00:00Z 2026-06-17T00:00:00Z",
      ["last 2 weeks"] = "2026-06-01..2026-06-14 range 2026-06-01T00:00:00Z 2026-06-15T00:00:00Z",
      ["last 3 months"] = "2026-03-01..2026-05-31 range 2026-03-01T00:00:00Z 2026-06-01T00:00:00Z",
      ["last 2 quarters"] = "2025-10-01..2026-03-31 range 2025-10-01T00:00:00Z 2026-04-01T00:00:00Z",
      ["last 1 year"] = "2025 year 2025-01-01T00:00:00Z 2026-01-01T00:00:00Z",
    } do
      assert.equal(expected, described(text))
    end
  end)

  it("takes now in the report's zone", function()
    local late = at "2026-06-30T23:30:00Z"
    assert.equal("2026-07-01", period.parse("today", "Europe/Berlin", late).label)
    assert.equal("2026-06-30", period.parse("today", "UTC", late + 0.5).label)
    assert.equal("2026-06", period.parse("last month", "Europe/Berlin", late).label)
    assert.equal("2026-05", period.parse("last month", zone.parse "UTC", late).label)
  end)

  it("leaves the period to the vendor", function()
    local p = period.parse("Vendor", "UTC", NOW)
    assert.same({ true, "vendor", "vendor" }, { p.vendor, p.label, p.kind })
    assert.is_nil(p.from)
    assert.is_nil(p.to)
  end)

  it("has days of 23, 24 and 25 hours", function()
    for text, hours in pairs { ["2026-03-29"] = 23, ["2026-03-30"] = 24, ["2026-10-25"] = 25 } do
      local p = period.parse(text, "Europe/Berlin")
      assert.equal(hours * 3600, p.to - p.from)
    end
  end)

  it("refuses what is none, says why and lists the forms", function()
    for text, reason in pairs {
      [""] = "it is empty;",
      ["foo"] = "it is not known;",
      ["lst month"] = "it is not known; did you mean 'last month'?",
      ["yesteday"] = "it is not known; did you mean 'yesterday'?",
      ["2026-6"] = "it is not known;",
      ["2026/06/01"] = "it is not known;",
      ["26-06"] = "it is not known;",
      ["06-2026"] = "it is not known;",
      ["2026-06-1"] = "it is not known;",
      ["last x days"] = "it is not known; did you mean 'last day'?",
      ["last 3 fortnights ago"] = "it is not known;",
      ["2026-13"] = "there is no month 13;",
      ["2026-00"] = "there is no month 00;",
      ["2026-Q5"] = "there is no quarter 5;",
      ["2026-Q0"] = "there is no quarter 0;",
      ["2026-Q99999999999999999999"] = "it is not known;",
      ["2027-W53"] = "2027 has the ISO weeks W01 to W52;",
      ["2026-W00"] = "2026 has the ISO weeks W01 to W53;",
      ["2026-02-30"] = "there is no day 30, February 2026 has 28 days;",
      ["2026-06-31"] = "there is no day 31, June 2026 has 30 days;",
      ["2026-06-00"] = "there is no day 00, June 2026 has 30 days;",
      ["1969"] = "the year is not between 1970 and 9998;",
      ["9999-01"] = "the year is not between 1970 and 9998;",
      ["2026-06-10..2026-06-01"] = "from is after to;",
      ["2026-06-02..2026-06-01"] = "from is after to;",
      ["2026-06-10T00:00:00..2026-06-01T00:00:00"] = "from is after to;",
      ["2026-06-10T00:00:00..2026-06-10T00:00:00"] =
        "it is empty, the end of a date-time range is not included;",
      ["2026-06-01..2026-06-31"] = "there is no day 31, June 2026 has 30 days;",
      ["2026-06-01.."] = "a range needs a date on both sides of ..;",
      ["..2026-06-01"] = "a range needs a date on both sides of ..;",
      ["2026-06-01..tomorrow"] = "'tomorrow' is neither a date nor a date-time;",
      ["2026-06-01...2026-06-02"] = "'.2026-06-02' is neither a date nor a date-time;",
      ["2026-06-01T24:00:00..2026-06-03"] = "there is no time 24:00:00;",
      ["2026-06-01T00:00:60..2026-06-03"] = "there is no time 00:00:60;",
      ["2026-06-01T00:00:00+99:00..2026-06-03"] =
        "'2026-06-01T00:00:00+99:00': the offset is missing or wrong, write Z or +02:00;",
      ["2026-06-01T00:00:00.5Z..2026-06-03"] = "'2026-06-01T00:00:00.5Z' is no whole second;",
      ["2026-06-15T13:00:00"] = "an instant is not a period, write A..B;",
      ["2026-06-15T13:00:00Z"] = "an instant is not a period, write A..B;",
      ["last 0 days"] = "nothing is in 0 days;",
      ["last 60 years"] = "it reaches back before 1970;",
      ["last 99999999999999999999 weeks"] = "it reaches back before 1970;",
      ["9998..9998-12-31T23:00:00-02:00"] = "it reaches beyond 9998;",
    } do
      assert.equal(("period '%s': %s %s"):format(text, reason, FORMS),
        outcome.usage_error(period.parse, text, "UTC", NOW))
    end
  end)

  it("refuses clock times that do not say one instant", function()
    for text, reason in pairs {
      ["2026-03-29T02:30:00..2026-04-01"] =
        "'2026-03-29T02:30:00' does not exist in Europe/Berlin, the clocks skip it;",
      ["2026-10-01..2026-10-25T02:30"] =
        "'2026-10-25T02:30' happens twice in Europe/Berlin, add its offset, +02:00 or +01:00;",
    } do
      assert.equal(("period '%s': %s %s"):format(text, reason, FORMS),
        outcome.usage_error(period.parse, text, "Europe/Berlin"))
    end
    assert.equal("period '2011-12-30': the clocks skip it in Pacific/Apia; " .. FORMS,
      outcome.usage_error(period.parse, "2011-12-30", "Pacific/Apia"))
  end)

  it("raises the caller's mistakes", function()
    assert.equal("a period is text, as in \"2026-06\", not the number 2026",
      outcome.usage_error(period.parse, 2026))
    assert.equal("a zone is text, as in \"Europe/Berlin\" or \"+05:30\", not the number 2",
      outcome.usage_error(period.parse, "2026", 2))
    assert.has_error(function() period.parse "last month" end,
      "a period such as 'last month' needs the time that is now")
    assert.equal("zone 'Mars'", outcome.usage_error(period.parse, "2026", "Mars"):sub(1, 11))
  end)
end)

describe("period:previous and :next", function()
  it("step by the period's own unit", function()
    for text, expected in pairs {
      ["2026-01"] = "2025-12 2026-02", ["2026-Q1"] = "2025-Q4 2026-Q2", ["2026"] = "2025 2027",
      ["2026-W01"] = "2025-W52 2026-W02", ["2024-02-29"] = "2024-02-28 2024-03-01",
      ["2026-01..2026-02"] = "2025-11-01..2025-12-31 2026-03-01..2026-04-30",
      ["2026-06-11..2026-06-20"] = "2026-06-01..2026-06-10 2026-06-21..2026-06-30",
      ["last 3 months"] = "2025-12-01..2026-02-28 2026-06-01..2026-08-31",
      ["2026-06-15T00"] = "2026-06-14T23 2026-06-15T01",
      ["2026-06-15T06:00:00..2026-06-15T12:00:00"] =
        "2026-06-15..2026-06-15T06:00:00 2026-06-15T12:00:00..2026-06-15T18:00:00",
    } do
      local p = period.parse(text, "UTC", NOW)
      local found = p:previous().label .. " " .. p:next().label
      assert.equal(expected, (found:gsub("2026%-06%-15T00:00:00", "2026-06-15")))
    end
  end)

  it("meet the period without gap or overlap, in every zone", function()
    for _, name in ipairs { "UTC", "Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo" } do
      for _, text in ipairs { "2026", "2011-12", "2011-W52", "2011-12-31", "2018-11-04", "2026-03-29",
        "2026-01..2026-05", "2026-03-20..2026-03-28" } do
        local p = period.parse(text, name)
        assert.equal(p.from, p:previous().to)
        assert.equal(p.to, p:next().from)
        assert.equal(p.kind, p:next().kind)
      end
    end
  end)

  it("pass the day that the clocks skip", function()
    assert.equal("2011-12-29", period.parse("2011-12-31", "Pacific/Apia"):previous().label)
  end)

  it("are refused beyond the years that periods have", function()
    for text, step in pairs { ["9998"] = "next", ["1970..9998"] = "next", ["1972..9998"] = "previous",
      ["1970-01-01T00:00:00..9998-12-31T23:59:59"] = "previous" } do
      local p = period.parse(text, "Europe/Berlin")
      local message = outcome.usage_error(p[step], p)
      assert.truthy(message:find("is not between 1970 and 9998", 1, true), message)
    end
    assert.equal("1969", period.parse("1970"):previous().label)
  end)

  it("are refused for the vendor's own period", function()
    assert.equal("the vendor's own period has none before or after it",
      outcome.usage_error(period.parse("vendor").previous, period.parse "vendor"))
  end)
end)

describe("period:split", function()
  it("cuts at the borders of the grain", function()
    for _, row in ipairs {
      { "2026-Q2", "month", { "2026-04", "2026-05", "2026-06" } },
      { "2025..2026", "year", { "2025", "2026" } },
      { "2026", "quarter", { "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4" } },
      { "2026-06", "week", { "2026-W23", "2026-W24", "2026-W25", "2026-W26", "2026-06-29..2026-06-30" } },
      { "2026-06-10..2026-07-05", "month", { "2026-06-10..2026-06-30", "2026-07-01..2026-07-05" } },
      { "2026-05-31..2026-06", "month", { "2026-05-31", "2026-06" } },
      { "2026-06-01..2026-06-03", "day", { "2026-06-01", "2026-06-02", "2026-06-03" } },
      { "2026-06-01T22:30:00..2026-06-02T01:00:00", "hour",
        { "2026-06-01T22:30:00..2026-06-01T23:00:00", "2026-06-01T23", "2026-06-02T00" } },
      { "2026-06", "total", { "2026-06" } },
      { "2026-06", "year", { "2026-06-01..2026-06-30" } },
    } do
      assert.same(row[3], labels(period.parse(row[1]):split(row[2])))
    end
  end)

  it("gives each of two like hours its own label", function()
    local hours = labels(period.parse("2026-10-25", "Europe/Berlin"):split "hour")
    assert.equal(25, #hours)
    assert.same({ "2026-10-25T02+02:00", "2026-10-25T02+01:00", "2026-10-25T03" },
      { hours[3], hours[4], hours[5] })
    assert.equal(23, #period.parse("2026-03-29", "Europe/Berlin"):split "hour")
  end)

  it("ends an hour where the offset changes within it", function()
    local place = zone.parse "America/St_Johns" -- whose clocks changed at a minute past midnight
    for _, day in ipairs { "2010-03-14", "2010-11-06..2010-11-07" } do
      local asked = period.parse(day, place)
      local reached = asked.from
      for _, hour in ipairs(asked:split "hour") do
        assert.equal(reached, hour.from)
        assert.equal(place:offset(hour.from), place:offset(hour.to - 1))
        reached = hour.to
      end
      assert.equal(asked.to, reached)
    end
  end)

  it("leaves out the day that the clocks skip", function()
    assert.same({ "2011-12-29", "2011-12-31" },
      labels(period.parse("2011-12-29..2011-12-31", "Pacific/Apia"):split "day"))
  end)

  it("refuses a grain that there is not", function()
    assert.matches("^unknown grain 'mnth'; did you mean 'month'%?",
      outcome.usage_error(period.parse("2026").split, period.parse "2026", "mnth"))
    assert.equal("the vendor's own period cannot be split by day",
      outcome.usage_error(period.parse("vendor").split, period.parse "vendor", "day"))
  end)
end)

describe("a period's label", function()
  it("reads back as the same period, whatever the zone", function()
    math.randomseed(3)
    for _, name in ipairs { "UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo",
      "Pacific/Apia", "Asia/Kolkata", "America/St_Johns", "-03:30" } do
      local place = zone.parse(name)
      local function check(p)
        local again = period.parse(p.label, place)
        assert.same({ p.label, p.from, p.to }, { again.label, again.from, again.to })
      end
      for _ = 1, 20 do
        local from = math.random(at "2008-01-01T00:00:00Z", at "2030-01-01T00:00:00Z")
        local whole = period.between(from, from + math.floor(math.exp(math.random() * 18.8)), place)
        check(whole)
        for _, grain in ipairs { "year", "quarter", "month", "week" } do
          for _, piece in ipairs(whole:split(grain)) do check(piece) end
        end
        local change = place:next_change(from) or from
        local around = period.between(change - 90000, change + 90000, place)
        for _, grain in ipairs { "day", "hour" } do
          for _, piece in ipairs(around:split(grain)) do check(piece) end
        end
      end
    end
  end)
end)

describe("period:last_year", function()
  it("is the same month, quarter, week, date of the year before", function()
    for text, expected in pairs {
      ["2026"] = "2025", ["2026-Q2"] = "2025-Q2", ["2026-06"] = "2025-06", ["2026-W23"] = "2025-W23",
      ["2026-06-15"] = "2025-06-15", ["2024-02-29"] = "2023-02-28", ["2026-W53"] = "2025-W52",
      ["2021-W01"] = "2020-W01", ["2024-02"] = "2023-02", ["2025-02"] = "2024-02",
      ["2026-01..2026-02"] = "2025-01-01..2025-02-28",
      ["2026-06-11..2026-06-20"] = "2025-06-11..2025-06-20",
      ["2024-02-20..2024-02-29"] = "2023-02-20..2023-02-28",
      ["2024-02-28..2024-03-01"] = "2023-02-28..2023-03-01",
      ["2026-06-15T06"] = "2025-06-15T06",
      ["2026-06-15T06:00:00..2026-06-16T12:00:00"] = "2025-06-15T06:00:00..2025-06-16T12:00:00",
    } do
      assert.equal(expected, period.parse(text, "UTC", NOW):last_year().label, text)
    end
  end)

  it("keeps local days whatever the offset was then", function()
    local p = period.parse("2026-03-29", "Europe/Berlin"):last_year()
    assert.equal("2025-03-29", p.label)
    assert.equal(86400, p.to - p.from)
  end)

  it("is refused where there is none", function()
    assert.equal("the vendor's own period has none a year before it",
      outcome.usage_error(period.parse("vendor").last_year, period.parse "vendor"))
    assert.equal("the year before 1970 is not between 1970 and 9998",
      outcome.usage_error(period.parse("1970").last_year, period.parse "1970"))
    local skipped = period.parse("2012-12-30", "Pacific/Apia")
    assert.equal("2011-12-30: the clocks skip it in Pacific/Apia",
      outcome.usage_error(skipped.last_year, skipped))
  end)
end)

describe("methods of a period", function()
  it("are called with a colon, and say so", function()
    local month = period.parse "2026-06"
    for _, name in ipairs { "previous", "next", "last_year" } do
      assert.equal(("%s is called with a colon: month:%s(…)"):format(name, name),
        outcome.usage_error(month[name]))
    end
  end)
end)
