local errors = require "usagelua.errors"
local random = require "usagelua.transport.random"
local retry = require "usagelua.client.retry"

local function err(fields)
  fields.message = "x"
  return errors.new(fields)
end

describe("retry.verdict", function()
  local function assert_verdict(expected, fields, repeatable, lost)
    assert.equal(expected, retry.verdict(err(fields), repeatable, lost or 0))
  end

  it("repeats what may pass", function()
    for _, kind in ipairs { "network", "timeout", "cut", "encoding", "json", "throttled" } do
      assert_verdict("again", { kind = kind }, true)
    end
    for _, status in ipairs { 408, 425, 500, 502, 503, 504, 599 } do
      assert_verdict("again", { kind = "http", status = status }, true)
    end
  end)

  it("does not repeat what stays", function()
    for _, status in ipairs { 400, 402, 405, 409, 422 } do
      assert_verdict("never", { kind = "http", status = status }, true)
    end
    for _, kind in ipairs { "auth", "permission", "not_found", "refused", "usage", "limit", "shape",
      "vendor", "deadline", "cancelled", "partial" } do
      assert_verdict("never", { kind = kind }, true)
    end
  end)

  it("lets the error itself decide where it says so", function()
    assert_verdict("again", { kind = "partial", retry = true }, true)
    assert_verdict("again", { kind = "permission", status = 403, retry = true }, true)
    assert_verdict("never", { kind = "network", retry = false }, true)
  end)

  it("repeats a request that changes something only where nothing was done", function()
    assert_verdict("never", { kind = "network" }, false)
    assert_verdict("never", { kind = "http", status = 503 }, false)
    assert_verdict("never", { kind = "http", status = 408 }, false)
    assert_verdict("again", { kind = "throttled", status = 429 }, false)
    assert_verdict("again", { kind = "network", sent = false }, false)
  end)

  it("repeats a create once more after a lost answer", function()
    for _, fields in ipairs { { kind = "network" }, { kind = "timeout" }, { kind = "cut" },
      { kind = "http", status = 502 } } do
      assert_verdict("lost", fields, "once", 0)
      assert_verdict("never", fields, "once", 1)
    end
    assert_verdict("again", { kind = "throttled", status = 429 }, "once", 1)
    assert_verdict("again", { kind = "network", sent = false }, "once", 1)
  end)
end)

describe("retry.is_outcome_unknown", function()
  local function assert_unknown(expected, fields)
    assert.equal(expected, retry.is_outcome_unknown(err(fields)) or false)
  end

  it("holds where the answer was lost, or nothing could be read in it", function()
    for _, kind in ipairs { "network", "timeout", "cut", "encoding", "json", "shape", "limit" } do
      assert_unknown(true, { kind = kind })
      assert_unknown(false, { kind = kind, sent = false })
    end
    for _, status in ipairs { 408, 500, 502, 504 } do
      assert_unknown(true, { kind = "http", status = status })
    end
    for _, status in ipairs { 301, 302, 303 } do assert_unknown(true, { kind = "refused", status = status }) end
  end)

  it("does not where the server said that it did nothing", function()
    for _, status in ipairs { 400, 404, 409, 422, 425 } do
      assert_unknown(false, { kind = "http", status = status })
    end
    for _, status in ipairs { 307, 308 } do assert_unknown(false, { kind = "refused", status = status }) end
    for _, kind in ipairs { "auth", "permission", "throttled", "busy", "refused", "usage" } do
      assert_unknown(false, { kind = kind })
    end
  end)

  it("looks behind the end of the time", function()
    assert_unknown(true, { kind = "deadline", cause = err { kind = "cut" } })
    assert_unknown(false, { kind = "deadline", cause = err { kind = "throttled" } })
    assert_unknown(false, { kind = "deadline" })
  end)
end)

describe("retry.budget", function()
  it("has twenty tokens, and a success gives one back, never more", function()
    local budget = retry.budget()
    budget:give()
    for _ = 1, 20 do assert.is_true(budget:take()) end
    assert.is_false(budget:take())
    budget:give()
    assert.is_true(budget:take())
    assert.is_false(budget:take())
  end)
end)

describe("retry.backoff", function()
  it("is anything up to a bound that doubles and then stays", function()
    local function bound(failures) return retry.backoff(failures, function() return 1 end) end
    assert.same({ 0.5, 1.0, 2.0, 4.0 }, { bound(1), bound(2), bound(3), bound(4) })
    assert.equal(30, bound(7))
    assert.equal(30, bound(1000))
    assert.equal(0.0, retry.backoff(5, function() return 0 end) * 1.0)
  end)

  it("is spread over the whole range", function()
    local draw, low, high = random.new(3), 0, 0
    for _ = 1, 1000 do
      local seconds = retry.backoff(3, draw)
      if seconds < 0.5 then low = low + 1 elseif seconds > 1.5 then high = high + 1 end
    end
    assert.is_true(low > 200 and high > 200)
  end)
end)

describe("retry.retry_after", function()
  it("reads seconds", function()
    assert.equal(7.0, retry.retry_after({ ["retry-after"] = "7" }, 0))
    assert.equal(0.0, retry.retry_after({ ["retry-after"] = " 0 " }, 0))
    assert.equal(1.5, retry.retry_after({ ["retry-after"] = "1.5" }, 0))
  end)

  it("gives nothing for what it cannot read", function()
    for _, text in ipairs { "", "-1", "soon", "1e3", "0x10", "7 8", "inf", "nan" } do
      assert.is_nil(retry.retry_after({ ["retry-after"] = text }, 0))
    end
    assert.is_nil(retry.retry_after({}, 0))
  end)
end)

describe("retry.retry_after with dates", function()
  local DATE <const>, LATER <const> = 784111777, "Sun, 06 Nov 1994 08:50:07 GMT"
  local headers = { ["retry-after"] = LATER, date = "Sun, 06 Nov 1994 08:49:37 GMT" }

  it("reads a date against the answer's own Date, whatever our clock says", function()
    for _, skew_s in ipairs { 0, 86400, -86400, 1e9 } do
      assert.equal(30.0, retry.retry_after(headers, DATE + skew_s) * 1.0)
    end
  end)

  it("reads each form of date", function()
    for _, text in ipairs { "Sunday, 06-Nov-94 08:50:07 GMT", "Sun Nov  6 08:50:07 1994" } do
      assert.equal(30.0, retry.retry_after({ ["retry-after"] = text, date = headers.date }, DATE) * 1.0)
    end
  end)

  it("reads it against our clock where there is no Date", function()
    assert.equal(20.0, retry.retry_after({ ["retry-after"] = LATER }, DATE + 10) * 1.0)
    assert.equal(20.0, retry.retry_after({ ["retry-after"] = LATER, date = "today" }, DATE + 10) * 1.0)
  end)

  it("does not wait for a date that has passed", function()
    assert.equal(0.0, retry.retry_after({ ["retry-after"] = LATER }, DATE + 100) * 1.0)
  end)
end)

describe("retry.delay", function()
  local options = { random = function() return 0.5 end }

  it("is what the server asks for, else a back-off", function()
    local asked = err { kind = "throttled", retry_after_s = 9 }
    assert.same({ 9, "retry_after" }, { retry.delay(asked, 1, options) })
    assert.same({ 3600, "retry_after" },
      { retry.delay(err { kind = "throttled", retry_after_s = 3600 }, 1, options) })
    assert.same({ 0.25, "throttled" }, { retry.delay(err { kind = "throttled" }, 1, options) })
    assert.same({ 0.5, "backoff" }, { retry.delay(err { kind = "network" }, 2, options) })
  end)

  it("gives up where the server asks for more than is sane", function()
    local seconds, why = retry.delay(err { kind = "throttled", retry_after_s = 86400 }, 1, options)
    assert.is_nil(seconds)
    assert.is_nil((retry.delay(err { kind = "throttled", retry_after_s = 3600.5 }, 1, options)))
    assert.equal("throttled", why.kind)
    assert.truthy(why.message:find("asks to wait 86400 s, more than the 3600 s", 1, true))
  end)
end)
