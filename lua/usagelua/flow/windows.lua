-- The parts of a period that one request each asks for. Inside, a window is
-- half-open in seconds; what is sent of it stands in windows/edges.lua.

local calendar = require "usagelua.time.calendar"
local edges = require "usagelua.flow.windows.edges"
local errors = require "usagelua.errors"
local period = require "usagelua.time.period"
local refusals = require "usagelua.flow.windows.refusals"
local units = require "usagelua.flow.windows.units"
local window_rules = require "usagelua.flow.windows.rules"
local zones = require "usagelua.time.zone"

local windows = {}

local DAY_S <const> = 86400

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

-- The zone in which the vendor reads the edges.
local function edge_zone(rules, report_zone)
  local own = window_rules.own_zone(rules)
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
  rules, grain = window_rules.read(rules), grain or "total"
  refusals.check_grain(rules, grain)
  if asked.vendor then return vendor_window(rules, grain) end
  rules.edge_zone = edge_zone(rules, asked.zone)
  local list = {}
  for _, piece in ipairs(pieces_of(asked, rules, grain)) do tile(piece, rules, list) end
  refusals.check_offsets(asked, list)
  if #list > 1 and rules.cut == "forbidden" then
    refusals.raise_forbidden(asked, rules, grain, farthest)
  end
  if #list > 1 and rules.cut == "may_differ" then mark_may_differ(list) end
  return list
end

---The `period` of a window's records: a month stays that month where it had to
---be asked for in two windows, so that they add up to it.
---@param window usagelua.window
---@param grain string
---@return string
function windows.period_name(window, grain)
  return grain ~= "total" and window.grain_label or window.label
end

-- -- The rules, and what is sent ---------------------------------------------

windows.check, windows.is_one = window_rules.check, window_rules.is_one
windows.grains, windows.unit_of_days = window_rules.grains, window_rules.unit_of_days
windows.own_zone = window_rules.own_zone
windows.edges, windows.part_names = edges.of, edges.part_names
windows.unit_of_beginning, windows.hides_offset = edges.unit_of_beginning, edges.hides_offset

return windows
