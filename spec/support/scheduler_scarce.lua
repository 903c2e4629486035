-- Run by spec/scheduler_memory_spec.lua under torture/failing.c: tasks that wait for the time, for
-- a key and for each other, with the n-th allocation failing, for every n. Whatever raises, closing
-- the scheduler ends them all.
local clock = require "usagelua.time.clock"
local failing = require "failing"
local idle_transport = require "spec.support.idle_transport"
local scheduler = require "usagelua.client.scheduler"

local function work(made)
  made:run(function()
    local tasks = {}
    for number = 1, 5 do
      tasks[number] = made:spawn(function()
        for turn = 1, 3 do made:sleep((number * turn) % 4) end
        made:await(number, 5)
      end)
    end
    tasks[6] = made:spawn(function()
      made:sleep(3)
      for number = 1, 5 do made:signal(number) end
    end)
    made:join_good(tasks)
  end)
end

local function play(n, mode)
  local time = clock.virtual(0)
  local made = scheduler.new { clock = time, transport = idle_transport(time) }
  collectgarbage()
  failing(n, mode)
  local ok, err = pcall(work, made)
  local failures = failing()
  assert(ok or tostring(err):find "not enough memory", tostring(err))
  made:close()
  assert(next(made.live) == nil, "a task lives")
  return failures == 0, ok
end

for _, mode in ipairs { "once", "twice", "on" } do
  local n, raised = 0, 0
  repeat
    n = n + 1
    local done, ok = play(n, mode)
    if not ok then raised = raised + 1 end
  until done
  print("scheduler", mode, n, raised)
end
