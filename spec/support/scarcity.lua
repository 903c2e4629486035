-- Jobs under torture/failing.c: each once with the n-th allocation failing, for every n. It must
-- end well or raise lack of memory, the next run of it must be as if nothing had been, and what
-- the failed one took must be given back.
local failing = require "failing"

local scarcity = {}

local function run_short_of(n, mode, job)
  failing(n, mode)
  local ok, result = pcall(job)
  return failing() == 0, ok, result
end

-- Blocks that others than Lua hold when all is over.
local function held_after(job, expected)
  collectgarbage()
  assert(job() == expected)
  collectgarbage()
  local _, held = failing()
  return held
end

-- What is kept for later is kept once (libc's text of an error, one connection more): what is lost
-- is lost each time, there or a call beside it, since Lua does not count alike twice.
local NEAR <const>, ROUNDS <const> = 2, 5

local function held_beside(n, mode, job, expected)
  local most = 0
  for near = math.max(1, n - NEAR), n + NEAR do
    run_short_of(near, mode, job)
    most = math.max(most, held_after(job, expected)) -- which also leaves Lua as each time
  end
  return most
end

local function look_for_lost(n, mode, job, expected, held)
  local now = held_after(job, expected)
  for _ = 1, ROUNDS do
    if now <= held then return held end
    held, now = now, held_beside(n, mode, job, expected)
  end
  error(("more and more blocks are held where the allocation %d fails (%s)"):format(n, mode), 0)
end

local function all_positions(mode, job, expected)
  local n, raised, held = 0, 0, held_after(job, expected)
  repeat
    n = n + 1
    local done, ok, result = run_short_of(n, mode, job)
    local short = tostring(result):find "not enough memory"
    assert(short or ok and result == expected, tostring(result))
    if not ok then raised = raised + 1 end
    held = look_for_lost(n, mode, job, expected, held)
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
