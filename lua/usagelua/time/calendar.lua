-- Civil dates of the Gregorian calendar in integers: no zone, no clock, no
-- locale. A day is a number, day 0 being 1970-01-01.

local calendar = {}

local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local ERA_DAYS <const> = 146097 -- 400 years, after which the calendar repeats
local MARCH_0000 <const> = -719468 -- day number of 0000-03-01

---@param year integer
---@return boolean
function calendar.is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

---How many days a month has.
---@param year integer
---@param month integer 1 to 12
---@return integer
function calendar.days_in_month(year, month)
  return month == 2 and calendar.is_leap(year) and 29 or MONTH_DAYS[month]
end

---Day number of a date. The day may lie outside its month: 0 is the last day
---of the month before.
---@param year integer
---@param month integer 1 to 12
---@param day integer
---@return integer
function calendar.days(year, month, day)
  local y = month > 2 and year or year - 1 -- from March: the leap day comes last
  local from_march = (month + 9) % 12
  return y * 365 + y // 4 - y // 100 + y // 400
    + (153 * from_march + 2) // 5 + day - 1 + MARCH_0000
end

---The date of a day number.
---@param days integer
---@return integer year, integer month, integer day
function calendar.date(days)
  local era = (days - MARCH_0000) // ERA_DAYS
  local of_era = (days - MARCH_0000) % ERA_DAYS
  local year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
  local from_march = (5 * of_year + 2) // 153
  local month = (from_march + 2) % 12 + 1
  local year = era * 400 + year_of_era + (month <= 2 and 1 or 0)
  return year, month, of_year - (153 * from_march + 2) // 5 + 1
end

---Weekday of a day number by ISO 8601: 1 is Monday, 7 is Sunday.
---@param days integer
---@return integer
function calendar.weekday(days)
  return (days + 3) % 7 + 1
end

---The first day of an ISO week. Week 1 is the one that 4 January lies in.
---@param year integer
---@param week integer
---@return integer days
function calendar.week_start(year, week)
  local fourth = calendar.days(year, 1, 4)
  return fourth - calendar.weekday(fourth) + 1 + (week - 1) * 7
end

---How many ISO weeks a year has, 52 or 53.
---@param year integer
---@return integer
function calendar.weeks_in_year(year)
  return (calendar.week_start(year + 1, 1) - calendar.week_start(year, 1)) // 7
end

---The ISO week of a day number; its year may differ from the date's.
---@param days integer
---@return integer year, integer week
function calendar.week(days)
  local thursday = days - calendar.weekday(days) + 4
  local year = calendar.date(thursday)
  return year, (thursday - calendar.days(year, 1, 1)) // 7 + 1
end

-- Per unit: the first day of the unit that holds a day, and the first day of
-- the unit `count` further on from such a first day.
local function by_days(length)
  return function(start, count) return start + count * length end
end

local function by_months(length)
  return function(start, count)
    local year, month = calendar.date(start)
    local months = year * 12 + month - 1 + count * length
    return calendar.days(months // 12, months % 12 + 1, 1)
  end
end

local function month_start(days, of)
  local year, month = calendar.date(days)
  return calendar.days(year, (month - 1) // of * of + 1, 1)
end

local UNITS = {
  day = { start = function(days) return days end, add = by_days(1) },
  week = { start = function(days) return days - calendar.weekday(days) + 1 end, add = by_days(7) },
  month = { start = function(days) return month_start(days, 1) end, add = by_months(1) },
  quarter = { start = function(days) return month_start(days, 3) end, add = by_months(3) },
  year = { start = function(days) return month_start(days, 12) end, add = by_months(12) },
}

---The first day of the calendar unit that holds a day.
---@param unit "day"|"week"|"month"|"quarter"|"year"
---@param days integer
---@return integer
function calendar.unit_start(unit, days)
  return UNITS[unit].start(days)
end

---The first day of the unit `count` units after (before, where negative) the
---one that begins on `start`.
---@param unit "day"|"week"|"month"|"quarter"|"year"
---@param start integer first day of a unit
---@param count integer
---@return integer
function calendar.add(unit, start, count)
  return UNITS[unit].add(start, count)
end

return calendar
