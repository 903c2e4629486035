-- Periods and zones: a text is refused as wrong use or is a period whose label
-- reads back to it, whose neighbours touch it and whose parts cover it once.
--
-- The first line is the zone, the second the period.

local errors = require "usagelua.errors"
local period = require "usagelua.time.period"
local zone = require "usagelua.time.zone"

local NOW <const> = 1782864000.25 -- 2026-07-01
-- About how long each part is, and how many of them are looked at.
local LENGTHS_S <const> = { hour = 3600, day = 86400, week = 604800, month = 2592000, quarter = 7776000,
  year = 31536000, total = math.huge }
local MOST_PARTS <const> = 60

-- The result, or nothing where it is refused as wrong use.
local function accepted(call, ...)
  local ok, result = pcall(call, ...)
  if ok then return result end
  if errors.is(result) and result.kind == "usage" then return nil end
  error(result, 0)
end

local function assert_span(expected, actual, what)
  if expected.from == actual.from and expected.to == actual.to then return end
  error(("%s: %s is %s..%s, not %s..%s"):format(what, actual.label, actual.from, actual.to,
    expected.from, expected.to), 0)
end

local function check_parts(found, grain)
  local parts = accepted(found.split, found, grain)
  local at = found.from
  for _, part in ipairs(parts or {}) do
    assert(part.from == at and part.to > at, "parts leave a gap, or overlap")
    at = part.to
  end
  assert(parts == nil or at == found.to, "parts do not reach the end")
end

local function check_neighbours(found)
  local after, before = accepted(found.next, found), accepted(found.previous, found)
  assert(not after or after.from == found.to, "the next one does not touch it")
  assert(not before or before.to == found.from, "the one before does not touch it")
end

local function check_period(found)
  assert(found.from < found.to, "an empty period")
  assert_span(found, period.parse(found.label, found.zone, NOW), "its label")
  check_neighbours(found)
  for grain, length_s in pairs(LENGTHS_S) do
    if (found.to - found.from) / length_s < MOST_PARTS then check_parts(found, grain) end
  end
end

return function(bytes)
  local zone_text, text = bytes:match "^([^\n]*)\n?(.*)$"
  local place = accepted(zone.parse, zone_text)
  if not place then place = zone.parse "Europe/Berlin" end
  local found = accepted(period.parse, text, place, NOW)
  if found and not found.vendor then check_period(found) end
end, true
