---@meta usagelua.core.zone
-- Bound in csrc/core/clock.c over csrc/core/zone.c. Instants are integer
-- seconds since 1970-01-01 UTC; one outside the years 1 to 9999 raises.

---@class usagelua.core.zone
local zone = {}

---Reads the zone of that name below $TZDIR or /usr/share/zoneinfo.
---@param name string "Europe/Berlin"; nothing that leads out of the folder
---@return usagelua.core.zone_handle? zone
---@return string|table? reason "no such zone", or what is wrong with the file; an error of kind io
---where it cannot be read
function zone.load(name) end

---Reads the bytes of a TZif file, which are not trusted.
---@param bytes string
---@return usagelua.core.zone_handle? zone
---@return string? reason
---Source: RFC 9636
function zone.parse(bytes) end

---@class usagelua.core.zone_handle
local handle = {}

---@param epoch integer
---@return integer offset_s seconds east of UTC
---@return string abbreviation "CEST"
function handle:offset(epoch) end

---The instant of a local date and time; a date that is none raises.
---@param year integer 1 to 9999
---@param month integer 1 to 12
---@param day integer
---@param hour integer 0 to 23
---@param min integer 0 to 59
---@param sec integer 0 to 59
---@return integer epoch in a gap, as if the offset before it held; in an overlap, the earlier one
---@return "exact"|"gap"|"overlap" fit
function handle:epoch(year, month, day, hour, min, sec) end

---The first instant after the given one at which the offset changes; nil
---where it never does.
---@param epoch integer
---@return integer?
function handle:next_change(epoch) end

return zone
