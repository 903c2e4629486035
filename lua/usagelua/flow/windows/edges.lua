-- What of a window is sent: its edges in the vendor's way, and what these say.

local formats = require "usagelua.flow.windows.formats"
local order = require "usagelua.order"
local timestamp = require "usagelua.time.timestamp"
local units = require "usagelua.flow.windows.units"
local window_rules = require "usagelua.flow.windows.rules"
local zones = require "usagelua.time.zone"

local edges = {}

---The names of the parts that a window's beginning is sent as.
---@param rules usagelua.window_rules
---@return string[]
function edges.part_names(rules)
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
function edges.unit_of_beginning(rules, names)
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
function edges.hides_offset(rules, names)
  if rules.zone ~= "offset" or names.timezone then return false end
  local written = beginnings(rules)
  written.to = written.from
  for name, format in pairs(written) do
    if names[name] and not format.is_instant then return true end
  end
  return false
end

---A window's edges as the vendor wants them; empty for the vendor's own
---period, for which nothing is sent.
---@param window usagelua.window
---@param rules usagelua.window_rules
---@return { from: string|integer|nil, to: string|integer|nil, timezone: string? } edges timezone:
---  "+05:30"; its parts, each by its name
function edges.of(window, rules)
  if window.vendor then return {} end
  rules = window.rules or window_rules.read(rules)
  local zone = rules.zone == "offset" and zones.fixed(window.offset_s) or window.zone
  local shown_ms = rules.format.shows == "ms" and 1 or 1000
  local to_ms = window.to * 1000 - (rules.is_inclusive and shown_ms or 0)
  local render_end = rules.is_inclusive and rules.format.render_last or rules.format.render
  local sent = {
    from = rules.format.render(zone, window.from * 1000),
    to = render_end(zone, to_ms),
    timezone = timestamp.format_offset(window.offset_s),
  }
  for name, part in pairs(rules.parts) do sent[name] = part.render(zone, window.from * 1000) end
  return sent
end

return edges
