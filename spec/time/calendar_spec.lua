local calendar = require "usagelua.time.calendar"

describe("calendar.days and calendar.date", function()
  it("count from 1970-01-01", function()
    for _, row in ipairs {
      { 0, 1970, 1, 1 }, { -1, 1969, 12, 31 }, { 59, 1970, 3, 1 }, { 11016, 2000, 2, 29 },
      { 20605, 2026, 6, 1 }, { -719162, 1, 1, 1 }, { 2932896, 9999, 12, 31 },
    } do
      local days, year, month, day = table.unpack(row)
      assert.equal(days, calendar.days(year, month, day))
      assert.same({ year, month, day }, { calendar.date(days) })
    end
  end)

  it("go through every day of four centuries in order", function()
    local days = calendar.days(1899, 12, 31)
    for year = 1900, 2299 do
      for month = 1, 12 do
        for day = 1, calendar.days_in_month(year, month) do
          days = days + 1
          local y, m, d = calendar.date(days)
          if days ~= calendar.days(year, month, day) or y ~= year or m ~= month or d ~= day then
            assert.same({ year, month, day }, { y, m, d })
          end
        end
      end
    end
    assert.equal(calendar.days(2299, 12, 31), days)
  end)
end)

describe("calendar.week", function()
  it("is the week of ISO 8601", function()
    for _, row in ipairs {
      { 2026, 23, 2026, 6, 1 }, { 2026, 23, 2026, 6, 7 }, { 2026, 53, 2027, 1, 3 },
      { 2025, 1, 2024, 12, 30 }, { 2020, 53, 2021, 1, 1 }, { 2027, 1, 2027, 1, 4 },
    } do
      local year, week, y, m, d = table.unpack(row)
      assert.same({ year, week }, { calendar.week(calendar.days(y, m, d)) })
    end
  end)

  it("holds the day that it starts with, and seven in all", function()
    for year = 1970, 2100 do
      for week = 1, calendar.weeks_in_year(year) do
        local start = calendar.week_start(year, week)
        assert.equal(1, calendar.weekday(start))
        assert.same({ year, week, year, week },
          { calendar.week(start), select(2, calendar.week(start)), calendar.week(start + 6) })
      end
    end
  end)

  it("knows the years of 53 weeks", function()
    assert.equal(53, calendar.weeks_in_year(2026))
    assert.equal(52, calendar.weeks_in_year(2027))
    assert.equal(53, calendar.weeks_in_year(2020))
  end)
end)

describe("calendar.add", function()
  it("goes by units, forward and back", function()
    local june = calendar.days(2026, 6, 1)
    for _, row in ipairs {
      { "day", 30, 2026, 7, 1 }, { "week", -1, 2026, 5, 25 }, { "month", 7, 2027, 1, 1 },
      { "month", -6, 2025, 12, 1 }, { "quarter", 1, 2026, 9, 1 }, { "year", -1, 2025, 6, 1 },
    } do
      local unit, count, year, month, day = table.unpack(row)
      assert.equal(calendar.days(year, month, day), calendar.add(unit, june, count))
    end
  end)

  it("takes a unit's start to the start of the next one", function()
    for _, unit in ipairs { "day", "week", "month", "quarter", "year" } do
      for days = 19000, 21000 do
        local start = calendar.unit_start(unit, days)
        local stop = calendar.add(unit, start, 1)
        assert.is_true(start <= days and days < stop)
        assert.equal(start, calendar.unit_start(unit, stop - 1))
        assert.equal(start, calendar.add(unit, stop, -1))
      end
    end
  end)
end)
