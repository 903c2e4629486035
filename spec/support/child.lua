-- Runs Lua code in a process of its own, for what only a fresh process shows:
-- its environment, its closed streams, its exit.
local shell = require "support.shell"

local child = {}

local function assignments(env)
  local words = {}
  for name, value in pairs(env) do words[#words + 1] = shell.quote(name .. "=" .. value) end
  table.sort(words)
  return table.concat(words, " ")
end

local function read_all(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

---Runs `code`; `core` and `errors` are there as locals. `redirect` is shell
---text for its streams.
---@param env table<string, string> added to an environment without credentials
---@param code string
---@param redirect? string for example ">&-"
---@param before? string shell text that ends in ";", for example a limit
---@return string stdout empty where it is redirected
---@return integer status
---@return string stderr empty where it is redirected
function child.run(env, code, redirect, before)
  local script, out, err = os.tmpname(), os.tmpname(), os.tmpname()
  local file <close> = assert(io.open(script, "wb"))
  file:write("package.path = ", ("%q"):format(package.path), " package.cpath = ",
    ("%q"):format(package.cpath), " local core = require 'usagelua.core' ",
    "local errors = require 'usagelua.errors'\n", code)
  file:close()
  local command = ("%s env -u LT_USERNAME -u LT_ACCESS_KEY %s %s %s >%s 2>%s %s"):format(
    before or "", assignments(env), shell.lua(), script, out, err, redirect or "")
  local _, _, status = os.execute(command)
  local stdout, stderr = read_all(out), read_all(err)
  os.remove(script) os.remove(out) os.remove(err)
  return stdout, status, stderr
end

return child
