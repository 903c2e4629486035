-- Days and seconds of the proleptic Gregorian calendar, without any time zone.
local calendar = {}

local DAY_S = 86400
local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function days_of(year, month)
  return month == 2 and is_leap(year) and 29 or MONTH_DAYS[month]
end

-- Days since 1970-01-01 (the algorithm of Howard Hinnant's days_from_civil).
local function days_since_epoch(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local of_era = year - era * 400
  local of_year = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local days = of_era * 365 + math.floor(of_era / 4) - math.floor(of_era / 100) + of_year
  return era * 146097 + days - 719468
end

--- Seconds since the epoch of a wall clock at UTC; nil for a date or time that is none.
function calendar.epoch(year, month, day, hour, minute, second)
  local is_date = month >= 1 and month <= 12 and day >= 1 and day <= days_of(year, month)
  if not is_date or hour > 23 or minute > 59 or second > 59 then return nil end
  return days_since_epoch(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second
end

--- Epoch of "YYYY-MM-DD HH:MM:SS" read at UTC, or nil.
function calendar.parse_wall_clock(text)
  local y, mo, d, h, mi, s = text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d) (%d%d):(%d%d):(%d%d)$"
  if not y then return nil end
  return calendar.epoch(tonumber(y), tonumber(mo), tonumber(d), tonumber(h), tonumber(mi),
    tonumber(s))
end

--- Epoch of an RFC 3339 date-time with whole seconds or a fraction, at Z or an offset, or nil.
function calendar.parse_rfc3339(text)
  local date, time, zone = text:match "^(%d+%-%d+%-%d+)T(%d+:%d+:%d+)%.?%d*([Z+-].*)$"
  local epoch = date and calendar.parse_wall_clock(date .. " " .. time)
  if not epoch or zone == "Z" then return epoch end
  local sign, hours, minutes = zone:match "^([+-])(%d%d):(%d%d)$"
  if not sign then return nil end
  local offset_s = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return epoch - (sign == "-" and -offset_s or offset_s)
end

--- "2026-06-01T00:00:00Z"
function calendar.rfc3339(epoch)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", epoch)
end

return calendar
