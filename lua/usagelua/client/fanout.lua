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

local function work(scheduler, rest, fn)
  local list = rest.list
  while rest.given < #list do
    rest.given = rest.given + 1
    local place = rest.given
    fn(list[place], place)
  end
  scheduler:check()
end

local group_methods = {}
local group_metatable = { __index = group_methods }

-- On every way out: nothing goes on behind the parent's back.
function group_metatable.__close(group)
  local scheduler, tasks = group.scheduler, group.tasks
  cancel(scheduler, tasks)
  scheduler:shield(nil, scheduler.join, scheduler, tasks)
end

---Tasks that end together, at the latest where the group is closed.
---@class usagelua.fanout.group
---@field tasks usagelua.task[]
---@field has_failed boolean one of them raised, and the others were cancelled
---@field failure any what it raised

---@param scheduler usagelua.scheduler
---@return usagelua.fanout.group group to be closed
function fanout.group(scheduler)
  return setmetatable({ scheduler = scheduler, tasks = {}, has_failed = false, failure = nil,
    on_failure = nil }, group_metatable)
end

-- A task that fails takes the others with it; its error is the group's.
local function guarded(group, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok or group.has_failed then return end
  group.has_failed, group.failure = true, err
  if group.on_failure then group.on_failure() end
  cancel(group.scheduler, group.tasks)
end

---@param fn function
function group_methods:spawn(fn, ...)
  self.tasks[#self.tasks + 1] = self.scheduler:spawn(guarded, self, fn, ...)
end

---Calls the function for each item of the list.
---@param scheduler usagelua.scheduler
---@param list any[]
---@param in_flight integer how many at once
---@param fn fun(item: any, place: integer) raises what ends them all; so does this
function fanout.run(scheduler, list, in_flight, fn)
  local rest = { list = list, given = 0 }
  local group <close> = fanout.group(scheduler)
  function group.on_failure() rest.given = #list end
  for _ = 1, math.min(in_flight, #list) do group:spawn(work, scheduler, rest, fn) end
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
