-- A dataset's rules for windows, read: with all that follows from them, or refused
-- where they contradict one another.

local errors = require "usagelua.errors"
local formats = require "usagelua.flow.windows.formats"
local period = require "usagelua.time.period"
local units = require "usagelua.flow.windows.units"

local window_rules = {}

local DAY_S <const> = 86400

---How a vendor wants to be asked for a span of time: the key `window` of a
---dataset's description.
---@class usagelua.window_rules
---@field max_days integer? at most so many times 24 h; calendar days where `whole` is "day"
---@field max_hours integer? the same in hours
---@field max_months integer? at most so many months of the calendar, cut where they begin
---@field max_buckets integer? at most so many of what the vendor divides its answer into
---@field ends "inclusive"|"exclusive"|nil what the later edge names; default "exclusive";
---  "inclusive": the last second, day or ms that the format can say
---@field format string? as of strftime, or "rfc3339" (default), "rfc3339ms", "epoch", "epoch_ms"
---@field whole string? unit that edges must be whole of, "ms" to "year"; never finer than what the
---  format shows, which is the default
---@field parts table? parts of the beginning for templates: { "year", month = "%-m" }
---@field zone string? default "UTC"; "offset": the report's time, its offset sent, so no window
---  spans a change of it; "report": the report's time, no offset sent; or a zone by name (as a
---  parameter says: flow/tailor.lua has put it there)
---@field grains string[]? grains that may be asked as windows; default: all, "hour" only where
---  edges may be whole hours
---@field cut "allowed"|"may_differ"|"forbidden"|nil default "allowed": windows add up
---@field grain_by "window"|"vendor"|nil default "window": one window per grain; "vendor": the
---  vendor itself divides its answer, nothing is cut for the grain
---@field until_now boolean? periods are asked as far as now only (see flow/past.lua)
---@field keeps_months integer? of figures that it still has (see flow/past.lua)
---@field vendor_default boolean? the vendor has a period of its own when no dates are sent

local KNOWN_GRAINS <const> = {}
for _, grain in ipairs(period.grains) do KNOWN_GRAINS[grain] = true end

-- At most one of them limits a window's length.
local LIMITS <const> = { "max_days", "max_hours", "max_months" }

local function check_one_limit(rules)
  local found
  for _, key in ipairs(LIMITS) do
    if rules[key] and found then
      errors.raise_usage("%s and %s both limit a window; give one", found, key)
    end
    found = rules[key] and key or found
  end
end

local function limit_seconds(rules, whole)
  local limit_s = rules.max_days and rules.max_days * DAY_S
    or rules.max_hours and rules.max_hours * 3600
  if limit_s and limit_s < units.seconds(whole) then
    errors.raise_usage("a window of at most %d s cannot hold a whole %s", limit_s, whole)
  elseif rules.max_months and rules.max_months < (units.months(whole) or 1) then
    errors.raise_usage("a window of at most %d months cannot hold a whole %s", rules.max_months, whole)
  elseif rules.max_months and whole == "week" then
    errors.raise_usage("months are not made of whole weeks: say max_days")
  end
  return limit_s
end

---Rules with all that follows from them.
---@class usagelua.window_rules_read
---@field limit_s integer? longest window in seconds
---@field max_days integer?
---@field max_months integer?
---@field max_buckets integer?
---@field whole string unit
---@field format usagelua.window_format
---@field parts table<string, usagelua.window_format>
---@field is_inclusive boolean
---@field zone string
---@field grains string[]
---@field cut string
---@field grain_by string
---@field vendor_default boolean?
---@field edge_zone usagelua.zone? in which the vendor reads the edges

---@param rules usagelua.window_rules
---@return usagelua.window_rules_read
---Raises a usage error where they contradict one another.
function window_rules.read(rules)
  check_one_limit(rules)
  local format = formats.read(rules.format or "rfc3339")
  -- An edge that the format cannot say would be another edge.
  local whole = units.coarser(rules.whole or format.shows, format.shows)
  return {
    limit_s = limit_seconds(rules, whole), max_days = rules.max_days,
    max_months = rules.max_months, max_buckets = rules.max_buckets,
    whole = whole, format = format, parts = formats.parts(rules.parts),
    is_inclusive = rules.ends == "inclusive", zone = rules.zone or "UTC",
    grains = rules.grains or units.grains(whole), cut = rules.cut or "allowed",
    grain_by = rules.grain_by or "window", vendor_default = rules.vendor_default,
  }
end

---Raises a usage error where the rules contradict one another.
---@param rules usagelua.window_rules
function window_rules.check(rules)
  local read = window_rules.read(rules)
  for _, grain in ipairs(read.grains) do
    if not KNOWN_GRAINS[grain] then
      errors.raise_usage("%s", errors.unknown("grain", grain, period.grains))
    end
  end
  if read.max_buckets and read.grain_by ~= "vendor" then
    errors.raise_usage("max_buckets counts what the vendor divides itself: say grain_by = \"vendor\"")
  end
end

---The grains that a dataset can be asked at.
---@param rules usagelua.window_rules
---@return string[]
function window_rules.grains(rules)
  return window_rules.read(rules).grains
end

---What of the calendar edges are whole of, "day" where they may be finer.
---@param rules usagelua.window_rules
---@return string unit
function window_rules.unit_of_days(rules)
  return units.coarser(window_rules.read(rules).whole, "day")
end

---The zone of its dates, nil where they are the report's.
---@param rules usagelua.window_rules
---@return string? zone
function window_rules.own_zone(rules)
  if rules.zone == "offset" or rules.zone == "report" then return nil end
  return rules.zone or "UTC"
end

---Whether each window is one such unit: a month that is not whole would be
---answered as if it were.
---@param rules usagelua.window_rules
---@param unit string
---@return boolean
function window_rules.is_one(rules, unit)
  if window_rules.read(rules).whole ~= unit then return false end
  if units.months(unit) then return rules.max_months == units.months(unit) end
  local seconds = rules.max_days and rules.max_days * DAY_S or (rules.max_hours or 0) * 3600
  return seconds == units.seconds(unit)
end

return window_rules
