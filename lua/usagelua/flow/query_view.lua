-- A query as its flow function sees it: the part at hand (a window, one value of
-- each fan-out parameter), and windows cut finer where the function needs that.

local period = require "usagelua.time.period"
local timestamp = require "usagelua.time.timestamp"
local windows = require "usagelua.flow.windows"

local query_view = {}

---@class usagelua.query_view
---@field name string "acme.usage"
---@field params table<string, any> with the part's own value of each fan-out parameter
---@field account string?
---@field region string?
---@field windows fun(self: usagelua.query_view, rules: usagelua.window_rules?): fun(): usagelua.window_view?

---@class usagelua.window_view
---@field from (string|integer)? as the rules have it; nil for the vendor's own period and without window
---@field to (string|integer)? likewise
---@field timezone string? "+05:30"
---@field from_utc string? RFC 3339, included
---@field to_utc string? RFC 3339, excluded
---@field from_s integer? seconds since 1970, included
---@field to_s integer? seconds since 1970, excluded
---@field label string?

local function params_of(planned, one)
  local params = {}
  for name, value in pairs(planned.params) do
    params[name] = type(value) == "table" and table.move(value, 1, #value, 1, {}) or value
  end
  for _, name in ipairs(planned.dataset.fan_out or {}) do params[name] = one.values[name] end
  return params
end

local function shown(window, rules)
  local made = { label = window.label, from_s = window.from, to_s = window.to }
  for name, text in pairs(rules and windows.edges(window, rules) or {}) do made[name] = text end
  if window.from then
    made.from_utc = timestamp.format_rfc3339(window.from)
    made.to_utc = timestamp.format_rfc3339(window.to)
  end
  return made
end

-- The part's window, or what the function's own rules cut it into.
local function cut(planned, one, own_rules)
  local window = one.window
  if not own_rules or not window.from then return { window }, planned.dataset.window end
  local description = require "usagelua.vendor.description"
  local rules = require("usagelua.vendor.rows").check(own_rules, description.WINDOW, "query:windows")
  local asked = period.between(window.from, window.to, planned.period.zone)
  return windows.cut(asked, rules), rules
end

---@param planned usagelua.query
---@param one usagelua.query_part
---@return usagelua.query_view
function query_view.of(planned, one)
  local made = { name = planned.name, account = planned.account, region = planned.region,
    params = params_of(planned, one) }
  function made.windows(_, own_rules)
    local list, rules = cut(planned, one, own_rules)
    local place = 0
    return function()
      place = place + 1
      return list[place] and shown(list[place], rules)
    end
  end
  return made
end

return query_view
