---@meta
-- core.system, bound in C (csrc/core/system.c).

---@class usagelua.core.system
local system = {}

---The name of this machine, as it gives it itself.
---@return string?
---@return usagelua.core.failure? err kind `io`
function system.host() end

return system
