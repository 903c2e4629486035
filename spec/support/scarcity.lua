-- Jobs under torture/failing.c: each once with the n-th allocation failing, for every n. It must
-- end well or raise lack of memory, and the next run of it must be as if nothing had been.
local failing = require "failing"

local scarcity = {}

local function run_short_of(n, mode, job)
  collectgarbage()
  failing(n, mode)
  local ok, result = pcall(job)
  return failing() == 0, ok, result
end

local function all_positions(mode, job, expected)
  local n, raised = 0, 0
  repeat
    n = n + 1
    local done, ok, result = run_short_of(n, mode, job)
    local short = tostring(result):find "not enough memory"
    assert(short or ok and result == expected, tostring(result))
    if not ok then raised = raised + 1 end
    assert(job() == expected)
  until done
  return n, raised
end

--- Prints a line for each job and way of failing: name, way, runs, how many raised.
---@param jobs table<string, fun(): any>
function scarcity.play(jobs)
  for name, job in pairs(jobs) do
    local expected = job()
    for _, mode in ipairs { "once", "on" } do
      print(name, mode, all_positions(mode, job, expected))
    end
  end
end

return scarcity
