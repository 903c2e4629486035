-- Windows of every kind cover any period once, to the second: as they are, and as
-- they are sent, read back the way a vendor reads them.
local calendar = require "usagelua.time.calendar"
local period = require "usagelua.time.period"
local random = require "usagelua.transport.random"
local timestamp = require "usagelua.time.timestamp"
local units = require "usagelua.flow.windows.units"
local windows = require "usagelua.flow.windows"
local zones = require "usagelua.time.zone"

local DAY <const> = 86400
local RANGES <const> = 1000
local ZONES <const> = { "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
  "America/Sao_Paulo", "Pacific/Apia", "UTC", "+05:30" }
local FIRST <const>, LAST <const> = 1136073600, 2082758400 -- 2006 to 2036

local function at(text)
  return (assert(timestamp.parse_rfc3339(text)))
end

-- 1 s to 5 years, every order of magnitude as often as the others; whole of a unit.
local function random_period(draw, place, unit)
  local from = draw(FIRST, LAST)
  local to = from + math.floor(math.exp(draw() * math.log(5 * 366 * DAY)))
  if units.is_of_days(unit) then
    local days = calendar.unit_start(unit, place:date(from).days)
    local after = calendar.unit_start(unit, place:date(to).days)
    if after <= days then after = calendar.add(unit, days, draw(1, 3)) end
    return period.between(place:day_start(days), place:day_start(after), place)
  end
  local seconds = units.seconds(unit)
  local function whole(epoch) return epoch - (epoch + place:offset(epoch)) % seconds end
  from, to = whole(from), whole(to)
  return period.between(from, math.max(to, whole(from + 2 * seconds)), place)
end

local function assert_tiles(asked, list)
  local reached = asked.from
  for _, window in ipairs(list) do
    assert.equal(reached, window.from)
    assert.is_true(window.to > window.from)
    assert.same({ window.from, window.to }, { at(window.period_start), at(window.period_end) })
    reached = window.to
  end
  assert.equal(asked.to, reached)
end

-- Readers of what is sent: the edges as instants, the later one excluded.
local function text(edge) return edge.from, edge.to end

local function rfc3339(edges, step)
  return at(edges.from), at(edges.to) + step
end

local function rfc3339ms(edges, step)
  local from, to = text(edges)
  assert.matches("%.%d%d%d", from)
  assert.matches(step == 1 and "%.999" or "%.000", to)
  return at((from:gsub("%.%d+", ""))), at((to:gsub("%.%d+", ""))) + step
end

local function epoch(edges, step)
  assert.equal("integer", math.type(edges.from))
  return edges.from, edges.to + step
end

local function epoch_ms(edges, step)
  assert.equal(step == 1 and 999 or 0, edges.to % 1000)
  return edges.from // 1000, edges.to // 1000 + step
end

local function wall_clock(edges, step)
  local function instant(wall) return at(wall:gsub(" ", "T") .. edges.timezone) end
  return instant(edges.from), instant(edges.to) + step
end

local function day_of(date, place, further)
  local year, month, day = date:match "^(%d+)-(%d+)-(%d+)$"
  return place:day_start(calendar.days(tonumber(year), tonumber(month), tonumber(day)) + further)
end

local function dates(edges, step, place)
  return day_of(edges.from, place, 0), day_of(edges.to, place, step)
end

local function months(edges, step, place)
  local from, to = day_of(edges.from .. "-01", place, 0), day_of(edges.to .. "-01", place, 0)
  if step == 0 then return from, to end
  return from, place:day_start(calendar.add("month", place:date(to).days, step))
end

-- One calendar unit, by its parts.
local function parts(unit, count)
  return function(edges, _, place)
    local days = calendar.days(tonumber(edges.year), tonumber(edges.month or 1), tonumber(edges.day or 1))
    local from = place:day_start(days)
    if unit == "hour" then
      from = from + tonumber(edges.hour) * 3600
      return from, from + 3600
    end
    return from, place:day_start(calendar.add(unit, days, count))
  end
end

-- rules, and how what is sent is read; `unit`: what periods are whole of
local KINDS <const> = {
  ["days, wall clock and offset"] = { { max_days = 90, ends = "inclusive", zone = "offset",
    format = "%Y-%m-%d %H:%M:%S" }, wall_clock },
  ["days, RFC 3339 with its offset"] = { { max_days = 31, zone = "offset", format = "rfc3339" }, rfc3339 },
  ["days, RFC 3339 with ms"] = { { max_days = 25, format = "rfc3339ms" }, rfc3339ms },
  ["days, RFC 3339 with ms, inclusive"] = { { max_days = 30, ends = "inclusive", format = "rfc3339ms",
    zone = "America/New_York" }, rfc3339ms },
  ["hours, epoch seconds"] = { { max_hours = 5000, format = "epoch", ends = "inclusive" }, epoch },
  ["months, epoch ms"] = { { max_months = 3, format = "epoch_ms" }, epoch_ms },
  ["months, epoch ms, inclusive"] = { { max_months = 1, format = "epoch_ms", ends = "inclusive",
    zone = "report" }, epoch_ms },
  ["months with one offset"] = { { max_months = 2, zone = "offset" }, rfc3339 },
  ["dates, inclusive"] = { { max_days = 31, ends = "inclusive", format = "%F", zone = "report" }, dates,
    unit = "day" },
  ["dates, months"] = { { max_months = 2, format = "%F", zone = "report" }, dates, unit = "day" },
  ["whole months by name"] = { { max_months = 4, ends = "inclusive", format = "%Y-%m", zone = "report" },
    months, unit = "month" },
  ["whole months in days"] = { { max_days = 92, format = "%Y-%m", zone = "report" }, months, unit = "month" },
  ["whole quarters"] = { { max_months = 7, whole = "quarter", format = "%F", zone = "report" }, dates,
    unit = "quarter" },
  ["whole weeks"] = { { max_days = 17, whole = "week", format = "%F", zone = "report" }, dates, unit = "week" },
  ["a month by its parts"] = { { max_months = 1, whole = "month", zone = "report",
    parts = { "year", month = "%-m" } }, parts("month", 1), unit = "month" },
  ["a year by its part"] = { { max_months = 12, whole = "year", zone = "report", parts = { "year" } },
    parts("year", 1), unit = "year" },
  ["a day by its parts"] = { { max_days = 1, whole = "day", zone = "report",
    parts = { "year", "month", "day" } }, parts("day", 1), unit = "day", shorter = 30 },
  ["an hour by its parts"] = { { max_hours = 1, whole = "hour", parts = { "year", "month", "day", "hour" } },
    parts("hour", 1), unit = "hour", zone = "UTC", shorter = 60 },
  ["buckets of days"] = { { max_buckets = 40, grain_by = "vendor" }, rfc3339, grain = "day", count = 40 },
  ["buckets of months"] = { { max_buckets = 5, grain_by = "vendor" }, rfc3339, grain = "month", count = 5 },
  ["buckets of weeks in so many days"] = { { max_buckets = 9, max_days = 40, grain_by = "vendor",
    format = "epoch" }, epoch, grain = "week", count = 9 },
}

local function step_of(rules)
  return rules.ends == "inclusive" and 1 or 0
end

local function longest_s(rules)
  if rules.max_months then return rules.max_months * 31 * DAY + 7200 end
  if rules.max_hours then return rules.max_hours * 3600 end
  return rules.max_days and rules.max_days * DAY + 7200 or math.huge
end

local function shortened(asked, case)
  local most = case.shorter and case.shorter * units.seconds(case.unit)
  if not most or asked.to - asked.from <= most then return asked end
  local to = units.is_of_days(case.unit) and units.start(case.unit, asked.zone, asked.from + most)
    or asked.from + most
  return period.between(asked.from, to, asked.zone)
end

local NAMES <const> = {}
for name in pairs(KINDS) do NAMES[#NAMES + 1] = name end
table.sort(NAMES)

describe("windows of", function()
  for seed, name in ipairs(NAMES) do
    it(("%s tile %d random periods in eight zones"):format(name, RANGES), function()
      local case, draw = KINDS[name], random.new(seed)
      local rules, read = case[1], case[2]
      for index = 1, RANGES do
        local place = zones.parse(case.zone or ZONES[index % #ZONES + 1])
        local asked = shortened(random_period(draw, place, case.unit or "second"), case)
        local list = windows.cut(asked, rules, case.grain)
        assert_tiles(asked, list)
        for _, window in ipairs(list) do
          assert.is_true(window.to - window.from <= longest_s(rules))
          assert.same({ window.from, window.to },
            { read(windows.edges(window, rules), step_of(rules), place) })
        end
      end
    end)
  end

  it("buckets cut none of them, and bring no more than allowed", function()
    local draw = random.new(99)
    for index = 1, 400 do
      local place = zones.parse(ZONES[index % #ZONES + 1])
      local grain = ({ "hour", "day", "week", "month", "quarter", "year" })[draw(1, 6)]
      local from = draw(FIRST, LAST)
      local asked = period.between(from, from + draw(1, grain == "hour" and 30 or 900) * DAY, place)
      local rules = { max_buckets = draw(1, 30), grain_by = "vendor" }
      local list, borders = windows.cut(asked, rules, grain), { [asked.to] = true }
      local buckets = asked:split(grain)
      for _, bucket in ipairs(buckets) do borders[bucket.from] = true end
      assert_tiles(asked, list)
      assert.equal((#buckets - 1) // rules.max_buckets + 1, #list)
      for _, window in ipairs(list) do assert.is_true(borders[window.from] and borders[window.to]) end
    end
  end)
end)
