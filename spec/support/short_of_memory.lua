-- Runs one of support/*_scarce.lua where allocations fail on demand: under torture/failing.so,
-- which `make test` builds.
local shell = require "support.shell"

local short_of_memory = {}

local COMMAND <const> = [[
LD_PRELOAD=build/torture/failing.so lua5.4 -e 'package.cpath = "build/torture/?.so;build/lib/?.so"
package.path = "lua/?.lua;lua/?/init.lua;./?.lua"' %s]]

---@param script string
---@return shell.Result
function short_of_memory.run(script)
  return shell.run(COMMAND:format(script), { env = { ASAN_OPTIONS = false }, timeout_s = 300 })
end

return short_of_memory
