-- What edges of windows can be whole of: clock units by their seconds, calendar
-- units by their first day.

local calendar = require "usagelua.time.calendar"
local period = require "usagelua.time.period"

local units = {}

local DAY_S <const> = 86400

-- Finest first; seconds of the longest one that there is.
local LIST <const> = {
  { "ms", 1 }, { "second", 1 }, { "minute", 60 }, { "hour", 3600 }, { "day", DAY_S },
  { "week", 7 * DAY_S }, { "month", 31 * DAY_S }, { "quarter", 92 * DAY_S }, { "year", 366 * DAY_S },
}
local MONTHS <const> = { month = 1, quarter = 3, year = 12 }

---Names, finest first.
units.names = {}
local RANK <const>, SECONDS <const> = {}, {}
for rank, row in ipairs(LIST) do
  units.names[rank] = row[1]
  RANK[row[1]], SECONDS[row[1]] = rank, row[2]
end

---The coarser of two: what is whole of it is whole of the other.
---@param a string
---@param b string
---@return string
function units.coarser(a, b)
  return RANK[a] > RANK[b] and a or b
end

---@param unit string
---@return integer seconds of the longest one
function units.seconds(unit)
  return SECONDS[unit]
end

---@param unit string
---@return integer? months nil for what is no number of months
function units.months(unit)
  return MONTHS[unit]
end

---Whether it is counted in days of the calendar.
---@param unit string
---@return boolean
function units.is_of_days(unit)
  return RANK[unit] >= RANK.day
end

---Whole by the clock at its place.
---@param unit string
---@param zone usagelua.zone
---@param epoch integer
---@return boolean
function units.is_whole(unit, zone, epoch)
  if not units.is_of_days(unit) then return (epoch + zone:offset(epoch)) % SECONDS[unit] == 0 end
  if not zone:is_day_start(epoch) then return false end
  local days = zone:date(epoch).days
  return calendar.unit_start(unit, days) == days
end

---The beginning of the unit that an instant lies in.
---@param unit string of days
---@param zone usagelua.zone
---@param epoch integer
---@return integer epoch
function units.start(unit, zone, epoch)
  return zone:day_start(calendar.unit_start(unit, zone:date(epoch).days))
end

-- By whole unit, the grains whose borders are whole of it; the others have all.
local GRAINS <const> = {
  day = { "total", "year", "quarter", "month", "week", "day" }, week = { "total", "week" },
  month = { "total", "year", "quarter", "month" }, quarter = { "total", "year", "quarter" },
  year = { "total", "year" },
}

---The grains that a dataset can be asked at where it does not say.
---@param unit string
---@return string[]
function units.grains(unit)
  local grains = GRAINS[unit] or period.grains
  return table.move(grains, 1, #grains, 1, {})
end

return units
