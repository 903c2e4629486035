-- Windows cover a period once: tried on random periods in several zones.

local calendar = require "usagelua.time.calendar"
local errors = require "usagelua.errors"
local order = require "usagelua.order"
local period = require "usagelua.time.period"
local random = require "usagelua.transport.random"
local windows = require "usagelua.flow.windows"
local zones = require "usagelua.time.zone"

local tiling = {}

local PERIODS <const> = 200
local ZONES <const> = { "UTC", "+05:30", "-08:00", "Europe/Berlin", "America/New_York" }
local FIRST_DAY <const>, LAST_DAY <const> = 18262, 21184 -- 2020-01-01, 2028-01-01
local LONGEST_DAYS <const> = 800
local MOST_WINDOWS <const> = 100
-- Years by the hour would take long, and show no more.
local GRAINS <const> = { total = true, year = true, month = true, week = true, day = true }

-- As long as makes so many windows, of one hour each for example.
local function longest_days(rules)
  if not rules.max_hours then return LONGEST_DAYS end
  return math.max(1, math.min(LONGEST_DAYS, MOST_WINDOWS * rules.max_hours // 24))
end

local function random_days(draw, rules)
  local longest = longest_days(rules)
  local length = draw(1, 2) == 1 and draw(1, math.min(40, longest)) or draw(1, longest)
  return { first = draw(FIRST_DAY, LAST_DAY), length = length }
end

-- Where the dataset takes whole months or weeks only, the days between are
-- moved to where those begin.
local function period_in(days, zone_name, unit)
  local zone = zones.parse(zone_name)
  local first = calendar.unit_start(unit, days.first)
  local after = calendar.unit_start(unit, days.first + days.length)
  if after <= first then after = calendar.add(unit, first, 1) end
  return period.between(zone:day_start(first), zone:day_start(after), zone)
end

-- A vendor of whole days in a zone of its own is asked in that zone only.
local function cut(days, zone_name, rules, grain)
  local unit = windows.unit_of_days(rules)
  local asked = period_in(days, zone_name, unit)
  local ok, list = errors.try(windows.cut, asked, rules, grain)
  local has_own = rules.zone ~= "offset" and rules.zone ~= "report"
  if ok or not has_own then return ok, list, asked end
  asked = period_in(days, rules.zone or "UTC", unit)
  ok, list = errors.try(windows.cut, asked, rules, grain)
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

-- What a window is sent as: all of its edges, or of them the names that the
-- request has.
local function sent_as(window, rules, names)
  local edges, texts = windows.edges(window, rules), {}
  for _, name in ipairs(order.keys(edges)) do
    if not names or names[name] then texts[#texts + 1] = tostring(edges[name]) end
  end
  return table.concat(texts, " ")
end

-- Two windows that are sent alike would bring the same rows twice.
local function sent_twice(list, rules, names)
  local seen = {}
  for _, window in ipairs(list) do
    local sent = sent_as(window, rules, names)
    if seen[sent] then return "two windows are both sent as " .. sent end
    seen[sent] = true
  end
end

local function coarse_grains(rules)
  local list = {}
  for _, grain in ipairs(windows.grains(rules)) do
    if GRAINS[grain] then list[#list + 1] = grain end
  end
  return list
end

local function try(rules, draw, names)
  local grains = rules.grains or coarse_grains(rules)
  local grain = grains[draw(1, #grains)]
  local ok, list, asked = cut(random_days(draw, rules), ZONES[draw(1, #ZONES)], rules, grain)
  if not ok then
    if errors.is(list) and list.kind == "usage" then return "refused", tostring(list) end
    return "wrong", tostring(list)
  end
  local problem = gap(list, asked) or sent_twice(list, rules, names)
  if problem then return "wrong", ("%s by %s: %s"):format(asked.label, grain, problem) end
  return "tiled"
end

---@param rules usagelua.window_rules
---@param names table<string, boolean>? that the request fills with edges; nil: all
---@return string? done what was tried, for people
---@return string? problem
function tiling.check(rules, names)
  local draw, counts, refusal = random.new(20260701), { tiled = 0, refused = 0 }, nil
  for _ = 1, PERIODS do
    local outcome, reason = try(rules, draw, names)
    if outcome == "wrong" then return nil, reason end
    counts[outcome] = counts[outcome] + 1
    refusal = refusal or reason
  end
  if counts.tiled == 0 then return nil, "every period is refused: " .. refusal end
  return ("random periods: %d, refused: %d"):format(PERIODS, counts.refused)
end

return tiling
