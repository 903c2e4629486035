-- Rows that say when their period begins and nothing else: all of an answer last as
-- long (`10m`, `1h`, `1d`), as charts of a vendor are drawn. Such a row belongs to
-- the window in which it begins.

local moments = require "usagelua.flow.moments"
local template = require "usagelua.flow.template"
local zones = require "usagelua.time.zone"

local lasting = {}

local SECONDS <const> = { s = 1, m = 60, h = 3600, d = 86400 }
local DAY_S <const> = SECONDS.d

-- As much of a start as tells it from the others'.
local DATE <const>, MINUTE <const>, SECOND <const> = 10, 16, 19

---"10m" → 600
---@param text string
---@return integer? seconds nil where the text is no length
function lasting.seconds(text)
  local count, unit = text:match "^([1-9]%d?%d?%d?)([smhd])$"
  return count and math.tointeger(count) * SECONDS[unit]
end

local function label_width(length_s)
  if length_s % DAY_S == 0 then return DATE end
  return length_s % 60 == 0 and MINUTE or SECOND
end

-- One that has begun before it reaches into it: vendors count lengths from midnight.
local function is_asked(from, length_s, sent)
  if not sent.from_utc then return true end
  return from + length_s > moments.epoch(sent.from_utc) and from < moments.epoch(sent.to_utc)
end

---The period of a row that begins then; false where it belongs to another window.
---@param described table a dataset's `row_period`
---@param start_text string RFC 3339
---@param sent table<string, any> what templates see
---@return string|false label
---@return string? period_start
---@return string? period_end
function lasting.period(described, start_text, sent)
  local zone = zones.parse(template.fill(described.zone, sent))
  local length_s = assert(lasting.seconds(template.fill(described.lasts, sent)))
  local from = (moments.epoch(start_text))
  if not is_asked(from, length_s, sent) then return false end
  local first = zone:rfc3339(from)
  return first:sub(1, label_width(length_s)), first, zone:rfc3339(from + length_s)
end

return lasting
