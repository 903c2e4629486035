local clock = require "usagelua.time.clock"
local idle_transport = require "support.idle_transport"
local random = require "usagelua.transport.random"
local rate = require "usagelua.client.rate"
local scheduler = require "usagelua.client.scheduler"

local function fixture(settings)
  local time = clock.virtual(0)
  local s = scheduler.new { transport = idle_transport(time), clock = time }
  settings.name = settings.name or "acme"
  return s, rate.new(s, settings), time
end

-- Runs so many requests of the given length through the lane, all at once;
-- gives the times at which they were sent.
local function send_times(s, lane, time, count, seconds, want)
  local times = {}
  s:run(function()
    local tasks = {}
    for i = 1, count do
      tasks[i] = s:spawn(function()
        local slot <close> = assert(lane:acquire(want))
        times[i] = time.monotonic()
        s:sleep(seconds)
        slot:answered()
      end)
    end
    s:join(tasks)
    for _, task in ipairs(tasks) do assert(task.ok, task.err) end
  end)
  return times
end

-- The vendor: a bucket that is refilled smoothly; false is a 429.
local function vendor_bucket(burst, per_minute)
  local level, updated, refused = burst, nil, 0
  return function(at)
    level = math.min(burst, level + (at - (updated or at)) * per_minute / 60)
    updated = at
    if level < 1 then
      refused = refused + 1
      return refused
    end
    level = level - 1
    return refused
  end
end

describe("a lane", function()
  it("sends a burst, then one at a time", function()
    local s, lane, time = fixture { burst = 5, per_minute = 15, in_flight = 100 }
    local times = send_times(s, lane, time, 8, 0)
    assert.same({ 0, 0, 0, 0, 0 }, { table.unpack(times, 1, 5) })
    for i = 6, 8 do
      local expected = (i - 5) * 4
      assert.is_true(times[i] >= expected and times[i] < expected * 1.01, times[i])
    end
  end)

  it("sends the next in time though none has ended", function()
    local s, lane, time = fixture { burst = 1, per_minute = 60, in_flight = 100 }
    local times = send_times(s, lane, time, 4, 60)
    -- each costs ARRIVAL_S first, then comes back at one a second
    for i = 2, 4 do assert.is_true(times[i] - times[i - 1] < 3.1, times[i]) end
  end)

  it("keeps the order of asking", function()
    local s, lane, time = fixture { burst = 2, per_minute = 60, in_flight = 2 }
    local times = send_times(s, lane, time, 20, 0.3)
    for i = 2, 20 do assert.is_true(times[i] >= times[i - 1]) end
  end)

  it("never has more under way than it may", function()
    local s, lane = fixture { in_flight = 3 }
    local most = 0
    s:run(function()
      local tasks = {}
      for i = 1, 20 do
        tasks[i] = s:spawn(function()
          local _ <close> = lane:acquire()
          most = math.max(most, lane.in_flight)
          s:sleep(i % 4)
        end)
      end
      s:join(tasks)
    end)
    assert.equal(3, most)
    assert.equal(0, lane.in_flight)
  end)

  it("keeps a gap between two requests", function()
    local s, lane, time = fixture { gap_s = 0.5 }
    assert.same({ 0, 0.5, 1.0 }, send_times(s, lane, time, 3, 0))
  end)

  it("is paused as a whole, and a shorter pause changes nothing", function()
    local s, lane, time = fixture {}
    lane:pause(10, "retry_after")
    lane:pause(2, "retry_after")
    assert.same({ 10.0, 10.0 }, send_times(s, lane, time, 2, 0))
  end)

  it("wakes waiting requests to a pause that came later", function()
    local s, lane, time = fixture { burst = 1, per_minute = 60, in_flight = 10 }
    s:spawn(function() s:sleep(0.5); lane:pause(7, "retry_after") end)
    local times = send_times(s, lane, time, 2, 0)
    assert.is_true(times[2] >= 7.5)
  end)

  it("lets requests without reserve pass those that leave one free", function()
    local s, lane, time = fixture { burst = 2, per_minute = 60, in_flight = 10 }
    local order = {}
    s:run(function()
      local function ask(name, reserve)
        return s:spawn(function()
          lane:acquire({ reserve = reserve }):release()
          order[#order + 1] = name .. ("%.0f"):format(time.monotonic())
        end)
      end
      s:join { ask("create", 0), ask("poll", 1), ask("delete", 0) }
    end)
    assert.same({ "create0", "delete0", "poll2" }, order)
  end)

  it("leaves free what has to be by then, not what had to be when the wait began", function()
    local s, lane, time = fixture { burst = 4, per_minute = 60, in_flight = 10 }
    local reserve, went_at = 3, nil
    s:run(function()
      for _ = 1, 3 do lane:acquire():release() end
      local waiting = s:spawn(function()
        lane:acquire({ reserve = function() return reserve end }):release()
        went_at = time.monotonic()
      end)
      s:sleep(1.5)
      reserve = 0
      lane:acquire():release()
      s:join(waiting)
    end)
    assert.is_true(went_at >= 1.5 and went_at < 2.6, went_at)
  end)

  it("does not let a reserve as large as the burst wait for ever", function()
    local s, lane = fixture { burst = 2, per_minute = 60 }
    s:run(function() assert(lane:acquire { reserve = 9 }):release() end)
  end)

  it("lets what is urgent go at once", function()
    local s, lane, time = fixture { burst = 1, per_minute = 1, in_flight = 1 }
    s:run(function()
      local _ <close> = lane:acquire()
      lane:acquire({ urgent = true }):release()
    end)
    assert.equal(0, time.monotonic())
  end)

  it("does not begin a wait that cannot end in time, and says so", function()
    local s, lane, time = fixture { burst = 1, per_minute = 6 }
    s:deadline_at(5)
    s:run(function()
      lane:acquire():release()
      local slot, err = lane:acquire()
      assert.is_nil(slot)
      assert.equal("deadline", err.kind)
      assert.truthy(err.message:find("acme allows the next request in 10 s, and only 5 s", 1, true))
    end)
    assert.equal(0, time.monotonic())
  end)

  it("counts those before it in that", function()
    local s, lane = fixture { burst = 1, per_minute = 60, in_flight = 100 }
    s:deadline_at(5.5)
    local given_up, sent = 0, 0
    s:run(function()
      local tasks = {}
      for i = 1, 10 do
        tasks[i] = s:spawn(function()
          local slot = lane:acquire()
          if slot then sent = sent + 1 slot:release() else given_up = given_up + 1 end
        end)
      end
      s:join(tasks)
    end)
    assert.same({ 6, 4 }, { sent, given_up })
  end)

  it("knows how long so many more requests take at least", function()
    local s, lane = fixture { burst = 2, per_minute = 60, in_flight = 9 }
    s:run(function()
      assert.are.equal(0, lane:least_s(0))
      assert.are.equal(0, lane:least_s(2))
      assert.near(3, lane:least_s(5), 0.01)
      local before = s.clock.monotonic()
      for _ = 1, 5 do lane:acquire():release() end
      assert.near(3, s.clock.monotonic() - before, 0.01)
      lane:pause(9, "retry_after")
      assert.near(9, lane:least_s(1), 0.01)
    end)
    local _, slow = fixture { gap_s = 4 }
    assert.is_true(slow:least_s(1) == 0)
  end)

  it("tells why it waits, and when that is a new reason", function()
    local s, lane = fixture { burst = 1, per_minute = 60, in_flight = 1 }
    local reasons = {}
    s:run(function()
      local slot = lane:acquire()
      local waiting = s:spawn(function()
        lane:acquire({ on_wait = function(reason, _, is_new)
          if is_new then reasons[#reasons + 1] = reason end
        end }):release()
      end)
      s:sleep(4)
      slot:release()
      s:join(waiting)
    end)
    assert.same({ "rate", "in_flight" }, reasons)
  end)

  it("is left by a request that is cancelled, in any place of the queue", function()
    for victim = 2, 5 do
      local s, lane = fixture { in_flight = 1 }
      local done = 0
      s:run(function()
        local tasks = {}
        for i = 1, 6 do
          tasks[i] = s:spawn(function()
            local _ <close> = lane:acquire()
            s:sleep(1)
            done = done + 1
          end)
        end
        s:sleep(0.5)
        s:cancel(tasks[victim])
        s:join(tasks)
      end)
      assert.equal(5, done)
      assert.same({}, lane.queue)
      assert.equal(0, lane.in_flight)
    end
  end)

  it("gives back a slot once", function()
    local s, lane = fixture { in_flight = 2 }
    s:run(function()
      local slot = lane:acquire()
      slot:release()
      slot:release()
    end)
    assert.equal(0, lane.in_flight)
  end)

  it("holds back after the vendor said that it was too fast", function()
    local s, lane, time = fixture { burst = 5, per_minute = 60 }
    s:run(function() lane:acquire():release(); lane:drained() end)
    local times = send_times(s, lane, time, 1, 0)
    assert.is_true(times[1] >= 1)
  end)
end)

describe("a vendor with 15 a minute and a burst of 5", function()
  -- Requests arrive up to `latest` seconds after they were sent; the answer comes after that.
  local function refused_by(vendor_burst, in_flight, seed, latest)
    local s, lane, time = fixture { burst = 5, per_minute = 15, in_flight = in_flight }
    local draw, arrive, refused = random.new(seed), vendor_bucket(vendor_burst, 15), 0
    s:run(function()
      local tasks = {}
      for i = 1, 60 do
        tasks[i] = s:spawn(function()
          if i > 30 then s:sleep(draw() * 400) end
          local slot <close> = lane:acquire()
          s:sleep(draw() * latest)
          refused = arrive(time.monotonic())
          s:sleep(draw() * 0.3)
          slot:answered()
          s:sleep(draw() * 5)
        end)
      end
      s:join(tasks)
    end)
    return refused, time.monotonic()
  end

  it("sees no request too many, however late they arrive", function()
    for seed = 1, 60 do
      assert.equal(0, (refused_by(5, 4, seed, 0.5)))
      assert.equal(0, (refused_by(5, 16, seed, 1.9)))
    end
  end)

  it("is not asked more slowly than it allows", function()
    local _, seconds = refused_by(5, 4, 1, 0)
    assert.is_true(seconds < 420)
  end)

  it("would see too many where its burst were smaller", function()
    assert.is_true(refused_by(3, 4, 1, 0.5) > 0)
  end)
end)
