-- Two kinds of clock behind one face: the machine's, and one that moves only
-- when it is told to, for the simulator and for cassettes.

local clock = {}

---@class usagelua.clock
---@field now fun(): number seconds since the epoch, UTC
---@field monotonic fun(): number seconds that never run backwards

---@return usagelua.clock
function clock.real()
  local native = require "usagelua.core".clock
  return { now = native.wall, monotonic = native.monotonic }
end

---A clock that stands still until `:advance`.
---@param start_epoch number? seconds since the epoch, UTC; 0 when absent
---@return usagelua.clock
function clock.virtual(start_epoch)
  local start <const>, passed = start_epoch or 0, 0.0
  local virtual = { virtual = true }
  function virtual.now() return start + passed end
  function virtual.monotonic() return passed end
  ---@param seconds number not negative
  function virtual:advance(seconds)
    assert(self == virtual and seconds >= 0, "a clock only moves forward")
    passed = passed + seconds
  end
  return virtual
end

return clock
