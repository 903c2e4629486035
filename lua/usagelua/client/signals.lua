-- The error of a run that a signal stops.

local errors = require "usagelua.errors"

local signals = {}

local NAMES <const> = { [2] = "SIGINT", [15] = "SIGTERM" }

---@param number integer the signal's
---@param how string? what the run had come to
---@return usagelua.error
function signals.stopped(number, how)
  return errors.new { kind = "cancelled", signal = number,
    message = "stopped by " .. (NAMES[number] or "signal " .. number) .. (how or "") }
end

return signals
