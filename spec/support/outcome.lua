-- What a call came to, as a value that a case can compare.
local errors = require "usagelua.errors"

local outcome = {}

---The message of the usage error that a call raises; other errors pass, and a
---call that returns gives nil.
---@return string?
function outcome.usage_error(call, ...)
  local ok, err = pcall(call, ...)
  if ok then return nil end
  if not errors.is(err) or err.kind ~= "usage" then error(err, 0) end
  return err.message
end

return outcome
