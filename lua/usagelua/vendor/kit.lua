-- What vendor scripts have in hand beside their own tables and Lua's plain
-- functions. Everything here is safe to give away: no files, no network.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local timestamp = require "usagelua.time.timestamp"
local values = require "usagelua.flow.values"

local kit = {}

---JSON's null, as it stands in items.
kit.null = core.json.null

-- A time that is none is the vendor's mistake, not the script's: the answer is
-- refused as any other of a wrong shape.
local function epoch_of(text)
  local epoch, reason = nil, "no text"
  if type(text) == "string" then epoch, reason = timestamp.parse_rfc3339(text) end
  if epoch then return epoch end
  error(errors.new { kind = "shape",
    message = ("%s is not a time: %s"):format(values.shown(text), reason) }, 0)
end

---Seconds since 1970 of an RFC 3339 time.
---@param text string
---@return integer
function kit.seconds(text)
  return epoch_of(text)
end

---The same instant, or one so many seconds later, written with an offset.
---
---    kit.at_offset("2026-03-01T00:00:00Z", "+05:30", 600) --> "2026-03-01T05:40:00+05:30"
---
---@param text string RFC 3339
---@param offset string "+05:30"
---@param later_s integer?
---@return string
function kit.at_offset(text, offset, later_s)
  return timestamp.format_rfc3339(epoch_of(text) + (later_s or 0), timestamp.parse_offset(offset))
end

return kit
