-- The same function over a list, several at once. Whoever calls it is the
-- parent: when the parent is cancelled or one of them raises, the others are
-- cancelled and have cleaned up before the error goes on.

local errors = require "usagelua.errors"

local fanout = {}

local function cancel(scheduler, tasks)
  for _, task in ipairs(tasks) do
    scheduler:cancel(task, errors.new { kind = "cancelled",
      message = "given up together with what it was asked for" })
  end
end

local function work(scheduler, group, fn)
  while group.given < #group.list do
    group.given = group.given + 1
    local place = group.given
    fn(group.list[place], place)
  end
  scheduler:check()
end

-- A worker that fails takes the others with it; its error is the group's.
local function new_worker(scheduler, group, fn)
  return scheduler:spawn(function()
    local ok, err = pcall(work, scheduler, group, fn)
    if ok or group.has_failed then return end
    group.has_failed, group.failure = true, err
    group.given = #group.list
    cancel(scheduler, group.tasks)
  end)
end

-- On every way out: nothing goes on behind the parent's back.
local function end_all(scheduler, tasks)
  return setmetatable({}, { __close = function()
    cancel(scheduler, tasks)
    scheduler:shield(nil, scheduler.join, scheduler, tasks)
  end })
end

---Calls the function for each item of the list.
---@param scheduler usagelua.scheduler
---@param list any[]
---@param in_flight integer how many at once
---@param fn fun(item: any, place: integer) raises what ends them all; so does this
function fanout.run(scheduler, list, in_flight, fn)
  local group = { list = list, given = 0, tasks = {} }
  local _ <close> = end_all(scheduler, group.tasks)
  for place = 1, math.min(in_flight, #list) do
    group.tasks[place] = new_worker(scheduler, group, fn)
  end
  scheduler:join(group.tasks)
  if group.has_failed then error(group.failure, 0) end
end

---The same, and keeps what each returned.
---@param scheduler usagelua.scheduler
---@param list any[]
---@param in_flight integer how many at once
---@param fn fun(item: any, place: integer): any
---@return table[] outcomes what each returned, as table.pack gives it; raises
---the first error that one of them raised
function fanout.each(scheduler, list, in_flight, fn)
  local outcomes = {}
  fanout.run(scheduler, list, in_flight, function(item, place)
    outcomes[place] = table.pack(fn(item, place))
  end)
  return outcomes
end

return fanout
