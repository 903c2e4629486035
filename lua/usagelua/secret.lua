-- usage.secret: a script's way to its credentials. The values stay in C; what
-- a script holds prints as `***` and goes only to the hosts it is bound to.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local secret = {}

local function raise(err)
  error(errors.from(err), 0)
end

---A credential from an environment variable, or from the file that
---`NAME_FILE` names. The built-in ones (`LT_ACCESS_KEY` …, and a second
---account's `LT_ACCESS_KEY__EMEA`) come bound to their vendor's hosts; any
---other goes nowhere until `:bind`.
---
---Raises kind `credential` where it is missing, empty, not one line, or under
---eight characters; kind `usage` where NAME is no variable's name.
---@param name string
---@param options? { secret: boolean } `secret = false`: a user name, which is not masked
---@return usagelua.secret
local function from_environment(name, options)
  if type(name) ~= "string" then
    errors.raise_usage("usage.secret takes the name of an environment variable, as in "
      .. "usage.secret \"ACME_TOKEN\", not a %s", type(name))
  end
  local value, err = core.secret.env(name, options)
  return value or raise(err)
end

---A credential from a file; one newline at its end does not count. It goes
---nowhere until `:bind`.
---
---Raises kind `credential`, naming the path; kind `refused` for the file of a
---built-in credential.
---@param path string
---@return usagelua.secret
function secret.file(path)
  if type(path) ~= "string" then
    errors.raise_usage("usage.secret.file takes the path of a file, not a %s", type(path))
  end
  local value, err = core.secret.file(path)
  return value or raise(err)
end

---Whether the variable or its `NAME_FILE` is set, without reading it.
---@param name string
---@return boolean
function secret.has(name)
  return (core.secret.has(name))
end

local function call(_, name, options)
  return from_environment(name, options)
end

return setmetatable(secret, { __call = call })
