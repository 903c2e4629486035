-- Tasks, waits and timers over one transport. A task is a coroutine whose body
-- runs under xpcall inside it; a wait yields to the loop. A wait outside every
-- task, in a coroutine that the script made itself, or where Lua cannot yield
-- (a sort, a gsub) drives the loop until that one wait is over.
--
-- Cancelling never closes a coroutine: it leaves an error in the task, which
-- the present wait and every later one raises. So closers run where they stand
-- and may wait themselves, inside a clean-up scope (`shield`).

local errors = require "usagelua.errors"
local timers = require "usagelua.client.timers"

local CLEAN_UP_S <const> = 3
-- Every wait that drives the loop stands on the C stack; Lua allows about 200
-- nested C calls there, and each of ours takes up to five.
local MAX_NESTED_WAITS <const> = 20
-- The loop comes round at least this often, whatever it waits for.
local LONGEST_STEP_S <const> = 60
-- What a task yields to the loop, told apart from a yield of the script's own.
local WAIT <const> = {}
-- Made while there is memory.
local OUT_OF_MEMORY <const> = errors.from "not enough memory"
-- Every wait of every request comes by here.
local running <const>, isyieldable <const>, yield <const> =
  coroutine.running, coroutine.isyieldable, coroutine.yield

---@class usagelua.task
---@field done boolean
---@field ok boolean? after the end: whether the body returned
---@field results table? what it returned, with `n`
---@field err usagelua.error? why it failed
---@field traceback string? where it failed
---@field sticky usagelua.error? what its waits raise since it was cancelled

---@class usagelua.scheduler
local methods = {}
local metatable = { __name = "usagelua.scheduler", __index = methods }

local scheduler = {}

local function new_task(fields)
  fields.done, fields.is_lost, fields.scopes, fields.spare = false, false, {}, false
  return fields
end

---@param options { transport: table, clock: usagelua.clock, signals: table? }
---signals: { fd, take() -> signal number?, beat(seconds) around each wait for the transport,
---  with how long that may take, and 0 behind it }
---@return usagelua.scheduler
function scheduler.new(options)
  local self = {
    transport = options.transport,
    clock = options.clock,
    signals = options.signals,
    timers = timers.new(),
    waiters = {},     -- key -> the first of its waiters, chained by `next`
    live = {},        -- id -> task that has not ended
    ready = {},       -- tasks to resume, in order; first .. last
    first = 1,
    last = 0,
    behind = {},      -- tasks that let these go first, in order
    spawned = 0,
    nested = 0,       -- waits that drive the loop just now
    outside = new_task {},
  }
  if self.signals and self.signals.fd and self.transport.watch then
    self.transport:watch(self.signals.fd)
  end
  return setmetatable(self, metatable)
end

local function now(self)
  return self.clock.monotonic()
end

local function push_ready(self, task)
  local last = self.last + 1
  self.ready[last] = task
  self.last = last
end

local function pop_ready(self)
  local first = self.first
  if first > self.last then return nil end
  local task = self.ready[first]
  self.ready[first] = nil
  self.first = first + 1
  return task
end

-- Waiters ------------------------------------------------------------------

local function link(self, waiter, key)
  waiter.key = key
  local waiters = self.waiters
  local last = waiters[key]
  if not last then
    waiters[key] = waiter
    return
  end
  while last.next do last = last.next end
  last.next = waiter
end

local function unlink(self, waiter)
  local key = waiter.key
  if key == nil then return end
  waiter.key = nil
  local waiters = self.waiters
  local at = waiters[key]
  if at == waiter then
    waiters[key] = waiter.next
  else
    while at and at.next ~= waiter do at = at.next end
    if at then at.next = waiter.next end
  end
  waiter.next = nil
end

local function wake(self, waiter, outcome)
  if waiter.ready then return end
  -- First what memory may lack for: else nobody would wake the task any more.
  if not waiter.driven then push_ready(self, waiter.task) end
  waiter.ready, waiter.outcome = true, outcome
  unlink(self, waiter)
  if waiter.place then self.timers:remove(waiter) end
end

local function time_over(waiter, self)
  wake(self, waiter, false)
end

-- Cancelling ---------------------------------------------------------------

-- When the clean-up of a cancelled task must be over: nil outside every scope,
-- and math.huge while nothing cancels it.
local function clean_up_limit(task)
  local seconds
  for _, scope in ipairs(task.scopes) do
    seconds = math.min(seconds or scope.seconds, scope.seconds)
  end
  if not seconds then return nil end
  return task.clean_up_from and task.clean_up_from + seconds or math.huge
end

local function check(self, task)
  if not task.sticky then return end
  local limit = clean_up_limit(task)
  if not limit then error(task.sticky, 0) end
  if now(self) >= limit then
    error(errors.new { kind = "deadline", cause = task.sticky,
      message = "the clean-up took too long and was given up" }, 0)
  end
end

-- A task that is cancelled inside a clean-up scope goes on, but from now on
-- its wait must end by the scope's limit.
local function limit_wait(self, task)
  task.clean_up_from = now(self)
  local waiter, limit = task.waiter, clean_up_limit(task)
  if not waiter or waiter.ready then return end
  if waiter.place and waiter.at <= limit then return end
  self.timers:remove(waiter)
  self.timers:add(waiter, limit)
end

local function cancel(self, task, err)
  if task.done or task.sticky then return end
  task.sticky = err
  if #task.scopes > 0 then
    limit_wait(self, task)
  elseif task.waiter then
    wake(self, task.waiter, false)
  end
end

---Cancels one task: its present wait and all later ones raise the error. The
---first error stays; a task that has ended is left alone.
---@param task usagelua.task
---@param err any? an error object; kind "cancelled" when absent
function methods:cancel(task, err)
  cancel(self, task, errors.from(err or errors.new { kind = "cancelled", message = "cancelled" }))
end

local function by_id(tasks)
  local list = {}
  for _, task in pairs(tasks) do list[#list + 1] = task end
  table.sort(list, function(a, b) return a.id < b.id end)
  return list
end

---Cancels every task, the waits outside tasks, and what is spawned later
---(but not what a clean-up scope spawns).
---@param err any?
function methods:cancel_all(err)
  local reason = errors.from(err or errors.new { kind = "cancelled", message = "cancelled" })
  self.stopped = self.stopped or reason
  cancel(self, self.outside, reason)
  for _, task in ipairs(by_id(self.live)) do
    if task.is_lost then push_ready(self, task) end
    task.is_lost = false
    cancel(self, task, reason)
  end
end

---The error that cancelled everything, if something did.
---@return usagelua.error?
function methods:stopped_by()
  return self.stopped
end

-- Running tasks ------------------------------------------------------------

local function keep_outcome(task, ok, ...)
  if ok then
    task.results, task.traceback = table.pack(...), nil
  else
    local cause = ...
    task.err = errors.from(cause)
    if task.err ~= cause then task.err.traceback = task.traceback end
  end
  task.ok = ok
end

-- It is over first of all: keeping the outcome may raise for want of memory.
local function settle(self, task, ok, ...)
  self.live[task.id] = nil
  task.done = true
  task.ok, task.thread = false, nil
  keep_outcome(task, ok, ...)
  self:signal(task)
end

-- The script yielded from the task itself, where nobody takes the value: the
-- task goes on once more, into the error at its next wait.
local function refuse_yield(self, task)
  self:cancel(task, errors.new { kind = "script",
    message = "coroutine.yield was called in a task, where nothing takes what it yields",
    hint = "make a coroutine of your own for it" })
  push_ready(self, task)
end

local function after_resume(self, task, alive, first, ...)
  if first == WAIT then return end -- what most do
  if coroutine.status(task.thread) == "dead" then
    if alive then return settle(self, task, first, ...) end
    return settle(self, task, false, first)
  end
  refuse_yield(self, task)
end

local function begin(self, task, ...)
  task.arguments = nil
  after_resume(self, task, coroutine.resume(task.thread, ...))
end

local function go_on(self, task)
  local arguments = task.arguments
  if arguments then return begin(self, task, table.unpack(arguments, 1, arguments.n)) end
  after_resume(self, task, coroutine.resume(task.thread))
end

-- Nobody else would wake a task that memory failed for between two waits; where
-- it fails here too, the end of all tasks does.
local function wake_again(self, task)
  task.is_lost = not task.done
  if task.done then return end
  task.sticky = task.sticky or OUT_OF_MEMORY
  push_ready(self, task)
  task.is_lost = false
end

local function resume(self, task)
  if task.done then return end
  if task.arguments and task.sticky and #task.scopes == 0 then
    return settle(self, task, false, task.sticky) -- it never began
  end
  local previous = self.current
  self.current = task
  local ok, err = pcall(go_on, self, task)
  self.current = previous
  if ok then return end
  wake_again(self, task)
  error(err, 0)
end

-- A task made inside a clean-up scope belongs to that clean-up; one made after
-- everything was cancelled is cancelled from its start.
local function inherit(self, task)
  local parent = self.current or self.outside
  if #parent.scopes > 0 then
    task.scopes = table.move(parent.scopes, 1, #parent.scopes, 1, {})
    task.sticky, task.clean_up_from = parent.sticky, parent.clean_up_from
  else
    task.sticky = self.stopped
  end
end

---Makes a task; it begins at the next turn of the loop.
---@param fn function runs under xpcall; an error of any kind ends the task only
---@return usagelua.task
function methods:spawn(fn, ...)
  self.spawned = self.spawned + 1
  local task = new_task { id = self.spawned, arguments = table.pack(...) }
  local function trace(err)
    task.traceback = debug.traceback(tostring(err), 2)
    return err
  end
  task.thread = coroutine.create(function(...) return xpcall(fn, trace, ...) end)
  inherit(self, task)
  self.live[task.id] = task
  local ok, err = pcall(push_ready, self, task)
  if ok then return task end
  self.live[task.id] = nil
  error(err, 0)
end

-- The loop -----------------------------------------------------------------

local function hear_signals(self)
  local signals = self.signals
  if not signals then return end
  local signal = signals.take()
  if not signal then return end
  self:cancel_all(require("usagelua.client.signals").stopped(signal))
end

-- Whether nothing that could still happen would wake anybody, save what the
-- transport holds of transfers that have ended. The deadline's own timer does
-- not count: waiting for it would only hide the mistake.
local function is_quiet(self)
  if self.first <= self.last or self.behind[1] ~= nil then return false end
  local waking = self.timers.count
  if self.deadline_timer and self.deadline_timer.place then waking = waking - 1 end
  return waking == 0 and self.transport.active ~= nil and self.transport:active() == 0
end

-- How long the transport may sleep: not at all while a task is ready, else
-- until the next timer, or until who watches wants to look again.
local function idle_time(self)
  local look_s = self.watcher and self.watcher() or LONGEST_STEP_S
  if self.first <= self.last or is_quiet(self) then return 0 end
  local timer = self.timers:first()
  local left = timer and timer.at - now(self) or LONGEST_STEP_S
  return math.max(0, math.min(left, look_s, LONGEST_STEP_S))
end

local function fire_timers(self)
  local time = now(self)
  local timer = self.timers:due(time)
  while timer do
    timer.fire(timer, self)
    timer = self.timers:due(time)
  end
end

local function run_ready(self)
  for _ = 1, self.last - self.first + 1 do
    local task = pop_ready(self)
    if not task then return end -- a nested wait ran the rest
    resume(self, task)
  end
end

-- Says before and behind the wait that the script is back here.
local function step(self)
  local seconds, signals = idle_time(self), self.signals
  if not signals then return self.transport:step(seconds) end
  signals.beat(seconds)
  local changed = self.transport:step(seconds)
  signals.beat(0)
  return changed
end

-- One for which memory lacks follows at the next turn.
local function follow(self)
  local behind = self.behind
  for place, task in ipairs(behind) do
    if task then push_ready(self, task) end
    behind[place] = false
  end
  for place = #behind, 1, -1 do behind[place] = nil end
end

-- False where nothing has happened and nothing can.
local function turn(self)
  if self.behind[1] then follow(self) end
  local was_quiet = is_quiet(self)
  local changed = step(self)
  for _, exchange in ipairs(changed) do self:signal(exchange) end
  fire_timers(self)
  run_ready(self)
  return not was_quiet or #changed > 0 or not is_quiet(self)
end

local function stuck_error()
  return errors.new { kind = "script", message = "nothing is left that could end this wait",
    hint = "a task waits for itself, or for a signal that nobody gives" }
end

local function nested_error()
  return errors.new { kind = "script",
    message = ("more than %d waits at once in coroutines of the script's own"):format(MAX_NESTED_WAITS),
    hint = "wait in the flow itself, or run fewer queries of this kind at once" }
end

local level_metatable = {
  __close = function(level) level.scheduler.nested = level.scheduler.nested - 1 end,
}

-- Turns the loop until the condition holds; false and the error where it never will.
local function drive(self, is_over)
  if self.nested >= MAX_NESTED_WAITS then return false, nested_error() end
  local _ <close> = setmetatable({ scheduler = self }, level_metatable)
  self.nested = self.nested + 1
  while true do
    hear_signals(self) -- may end the wait, and then the transport must not sleep
    if is_over() then return true end
    if not turn(self) and not is_over() then return false, stuck_error() end
  end
end

-- Waiting ------------------------------------------------------------------

-- Gives way until the waiter is ready; false and the error where it never will be.
local function suspend(self, task, waiter)
  if running() == task.thread and isyieldable() then
    yield(WAIT)
    return true
  end
  waiter.driven = true
  return drive(self, function() return waiter.ready end)
end

local function limit_new(self, task, waiter, seconds)
  local at = seconds and now(self) + seconds or math.huge
  if task.sticky then at = math.min(at, clean_up_limit(task) or math.huge) end
  if at < math.huge then self.timers:add(waiter, at) end
end

-- A task's own waiter, used again and again; only a wait inside a wait (in a
-- coroutine of the script's own) needs one more.
local function new_waiter(self, task, key, seconds)
  local waiter = task.spare
  if waiter then
    task.spare, waiter.ready, waiter.driven = false, false, false
  else
    waiter = { task = task, fire = time_over, ready = false, outcome = false, driven = false,
      key = nil, next = nil, place = nil, at = nil, order = nil }
  end
  if seconds or task.sticky then limit_new(self, task, waiter, seconds) end
  if key == nil then return waiter end
  local ok, err = pcall(link, self, waiter, key)
  if ok then return waiter end
  self.timers:remove(waiter)
  error(err, 0)
end

-- The one wait: for the key, for the time, or for whichever comes first.
local function wait(self, key, seconds)
  local task = self.current or self.outside
  if task.sticky then check(self, task) end
  local waiter, outer = new_waiter(self, task, key, seconds), task.waiter
  task.waiter = waiter
  local ok, err = suspend(self, task, waiter)
  task.waiter = outer
  if not ok then
    unlink(self, waiter)
    self.timers:remove(waiter)
    error(err, 0)
  end
  local outcome = waiter.outcome
  if waiter.ready then task.spare = waiter end
  if task.sticky then check(self, task) end
  return outcome
end

---Waits until somebody signals the key, or the transport reports it changed.
---@param key any not nil; exchanges and tasks are keys
---@param seconds number? at most so long
---@return boolean signalled false when the time was over
methods.await = wait

---Wakes every wait for the key.
function methods:signal(key)
  local waiters = self.waiters
  local waiter = waiters[key]
  while waiter do
    wake(self, waiter, true)
    waiter = waiters[key]
  end
end

---Waits; 0 lets the others go first.
---@param seconds number
function methods:sleep(seconds)
  wait(self, nil, math.max(0, seconds))
end

---Lets all others go first that are ready, or will be in this turn of the loop,
---and begins what they have opened. From a task's own coroutine; elsewhere it does
---nothing.
function methods:give_way()
  local task = self.current
  if not task or running() ~= task.thread or not isyieldable() then return end
  if task.sticky then check(self, task) end
  self.behind[#self.behind + 1] = task
  yield(WAIT)
  if task.sticky then check(self, task) end
  if self.transport.begin then self.transport:begin() end
end

---Raises what cancelled the present task, without waiting.
function methods:check()
  check(self, self.current or self.outside)
end

---Whether the present task was cancelled: it is only cleaning up any more.
---@return boolean
function methods:is_cancelled()
  return (self.current or self.outside).sticky ~= nil
end

---Waits until all of them have ended, however they ended.
---@param tasks usagelua.task|usagelua.task[]
---@return usagelua.task[]
function methods:join(tasks)
  local list = tasks.scopes and { tasks } or tasks
  for _, task in ipairs(list) do
    while not task.done do wait(self, task) end
  end
  return list
end

---The same, and raises the error of the first that failed.
---@param tasks usagelua.task|usagelua.task[]
function methods:join_good(tasks)
  for _, task in ipairs(self:join(tasks)) do
    if not task.ok then error(task.err, 0) end
  end
end

-- Clean-up scopes and deadlines --------------------------------------------

local scope_methods = {}
local scope_metatable = { __index = scope_methods }

---Leaves the scope; again does nothing.
function scope_methods:close()
  for i, other in ipairs(self.task.scopes) do
    if other == self then return table.remove(self.task.scopes, i) end
  end
end

scope_metatable.__close = scope_methods.close

---A scope whose waits do not raise what cancelled the present task, until it
---is closed. The time counts as for `shield`.
---@param seconds number? 3 when absent
---@return table scope to be closed
function methods:clean_up_scope(seconds)
  local task = self.current or self.outside
  local scope = setmetatable({ task = task, seconds = seconds or CLEAN_UP_S }, scope_metatable)
  task.scopes[#task.scopes + 1] = scope
  if task.sticky then task.clean_up_from = task.clean_up_from or now(self) end
  return scope
end

---Runs a function whose waits do not raise what cancelled the task. The time
---counts from the cancelling or, where that came first, from the task's first
---clean-up scope; all scopes of a task share it. A task that nobody cancels
---takes the time it needs.
---@param seconds number? 3 when absent
---@return any ... what the function returns
function methods:shield(seconds, fn, ...)
  local _ <close> = self:clean_up_scope(seconds)
  return fn(...)
end

local function deadline_over(_, self)
  self:cancel_all(errors.new { kind = "deadline", message = "the time for the whole run is over",
    hint = "give it more with --deadline, or ask for less" })
end

---Cancels everything at that time.
---@param time number? monotonic seconds; nil takes the deadline back
function methods:deadline_at(time)
  if self.deadline_timer then self.timers:remove(self.deadline_timer) end
  self.deadline_timer = time and { fire = deadline_over }
  if time then self.timers:add(self.deadline_timer, time) end
end

---How long the present task may still wait.
---@return number seconds math.huge without a deadline
function methods:time_left()
  local task = self.current or self.outside
  local limit = clean_up_limit(task)
  if task.sticky then return math.max(0, (limit or 0) - now(self)) end
  local deadline = self.deadline_timer and self.deadline_timer.at or math.huge
  return math.max(0, deadline - now(self)) + (limit and CLEAN_UP_S or 0)
end

-- From the outside ---------------------------------------------------------

local function drain(self)
  return drive(self, function() return next(self.live) == nil end)
end

---Lets a function look on: it is called at every turn of the loop, and keeps
---nothing alive that has nothing left to wait for.
---@param watcher fun(): number? seconds until it wants to be called again
function methods:watch(watcher)
  self.watcher = watcher
end

---Runs a function as a task and turns the loop until it has ended; after
---everything was cancelled, until all tasks have cleaned up.
---@return any ... what the function returns; raises its error
function methods:run(fn, ...)
  assert(not self.current, "run is for the outside; a task spawns and joins")
  local task = self:spawn(fn, ...)
  local ok, err = drive(self, function() return task.done end)
  if self.stopped then drain(self) end
  if not ok then error(err, 0) end
  if not task.ok then error(task.err, 0) end
  return table.unpack(task.results, 1, task.results.n)
end

---Cancels what still runs, lets it clean up, and closes the transport.
function methods:close()
  self:cancel_all(errors.new { kind = "cancelled", message = "the run is over" })
  drain(self)
  self.transport:close()
end

return scheduler
