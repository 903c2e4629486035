-- The clocks a run is given: the system's, or one that moves only when told,
-- for replays and tests. Both answer to `clock.now()` and `clock:now()`.

local core = require "usagelua.core"

local clock = {}

---@class usagelua.clock
---@field now fun(): number seconds since 1970-01-01 UTC
---@field monotonic fun(): number seconds from some fixed point, never set back

---@class usagelua.virtual_clock: usagelua.clock
---@field advance fun(self: usagelua.virtual_clock, seconds: number) raises on a negative number

---The clocks of the system.
---@return usagelua.clock
function clock.real()
  return {
    now = function() return core.clock.wall() end,
    monotonic = function() return core.clock.monotonic() end,
  }
end

---A clock that stands at `start` until it is advanced; its monotonic time
---begins at 0.
---@param start number seconds since 1970-01-01 UTC
---@return usagelua.virtual_clock
function clock.virtual(start)
  local passed_s = 0
  local virtual = {
    now = function() return start + passed_s end,
    monotonic = function() return passed_s end,
  }
  function virtual:advance(seconds) -- luacheck: ignore self
    if not (seconds >= 0 and seconds < math.huge) then
      error(("a clock is not set back: %s s"):format(seconds), 2)
    end
    passed_s = passed_s + seconds
  end
  return virtual
end

return clock
