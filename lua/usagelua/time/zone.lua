-- The zone in which a report's days begin: UTC, a fixed offset, or a place
-- with its history of offsets. Instants are integer seconds since 1970, UTC.

local calendar = require "usagelua.time.calendar"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local timestamp = require "usagelua.time.timestamp"

local zone = {}

local DAY_S <const> = 86400
local MAX_OFFSET_S <const> = 14 * 3600 -- the largest in use, and what vendors take

---@class usagelua.date
---@field year integer
---@field month integer 1 to 12
---@field day integer
---@field hour integer
---@field min integer
---@field sec integer
---@field offset integer seconds east of UTC
---@field days integer number of the local day, 0 being 1970-01-01

---@class usagelua.zone
---@field name string "UTC", "+05:30", "Europe/Berlin"
local methods = {}
local metatable = { __name = "usagelua.zone", __index = methods }

function metatable:__tostring()
  return self.name
end

-- What stands behind a zone answers offset, epoch and next_change as the
-- zones of core.zone do.
local function new(name, source)
  return setmetatable({ name = name, source = source }, metatable)
end

local fixed = {}
fixed.__index = fixed

function fixed:offset()
  return self.offset_s, self.name
end

function fixed:epoch(year, month, day, hour, min, sec)
  local second = hour * 3600 + min * 60 + sec
  return calendar.days(year, month, day) * DAY_S + second - self.offset_s, "exact"
end

function fixed:next_change() -- luacheck: ignore self
  return nil
end

---Seconds east of UTC, and the abbreviation in use there, "CEST".
---@param epoch integer
---@return integer offset_s, string abbreviation
function methods:offset(epoch)
  return self.source:offset(epoch)
end

---The instant of a local date and time, which must exist in the calendar.
---@param year integer 1 to 9999
---@return integer epoch in a gap, as if the offset before it held; in an overlap, the earlier one
---@return "exact"|"gap"|"overlap" fit
function methods:epoch(year, month, day, hour, min, sec)
  return self.source:epoch(year, month, day, hour, min, sec)
end

---The first instant after the given one at which the offset changes.
---@param epoch integer
---@return integer?
function methods:next_change(epoch)
  return self.source:next_change(epoch)
end

-- The clocks may skip midnight: the day then begins when they start again.
local function end_of_gap(source, epoch)
  local change = source:next_change(epoch - 2 * DAY_S)
  local next_change = source:next_change(change)
  while next_change and next_change <= epoch do
    change, next_change = next_change, source:next_change(next_change)
  end
  return change
end

---The first instant of a local day. A day that the clocks skip (Apia,
---2011-12-30) begins when the next one does.
---@param days integer number of the day, see calendar.days
---@return integer epoch
function methods:day_start(days)
  local year, month, day = calendar.date(days)
  local epoch, fit = self.source:epoch(year, month, day, 0, 0, 0)
  if fit == "gap" then return end_of_gap(self.source, epoch) end
  return epoch
end

---Is this instant the first of a local day?
---@param epoch integer
---@return boolean
function methods:is_day_start(epoch)
  local local_s = epoch + self.source:offset(epoch)
  return self:day_start(local_s // DAY_S) == epoch
end

---Local date and time of an instant.
---@param epoch integer
---@return usagelua.date
function methods:date(epoch)
  local offset_s = self.source:offset(epoch)
  local local_s = epoch + offset_s
  local days, second = local_s // DAY_S, local_s % DAY_S
  local year, month, day = calendar.date(days)
  return { year = year, month = month, day = day, hour = second // 3600, min = second // 60 % 60,
    sec = second % 60, offset = offset_s, days = days }
end

local function padded(width, field)
  local form = ("%%0%dd"):format(width)
  return function(date) return form:format(date[field]) end
end

local function plain(field)
  return function(date) return ("%d"):format(date[field]) end
end

local function offset_text(date)
  return timestamp.format_offset(date.offset)
end

local DIRECTIVES = {
  ["%Y"] = padded(4, "year"), ["%m"] = padded(2, "month"), ["%d"] = padded(2, "day"),
  ["%H"] = padded(2, "hour"), ["%M"] = padded(2, "min"), ["%S"] = padded(2, "sec"),
  ["%-m"] = plain "month", ["%-d"] = plain "day", ["%-H"] = plain "hour",
  ["%j"] = function(date) return ("%03d"):format(date.days - calendar.days(date.year, 1, 0)) end,
  ["%G"] = function(date) return ("%04d"):format((calendar.week(date.days))) end,
  ["%V"] = function(date) return ("%02d"):format(select(2, calendar.week(date.days))) end,
  ["%z"] = function(date) return (offset_text(date):gsub(":", "")) end,
  ["%:z"] = offset_text,
  ["%s"] = function(date) return ("%d"):format(date.epoch) end,
  ["%%"] = function() return "%" end,
}

local SHORTHANDS = { ["%F"] = "%Y-%m-%d", ["%T"] = "%H:%M:%S", ["%R"] = "%H:%M" }

local function directive_names()
  local names = {}
  for name in pairs(DIRECTIVES) do names[#names + 1] = name end
  for name in pairs(SHORTHANDS) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, " ")
end

---The plain directives of a format, shorthands replaced; raises a usage error
---on one that is not known.
---@param format string
---@return string format
function zone.check_format(format)
  local full = format:gsub("%%[FTR]", SHORTHANDS)
  for directive in full:gmatch "%%[-:]?.?" do
    if not DIRECTIVES[directive] then
      errors.raise_usage("format '%s': unknown directive '%s'; known: %s", format, directive,
        directive_names())
    end
  end
  return full
end

---An instant in this zone's time, by a format as of strftime; the directives
---are those of C's locale, and `%:z` gives +05:30. An unknown one raises.
---@param epoch integer
---@param format string "%Y-%m-%d %H:%M:%S"
---@return string
function methods:format(epoch, format)
  local date = self:date(epoch)
  date.epoch = epoch
  return (zone.check_format(format):gsub("%%[-:]?.", function(name)
    return DIRECTIVES[name](date)
  end))
end

---RFC 3339 with this zone's offset, Z in UTC.
---@param epoch integer
---@param fraction? string put after the seconds, ".000"
---@return string
function methods:rfc3339(epoch, fraction)
  local offset_s = self.name ~= "UTC" and self.source:offset(epoch) or nil
  return timestamp.format_rfc3339(epoch, offset_s, fraction)
end

---A zone of one offset for ever.
---@param offset_s integer seconds east of UTC
---@param name? string default "+05:30" and the like
---@return usagelua.zone
function zone.fixed(offset_s, name)
  name = name or timestamp.format_offset(offset_s)
  return new(name, setmetatable({ offset_s = offset_s, name = name }, fixed))
end

local FORMS <const> = "accepted: UTC, an offset such as +05:30, a name such as Europe/Berlin"

-- +05:30, and what people write for it: +0530, +5:30, +05.
local function read_offset(text)
  local sign, hours, minutes = text:match "^([+-])(%d%d?):?(%d%d)$"
  if not sign then sign, hours = text:match "^([+-])(%d%d?)$" end
  if not sign then return nil end
  local seconds = tonumber(hours) * 3600 + (tonumber(minutes) or 0) * 60
  if tonumber(minutes or 0) > 59 or seconds > MAX_OFFSET_S then
    errors.raise_usage("zone '%s': offsets go from -14:00 to +14:00", text)
  end
  return sign == "-" and -seconds or seconds
end

local function zone_folder()
  local folder = os.getenv "TZDIR"
  return folder and folder ~= "" and folder or "/usr/share/zoneinfo"
end

-- Names of the places; empty where the system does not list them.
local function known_names()
  local names = {}
  local file = io.open(zone_folder() .. "/zone.tab")
  if not file then return names end
  for line in file:lines() do
    names[#names + 1] = line:match "^%u%u\t[^\t]+\t([^\t]+)"
  end
  file:close()
  return names
end

local function in_right_case(name, names)
  for _, known in ipairs(names) do
    if known:lower() == name:lower() then return known end
  end
end

-- What is there and cannot be read is no mistake of the caller's.
local function load_file(name)
  local place, reason = core.zone.load(name)
  if type(reason) == "table" then error(errors.from(reason), 0) end
  return place, reason
end

local function raise_unknown(name, names, reason)
  if not load_file "Etc/UTC" then
    errors.raise_usage("zone '%s': no time zones are installed in %s; install tzdata, or give an "
      .. "offset such as +01:00", name, zone_folder())
  end
  local near = errors.nearest(name, names)
  errors.raise_usage("zone '%s': %s; %s%s", name, reason,
    near and ("did you mean '%s'? "):format(near) or "", FORMS)
end

local function load_place(name)
  local place, reason = load_file(name)
  if place then return new(name, place) end
  local names = known_names()
  local right = in_right_case(name, names)
  place = right and load_file(right)
  if not place then raise_unknown(name, names, reason) end
  return new(right, place)
end

local UTC_NAMES = { utc = true, z = true, gmt = true, ["etc/utc"] = true, ["etc/gmt"] = true }

---Reads a zone as `--zone` takes it; raises a usage error.
---@param text string "UTC", "+05:30", "-08:00", "Europe/Berlin"
---@return usagelua.zone
function zone.parse(text)
  if type(text) ~= "string" then
    errors.raise_usage("a zone is text, as in \"Europe/Berlin\" or \"+05:30\", not the %s %s", type(text),
      tostring(text))
  end
  local name = text:match "^%s*(.-)%s*$"
  if name == "" then errors.raise_usage("the zone is empty; %s", FORMS) end
  if UTC_NAMES[name:lower()] then return zone.fixed(0, "UTC") end
  local offset_s = read_offset(name)
  if offset_s then return zone.fixed(offset_s) end
  if name:find "%z" then errors.raise_usage("the zone contains a zero byte; %s", FORMS) end
  return load_place(name)
end

return zone
