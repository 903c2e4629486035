---@meta usagelua.core.clock
-- Bound in csrc/core/clock.c.

---@class usagelua.core.clock
local clock = {}

---The clock that only goes forward; for durations.
---@return number seconds from some fixed point
function clock.monotonic() end

---The system's clock.
---@return number seconds since 1970-01-01 UTC
function clock.wall() end

return clock
