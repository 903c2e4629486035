-- The message of the usage error that a function raises, for specs.
local errors = require "usagelua.errors"

---@param fn function called with what follows
---@return string message; anything else that is raised, or nothing, is an error
return function(fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then error("nothing was raised", 2) end
  if not errors.is(err) then error("no error object: " .. tostring(err), 2) end
  if err.kind ~= "usage" then error("not a usage error: " .. err.kind, 2) end
  return err.message
end
