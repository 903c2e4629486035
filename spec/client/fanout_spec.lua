local clock = require "usagelua.time.clock"
local fanout = require "usagelua.client.fanout"
local idle_transport = require "support.idle_transport"
local scheduler = require "usagelua.client.scheduler"

local function fixture()
  local time = clock.virtual(0)
  return scheduler.new { transport = idle_transport(time), clock = time }, time
end

describe("fanout.each", function()
  it("gives what each returned, in the order of the list", function()
    local s, time = fixture()
    local outcomes = s:run(function()
      return fanout.each(s, { 3, 1, 2 }, 2, function(seconds, place)
        s:sleep(seconds)
        return place, nil
      end)
    end)
    assert.same({ { n = 2, 1 }, { n = 2, 2 }, { n = 2, 3 } }, outcomes)
    assert.equal(3.0, time.monotonic())
  end)

  it("works on an empty list", function()
    local s = fixture()
    assert.same({}, s:run(function() return fanout.each(s, {}, 4, error) end))
  end)

  it("raises the first error and ends the others at once", function()
    local s, time = fixture()
    local finished = 0
    local ok, err = pcall(s.run, s, function()
      fanout.each(s, { 1, 2, 3, 4, 5 }, 3, function(n)
        s:sleep(n)
        if n == 2 then error("two failed", 0) end
        finished = finished + 1
      end)
    end)
    assert.is_false(ok)
    assert.equal("two failed", err.message)
    assert.equal(1, finished)
    assert.equal(2.0, time.monotonic())
    assert.is_nil(next(s.live))
  end)

  it("waits for the clean-up of the others when it is cancelled", function()
    local s = fixture()
    local cleaned = 0
    s:run(function()
      local parent = s:spawn(function()
        fanout.each(s, { 1, 2, 3 }, 3, function()
          local _ <close> = setmetatable({}, { __close = function()
            s:shield(3, function() s:sleep(1) end)
            cleaned = cleaned + 1
          end })
          s:sleep(100)
        end)
      end)
      s:sleep(1)
      s:cancel(parent)
      s:join(parent)
      assert.equal("cancelled", parent.err.kind)
      assert.equal(3, cleaned)
    end)
  end)

  it("works outside a task", function()
    local s = fixture()
    assert.equal(2, #fanout.each(s, { "a", "b" }, 2, function() s:sleep(1) end))
  end)
end)
