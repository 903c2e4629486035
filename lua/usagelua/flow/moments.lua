-- Date-times as vendors write them, and periods as records name them. What is
-- none is the vendor's mistake, and raised as such.

local errors = require "usagelua.errors"
local period = require "usagelua.time.period"
local timestamp = require "usagelua.time.timestamp"
local values = require "usagelua.flow.values"
local zones = require "usagelua.time.zone"

local moments = {}

---Refuses an answer: what stands in it is the vendor's mistake.
---@param format string as of string.format
function moments.refuse(format, ...)
  error(errors.new { kind = "shape", message = format:format(...) }, 0)
end

---Seconds since 1970 of an RFC 3339 time, and the fraction of a second.
---@param text string
---@return integer epoch
---@return number fraction
function moments.epoch(text)
  local epoch, reason = nil, "no text"
  if type(text) == "string" then epoch, reason = timestamp.parse_rfc3339(text) end
  if epoch then return epoch, reason end
  moments.refuse("%s is not a time: %s", values.shown(text), reason)
end

---Seconds since 1970 of a date-time by the clock of a zone, the fraction beside
---them. An offset in the text counts; `Z` and none mean the zone's own clock.
---@param text string RFC 3339, with or without offset
---@param zone string
---@return integer
---@return number
function moments.by_clock(text, zone)
  local wall = type(text) == "string" and text:match "^(.-)[Zz]?$"
  local epoch, fraction
  if wall then epoch, fraction = timestamp.parse_rfc3339(wall .. "Z") end
  if not epoch then return moments.epoch(text) end
  local date = zones.fixed(0):date(epoch)
  return (zones.parse(zone):epoch(date.year, date.month, date.day, date.hour, date.min, date.sec)),
    fraction
end

---How records name a period: its label, its start and its end (excluded), by
---the clock of a zone.
---@param from integer seconds since 1970, included
---@param to integer excluded
---@param zone string
---@param grain string of the label, where the period is one of it
---@return string label, string period_start, string period_end
function moments.period(from, to, zone, grain)
  local asked = period.between(from, to, zones.parse(zone))
  local pieces = asked:split(grain)
  return (#pieces == 1 and pieces[1] or asked).label, asked.zone:rfc3339(from), asked.zone:rfc3339(to)
end

return moments
