local clock = require "usagelua.time.clock"
local core = require "usagelua.core"

-- However long this process is made to wait; the system's whole second lags behind a little.
local function assert_between(system, own)
  local before, now, after = system(), own(), system()
  assert.is_true(before - 1 < now and now < after + 2, ("%s, %s, %s"):format(before, now, after))
end

describe("core.clock", function()
  it("tells the same wall time as the system", function()
    assert_between(os.time, core.clock.wall)
  end)

  it("has a monotonic time that is never set back, in fractions of seconds", function()
    local last, steps = core.clock.monotonic(), 0
    for _ = 1, 10000 do
      local now = core.clock.monotonic()
      assert.is_true(now >= last)
      if now > last then steps = steps + 1 end
      last = now
    end
    assert.is_true(steps > 100)
  end)
end)

describe("clock.real", function()
  it("is the system's", function()
    local real = clock.real()
    assert_between(os.time, real.now)
    assert_between(core.clock.monotonic, real.monotonic)
  end)
end)

describe("clock.virtual", function()
  it("stands until it is advanced", function()
    local virtual = clock.virtual(1000)
    assert.equal(1000, virtual.now())
    assert.equal(0, virtual.monotonic())
    virtual:advance(2.5)
    virtual:advance(0)
    assert.equal(1002.5, virtual.now())
    assert.equal(2.5, virtual.monotonic())
  end)

  it("is never set back", function()
    local virtual = clock.virtual(1000)
    assert.is_false(pcall(virtual.advance, virtual, -1))
    assert.is_false(pcall(virtual.advance, virtual, 0 / 0))
    assert.equal(1000, virtual.now())
  end)

  it("shares nothing with another one", function()
    local first, second = clock.virtual(1), clock.virtual(1)
    first:advance(5)
    assert.equal(1, second.now())
  end)
end)
