-- The parts of a period that one request each asks for. Inside, a window is
-- half-open in seconds; only `edges` says it in the vendor's way.

local calendar = require "usagelua.time.calendar"
local errors = require "usagelua.errors"
local formats = require "usagelua.flow.windows.formats"
local order = require "usagelua.order"
local period = require "usagelua.time.period"
local refusals = require "usagelua.flow.windows.refusals"
local timestamp = require "usagelua.time.timestamp"
local units = require "usagelua.flow.windows.units"
local zones = require "usagelua.time.zone"

local windows = {}

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

---A window as `cut` gives it.
---@class usagelua.window
---@field from integer? epoch seconds, included
---@field to integer? epoch seconds, excluded; neither where `vendor`
---@field label string of the window itself
---@field grain_label string the label of the whole piece (period or grain) that it belongs to
---@field period_start string? RFC 3339 in the report's zone, included
---@field period_end string? RFC 3339 in the report's zone, excluded
---@field offset_s integer? seconds east of UTC, at its start, in the zone of its edges
---@field zone usagelua.zone? in which its edges are written
---@field rules usagelua.window_rules_read? by which it was cut
---@field may_differ boolean? the sum over windows need not be the total
---@field vendor boolean? no dates are sent

-- -- Rules -------------------------------------------------------------------

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

local function read_rules(rules)
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

-- The zone in which the vendor reads the edges.
local function edge_zone(rules, report_zone)
  local own = windows.own_zone(rules)
  return own and zones.parse(own) or report_zone
end

-- -- Cutting -----------------------------------------------------------------

-- The farthest end that a window from `from` on may have by its length: so
-- many months of the calendar, the one that it begins in being the first. Whole
-- days are counted as days: that is what the vendor gets to see.
local function farthest(rules, from)
  local zone = rules.edge_zone
  if rules.max_months then
    local month = calendar.unit_start("month", zone:date(from).days)
    return zone:day_start(calendar.add("month", month, rules.max_months))
  end
  if not rules.limit_s then return math.huge end
  if not units.is_of_days(rules.whole) then return from + rules.limit_s end
  return zone:day_start(zone:date(from).days + rules.limit_s // DAY_S)
end

-- The last midnight by then, else the last second, minute or hour. Midnight
-- is the report's, so that windows have dates for labels.
local function rounded_clock(rules, report_zone, from, limit)
  local midnight = report_zone:day_start(report_zone:date(limit).days)
  if midnight > from and units.is_whole(rules.whole, rules.edge_zone, midnight) then return midnight end
  return limit - (limit + rules.edge_zone:offset(limit)) % units.seconds(rules.whole)
end

-- A vendor of whole days or months knows only its own; where months end, all
-- that is finer ends too.
local function rounded_down(rules, report_zone, from, limit)
  if units.is_of_days(rules.whole) then return units.start(rules.whole, rules.edge_zone, limit) end
  if rules.max_months then return limit end
  return rounded_clock(rules, report_zone, from, limit)
end

local function window_end(piece, rules, from)
  local change = rules.zone == "offset" and rules.edge_zone:next_change(from) or math.huge
  local limit = farthest(rules, from)
  local stop = math.min(piece.to, change)
  if limit >= stop then return stop end
  return rounded_down(rules, piece.zone, from, limit)
end

local function new_window(piece, rules, from, to)
  local zone = rules.edge_zone
  local is_piece = from == piece.from and to == piece.to
  return {
    from = from, to = to, zone = zone, rules = rules, offset_s = (zone:offset(from)),
    label = is_piece and piece.label or period.between(from, to, piece.zone).label,
    grain_label = piece.label,
    period_start = piece.zone:rfc3339(from), period_end = piece.zone:rfc3339(to),
  }
end

-- Whether what it writes may stand for two instants.
local function is_ambiguous(format)
  return not format.is_instant and not units.is_of_days(format.shows)
end

local function has_ambiguous_part(rules)
  for _, part in pairs(rules.parts) do
    if is_ambiguous(part) then return true end
  end
  return false
end

-- With `{timezone}` beside it, a time is one instant.
local function check_once(piece, rules, from, to)
  if rules.zone == "offset" then return end
  local zone, is_format = rules.edge_zone, is_ambiguous(rules.format)
  if is_format or has_ambiguous_part(rules) then refusals.check_once(piece, rules, zone, from) end
  if is_format then refusals.check_once(piece, rules, zone, rules.is_inclusive and to - 1 or to) end
end

-- Appends the windows that cover one piece of the period.
local function tile(piece, rules, list)
  local zone, from = rules.edge_zone, piece.from
  refusals.check_whole(piece, rules, zone)
  while from < piece.to do
    local to = window_end(piece, rules, from)
    refusals.check_cut(piece, rules, zone, to)
    check_once(piece, rules, from, to)
    list[#list + 1] = new_window(piece, rules, from, to)
    from = to
  end
end

local function between(asked, first, last)
  if first == last then return first end
  if first.from == asked.from and last.to == asked.to then return asked end
  return period.between(first.from, last.to, asked.zone)
end

-- Pieces of whole buckets, each as long as one request may be: a bucket that
-- is cut would come twice.
local function grouped(asked, rules, grain)
  local list, first, last, count = {}, nil, nil, 0
  for _, bucket in ipairs(asked:split(grain)) do
    local is_full = first and (count == rules.max_buckets or bucket.to > farthest(rules, first.from))
    if is_full then
      list[#list + 1] = between(asked, first, last)
      first, count = nil, 0
    end
    first, last, count = first or bucket, bucket, count + 1
  end
  list[#list + 1] = between(asked, first, last)
  return list
end

-- What is cut for the grain, before lengths and offsets.
local function pieces_of(asked, rules, grain)
  if rules.grain_by == "window" then return asked:split(grain) end
  if grain == "total" then return { asked } end
  return grouped(asked, rules, grain)
end

local function mark_may_differ(list)
  for _, window in ipairs(list) do window.may_differ = true end
end

local function vendor_window(rules, grain)
  if not rules.vendor_default then
    errors.raise_usage("period 'vendor': this dataset has no period of its own; name one such as "
      .. "'last month'")
  end
  if grain ~= "total" then
    errors.raise_usage("grain '%s': the vendor's own period is not cut", grain)
  end
  return { { vendor = true, label = "vendor", grain_label = "vendor" } }
end

---Cuts a period into windows that cover it once, without gap or overlap: at
---the borders of the grain in the report's zone, then, where the vendor asks
---for it, by length (at midnight where that can be) and at offset changes.
---Raises a usage error where the vendor cannot be asked so.
---@param asked usagelua.period
---@param rules usagelua.window_rules
---@param grain? string default "total"
---@return usagelua.window[]
function windows.cut(asked, rules, grain)
  rules, grain = read_rules(rules), grain or "total"
  refusals.check_grain(rules, grain)
  if asked.vendor then return vendor_window(rules, grain) end
  rules.edge_zone = edge_zone(rules, asked.zone)
  local list = {}
  for _, piece in ipairs(pieces_of(asked, rules, grain)) do tile(piece, rules, list) end
  if #list > 1 and rules.cut == "forbidden" then
    refusals.raise_forbidden(asked, rules, grain, farthest)
  end
  if #list > 1 and rules.cut == "may_differ" then mark_may_differ(list) end
  return list
end

---Raises a usage error where the rules contradict one another.
---@param rules usagelua.window_rules
function windows.check(rules)
  local read = read_rules(rules)
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
function windows.grains(rules)
  return read_rules(rules).grains
end

---What of the calendar edges are whole of, "day" where they may be finer.
---@param rules usagelua.window_rules
---@return string unit
function windows.unit_of_days(rules)
  return units.coarser(read_rules(rules).whole, "day")
end

---The zone of its dates, nil where they are the report's.
---@param rules usagelua.window_rules
---@return string? zone
function windows.own_zone(rules)
  if rules.zone == "offset" or rules.zone == "report" then return nil end
  return rules.zone or "UTC"
end

---The names of the parts that a window's beginning is sent as.
---@param rules usagelua.window_rules
---@return string[]
function windows.part_names(rules)
  return order.keys(formats.parts(rules.parts))
end

-- How each name that says where a window begins is written.
local function beginnings(rules)
  local written = formats.parts(rules.parts)
  written.from, written.from_utc = formats.read(rules.format or "rfc3339"), formats.read "rfc3339"
  return written
end

---The unit that a window's beginning is said in, the finest of those that are
---sent; nil where none of the names is one.
---@param rules usagelua.window_rules
---@param names table<string, boolean>
---@return string? unit
function windows.unit_of_beginning(rules, names)
  local finest
  for name, format in pairs(beginnings(rules)) do
    if names[name] and (not finest or units.coarser(finest, format.shows) == finest) then
      finest = format.shows
    end
  end
  return finest
end

---Whether the report's clock is sent, and nothing that says its offset.
---@param rules usagelua.window_rules
---@param names table<string, boolean> that are sent
---@return boolean
function windows.hides_offset(rules, names)
  if rules.zone ~= "offset" or names.timezone then return false end
  local written = beginnings(rules)
  written.to = written.from
  for name, format in pairs(written) do
    if names[name] and not format.is_instant then return true end
  end
  return false
end

---Whether each window is one such unit: a month that is not whole would be
---answered as if it were.
---@param rules usagelua.window_rules
---@param unit string
---@return boolean
function windows.is_one(rules, unit)
  if read_rules(rules).whole ~= unit then return false end
  if units.months(unit) then return rules.max_months == units.months(unit) end
  local seconds = rules.max_days and rules.max_days * DAY_S or (rules.max_hours or 0) * 3600
  return seconds == units.seconds(unit)
end

---The `period` of a window's records: a month stays that month where it had to
---be asked for in two windows, so that they add up to it.
---@param window usagelua.window
---@param grain string
---@return string
function windows.period_name(window, grain)
  return grain ~= "total" and window.grain_label or window.label
end

-- -- Edges -------------------------------------------------------------------

---A window's edges as the vendor wants them; empty for the vendor's own
---period, for which nothing is sent.
---@param window usagelua.window
---@param rules usagelua.window_rules
---@return { from: string|integer|nil, to: string|integer|nil, timezone: string? } edges timezone:
---  "+05:30"; its parts, each by its name
function windows.edges(window, rules)
  if window.vendor then return {} end
  rules = window.rules or read_rules(rules)
  local zone = rules.zone == "offset" and zones.fixed(window.offset_s) or window.zone
  local shown_ms = rules.format.shows == "ms" and 1 or 1000
  local to_ms = window.to * 1000 - (rules.is_inclusive and shown_ms or 0)
  local render_end = rules.is_inclusive and rules.format.render_last or rules.format.render
  local edges = {
    from = rules.format.render(zone, window.from * 1000),
    to = render_end(zone, to_ms),
    timezone = timestamp.format_offset(window.offset_s),
  }
  for name, part in pairs(rules.parts) do edges[name] = part.render(zone, window.from * 1000) end
  return edges
end

return windows
