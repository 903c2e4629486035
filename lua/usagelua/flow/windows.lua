-- The parts of a period that one request each asks for. Inside, a window is
-- half-open in seconds; only `edges` says it in the vendor's way.

local errors = require "usagelua.errors"
local period = require "usagelua.time.period"
local timestamp = require "usagelua.time.timestamp"
local zones = require "usagelua.time.zone"

local windows = {}

local DAY_S <const> = 86400

---How a vendor wants to be asked for a span of time: the key `window` of a
---dataset's description.
---@class usagelua.window_rules
---@field max_days integer? at most so many times 24 h; calendar days where `whole` is "day"
---@field max_hours integer? the same in hours
---@field ends "inclusive"|"exclusive"|nil what the later edge names; default "exclusive";
---  "inclusive": the last second, day or ms that the format can say
---@field format string? as of strftime, or "rfc3339" (default), "rfc3339ms", "epoch", "epoch_ms"
---@field whole "ms"|"second"|"minute"|"hour"|"day"|nil what edges must be whole of; never finer
---  than what the format shows, which is the default
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
---@field label string the record's `period`
---@field grain_label string the label of the whole piece (period or grain) that it belongs to
---@field period_start string? RFC 3339 in the report's zone, included
---@field period_end string? RFC 3339 in the report's zone, excluded
---@field offset_s integer? seconds east of UTC, at its start, in the zone of its edges
---@field zone usagelua.zone? in which its edges are written
---@field may_differ boolean? the sum over windows need not be the total
---@field vendor boolean? no dates are sent

-- -- Rules -------------------------------------------------------------------

local WHOLE_S = { ms = 1, second = 1, minute = 60, hour = 3600, day = DAY_S }

local function render_ms(zone, ms)
  return zone:rfc3339(ms // 1000, (".%03d"):format(ms % 1000))
end

-- Formats that are no strftime format, and the finest unit that they show.
local NAMED_FORMATS = {
  rfc3339 = { shows = "second", render = function(zone, ms) return zone:rfc3339(ms // 1000) end },
  rfc3339ms = { shows = "ms", render = render_ms },
  epoch = { shows = "second", render = function(_, ms) return ("%d"):format(ms // 1000) end },
  epoch_ms = { shows = "ms", render = function(_, ms) return ("%d"):format(ms) end },
}

local SHOWN_BY = { { "%%[Ss]", "second" }, { "%%M", "minute" }, { "%%%-?H", "hour" } }

local function finest_shown(format)
  for _, row in ipairs(SHOWN_BY) do
    if format:find(row[1]) then return row[2] end
  end
  return "day"
end

local function read_format(format)
  local named = NAMED_FORMATS[format]
  if named then return named end
  local full = zones.check_format(format)
  local function render(zone, ms) return zone:format(ms // 1000, full) end
  return { shows = finest_shown(full), render = render }
end

-- An edge that the format cannot say would be another edge.
local function coarser(a, b)
  return WHOLE_S[a] > WHOLE_S[b] and a or b
end

local KNOWN_GRAINS <const> = {}
for _, grain in ipairs(period.grains) do KNOWN_GRAINS[grain] = true end

local function default_grains(whole)
  local grains = table.move(period.grains, 1, #period.grains, 1, {})
  if WHOLE_S[whole] > WHOLE_S.hour then grains[#grains] = nil end
  return grains
end

local function limit_seconds(rules, whole)
  local limit_s = rules.max_days and rules.max_days * DAY_S
    or rules.max_hours and rules.max_hours * 3600
  if limit_s and limit_s < WHOLE_S[whole] then
    errors.raise_usage("a window of at most %d s cannot hold a whole %s", limit_s, whole)
  end
  return limit_s
end

local function read_rules(rules)
  local format = read_format(rules.format or "rfc3339")
  local whole = coarser(rules.whole or format.shows, format.shows)
  return {
    limit_s = limit_seconds(rules, whole), max_days = rules.max_days,
    whole = whole, whole_s = WHOLE_S[whole], format = format,
    is_inclusive = rules.ends == "inclusive", zone = rules.zone or "UTC",
    grains = rules.grains or default_grains(whole), cut = rules.cut or "allowed",
    grain_by = rules.grain_by or "window", vendor_default = rules.vendor_default,
  }
end

-- The zone in which the vendor reads the edges.
local function edge_zone(rules, report_zone)
  if rules.zone == "offset" or rules.zone == "report" then return report_zone end
  return zones.parse(rules.zone)
end

local function limit_text(rules)
  if rules.max_days then return ("%d days"):format(rules.max_days) end
  return ("%d hours"):format(rules.limit_s // 3600)
end

-- -- Refusals ----------------------------------------------------------------

local function check_grain(rules, grain)
  for _, known in ipairs(rules.grains) do
    if known == grain then return end
  end
  errors.raise_usage("grain '%s': this dataset can be asked by %s", grain,
    table.concat(rules.grains, ", "))
end

-- Whole of what the vendor takes, by the clock at its edge.
local function is_whole(rules, zone, epoch)
  if rules.whole == "day" then return zone:is_day_start(epoch) end
  return (epoch + zone:offset(epoch)) % rules.whole_s == 0
end

local function check_whole(asked, rules, zone)
  for _, epoch in ipairs { asked.from, asked.to } do
    if not is_whole(rules, zone, epoch) then
      errors.raise_usage("period '%s': this dataset takes whole %ss in %s, and %s is none; choose "
        .. "another period, or --zone %s", asked.label, rules.whole, zone.name, zone:rfc3339(epoch),
        zone.name)
    end
  end
end

-- An offset change inside a day makes two parts that are no days.
local function check_cut(asked, rules, zone, epoch)
  if not is_whole(rules, zone, epoch) then
    errors.raise_usage("period '%s': the offset of %s changes at %s, and this dataset takes whole "
      .. "%ss with one offset; use --zone UTC or a fixed offset such as %s", asked.label, zone.name,
      zone:rfc3339(epoch), rules.whole, zone:format(epoch - 1, "%:z"))
  end
end

local function length_text(asked)
  local days = (asked.to - asked.from) / DAY_S
  return days == days // 1 and ("%d days"):format(days) or ("%.2f days"):format(days)
end

local function raise_forbidden(asked, rules, grain)
  if #asked:split(grain) > 1 then
    errors.raise_usage("period '%s': grain '%s' would cut it, and this dataset's totals do not add "
      .. "up over parts; use grain total, or ask for one %s at a time", asked.label, grain, grain)
  end
  if rules.limit_s and asked.to - asked.from > rules.limit_s then
    errors.raise_usage("period '%s': it is %s long, and this dataset takes at most %s at once and "
      .. "its totals do not add up over parts; ask for a shorter period", asked.label,
      length_text(asked), limit_text(rules))
  end
  errors.raise_usage("period '%s': the offset of %s changes within it, and this dataset takes one "
    .. "offset and its totals do not add up over parts; use --zone UTC or a fixed offset",
    asked.label, asked.zone.name)
end

-- -- Cutting -----------------------------------------------------------------

-- The farthest end that a window from `from` on may have by its length.
-- Whole days are counted as days: that is what the vendor gets to see.
local function farthest(rules, zone, from)
  if not rules.limit_s then return math.huge end
  if rules.whole ~= "day" then return from + rules.limit_s end
  return zone:day_start(zone:date(from).days + rules.limit_s // DAY_S)
end

-- The last midnight by then, else the last second, minute or hour. Midnight
-- is the report's, so that windows have dates for labels; a vendor of whole
-- days knows only its own.
local function rounded_down(rules, zone, report_zone, from, limit)
  local of = rules.whole == "day" and zone or report_zone
  local midnight = of:day_start(of:date(limit).days)
  if midnight > from and is_whole(rules, zone, midnight) then return midnight end
  return limit - (limit + zone:offset(limit)) % rules.whole_s
end

local function window_end(piece, rules, zone, from)
  local change = rules.zone == "offset" and zone:next_change(from) or math.huge
  local limit = farthest(rules, zone, from)
  local stop = math.min(piece.to, change)
  if limit >= stop then return stop end
  return rounded_down(rules, zone, piece.zone, from, limit)
end

local function new_window(piece, zone, from, to)
  local is_piece = from == piece.from and to == piece.to
  return {
    from = from, to = to, zone = zone, offset_s = (zone:offset(from)),
    label = is_piece and piece.label or period.between(from, to, piece.zone).label,
    grain_label = piece.label,
    period_start = piece.zone:rfc3339(from), period_end = piece.zone:rfc3339(to),
  }
end

-- Appends the windows that cover one piece of the period.
local function tile(piece, rules, zone, list)
  check_whole(piece, rules, zone)
  local from = piece.from
  while from < piece.to do
    local to = window_end(piece, rules, zone, from)
    check_cut(piece, rules, zone, to)
    list[#list + 1] = new_window(piece, zone, from, to)
    from = to
  end
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
  check_grain(rules, grain)
  if asked.vendor then return vendor_window(rules, grain) end
  local zone, list = edge_zone(rules, asked.zone), {}
  local cut_grain = rules.grain_by == "vendor" and "total" or grain
  for _, piece in ipairs(asked:split(cut_grain)) do tile(piece, rules, zone, list) end
  if #list > 1 and rules.cut == "forbidden" then raise_forbidden(asked, rules, cut_grain) end
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
end

-- -- Edges -------------------------------------------------------------------

---A window's edges as the vendor wants them; empty for the vendor's own
---period, for which nothing is sent.
---@param window usagelua.window
---@param rules usagelua.window_rules
---@return { from: string?, to: string?, timezone: string? } edges timezone: "+05:30"
function windows.edges(window, rules)
  if window.vendor then return {} end
  rules = read_rules(rules)
  local zone = rules.zone == "offset" and zones.fixed(window.offset_s) or window.zone
  local shown_ms = rules.format.shows == "ms" and 1 or 1000
  local to_ms = window.to * 1000 - (rules.is_inclusive and shown_ms or 0)
  return {
    from = rules.format.render(zone, window.from * 1000),
    to = rules.format.render(zone, to_ms),
    timezone = timestamp.format_offset(window.offset_s),
  }
end

return windows
