-- Runs one of support/*_scarce.lua where allocations fail on demand: under torture/failing.so,
-- which `make test` builds.
local assert = require "luassert"
local shell = require "support.shell"

local short_of_memory = {}

local COMMAND <const> = [[
LD_PRELOAD=build/torture/failing.so lua5.4 -e 'package.cpath = "build/torture/?.so;build/lib/?.so"
package.path = "lua/?.lua;lua/?/init.lua;./?.lua"' %s]]

---Its words, once it has ended well.
---@param script string with its arguments
---@return string printed
function short_of_memory.run(script)
  local result = shell.run(COMMAND:format(script), { env = { ASAN_OPTIONS = false }, timeout_s = 600 })
  assert.equal("", result.stderr)
  assert.equal(0, result.status)
  return result.stdout
end

---Runs jobs of support/scarcity.lua: of each and in each way, some run has all its memory, and at
---least so many had to raise.
---@param script string
---@param ways integer jobs, each in each way
---@param least_raised integer
---@return string printed
function short_of_memory.play(script, ways, least_raised)
  local printed, found = short_of_memory.run(script), 0
  for runs, raised in printed:gmatch "%a[%a_\t]+\t(%d+)\t(%d+)\n" do
    found = found + 1
    assert.is_true(tonumber(runs) > tonumber(raised) and tonumber(raised) >= least_raised, printed)
  end
  assert.equal(ways, found)
  return printed
end

return short_of_memory
