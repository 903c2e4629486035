-- How edges of windows are written, and the finest unit that each form shows.

local errors = require "usagelua.errors"
local order = require "usagelua.order"
local zones = require "usagelua.time.zone"

local formats = {}

---@class usagelua.window_format
---@field shows string unit
---@field is_instant boolean it says the offset, or needs none
---@field render fun(zone: usagelua.zone, ms: integer): string|integer
---@field render_last (fun(zone: usagelua.zone, ms: integer): string|integer)? of what ends with the
---unit that it shows, where that is written otherwise

local function render_ms(zone, ms)
  return zone:rfc3339(ms // 1000, (".%03d"):format(ms % 1000))
end

-- Formats that are no strftime format.
local NAMED <const> = {
  rfc3339 = { shows = "second", is_instant = true,
    render = function(zone, ms) return zone:rfc3339(ms // 1000) end },
  rfc3339ms = { shows = "ms", is_instant = true, render = render_ms },
  epoch = { shows = "second", is_instant = true, render = function(_, ms) return ms // 1000 end },
  epoch_ms = { shows = "ms", is_instant = true, render = function(_, ms) return ms end },
}

-- Finest first.
local SHOWN_BY <const> = {
  { "second", "%S", "%s" }, { "minute", "%M" }, { "hour", "%H", "%-H" },
  { "day", "%d", "%-d", "%j" }, { "week", "%V" }, { "month", "%m", "%-m" },
}

local function directives(full)
  local has = {}
  for directive in full:gmatch "%%[-:]?." do has[directive] = true end
  return has
end

-- The first days of January may lie in the last week of the year before.
local function check_week(has)
  if has["%V"] and has["%Y"] and not has["%G"] then
    errors.raise_usage("the year of a week (%%V) is %%G, and not always %%Y")
  end
end

local function finest_shown(has)
  for _, row in ipairs(SHOWN_BY) do
    for index = 2, #row do
      if has[row[index]] then return row[1] end
    end
  end
  return "year"
end

-- Zeros behind the seconds (`%S.000Z`) are their fraction: of the last second that
-- is asked for they would leave out all but its first moment.
local function with_last_fraction(full)
  return (full:gsub("%%[-:]?.[.,]?0*", function(piece)
    local seconds, zeros = piece:match "^(%%[Ss][.,]?)(0+)$"
    return seconds and seconds .. ("9"):rep(#zeros)
  end))
end

local function renderer(full)
  return function(zone, ms) return zone:format(ms // 1000, full) end
end

---@param format string as of strftime, or a name
---@return usagelua.window_format
function formats.read(format)
  local named = NAMED[format]
  if named then return named end
  local full = zones.check_format(format)
  local has = directives(full)
  check_week(has)
  local last = with_last_fraction(full)
  return { shows = finest_shown(has), render = renderer(full),
    render_last = last ~= full and renderer(last) or nil,
    is_instant = has["%z"] or has["%:z"] or has["%s"] or false }
end

-- Calendar parts ------------------------------------------------------------

local PARTS <const> = { year = "%Y", month = "%m", day = "%d", hour = "%H" }

-- "month" alone, or a name with its format.
local function part_of(key, value)
  if type(key) == "string" then return key, value end
  if not PARTS[value] then
    errors.raise_usage("%s", errors.unknown("part", value, order.keys(PARTS)))
  end
  return value, PARTS[value]
end

---The parts that a window's beginning is sent as.
---@param described table? { "year", month = "%-m" }
---@return table<string, usagelua.window_format>
function formats.parts(described)
  local parts, all = {}, ""
  for key, value in pairs(described or {}) do
    if type(value) ~= "string" then
      errors.raise_usage("'%s' needs a format such as %%m, not a %s", tostring(key), type(value))
    end
    local name, format = part_of(key, value)
    parts[name], all = formats.read(format), all .. format
  end
  check_week(directives(all))
  return parts
end

return formats
