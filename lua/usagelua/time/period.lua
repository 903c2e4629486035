-- A span of time with a name: what `--period` says, read in the report's
-- zone. `from` is included, `to` excluded; days are local days, weeks those
-- of ISO 8601.

local calendar = require "usagelua.time.calendar"
local errors = require "usagelua.errors"
local timestamp = require "usagelua.time.timestamp"
local zones = require "usagelua.time.zone"

local period = {}

local HOUR_S <const>, DAY_S <const>, YEAR_S <const> = 3600, 86400, 366 * 86400
local FIRST_YEAR <const>, LAST_YEAR <const> = 1970, 9998
local FIRST_DAY <const> = -3 -- 1970-W01 begins in 1969
local MAX_LAST <const> = 100000 -- of "last N days"; more reaches back before 1970 anyhow

---What a period is when nobody names one.
period.default = "last month"

---How finely a period can be split, coarsest first.
period.grains = { "total", "year", "quarter", "month", "week", "day", "hour" }

local FORMS <const> = "accepted: 2026, 2026-Q2, 2026-06, 2026-W23, 2026-06-15, A..B "
  .. "(dates: both days included; date-times such as 2026-06-01T00:00:00 or "
  .. "2026-06-01T00:00:00+02:00: B excluded), last 30 days, last 12 weeks, last 3 months, today, "
  .. "yesterday, this or last week, month, quarter, year, and vendor"

---@class usagelua.period
---@field from integer? epoch seconds, included; nil where `vendor`
---@field to integer? epoch seconds, excluded; nil where `vendor`
---@field label string "2026-06", "2026-Q2", "2026-W23", "2026-06-15", "2026", "A..B", "vendor"
---@field zone usagelua.zone
---@field kind "hour"|"day"|"week"|"month"|"quarter"|"year"|"range"|"vendor"
---@field vendor boolean? the vendor's own default period: no dates are sent
local methods = {}
local metatable = { __name = "usagelua.period", __index = methods }

function metatable:__tostring()
  return self.label
end

-- Raised inside the reading of a text, which puts the text before it.
local function wrong(format, ...)
  error({ reason = format:format(...) }, 0)
end

-- -- Labels -----------------------------------------------------------------

local function date_label(days)
  return ("%04d-%02d-%02d"):format(calendar.date(days))
end

local LABELS = {
  day = date_label,
  week = function(days) return ("%04d-W%02d"):format(calendar.week(days)) end,
  month = function(days) return date_label(days):sub(1, 7) end,
  quarter = function(days)
    local year, month = calendar.date(days)
    return ("%04d-Q%d"):format(year, (month + 2) // 3)
  end,
  year = function(days) return date_label(days):sub(1, 4) end,
}

-- The clocks show some times twice; these take their offset with them.
local function clock_label(zone, epoch, format)
  local date = zone:date(epoch)
  local _, fit = zone:epoch(date.year, date.month, date.day, date.hour, date.min, date.sec)
  return zone:format(epoch, fit == "overlap" and format .. "%:z" or format)
end

-- -- Making -----------------------------------------------------------------

local function new(fields)
  return setmetatable(fields, metatable)
end

-- `count` calendar units from the local day `first` on; `after` is the first
-- day not in it.
local function of_units(zone, unit, first, count)
  local after = calendar.add(unit, first, count)
  local is_one = count == 1
  return new {
    from = zone:day_start(first), to = zone:day_start(after), zone = zone,
    kind = is_one and unit or "range",
    label = is_one and LABELS[unit](first)
      or date_label(first) .. ".." .. date_label(after - 1),
    unit = unit, first = first, count = count,
  }
end

-- An hour of the clock: one that an offset change cuts short is none.
local function is_hour(zone, from, to)
  return to - from == HOUR_S and (from + zone:offset(from)) % HOUR_S == 0
    and (to - 1 + zone:offset(to - 1)) % HOUR_S == HOUR_S - 1
end

local function of_seconds(zone, from, to)
  if is_hour(zone, from, to) then
    return new { from = from, to = to, zone = zone, kind = "hour",
      label = clock_label(zone, from, "%Y-%m-%dT%H") }
  end
  local label = clock_label(zone, from, "%Y-%m-%dT%H:%M:%S") .. ".."
    .. clock_label(zone, to, "%Y-%m-%dT%H:%M:%S")
  return new { from = from, to = to, zone = zone, kind = "range", label = label }
end

---@return boolean
function period.is(value)
  return getmetatable(value) == metatable
end

---The period of two instants: one of days where both are the start of a day.
---@param from integer epoch seconds, included
---@param to integer epoch seconds, excluded
---@param zone usagelua.zone
---@return usagelua.period
function period.between(from, to, zone)
  if from >= to then error(("a period from %d to %d"):format(from, to), 2) end
  if not (zone:is_day_start(from) and zone:is_day_start(to)) then
    return of_seconds(zone, from, to)
  end
  local first, last = zone:date(from).days, zone:date(to - 1).days
  return of_units(zone, "day", first, last - first + 1)
end

-- -- Reading a calendar unit -------------------------------------------------

local MONTH_NAMES = { "January", "February", "March", "April", "May", "June", "July", "August",
  "September", "October", "November", "December" }

local function check_year(year)
  if year < FIRST_YEAR or year > LAST_YEAR then
    wrong("the year is not between %d and %d", FIRST_YEAR, LAST_YEAR)
  end
end

local function check_month(month)
  if month < 1 or month > 12 then wrong("there is no month %02d", month) end
end

local function read_year(year)
  return calendar.days(year, 1, 1)
end

local function read_quarter(year, quarter)
  if quarter < 1 or quarter > 4 then wrong("there is no quarter %d", quarter) end
  return calendar.days(year, quarter * 3 - 2, 1)
end

local function read_month(year, month)
  check_month(month)
  return calendar.days(year, month, 1)
end

local function read_week(year, week)
  local weeks = calendar.weeks_in_year(year)
  if week < 1 or week > weeks then wrong("%d has the ISO weeks W01 to W%d", year, weeks) end
  return calendar.week_start(year, week)
end

local function read_day(year, month, day)
  check_month(month)
  local days = calendar.days_in_month(year, month)
  if day < 1 or day > days then
    wrong("there is no day %02d, %s %d has %d days", day, MONTH_NAMES[month], year, days)
  end
  return calendar.days(year, month, day)
end

local UNIT_FORMS = {
  { "year", "^(%d%d%d%d)$", read_year },
  { "quarter", "^(%d%d%d%d)[- ]?[Qq](%d%d?)$", read_quarter },
  { "month", "^(%d%d%d%d)%-(%d%d)$", read_month },
  { "week", "^(%d%d%d%d)[- ]?[Ww](%d%d?)$", read_week },
  { "day", "^(%d%d%d%d)%-(%d%d)%-(%d%d)$", read_day },
}

local function integers(captures)
  for i, text in ipairs(captures) do captures[i] = math.tointeger(tonumber(text)) end
  return table.unpack(captures)
end

-- The unit and its first day, or nothing where the text is no such form.
local function read_unit(text)
  for _, form in ipairs(UNIT_FORMS) do
    local unit, pattern, read = table.unpack(form)
    local captures = { text:match(pattern) }
    if captures[1] then
      check_year(tonumber(captures[1]))
      return unit, read(integers(captures))
    end
  end
end

-- -- Reading an instant ------------------------------------------------------

local function local_instant(zone, days, clock, text)
  local hour, min, sec = integers(clock)
  if hour > 23 or min > 59 or sec > 59 then
    wrong("there is no time %02d:%02d:%02d", hour, min, sec)
  end
  local year, month, day = calendar.date(days)
  local epoch, fit = zone:epoch(year, month, day, hour, min, sec)
  if fit == "gap" then wrong("'%s' does not exist in %s, the clocks skip it", text, zone.name) end
  if fit == "overlap" then
    wrong("'%s' happens twice in %s, add its offset, %s or %s", text, zone.name,
      zone:format(epoch, "%:z"), zone:format(zone:next_change(epoch), "%:z"))
  end
  return epoch
end

local function fixed_instant(days, clock, offset, text)
  local full = ("%sT%s:%s:%s%s"):format(date_label(days), clock[1], clock[2], clock[3], offset)
  local epoch, fraction = timestamp.parse_rfc3339(full)
  if not epoch then wrong("%s", fraction) end
  if fraction ~= 0 then wrong("'%s' is no whole second", text) end
  return epoch
end

-- Date, hour, minute, second, and what stands behind; minutes and seconds
-- may be left out.
local function split_instant(text)
  local date, hour, rest = text:match "^(%d%d%d%d%-%d%d%-%d%d)[Tt ](%d%d)(.*)$"
  if not date then return nil end
  local min, after_min = rest:match "^:(%d%d)(.*)$"
  local sec, after_sec = (after_min or ""):match "^:(%d%d)(.*)$"
  return date, { hour, min or "00", sec or "00" }, after_sec or after_min or rest
end

-- The instant, or nothing where the text is no date-time.
local function read_instant(text, zone)
  local date, clock, rest = split_instant(text)
  if not date then return nil end
  local _, days = read_unit(date)
  if rest == "" then return local_instant(zone, days, clock, text) end
  return fixed_instant(days, clock, rest, text)
end

-- -- Reading a range ---------------------------------------------------------

-- A side of A..B: its unit and first day, or an instant.
local function read_bound(text, zone)
  local unit, first = read_unit(text)
  if unit then return { unit = unit, first = first } end
  local epoch = read_instant(text, zone)
  if epoch then return { epoch = epoch } end
  wrong("'%s' is neither a date nor a date-time", text)
end

-- Two dates make a range of days; two months, or what consists of months, one
-- of months, so that `previous` goes back by months.
local IN_MONTHS = { month = 1, quarter = 3, year = 12 }

local function of_dates(zone, a, b)
  local after = calendar.add(b.unit, b.first, 1)
  if after <= a.first then wrong("from is after to") end
  if a.unit == b.unit and b.first == a.first then return of_units(zone, a.unit, a.first, 1) end
  if not (IN_MONTHS[a.unit] and IN_MONTHS[b.unit]) then
    return of_units(zone, "day", a.first, after - a.first)
  end
  local from_year, from_month = calendar.date(a.first)
  local to_year, to_month = calendar.date(after)
  local months = (to_year - from_year) * 12 + to_month - from_month
  return of_units(zone, "month", a.first, months)
end

local function start_of(bound, zone)
  return bound.epoch or zone:day_start(bound.first)
end

local function end_of(bound, zone)
  return bound.epoch or zone:day_start(calendar.add(bound.unit, bound.first, 1))
end

local function of_bounds(zone, a, b)
  if a.unit and b.unit then return of_dates(zone, a, b) end
  local from, to = start_of(a, zone), end_of(b, zone)
  if from > to then wrong("from is after to") end
  if from == to then wrong("it is empty, the end of a date-time range is not included") end
  return period.between(from, to, zone)
end

local function read_range(text, zone)
  local a, b = text:match "^(.-) ?%.%. ?(.*)$"
  if not a then return nil end
  if a == "" or b == "" then wrong("a range needs a date on both sides of ..") end
  return of_bounds(zone, read_bound(a, zone), read_bound(b, zone))
end

-- 2026-06-15T13: the label of an hour is a period too.
local function read_hour(text, zone)
  local date, hour, rest = split_instant(text)
  if not date then return nil end
  local from = read_instant(text, zone)
  local has_minutes = text:sub(#date + 2 + #hour[1]):find "^:"
  if has_minutes or rest ~= "" and (from + zone:offset(from)) % HOUR_S ~= 0 then
    wrong("an instant is not a period, write A..B")
  end
  return of_seconds(zone, from, from + HOUR_S)
end

local function read_calendar_unit(text, zone)
  local unit, first = read_unit(text)
  return unit and of_units(zone, unit, first, 1)
end

-- -- Reading words -----------------------------------------------------------

local function relative(zone, now, unit, from_now, count)
  if not now then error("a period such as 'last month' needs the time that is now", 0) end
  local current = calendar.unit_start(unit, zone:date(math.floor(now)).days)
  local first = calendar.add(unit, current, from_now)
  if first < FIRST_DAY then wrong("it reaches back before %d", FIRST_YEAR) end
  return of_units(zone, unit, first, count or 1)
end

local WORDS = { vendor = false, today = { "day", 0 }, yesterday = { "day", -1 } }
for _, unit in ipairs { "day", "week", "month", "quarter", "year" } do
  WORDS["this " .. unit] = { unit, 0 }
  WORDS["last " .. unit] = { unit, -1 }
  WORDS["previous " .. unit] = { unit, -1 }
end

local function word_list()
  local list = {}
  for word in pairs(WORDS) do list[#list + 1] = word end
  table.sort(list)
  return list
end

-- last 30 days: whole ones, before the one that is running.
local function read_last(words, zone, now)
  local digits, unit = words:match "^last (%d+) (%a+)$"
  unit = unit and unit:gsub("s$", "")
  if not unit or not WORDS["last " .. unit] then return nil end
  local count = math.tointeger(math.min(tonumber(digits), MAX_LAST))
  if count == 0 then wrong("nothing is in 0 %ss", unit) end
  return relative(zone, now, unit, -count, count)
end

local function read_words(text, zone, now)
  if not text:find "^%a" then return nil end
  local words = text:lower():gsub("[ _-]+", " ")
  local word = WORDS[words]
  if word then return relative(zone, now, word[1], word[2]) end
  if word == false then
    return new { vendor = true, kind = "vendor", label = "vendor", zone = zone }
  end
  local found = read_last(words, zone, now)
  if found then return found end
  local near = errors.nearest(words, word_list())
  wrong(near and "it is not known; did you mean '%s'?" or "it is not known", near)
end

-- -- The whole ---------------------------------------------------------------

local READERS = { read_calendar_unit, read_range, read_hour, read_words }

local function check_span(found, zone)
  if found.vendor then return end
  if found.from >= found.to then wrong("the clocks skip it in %s", zone.name) end
  if zone:date(found.to - 1).year > LAST_YEAR then wrong("it reaches beyond %d", LAST_YEAR) end
end

local function read(text, zone, now)
  if text == "" then wrong("it is empty") end
  for _, reader in ipairs(READERS) do
    local found = reader(text, zone, now)
    if found then
      check_span(found, zone)
      return found
    end
  end
  wrong("it is not known")
end

---Reads a period as `--period` takes it. Raises a usage error that names the
---value, what is wrong with it, and the forms there are.
---@param text string "2026-06", "2026-06-01..2026-06-15", "last 30 days", "vendor"
---@param zone usagelua.zone|string|nil the report's zone, or its name; default UTC
---@param now? number epoch seconds, which "last month" and the like need
---@return usagelua.period
function period.parse(text, zone, now)
  if type(text) ~= "string" then
    errors.raise_usage("a period is text, as in \"2026-06\", not the %s %s", type(text), tostring(text))
  end
  if type(zone) ~= "table" then zone = zones.parse(zone or "UTC") end
  local trimmed = text:gsub("%s+", " "):match "^ ?(.-) ?$"
  local ok, found = pcall(read, trimmed, zone, now)
  if ok then return found end
  if type(found) ~= "table" or not found.reason then error(found, 0) end
  local stop = found.reason:find "%?$" and "" or ";"
  errors.raise_usage("period '%s': %s%s %s", text, found.reason, stop, FORMS)
end

-- -- Methods -----------------------------------------------------------------

-- What comes before or after must lie where periods do.
local function check_reach(self, direction)
  local first = calendar.days(FIRST_YEAR, 1, 1) * DAY_S
  local last = calendar.days(LAST_YEAR + 1, 1, 1) * DAY_S
  local length = self.to - self.from
  if direction < 0 and self.from - length >= first - YEAR_S then return end
  if direction > 0 and self.to + length <= last then return end
  errors.raise_usage("period '%s': the one %s it is not between %d and %d", self.label,
    direction < 0 and "before" or "after", FIRST_YEAR, LAST_YEAR)
end

local function shifted(self, direction)
  if self.vendor then errors.raise_usage "the vendor's own period has none before or after it" end
  check_reach(self, direction)
  if not self.unit then
    local length = (self.to - self.from) * direction
    return period.between(self.from + length, self.to + length, self.zone)
  end
  local step = self.count * direction
  local first = calendar.add(self.unit, self.first, step)
  local moved = of_units(self.zone, self.unit, first, self.count)
  if moved.from < moved.to then return moved end
  -- a day that the clocks skip; no two such days follow each other
  return of_units(self.zone, self.unit, calendar.add(self.unit, first, step), self.count)
end

---The period of the same length before this one: the month before a month,
---30 days before 30 days.
---@return usagelua.period
function methods:previous()
  return shifted(self, -1)
end

---The period of the same length after this one.
---@return usagelua.period
function methods:next()
  return shifted(self, 1)
end

-- The same date a year before; of 29 February the 28th.
local function year_before(days)
  local year, month, day = calendar.date(days)
  if year - 1 < FIRST_YEAR then
    errors.raise_usage("the year before %d is not between %d and %d", year, FIRST_YEAR, LAST_YEAR)
  end
  return calendar.days(year - 1, month, math.min(day, calendar.days_in_month(year - 1, month)))
end

-- The week of the same number; of a 53rd the 52nd, where there is no other.
local function week_year_before(first)
  local year, week = calendar.week(first)
  return calendar.week_start(year - 1, math.min(week, calendar.weeks_in_year(year - 1)))
end

local function seconds_year_before(zone, epoch)
  local date = zone:date(epoch)
  local year, month, day = calendar.date(year_before(date.days))
  return (zone:epoch(year, month, day, date.hour, date.min, date.sec))
end

local function days_year_before(self)
  local first, last = year_before(self.first), year_before(self.first + self.count - 1)
  return of_units(self.zone, "day", first, last - first + 1)
end

local YEAR_BEFORE = {
  day = days_year_before,
  week = function(self)
    return of_units(self.zone, "week", week_year_before(self.first), self.count)
  end,
}
for _, unit in ipairs { "month", "quarter", "year" } do
  YEAR_BEFORE[unit] = function(self)
    return of_units(self.zone, unit, year_before(self.first), self.count)
  end
end

---The same period of the year before: June of last year, the week of the same
---number, the same dates.
---@return usagelua.period
function methods:last_year()
  if self.vendor then errors.raise_usage "the vendor's own period has none a year before it" end
  local moved = self.unit and YEAR_BEFORE[self.unit](self)
  if moved and moved.from < moved.to then return moved end
  if moved then errors.raise_usage("%s: the clocks skip it in %s", moved.label, self.zone.name) end
  return period.between(seconds_year_before(self.zone, self.from),
    seconds_year_before(self.zone, self.to), self.zone)
end

-- Starts of the units that lie within a period, with the units' first days.
-- Days are counted, not seconds: a clock that is set back at midnight would
-- give the same day twice.
local function unit_starts(self, unit)
  local first = calendar.unit_start(unit, self.zone:date(self.from).days)
  local start = self.zone:day_start(first)
  return function()
    local this_first, this_start = first, start
    if this_start >= self.to then return nil end
    first = calendar.add(unit, first, 1)
    start = self.zone:day_start(first)
    return this_first, this_start, start
  end
end

local function split_by_unit(self, unit)
  local pieces = {}
  for first, start, stop in unit_starts(self, unit) do
    local from, to = math.max(start, self.from), math.min(stop, self.to)
    if from < to then
      local is_whole = from == start and to == stop
      pieces[#pieces + 1] = is_whole and of_units(self.zone, unit, first, 1)
        or period.between(from, to, self.zone)
    end
  end
  return pieces
end

-- Hours of the clock. An offset change ends one, so that no hour holds the
-- same clock time twice.
local function split_by_hour(self)
  local pieces, from = {}, self.from
  local change = self.zone:next_change(from)
  while from < self.to do
    local to = from + HOUR_S - (from + self.zone:offset(from)) % HOUR_S
    to = math.min(to, self.to, change or to)
    if to == change then change = self.zone:next_change(to) end
    pieces[#pieces + 1] = of_seconds(self.zone, from, to)
    from = to
  end
  return pieces
end

---Cuts a period at the borders of a grain, in its zone, without gap or
---overlap; the first and the last piece may be shorter than the grain.
---@param grain "total"|"year"|"quarter"|"month"|"week"|"day"|"hour"
---@return usagelua.period[]
function methods:split(grain)
  if grain == "total" then return { self } end
  if self.vendor then errors.raise_usage("the vendor's own period cannot be split by %s", grain) end
  if grain == "hour" then return split_by_hour(self) end
  if not LABELS[grain] then
    errors.raise_usage("%s", errors.unknown("grain", grain, period.grains))
  end
  return split_by_unit(self, grain)
end

errors.want_colon(metatable, "month", { "previous", "next", "last_year" })

return period
