-- Windows cover a period once: tried on random periods in several zones.

local calendar = require "usagelua.time.calendar"
local errors = require "usagelua.errors"
local period = require "usagelua.time.period"
local random = require "usagelua.transport.random"
local windows = require "usagelua.flow.windows"
local zones = require "usagelua.time.zone"

local tiling = {}

local PERIODS <const> = 200
local ZONES <const> = { "UTC", "+05:30", "-08:00", "Europe/Berlin", "America/New_York" }
local FIRST_DAY <const>, LAST_DAY <const> = 18262, 21184 -- 2020-01-01, 2028-01-01
local LONGEST_DAYS <const> = 800

-- Units of the calendar that are longer than a day: a vendor of whole ones
-- takes no other periods.
local UNITS <const> = { week = true, month = true, quarter = true, year = true }

local function whole_units(days, unit)
  local first = calendar.unit_start(unit, days.first)
  local after = calendar.add(unit, calendar.unit_start(unit, days.first + days.length), 1)
  return { first = first, length = after - first }
end

local function random_days(draw, rules)
  local length = draw(1, 2) == 1 and draw(1, 40) or draw(1, LONGEST_DAYS)
  local days = { first = draw(FIRST_DAY, LAST_DAY), length = length }
  return UNITS[rules.whole] and whole_units(days, rules.whole) or days
end

local function period_in(days, zone_name)
  local zone = zones.parse(zone_name)
  return period.between(zone:day_start(days.first), zone:day_start(days.first + days.length), zone)
end

-- A vendor of whole days in a zone of its own is asked in that zone only.
local function cut(days, zone_name, rules, grain)
  local asked = period_in(days, zone_name)
  local ok, list = pcall(windows.cut, asked, rules, grain)
  local has_own = rules.zone ~= "offset" and rules.zone ~= "report"
  if ok or not has_own then return ok, list, asked end
  asked = period_in(days, rules.zone or "UTC")
  ok, list = pcall(windows.cut, asked, rules, grain)
  return ok, list, asked
end

local function gap(list, asked)
  local reached = asked.from
  for _, window in ipairs(list) do
    if window.from ~= reached then
      return ("a window begins at %d and the one before ended at %d"):format(window.from, reached)
    elseif window.to <= window.from then
      return "an empty window at " .. window.period_start
    end
    reached = window.to
  end
  if reached ~= asked.to then return "the last window ends too early" end
end

-- Two windows that are sent alike would bring the same rows twice.
local function sent_twice(list, rules)
  local seen = {}
  for _, window in ipairs(list) do
    local edges = windows.edges(window, rules)
    local sent = table.concat({ edges.from or "", edges.to or "", edges.timezone or "" }, " ")
    if seen[sent] then return "two windows are both sent as " .. sent end
    seen[sent] = true
  end
end

local function try(rules, draw)
  local grains = rules.grains or { "total", "month", "day" }
  local grain = grains[draw(1, #grains)]
  local ok, list, asked = cut(random_days(draw, rules), ZONES[draw(1, #ZONES)], rules, grain)
  if not ok then
    if errors.is(list) and list.kind == "usage" then return "refused", tostring(list) end
    return "wrong", tostring(list)
  end
  local problem = gap(list, asked) or sent_twice(list, rules)
  if problem then return "wrong", ("%s by %s: %s"):format(asked.label, grain, problem) end
  return "tiled"
end

---@param rules usagelua.window_rules
---@return string? done what was tried, for people
---@return string? problem
function tiling.check(rules)
  local draw, counts, refusal = random.new(20260701), { tiled = 0, refused = 0 }, nil
  for _ = 1, PERIODS do
    local outcome, reason = try(rules, draw)
    if outcome == "wrong" then return nil, reason end
    counts[outcome] = counts[outcome] + 1
    refusal = refusal or reason
  end
  if counts.tiled == 0 then return nil, "every period is refused: " .. refusal end
  return ("random periods: %d, refused: %d"):format(PERIODS, counts.refused)
end

return tiling
