-- Whether two periods are as long as each other, as people count it: a month
-- is as long as any other month, a day on which the clock is put forward as
-- long as any other day.

local calendar = require "usagelua.time.calendar"

local length = {}

local DAY_S <const> = 86400
local WALL <const> = "^(%d%d%d%d)%-(%d%d)%-(%d%d)T(%d%d):(%d%d):(%d%d)"

local function integers(...)
  local numbers = { ... }
  for i, text in ipairs(numbers) do numbers[i] = math.tointeger(tonumber(text)) end
  return table.unpack(numbers)
end

-- What the clock on the wall shows: seconds of it, and months where it is the
-- first moment of one.
local function wall(text)
  local year, month, day, hour, minute, second = integers(text:match(WALL))
  if not year then return nil end
  local seconds = calendar.days(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second
  local is_first = day == 1 and hour == 0 and minute == 0 and second == 0
  return seconds, is_first and year * 12 + month or nil
end

---@param span { from: any, to: any } RFC 3339, `to` excluded
---@return integer? seconds of the wall's clock; nil where the texts are no times
---@return integer? months where it is a number of whole ones
function length.of(span)
  if type(span.from) ~= "string" or type(span.to) ~= "string" then return nil end
  local from, first_month = wall(span.from)
  local to, last_month = wall(span.to)
  if not from or not to then return nil end
  return to - from, first_month and last_month and last_month - first_month
end

---@param a { from: any, to: any }
---@param b { from: any, to: any }
---@return boolean? nil where one of them does not say
function length.is_same(a, b)
  local seconds, months = length.of(a)
  local other_seconds, other_months = length.of(b)
  if not seconds or not other_seconds then return nil end
  return seconds == other_seconds or months ~= nil and months == other_months
end

return length
