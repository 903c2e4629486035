-- Rows that say when their period begins and nothing else: all of an answer last as
-- long (`10m`, `1h`, `1d`), as charts of a vendor are drawn. Such a row belongs to
-- the window in which it begins.

local moments = require "usagelua.flow.moments"
local once = require "usagelua.once"
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

-- What is the same for all rows of an answer.
local asked_for = once.of_both(function(described, sent)
  local asked = { zone = zones.parse(template.fill(described.zone, sent)),
    length_s = assert(lasting.seconds(template.fill(described.lasts, sent))) }
  asked.label_width = label_width(asked.length_s)
  if sent.from_utc then
    asked.from, asked.to = (moments.epoch(sent.from_utc)), (moments.epoch(sent.to_utc))
  end
  return asked
end)

-- One that has begun before it reaches into it: vendors count lengths from midnight.
local function is_asked(from, asked)
  return not asked.from or from + asked.length_s > asked.from and from < asked.to
end

---The period of a row that begins then; false where it belongs to another window.
---@param described table a dataset's `row_period`
---@param start_text string RFC 3339
---@param sent table<string, any> what templates see
---@param is_nameless boolean? nobody wants to know its name
---@return string|false label empty without a name
---@return string? period_start
---@return string? period_end
function lasting.period(described, start_text, sent, is_nameless)
  local asked, from = asked_for(described, sent), (moments.epoch(start_text))
  if not is_asked(from, asked) then return false end
  if is_nameless then return "" end
  local first = asked.zone:rfc3339(from)
  return first:sub(1, asked.label_width), first, asked.zone:rfc3339(from + asked.length_s)
end

return lasting
