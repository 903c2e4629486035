-- Durations and sizes as people write them on the command line.

local errors = require "usagelua.errors"

local quantity = {}

local SECONDS = { s = 1, m = 60, h = 3600, [""] = 1 }
local BYTES = { [""] = 1, b = 1, k = 1000, kb = 1000, kib = 1 << 10, m = 10 ^ 6, mb = 10 ^ 6,
  mib = 1 << 20, g = 10 ^ 9, gb = 10 ^ 9, gib = 1 << 30 }

local LARGEST_BYTES <const> = 1 << 50

---"90", "90s", "30m", "2h" → seconds
---@param text string
---@param place string for the message
---@return number
function quantity.seconds(text, place)
  local number, unit = text:match "^(%d+%.?%d*)(%a*)$"
  local scale = number and SECONDS[unit]
  if not scale or tonumber(number) <= 0 then
    errors.raise_usage("%s: '%s' is not a duration: write 90s, 30m or 2h", place, text)
  end
  return tonumber(number) * scale
end

---"1048576", "64MiB", "8GiB" → bytes
---@param text string
---@param place string for the message
---@return integer
function quantity.bytes(text, place)
  local number, unit = text:match "^(%d+)%s*(%a*)$"
  local scale = number and BYTES[unit:lower()]
  if not scale or tonumber(number) == 0 then
    errors.raise_usage("%s: '%s' is not a size: write 64MiB, 8GiB or a number of bytes", place,
      text)
  end
  local bytes = math.tointeger((tonumber(number) + 0.0) * scale)
  if not bytes or bytes > LARGEST_BYTES then
    errors.raise_usage("%s: '%s' is more than a machine has; write at most 1048576GiB", place, text)
  end
  return bytes
end

local SEPARATORS <const> = { [","] = ",", [";"] = ";", tab = "\t", ["\t"] = "\t", ["|"] = "|" }

---What parts the cells of a line.
---@param text string
---@param place string
---@return string
function quantity.separator(text, place)
  return SEPARATORS[text]
    or errors.raise_usage("%s: '%s' is none of , ; | and tab", place, text)
end

return quantity
