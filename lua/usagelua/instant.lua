-- RFC 3339 date-times as instants, so that "00:30+02:00" and "22:30Z" compare as
-- the same moment. Periods and zones are made elsewhere; this only reads.

local instant = {}

local FORM <const> = "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)(%.?%d*)([Zz+-].*)$"
local DAYS_IN_MONTH <const> = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function days_in(year, month)
  if month == 2 and is_leap(year) then return 29 end
  return DAYS_IN_MONTH[month] or 0
end

-- Days since 1970-01-01 in the proleptic Gregorian calendar; years that begin
-- in March put the leap day last.
local function days_since_epoch(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local leap_days = year // 4 - year // 100 + year // 400
  return 365 * year + leap_days + (153 * (month - 3) + 2) // 5 + day - 719469
end

local function offset_of(text)
  if text == "Z" or text == "z" then return 0 end
  local sign, hours, minutes = text:match "^([+-])(%d%d):(%d%d)$"
  if not sign or tonumber(hours) > 23 or tonumber(minutes) > 59 then return nil end
  local seconds = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return sign == "-" and -seconds or seconds
end

local function fraction_of(text)
  if text == "" then return 0 end
  return text ~= "." and tonumber("0" .. text) or nil
end

local function is_in_range(year, month, day, hour, minute, second)
  return month >= 1 and month <= 12 and day >= 1 and day <= days_in(year, month)
    and hour <= 23 and minute <= 59 and second <= 60
end

---The instant that an RFC 3339 date-time names (RFC 3339, section 5.6).
---@param text any
---@return number? epoch seconds, UTC; an integer where there is no fraction; nil: no date-time
function instant.parse(text)
  if type(text) ~= "string" then return nil end
  local year, month, day, hour, minute, second, fraction, zone = text:match(FORM)
  if not year then return nil end
  local offset, part = offset_of(zone), fraction_of(fraction)
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if not (offset and part and is_in_range(year, month, day, hour, minute, second)) then
    return nil
  end
  local days = days_since_epoch(year, month, day)
  return days * 86400 + hour * 3600 + minute * 60 + second - offset + part
end

return instant
