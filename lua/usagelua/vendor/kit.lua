-- What vendor scripts have in hand beside their own tables and Lua's plain
-- functions. Everything here is safe to give away: no files, no network.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local moments = require "usagelua.flow.moments"
local timestamp = require "usagelua.time.timestamp"
local url = require "usagelua.client.url"
local values = require "usagelua.flow.values"
local windows = require "usagelua.flow.windows"
local zones = require "usagelua.time.zone"

local kit = {}

---JSON's null, as it stands in items.
kit.null = core.json.null

---Refuses an answer: what stands in it is the vendor's mistake, not the script's.
---@param format string as of string.format
function kit.refuse(format, ...)
  moments.refuse(format, ...)
end

---Seconds since 1970 of an RFC 3339 time.
---@param text string
---@return integer
function kit.seconds(text)
  return (moments.epoch(text))
end

---Seconds since 1970 of a date-time by the clock of a zone, the fraction beside
---them. An offset in the text counts; `Z` and none mean the zone's own clock.
---
---    kit.clock_seconds("2026-06-01T00:00:00.000Z", "America/New_York") --> 1780286400, 0.0
---
---@param text string RFC 3339, with or without offset
---@param zone string
---@return integer
---@return number
function kit.clock_seconds(text, zone)
  return moments.by_clock(text, zone)
end

---How records name a period: its label, its start and its end (excluded), by
---the clock of a zone.
---
---    kit.period(1780272000, 1782864000, "UTC", "month")
---      --> "2026-06", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"
---
---@param from integer seconds since 1970, included
---@param to integer excluded
---@param zone string
---@param grain string of the label, where the period is one of it
---@return string label, string period_start, string period_end
function kit.period(from, to, zone, grain)
  return moments.period(from, to, zone, grain)
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
  return timestamp.format_rfc3339(moments.epoch(text) + (later_s or 0), timestamp.parse_offset(offset))
end

-- JSON ---------------------------------------------------------------------

---The value of a JSON text.
---@param text string
---@return any
function kit.decode(text)
  if type(text) ~= "string" then
    error(errors.new { kind = "shape", message = values.shown(text) .. " is no JSON text" }, 0)
  end
  local value, err = json.decode(text)
  if err then error(err, 0) end
  return value
end

---The JSON text of a value; names come sorted.
---@param value any
---@return string
function kit.encode(value)
  return json.encode(value)
end

---Marks a table as a list, so that an empty one is sent as `[]`.
---@param list table?
---@return table
function kit.array(list)
  return json.array(list)
end

-- Texts and times ----------------------------------------------------------

---Percent-encodes a value, so that it can stand in a path.
---@param value string|number
---@return string
function kit.escape(value)
  return url.encode(tostring(value))
end

---A moment as a vendor wants it.
---
---    kit.time(1780272000, "%Y-%m-%d") --> "2026-06-01"
---
---@param seconds integer since 1970
---@param format string? as of a window: strftime, `rfc3339` (default), `epoch_ms`, …
---@param zone string? "UTC" (default), "+05:30", "Europe/Berlin"
---@return string|integer text, or for an epoch the number that it is in a JSON body too
function kit.time(seconds, format, zone)
  if math.type(seconds) ~= "integer" then
    errors.raise_usage("kit.time: the seconds are a whole number, not %s", values.shown(seconds))
  end
  local read = zones.parse(zone or "UTC")
  local window = { from = seconds, to = seconds, zone = read, offset_s = 0 }
  return windows.edges(window, { format = format }).from
end

---Ends the part: what the vendor answered is no good answer.
---@param message string
function kit.fail(message)
  error(errors.new { kind = "vendor", message = tostring(message) }, 0)
end

return kit
