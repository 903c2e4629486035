-- Instants as text: RFC 3339 for our own files and the vendors' answers,
-- HTTP dates for Retry-After and Date. Strict, and the same under any locale
-- and TZ. An instant is an integer, seconds since 1970-01-01 UTC.

local calendar = require "usagelua.time.calendar"

local timestamp = {}

local DAY_S <const> = 86400

local MONTHS = {}
for number, name in ipairs { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
  "Nov", "Dec" } do
  MONTHS[number], MONTHS[name] = name, number
end

local WEEKDAYS = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" }
local LONG_WEEKDAYS = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  "Sunday" }

local function is_one_of(list, name)
  for _, known in ipairs(list) do
    if known == name then return true end
  end
  return false
end

-- A 60th second is a leap second; it is taken for the one after it.
local function time_of_day(hour, min, sec)
  if hour > 23 or min > 59 or sec > 60 then return nil end
  return hour * 3600 + min * 60 + sec
end

local function instant(year, month, day, hour, min, sec)
  if year < 1 or month < 1 or month > 12 then return nil, "no such month" end
  if day < 1 or day > calendar.days_in_month(year, month) then return nil, "no such day" end
  local second = time_of_day(hour, min, sec)
  if not second then return nil, "no such time of day" end
  return calendar.days(year, month, day) * DAY_S + second
end

local function integers(...)
  local numbers = { ... }
  for i, text in ipairs(numbers) do numbers[i] = math.tointeger(tonumber(text)) end
  return table.unpack(numbers)
end

local function refused(text, reason)
  return nil, ("'%s': %s"):format(text, reason)
end

---Reads "Z", "+05:30" or "-08:00".
---@param text string
---@return integer? seconds east of UTC
function timestamp.parse_offset(text)
  if text == "Z" or text == "z" then return 0 end
  local sign, hours, minutes = text:match "^([+-])(%d%d):(%d%d)$"
  if not sign then return nil end
  hours, minutes = integers(hours, minutes)
  if hours > 23 or minutes > 59 then return nil end
  local seconds = hours * 3600 + minutes * 60
  return sign == "-" and -seconds or seconds
end

---"+05:30" of 19800. Seconds east of UTC that are no whole minutes (local
---mean times of old) have no such form and raise.
---@param offset_s integer
---@return string
function timestamp.format_offset(offset_s)
  if offset_s % 60 ~= 0 then error(("offset of %d s is no whole minute"):format(offset_s), 2) end
  local minutes = math.abs(offset_s) // 60
  return ("%s%02d:%02d"):format(offset_s < 0 and "-" or "+", minutes // 60, minutes % 60)
end

---Reads a date-time with its offset.
---@param text string "2026-06-01T00:00:00.000+02:00"; T may be a space, Z and T lower case
---@return integer? epoch seconds, nil where the text is none
---@return number|string fraction of a second that follows, or the reason
---Source: RFC 3339 section 5.6
function timestamp.parse_rfc3339(text)
  local year, month, day, hour, min, sec, rest =
    text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)(.*)$"
  if not year then
    return refused(text, "not an RFC 3339 date-time such as 2026-06-01T00:00:00Z")
  end
  local fraction, zone = rest:match "^(%.%d+)(.*)$"
  local offset_s = timestamp.parse_offset(zone or rest)
  if not offset_s then return refused(text, "the offset is missing or wrong, write Z or +02:00") end
  local local_s, reason = instant(integers(year, month, day, hour, min, sec))
  if not local_s then return refused(text, reason) end
  return local_s - offset_s, fraction and tonumber("0" .. fraction) or 0
end

---A date-time as one number, so that "00:30+02:00" and "22:30Z" compare as the
---same moment.
---@param value any
---@return number? epoch seconds, an integer where there is no fraction; nil: no date-time
function timestamp.instant(value)
  if type(value) ~= "string" then return nil end
  local epoch, fraction = timestamp.parse_rfc3339(value)
  return epoch and epoch + fraction
end

---"2026-06-01T02:00:00+02:00", or with Z where no offset is given. An offset
---that RFC 3339 cannot say is replaced by Z: the instant is the same.
---@param epoch integer
---@param offset_s? integer seconds east of UTC
---@param fraction? string put after the seconds, ".000"
---@return string
function timestamp.format_rfc3339(epoch, offset_s, fraction)
  if offset_s and offset_s % 60 ~= 0 then offset_s = nil end
  local local_s = epoch + (offset_s or 0)
  local year, month, day = calendar.date(local_s // DAY_S)
  local second = local_s % DAY_S
  local suffix = offset_s and timestamp.format_offset(offset_s) or "Z"
  return ("%04d-%02d-%02dT%02d:%02d:%02d%s%s"):format(year, month, day, second // 3600,
    second // 60 % 60, second % 60, fraction or "", suffix)
end

-- Two digits of a year mean the last such year that is not more than 50
-- years ahead (RFC 9110 section 5.6.7).
local function full_year(two_digits, now)
  local latest = calendar.date(now // DAY_S) + 50
  return latest - (latest - two_digits) % 100
end

local function read_fixdate(text)
  local weekday, day, month, year, hour, min, sec =
    text:match "^(%a%a%a), (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$"
  if not is_one_of(WEEKDAYS, weekday) then return nil end
  return year, month, day, hour, min, sec
end

local function read_rfc850(text, now)
  local weekday, day, month, year, hour, min, sec =
    text:match "^(%a+), (%d%d)%-(%a%a%a)%-(%d%d) (%d%d):(%d%d):(%d%d) GMT$"
  if not is_one_of(LONG_WEEKDAYS, weekday) then return nil end
  return full_year(integers(year), now), month, day, hour, min, sec
end

local function read_asctime(text)
  local weekday, month, day, hour, min, sec, year =
    text:match "^(%a%a%a) (%a%a%a) ([%d ]%d) (%d%d):(%d%d):(%d%d) (%d%d%d%d)$"
  if not is_one_of(WEEKDAYS, weekday) then return nil end
  return year, month, day, hour, min, sec
end

---Reads a date as HTTP header fields have it, in any of its three forms.
---That the weekday fits the date is not checked: it adds nothing.
---@param text string "Sun, 06 Nov 1994 08:49:37 GMT"
---@param now? number seconds since 1970, for years of two digits; default the system's
---@return integer? epoch seconds, nil where the text is none
---@return string? reason
---Source: RFC 9110 section 5.6.7
function timestamp.parse_http_date(text, now)
  now = math.floor(now or os.time())
  for _, read in ipairs { read_fixdate, read_rfc850, read_asctime } do
    local year, month, day, hour, min, sec = read(text, now)
    if year and MONTHS[month] then
      local epoch, reason = instant(integers(year, MONTHS[month], day, hour, min, sec))
      if not epoch then return refused(text, reason) end
      return epoch
    end
  end
  return refused(text, "not an HTTP date such as Sun, 06 Nov 1994 08:49:37 GMT")
end

---The preferred form of HTTP, "Sun, 06 Nov 1994 08:49:37 GMT".
---@param epoch integer
---@return string
---Source: RFC 9110 section 5.6.7
function timestamp.format_http_date(epoch)
  local days, second = epoch // DAY_S, epoch % DAY_S
  local year, month, day = calendar.date(days)
  return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(WEEKDAYS[calendar.weekday(days)], day,
    MONTHS[month], year, second // 3600, second // 60 % 60, second % 60)
end

return timestamp
