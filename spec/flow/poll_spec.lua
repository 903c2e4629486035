local poll = require "usagelua.flow.poll"
local simulated = require "support.simulated"

local function world()
  return simulated { answer = function() return {} end }
end

-- Seconds of the waits until one cannot be.
local function waits(w, pace, least_s)
  local list, err = {}, nil
  w.scheduler:run(function()
    local ok, before = true, w.clock.monotonic()
    while ok do
      ok, err = pace:wait(least_s)
      local now = w.clock.monotonic()
      list[#list + 1] = ok and now - before or nil
      before = now
    end
  end)
  return list, err
end

describe("poll", function()
  it("waits half as long again each time, up to the longest", function()
    local w = world()
    local list = waits(w, poll.new(w.scheduler, { first_s = 2, longest_s = 6 }, 30))
    for i, expected in ipairs { 2, 3, 4.5, 6, 6, 6, 2.5 } do
      assert.is_true(math.abs(expected - list[i]) < 1e-6, ("%d: %g"):format(i, list[i]))
    end
    assert.are.equal(7, #list)
  end)

  it("asks a last time when its time is over, and says then what ran out", function()
    local w = world()
    local list, err = waits(w, poll.new(w.scheduler, nil, 5))
    assert.is_true(math.abs(5 - w.clock.monotonic()) < 1e-6)
    assert.is_true(#list > 1)
    assert.are.equal("timeout", err.kind)
    assert.truthy(err.message:find("waited for 5 s", 1, true))
  end)

  it("leaves the run time to fetch and to delete", function()
    local w = world()
    w.scheduler:deadline_at(w.clock.monotonic() + 20)
    local _, err = waits(w, poll.new(w.scheduler, { first_s = 1 }, 900))
    assert.are.equal("deadline", err.kind)
    assert.are.equal(18.0, w.clock.monotonic())
  end)

  it("never undercuts what the vendor asks for, and gives up what cannot fit", function()
    local w = world()
    local list, err = waits(w, poll.new(w.scheduler, { first_s = 1 }, 50), 20)
    assert.are.same({ 20.0, 20.0 }, list)
    assert.are.equal("deadline", err.kind)
    assert.truthy(err.message:find("asks to wait 20 s, and only 10 s are left", 1, true), err.message)
  end)
end)
