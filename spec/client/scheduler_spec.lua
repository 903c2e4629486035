local clock = require "usagelua.time.clock"
local errors = require "usagelua.errors"
local idle_transport = require "support.idle_transport"
local scheduler = require "usagelua.client.scheduler"

local function fixture(signals)
  local time = clock.virtual(1000)
  local transport = idle_transport(time)
  local s = scheduler.new { transport = transport, clock = time, signals = signals }
  return s, time, transport
end

local function closer(fn)
  return setmetatable({}, { __close = function(_, err) fn(err) end })
end

local function kind_of(ok, err)
  return not ok and errors.is(err) and err.kind or ok
end

describe("scheduler:run", function()
  it("gives back what the function returns, nils too", function()
    local s = fixture()
    assert.same({ n = 3, 1, nil, 3 }, table.pack(s:run(function(a) return a, nil, 3 end, 1)))
  end)

  it("raises the error of its task, with a traceback kept", function()
    local s = fixture()
    local ok, err = pcall(s.run, s, function() error("broken here") end)
    assert.is_false(ok)
    assert.equal("script", err.kind)
    assert.truthy(err.message:find("broken here", 1, true))
    assert.truthy(err.traceback:find("scheduler_spec.lua", 1, true))
  end)

  it("keeps an error object as it is", function()
    local s = fixture()
    local mine = errors.new { kind = "shape", message = "odd" }
    local _, err = pcall(s.run, s, function() error(mine, 0) end)
    assert.equal(mine, err)
  end)

  it("takes what the transport still holds when nothing is under way any more", function()
    local s, _, transport = fixture()
    local step, held = transport.step, {}
    function transport:step(seconds)
      local changed = step(self, seconds)
      changed[1] = changed[1] or table.remove(held)
      return changed
    end
    s:run(function()
      for _ = 1, 2 do
        held[1] = "key"
        s:await "key"
      end
    end)
    assert.same({}, held)
  end)

  it("says so when nothing is left that could end a wait", function()
    local s = fixture()
    s:deadline_at(50)
    local ok, err = pcall(s.run, s, function() s:await("never") end)
    assert.is_false(ok)
    assert.truthy(err.message:find("nothing is left", 1, true))
  end)
end)

describe("giving way", function()
  it("lets those go first that are ready, or will be in the same turn", function()
    local s = fixture()
    local order = {}
    local function note(name) order[#order + 1] = name end
    s:run(function()
      local tasks = {}
      for _, key in ipairs { "a", "b" } do
        tasks[#tasks + 1] = s:spawn(function()
          s:await(key)
          note(key)
        end)
      end
      s:sleep(1)
      for _, key in ipairs { "a", "b" } do
        tasks[#tasks + 1] = s:spawn(function()
          s:signal(key)
          s:give_way()
          note("behind " .. key)
        end)
      end
      s:join(tasks)
    end)
    assert.same({ "a", "b", "behind a", "behind b" }, order)
    assert.equal(0, s.timers.count)
  end)

  it("goes on at once where nobody else is ready", function()
    local s, time = fixture()
    local count = 0
    s:run(function()
      for _ = 1, 3 do
        s:give_way()
        count = count + 1
      end
    end)
    assert.equal(3, count)
    assert.equal(0.0, time.monotonic())
  end)

  it("does nothing outside tasks, and in a coroutine of the script's own", function()
    local s = fixture()
    s:give_way()
    s:run(function()
      assert.is_true(coroutine.wrap(function()
        s:give_way()
        return true
      end)())
    end)
    assert.is_nil(s.behind[1])
  end)

  it("raises what cancelled the task meanwhile, and before", function()
    local s = fixture()
    local kinds = {}
    s:run(function()
      local task
      task = s:spawn(function()
        for place = 1, 2 do kinds[place] = kind_of(pcall(s.give_way, s)) end
      end)
      local other = s:spawn(function() s:cancel(task) end)
      s:join { task, other }
    end)
    assert.same({ "cancelled", "cancelled" }, kinds)
  end)

  it("begins what the others have opened", function()
    local s, _, transport = fixture()
    local order = {}
    function transport.begin() order[#order + 1] = "begun" end
    s:run(function()
      local tasks = { s:spawn(function()
        s:give_way()
        order[#order + 1] = "gone on"
      end), s:spawn(function() order[#order + 1] = "opened" end) }
      s:join(tasks)
    end)
    assert.same({ "opened", "begun", "gone on" }, order)
  end)
end)

describe("tasks", function()
  it("wait at the same time", function()
    local s, time = fixture()
    local order = {}
    s:run(function()
      local tasks = {}
      for i = 1, 5 do
        tasks[i] = s:spawn(function()
          s:sleep(6 - i)
          order[#order + 1] = i
        end)
      end
      s:join(tasks)
    end)
    assert.same({ 5, 4, 3, 2, 1 }, order)
    assert.equal(5.0, time.monotonic())
  end)

  it("fail alone, and say where", function()
    local s = fixture()
    local bad, good
    s:run(function()
      bad = s:spawn(function() s:sleep(1); local t = {}; return t.x.y end)
      good = s:spawn(function() s:sleep(2); return "well" end)
      s:join { bad, good }
    end)
    assert.is_false(bad.ok)
    assert.truthy(bad.err.traceback:find("scheduler_spec.lua", 1, true))
    assert.same({ n = 1, "well" }, good.results)
  end)

  it("are forgotten when they have ended", function()
    local s = fixture()
    local weak = setmetatable({}, { __mode = "k" })
    s:run(function()
      for _ = 1, 50 do
        local task = s:spawn(function() s:sleep(0.1) end)
        weak[task] = true
        s:join(task)
      end
    end)
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
    assert.is_nil(next(s.waiters))
    assert.is_nil(next(s.live))
    assert.equal(0, s.timers.count)
  end)

  it("may be a thousand, in turn", function()
    local s = fixture()
    local count = 0
    s:run(function()
      local tasks = {}
      for i = 1, 1000 do
        tasks[i] = s:spawn(function()
          for _ = 1, 3 do s:sleep(0) end
          count = count + 1
        end)
      end
      s:join(tasks)
    end)
    assert.equal(1000, count)
  end)

  it("go on into an error when the script yields from one", function()
    local s = fixture()
    local task
    s:run(function()
      task = s:spawn(function()
        coroutine.yield "value"
        s:sleep(1)
      end)
      s:join(task)
    end)
    assert.equal("script", task.err.kind)
    assert.truthy(tostring(task.err):find("coroutine.yield", 1, true))
  end)
end)

describe("scheduler:await", function()
  it("wakes for its key only", function()
    local s, time, transport = fixture()
    local log = {}
    transport:at(3, "b")
    transport:at(5, "a")
    s:run(function()
      local tasks = {}
      for _, key in ipairs { "a", "b" } do
        tasks[#tasks + 1] = s:spawn(function()
          s:await(key)
          log[#log + 1] = key .. time.monotonic()
        end)
      end
      s:join(tasks)
    end)
    assert.same({ "b3.0", "a5.0" }, log)
  end)

  it("tells a signal from time that is over", function()
    local s = fixture()
    s:run(function()
      local waiting = s:spawn(function() return s:await("key", 10) end)
      s:sleep(1)
      s:signal "key"
      s:join(waiting)
      assert.is_true(waiting.results[1])
      assert.is_false(s:await("key", 10))
    end)
    assert.equal(0, s.timers.count)
  end)

  it("wakes all that wait for one key, in their order", function()
    local s = fixture()
    local order = {}
    s:run(function()
      local tasks = {}
      for i = 1, 4 do
        tasks[i] = s:spawn(function()
          s:await "key"
          order[#order + 1] = i
        end)
      end
      s:sleep(0)
      s:signal "key"
      s:join(tasks)
    end)
    assert.same({ 1, 2, 3, 4 }, order)
  end)

  it("leaves nothing of a wait that timed out between others", function()
    local s = fixture()
    s:run(function()
      local a = s:spawn(function() return s:await "key" end)
      local b = s:spawn(function() return s:await("key", 1) end)
      local c = s:spawn(function() return s:await "key" end)
      s:join(b)
      s:signal "key"
      s:join { a, c }
      assert.same({ true, false, true }, { a.results[1], b.results[1], c.results[1] })
    end)
    assert.is_nil(next(s.waiters))
  end)
end)

describe("a wait outside a task", function()
  it("drives the loop for that one call", function()
    local s, time = fixture()
    local task = s:spawn(function() s:sleep(1); return "ran" end)
    s:sleep(5)
    assert.equal(5.0, time.monotonic())
    assert.equal("ran", task.results[1])
  end)

  it("works in the script's own coroutine, outside and inside a task", function()
    local s = fixture()
    local function generator()
      return coroutine.wrap(function()
        for i = 1, 3 do
          s:sleep(1)
          coroutine.yield(i)
        end
      end)
    end
    local function collect()
      local list = {}
      for i in generator() do list[#list + 1] = i end
      return list
    end
    assert.same({ 1, 2, 3 }, collect())
    assert.same({ 1, 2, 3 }, s:run(collect))
  end)

  it("lets the other tasks go on meanwhile", function()
    local s, time = fixture()
    local seen = {}
    s:run(function()
      local other = s:spawn(function()
        for i = 1, 3 do
          s:sleep(1)
          seen[#seen + 1] = i
        end
      end)
      coroutine.wrap(function() s:sleep(2.5) end)()
      assert.same({ 1, 2 }, seen)
      s:join(other)
    end)
    assert.equal(3.0, time.monotonic())
  end)

  it("works where Lua cannot yield", function()
    local s = fixture()
    local text = s:run(function()
      return (("abc"):gsub(".", function(c) s:sleep(1) return c:upper() end))
    end)
    assert.equal("ABC", text)
  end)

  it("raises in the coroutine what cancelled the task around it", function()
    local s = fixture()
    local seen = {}
    local task
    s:run(function()
      task = s:spawn(function()
        local own = coroutine.create(function()
          for i = 1, 2 do
            local ok, err = pcall(s.sleep, s, 100)
            seen[i] = kind_of(ok, err)
          end
        end)
        coroutine.resume(own)
        s:sleep(1)
      end)
      s:sleep(1)
      s:cancel(task)
      s:join(task)
    end)
    assert.same({ "cancelled", "cancelled" }, seen)
    assert.equal("cancelled", task.err.kind)
  end)

  it("may be nested a good deal, then is refused with a reason", function()
    local s = fixture()
    local failures, done = {}, 0
    s:run(function()
      local tasks = {}
      for i = 1, 40 do
        tasks[i] = s:spawn(function()
          return (("a"):gsub(".", function()
            return select(2, pcall(function() s:sleep(1) end))
          end))
        end)
      end
      s:join(tasks)
      for _, task in ipairs(tasks) do
        if task.ok then done = done + 1 else failures[#failures + 1] = tostring(task.err) end
      end
    end)
    assert.is_true(done >= 15)
    for _, message in ipairs(failures) do
      assert.is_nil(message:find("stack overflow", 1, true))
    end
  end)
end)

describe("scheduler:cancel", function()
  it("raises the same error at every later wait", function()
    local s = fixture()
    local reason = errors.new { kind = "cancelled", message = "enough" }
    local seen = {}
    s:run(function()
      local task = s:spawn(function()
        for i = 1, 3 do seen[i] = select(2, pcall(s.sleep, s, 10)) end
      end)
      s:sleep(1)
      s:cancel(task, reason)
      s:join(task)
      assert.is_true(task.ok)
    end)
    assert.same({ reason, reason, reason }, seen)
  end)

  it("ends a task that has not begun without running it", function()
    local s = fixture()
    local ran = false
    s:run(function()
      local task = s:spawn(function() ran = true end)
      s:cancel(task)
      s:join(task)
      assert.equal("cancelled", task.err.kind)
    end)
    assert.is_false(ran)
  end)

  -- What a task can be doing when it is cancelled.
  local states = {
    sleeping = function(s) s:sleep(100) end,
    awaiting = function(s) s:await("key", 1000) end,
    joining = function(s) s:join(s:spawn(function() pcall(s.sleep, s, 50) end)) end,
    ["in its own coroutine"] = function(s) coroutine.wrap(function() s:sleep(100) end)() end,
    ["in a gsub"] = function(s) return (("a"):gsub(".", function() s:sleep(100) end)) end,
    ["in a sort"] = function(s)
      table.sort({ 1, 2, 3 }, function(a, b) s:sleep(100) return a < b end)
    end,
    ["in an iterator"] = function(s)
      for _ in function() s:sleep(100) return 1 end do s:sleep(100) end
    end,
    ["under a pcall"] = function(s)
      local ok, err = pcall(s.sleep, s, 100)
      if not ok then error(err, 0) end
    end,
  }
  for name, state in pairs(states) do
    it("reaches a task " .. name .. " and runs its closers, which may wait", function()
      local s, time = fixture()
      local log = {}
      s:run(function()
        local task = s:spawn(function()
          local _ <close> = closer(function(err)
            s:shield(3, function() s:sleep(0.5) end)
            log[#log + 1] = "outer " .. err.kind
          end)
          local _ <close> = closer(function()
            s:shield(nil, function() s:sleep(0.25) end)
            log[#log + 1] = "inner"
          end)
          state(s)
        end)
        s:sleep(1)
        s:cancel(task)
        s:join(task)
        assert.equal("cancelled", task.err.kind)
      end)
      assert.same({ "inner", "outer cancelled" }, log)
      assert.equal(1.75, time.monotonic())
    end)
  end

  it("wakes only its task", function()
    local s, time = fixture()
    s:run(function()
      local kept = s:spawn(function() s:sleep(10) end)
      local gone = s:spawn(function() s:sleep(20) end)
      s:sleep(1)
      s:cancel(gone)
      s:join { kept, gone }
      assert.is_true(kept.ok)
    end)
    assert.equal(10.0, time.monotonic())
  end)

  it("keeps the first reason and does nothing to a task that ended", function()
    local s = fixture()
    s:run(function()
      local task = s:spawn(function() s:sleep(5) end)
      local done = s:spawn(function() return 1 end)
      s:sleep(1)
      s:cancel(task, errors.new { kind = "timeout", message = "first" })
      s:cancel(task, errors.new { kind = "deadline", message = "second" })
      s:cancel(done)
      s:join { task, done }
      assert.equal("timeout", task.err.kind)
      assert.is_true(done.ok)
    end)
  end)
end)

describe("scheduler:cancel_all", function()
  it("reaches waits outside tasks and what is spawned later", function()
    local s = fixture()
    s:spawn(function() s:sleep(1); s:cancel_all() end)
    local ok, err = pcall(s.sleep, s, 10)
    assert.equal("cancelled", kind_of(ok, err))
    assert.equal("cancelled", kind_of(pcall(s.run, s, function() s:sleep(1) end)))
    assert.equal("cancelled", s:stopped_by().kind)
  end)

  it("lets a clean-up scope spawn and join", function()
    local s = fixture()
    local deleted = 0
    pcall(s.run, s, function()
      local _ <close> = closer(function()
        s:shield(3, function()
          local tasks = {}
          for i = 1, 4 do
            tasks[i] = s:spawn(function() s:sleep(1); deleted = deleted + 1 end)
          end
          s:join(tasks)
        end)
      end)
      s:spawn(function() s:sleep(1); s:cancel_all() end)
      s:sleep(100)
    end)
    assert.equal(4, deleted)
  end)

  it("waits in run until every task has cleaned up", function()
    local s = fixture()
    local cleaned = false
    pcall(s.run, s, function()
      s:spawn(function()
        local _ <close> = closer(function()
          s:shield(3, function() s:sleep(2) end)
          cleaned = true
        end)
        s:sleep(100)
      end)
      s:sleep(1)
      s:cancel_all()
      s:sleep(1)
    end)
    assert.is_true(cleaned)
  end)
end)

describe("scheduler:shield", function()
  it("ends after its seconds, shared by all closers of the task", function()
    local s, time = fixture()
    local seen = {}
    s:run(function()
      local task = s:spawn(function()
        local _ <close> = closer(function()
          s:shield(3, function() seen[2] = kind_of(pcall(s.sleep, s, 100)) end)
        end)
        local _ <close> = closer(function()
          s:shield(3, function() seen[1] = kind_of(pcall(s.sleep, s, 100)) end)
        end)
        s:sleep(100)
      end)
      s:sleep(1)
      s:cancel(task)
      s:join(task)
    end)
    assert.same({ "deadline", "deadline" }, seen)
    assert.equal(4.0, time.monotonic())
  end)

  it("gives a wait that was under way when it was cancelled the same time", function()
    local s, time = fixture()
    local seen
    s:run(function()
      local task = s:spawn(function()
        s:shield(3, function()
          s:sleep(5)
          seen = kind_of(pcall(s.sleep, s, 100))
        end)
      end)
      s:sleep(6)
      s:cancel(task)
      s:join(task)
    end)
    assert.equal("deadline", seen)
    assert.equal(9.0, time.monotonic())
  end)

  it("takes the time it needs while nobody cancels", function()
    local s, time = fixture()
    assert.equal("done", s:run(function()
      return s:shield(3, function() s:sleep(20) return "done" end)
    end))
    assert.equal(20.0, time.monotonic())
  end)

  it("raises the reason again after its end", function()
    local s = fixture()
    local task
    s:run(function()
      task = s:spawn(function()
        pcall(s.sleep, s, 10)
        s:shield(3, function() s:sleep(1) end)
        s:sleep(1)
      end)
      s:sleep(1)
      s:cancel(task)
      s:join(task)
    end)
    assert.equal("cancelled", task.err.kind)
  end)
end)

describe("scheduler:clean_up_scope", function()
  it("lets waits go on in a task that is cancelled, until it is closed", function()
    local s = fixture()
    local seen = {}
    local task = s:spawn(function()
      local scope = s:clean_up_scope()
      seen[1] = s:is_cancelled()
      seen[2] = kind_of(pcall(s.sleep, s, 2))
      seen[3] = s:is_cancelled()
      scope:close()
      scope:close()
      seen[4] = kind_of(pcall(s.sleep, s, 0))
    end)
    s:run(function()
      s:sleep(1)
      s:cancel(task)
      s:join(task)
    end)
    assert.same({ false, true, true, "cancelled" }, seen)
  end)
end)

describe("scheduler:deadline_at", function()
  it("cancels everything at its time", function()
    local s, time = fixture()
    s:deadline_at(30)
    local ok, err = pcall(s.run, s, function() s:sleep(100) end)
    assert.equal("deadline", kind_of(ok, err))
    assert.equal(30.0, time.monotonic())
  end)

  it("tells what time is left", function()
    local s = fixture()
    assert.equal(math.huge, s:time_left())
    s:deadline_at(30)
    s:sleep(10)
    assert.equal(20.0, s:time_left())
    s:shield(3, function() assert.equal(23.0, s:time_left()) end)
    s:deadline_at(nil)
    assert.equal(math.huge, s:time_left())
  end)
end)

describe("signals", function()
  it("cancel everything with the signal's number, and count the turns", function()
    local pending, beats
    beats = 0
    local s = fixture {
      beat = function() beats = beats + 1 end,
      take = function() local signal = pending; pending = nil; return signal end,
    }
    local ok, err = pcall(s.run, s, function()
      s:spawn(function() s:sleep(2); pending = 15 end)
      s:sleep(100)
    end)
    assert.equal("cancelled", kind_of(ok, err))
    assert.equal(15, err.signal)
    assert.truthy(err.message:find("SIGTERM", 1, true))
    assert.is_true(beats >= 3)
  end)

  it("end a wait outside tasks, and in a script's own coroutine, at once", function()
    local pending
    local function wait_until(fn)
      local s, time, transport = fixture { beat = function() end,
        take = function() local signal = pending; pending = nil; return signal end }
      transport:at(1000, "another transfer")
      s:spawn(function() s:sleep(2); pending = 2 end)
      local ok, err = pcall(fn, s)
      assert.equal("cancelled", kind_of(ok, err))
      return time.monotonic()
    end
    assert.equal(2.0, wait_until(function(s) s:sleep(50) end))
    assert.equal(2.0, wait_until(function(s)
      s:run(function() coroutine.wrap(function() s:sleep(50) end)() end)
    end))
  end)

  it("have their descriptor watched by the transport", function()
    local time = clock.virtual(0)
    local transport = idle_transport(time)
    function transport:watch(fd) self.watched = fd end
    scheduler.new { transport = transport, clock = time, signals = { fd = 7 } }
    assert.equal(7, transport.watched)
  end)
end)

describe("__close in this Lua", function()
  it("may wait on every way out of a block, also while an error passes", function()
    local s = fixture()
    local log = {}
    local function waiting(name)
      return closer(function() s:sleep(1); log[#log + 1] = name end)
    end
    s:run(function()
      do local _ <close> = waiting "end" end
      for i = 1, 2 do
        local _ <close> = waiting("loop " .. i)
        if i == 2 then break end
      end
      (function() local _ <close> = waiting "return"; return 1 end)()
      pcall(function()
        local _ <close> = waiting "error outer"
        local _ <close> = waiting "error inner"
        error "x"
      end)
      for i in next, { 1, 2 }, nil, waiting "for" do if i == 1 then break end end
    end)
    assert.same({ "end", "loop 1", "loop 2", "return", "error inner", "error outer", "for" }, log)
  end)

  it("may wait when the script closes a coroutine of its own", function()
    local s, time = fixture()
    s:run(function()
      local own = coroutine.create(function()
        local _ <close> = closer(function() s:sleep(2) end)
        coroutine.yield()
      end)
      coroutine.resume(own)
      assert.is_true(coroutine.close(own))
    end)
    assert.equal(2.0, time.monotonic())
  end)
end)

describe("scheduler:close", function()
  it("cancels, lets clean up and closes the transport", function()
    local s, _, transport = fixture()
    local cleaned = false
    s:spawn(function()
      local _ <close> = closer(function()
        s:shield(3, function() s:sleep(1) end)
        cleaned = true
      end)
      s:sleep(100)
    end)
    s:sleep(1)
    s:close()
    assert.is_true(cleaned)
    assert.is_true(transport.closed)
  end)
end)

describe("scheduler:watch", function()
  it("lets a function look on as often as it wants, which keeps nobody waiting", function()
    local s, time = fixture()
    local seen = {}
    s:watch(function()
      seen[#seen + 1] = time.monotonic()
      return 4
    end)
    s:run(function() s:sleep(10) end)
    assert.equal(10.0, time.monotonic())
    for _, at in ipairs { 4, 8 } do
      local has_looked = false
      for _, moment in ipairs(seen) do has_looked = has_looked or moment == at end
      assert.is_true(has_looked, at .. " s")
    end
    local ok, err = pcall(s.run, s, function() s:await "never" end)
    assert.is_false(ok)
    assert.truthy(err.message:find("nothing is left that could end this wait", 1, true))
  end)
end)
