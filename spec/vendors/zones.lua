-- A few time zones by rule, so that a test vendor's calendar owes nothing to the code under
-- test: today's rules of the European Union, the United States and New South Wales.
local calendar = require "vendors.calendar"

local zones = {}

local DAY_S, HOUR_S = 86400, 3600

-- Standard offset; daylight time begins and ends on the nth Sunday (-1: the last) of a month,
-- so many seconds after that day's midnight at UTC.
local EUROPE = { { 3, -1, 3600 }, { 10, -1, 3600 } }
local RULES = {
  UTC = { 0 },
  ["Asia/Kolkata"] = { 19800 },
  ["Europe/Berlin"] = { 3600, EUROPE[1], EUROPE[2] },
  ["America/New_York"] = { -18000, { 3, 2, 25200 }, { 11, 1, 21600 } },
  ["America/Los_Angeles"] = { -28800, { 3, 2, 36000 }, { 11, 1, 32400 } },
  ["Australia/Sydney"] = { 36000, { 10, 1, -28800 }, { 4, 1, -28800 } },
}

--- Whether there is a zone of this name.
function zones.has(name)
  return RULES[name] ~= nil
end

local function weekday(midnight)
  return (midnight / DAY_S + 4) % 7
end

-- None of the rules has its last Sunday in December.
local function nth_sunday(year, month, nth)
  if nth < 0 then
    local last = calendar.epoch(year, month + 1, 1, 0, 0, 0) - DAY_S
    return last - weekday(last) * DAY_S
  end
  local first = calendar.epoch(year, month, 1, 0, 0, 0)
  return first + ((7 - weekday(first)) % 7 + 7 * (nth - 1)) * DAY_S
end

local function change(year, rule)
  return nth_sunday(year, rule[1], rule[2]) + rule[3]
end

local function is_daylight(rules, instant)
  if not rules[2] then return false end
  local year = os.date("!*t", instant).year
  local begin, finish = change(year, rules[2]), change(year, rules[3])
  if begin < finish then return instant >= begin and instant < finish end
  return instant >= begin or instant < finish
end

--- Seconds east of UTC at an instant.
function zones.offset(name, instant)
  local rules = RULES[name]
  return rules[1] + (is_daylight(rules, instant) and HOUR_S or 0)
end

--- The instant of a wall clock (seconds as if at UTC): the earlier of two, after a gap as the
--- clock before it went.
function zones.instant(name, wall)
  local standard = RULES[name][1]
  local daylight = wall - standard - HOUR_S
  if zones.offset(name, daylight) == standard + HOUR_S then return daylight end
  return wall - standard
end

local function next_month(date)
  return calendar.epoch(date.month == 12 and date.year + 1 or date.year, date.month % 12 + 1, 1, 0,
    0, 0)
end

-- The wall clock at which the calendar unit after this one begins; weeks begin on Monday.
local NEXT = {
  day = function(wall) return (math.floor(wall / DAY_S) + 1) * DAY_S end,
  week = function(wall)
    local midnight = math.floor(wall / DAY_S) * DAY_S
    return midnight + (7 - (weekday(midnight) + 6) % 7) * DAY_S
  end,
  month = function(wall) return next_month(os.date("!*t", wall)) end,
  year = function(wall) return calendar.epoch(os.date("!*t", wall).year + 1, 1, 1, 0, 0, 0) end,
}

--- The instant at which the zone's next hour, day, week, month or year begins.
function zones.next(name, unit, instant)
  local offset = zones.offset(name, instant)
  if unit == "hour" then
    return (math.floor((instant + offset) / HOUR_S) + 1) * HOUR_S - offset
  end
  return zones.instant(name, NEXT[unit](instant + offset))
end

--- "+05:30"; "Z" at UTC.
function zones.offset_text(offset_s)
  if offset_s == 0 then return "Z" end
  local minutes = math.abs(offset_s) / 60
  return ("%s%02d:%02d"):format(offset_s < 0 and "-" or "+", math.floor(minutes / 60), minutes % 60)
end

return zones
