local clock = require "usagelua.time.clock"
local core = require "usagelua.core"

describe("core.clock", function()
  it("tells the same wall time as the system", function()
    assert.is_true(math.abs(os.time() - core.clock.wall()) < 2)
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
    assert.is_true(math.abs(os.time() - real.now()) < 2)
    assert.is_true(math.abs(core.clock.monotonic() - real.monotonic()) < 2)
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
