local errors = require "usagelua.errors"
local simulated = require "support.simulated"

local SECRET <const> = "hunter2hunter2"

local function request(fields)
  local made = { url = "https://api.acme.test/v1/usage?page=1", lane = "acme", what = "acme.usage, page 1" }
  for name, value in pairs(fields or {}) do made[name] = value end
  return made
end

local function text(response)
  return response:text()
end

-- Answers in turn; the last one stays. A string is the name of a fault.
local function scenario(...)
  local steps, options = { ... }, { seed = 5 }
  local count = 0
  options.answer = function(asked)
    local step = steps[math.min(count, #steps)]
    if type(step) == "function" then return step(asked) end
    return step
  end
  options.weather = function()
    count = count + 1
    local step = steps[math.min(count, #steps)]
    return type(step) == "string" and step or nil
  end
  return simulated(options)
end

local OK <const> = { body = '{"ok":true}', headers = { ["content-type"] = "application/json" } }

local function call(world, fields, consume)
  return world.scheduler:run(function()
    return world.client:call(request(fields), consume or text)
  end)
end

local function count_events(world, name)
  local count = 0
  for _, event in ipairs(world.events) do
    if event.event == name then count = count + 1 end
  end
  return count
end

local function assert_nothing_left(world)
  assert.equal(0, world.transport:active())
  assert.equal(0, world.transport.in_flight)
  for _, lane in pairs(world.client.lanes) do
    assert.equal(0, lane.in_flight)
    assert.same({}, lane.queue)
  end
  assert.is_nil(next(world.scheduler.waiters))
end

describe("client:call", function()
  it("gives back what consume returns", function()
    local world = scenario(OK)
    local a, b, c = call(world, {}, function(response) return response:text(), nil, response.status end)
    assert.same({ OK.body, nil, 200 }, { a, b, c })
    assert_nothing_left(world)
  end)

  it("takes a consume that returns nothing for done", function()
    local world = scenario(OK)
    assert.equal(0, select("#", call(world, {}, function() end)))
    assert.equal(1, world.transport.requests)
  end)

  it("works outside a task too", function()
    local world = scenario(OK)
    assert.equal(OK.body, world.client:call(request(), text))
  end)

  it("asks again after each fault that may pass", function()
    for _, fault in ipairs(require "usagelua.transport.weather".names) do
      local world = scenario(fault, fault, OK)
      local body, err = call(world, {}, function(response)
        local whole, problem = response:text()
        if not whole then return nil, problem end
        if whole ~= OK.body then return nil, { kind = "json", message = "not JSON" } end
        return whole
      end)
      assert.equal(OK.body, body, fault .. ": " .. tostring(err))
      assert.equal(3, world.transport.requests)
      assert.equal(0, world.transport.too_early)
      assert_nothing_left(world)
    end
  end)

  it("sends once what will not pass", function()
    local kinds = { [400] = "http", [401] = "auth", [403] = "permission", [404] = "not_found",
      [405] = "http", [422] = "http" }
    for status, kind in pairs(kinds) do
      local world = scenario { status = status, body = "no" }
      local result, err = call(world)
      assert.is_nil(result)
      assert.equal(kind, err.kind)
      assert.equal(status, err.status)
      assert.equal(1, world.transport.requests)
      assert_nothing_left(world)
    end
  end)

  it("gives up after twelve attempts, saying where and how often", function()
    local html = { ["content-type"] = "text/html" }
    local world = scenario { status = 503, body = "<h1>down</h1>", headers = html }
    local _, err = call(world)
    assert.equal(12, world.transport.requests)
    assert.equal(12, err.attempts)
    assert.equal("acme.usage, page 1: answered 503 (text/html, '<h1>down</h1>') (after 12 attempts)",
      err.message)
    assert.equal("https://api.acme.test/v1/usage", err.url)
  end)

  it("does not parse, and quotes safely and masked, what an error says", function()
    local world = scenario { status = 400, body = "\27[31m" .. SECRET .. "\r\n\u{202e}" .. ("x"):rep(500),
      headers = { ["content-type"] = "text/plain; charset=utf-8" } }
    local _, err = call(world)
    assert.is_nil(err.message:find(SECRET:sub(1, 6), 1, true))
    assert.is_nil(err.message:find "%c")
    assert.is_nil(err.message:find("\u{202e}", 1, true))
    assert.truthy(err.message:find("(text/plain, '[31m*** xxx", 1, true))
    assert.is_true(#err.message < 200)
  end)

  it("masks before it cuts", function()
    local world = scenario { status = 400, body = ("x"):rep(75) .. SECRET }
    local _, err = call(world)
    assert.is_nil(err.message:find("hunt", 1, true))
  end)

  it("quotes what came instead of JSON", function()
    local world = scenario { body = "<html>Login</html>", headers = { ["content-type"] = "text/html" } }
    local _, err = call(world, { attempts = 1 }, function(response)
      response:text()
      return nil, { kind = "json", message = "line 1, column 1: unexpected '<'" }
    end)
    assert.equal("json", err.kind)
    assert.truthy(err.message:find("unexpected '<' (200, text/html, '<html>Login</html>')", 1, true))
  end)

  it("asks three times for an answer that stays partial", function()
    local world = scenario(OK)
    local _, err = call(world, {}, function()
      return nil, errors.new { kind = "partial", message = "the vendor says partial", retry = true }
    end)
    assert.equal("partial", err.kind)
    assert.equal(3, world.transport.requests)
  end)

  it("raises a bug of consume and closes all the same", function()
    local world = scenario(OK)
    local ok, err = pcall(call, world, {}, function() error("bug") end)
    assert.is_false(ok)
    assert.truthy(tostring(err):find("bug", 1, true))
    assert_nothing_left(world)
    assert.equal(1, world.transport.requests)
  end)

  it("does not repeat what a transport refuses", function()
    local world = scenario(OK)
    function world.transport.open() return nil, { kind = "refused", message = "not that host" } end
    local _, err = call(world)
    assert.equal("refused", err.kind)
    assert.equal("acme.usage, page 1: not that host", err.message)
    assert.equal(1, count_events(world, "attempt"))
    assert_nothing_left(world)
  end)

  it("holds its slot until the body is consumed", function()
    local world = simulated { answer = function() return { body = ("x"):rep(1e5) } end }
    world.client:lane("acme", { in_flight = 2 })
    local most, now = 0, 0
    world.scheduler:run(function()
      local tasks = {}
      for i = 1, 10 do
        tasks[i] = world.scheduler:spawn(function()
          return world.client:call(request(), function(response)
            now = now + 1
            most = math.max(most, now)
            local whole = response:text()
            now = now - 1
            return whole
          end)
        end)
      end
      world.scheduler:join(tasks)
    end)
    assert.equal(2, most)
    assert.equal(2, world.transport.most_in_flight)
  end)
end)

describe("Retry-After", function()
  it("holds back the whole lane, and is never undercut", function()
    local asked = 0
    local world = simulated { seed = 3,
      answer = function() return OK end,
      weather = function() asked = asked + 1 return asked == 3 and "throttled" or nil end }
    world.client:lane("acme", { in_flight = 4 })
    world.scheduler:run(function()
      local tasks = {}
      for i = 1, 20 do
        tasks[i] = world.scheduler:spawn(function() return assert(world.client:call(request(), text)) end)
      end
      world.scheduler:join(tasks)
      for _, task in ipairs(tasks) do assert(task.ok, task.err) end
    end)
    assert.equal(0, world.transport.too_early)
    assert.equal(21, world.transport.requests)
  end)

  it("fails with the reason where it is absurd", function()
    local world = scenario { status = 429, headers = { ["retry-after"] = "999999" }, body = "wait" }
    local _, err = call(world)
    assert.equal("throttled", err.kind)
    assert.truthy(err.message:find("asks to wait 999999 s", 1, true))
    assert.equal(1, world.transport.requests)
  end)

  it("is not waited for where the run ends before", function()
    local world = scenario({ status = 503, headers = { ["retry-after"] = "100" }, body = "" }, OK)
    world.scheduler:deadline_at(60)
    local _, err = call(world)
    assert.equal("deadline", err.kind)
    assert.truthy(err.message:find("the next attempt would be in 100 s, and only", 1, true))
    assert.equal("http", err.cause.kind)
    assert.is_true(world.clock.monotonic() < 2)
  end)
end)

describe("a 429 that says nothing more", function()
  it("makes the lane start from an empty bucket, an interval later", function()
    local times = {}
    local world = simulated { latency_s = { 0, 0 },
      answer = function(_, now) times[#times + 1] = now return OK end,
      weather = function(_, count) return count == 1 and "throttled_bare" or nil end }
    world.client:lane("acme", { burst = 5, per_minute = 15 })
    world.scheduler:run(function()
      for _ = 1, 3 do assert(world.client:call(request(), text)) end
    end)
    assert.is_true(times[1] >= 4 and times[2] >= 8 and times[3] >= 12, table.concat(times, " "))
    assert.is_true(times[3] < 13)
  end)
end)

describe("the retry budget", function()
  it("costs a dead vendor at most calls + 20 requests", function()
    for _, fault in ipairs { "refused", "reset_before", "busy_bare", "throttled_bare", "stall_first" } do
      local world = simulated { seed = 2, answer = function() return OK end,
        weather = function() return fault end }
      local failed = 0
      world.scheduler:run(function()
        local tasks = {}
        for i = 1, 30 do
          tasks[i] = world.scheduler:spawn(function()
            local result = world.client:call(request(), text)
            if not result then failed = failed + 1 end
          end)
        end
        world.scheduler:join(tasks)
      end)
      assert.equal(30, failed)
      assert.is_true(world.transport.requests <= 50, fault .. world.transport.requests)
      assert_nothing_left(world)
    end
  end)

  it("leaves another vendor's lane alone", function()
    local world = simulated {
      answer = function() return OK end,
      weather = function(asked) return asked.lane == "dead" and "refused" or nil end,
    }
    world.scheduler:run(function()
      for _ = 1, 10 do
        world.client:call(request { lane = "dead" }, text)
        assert.equal(OK.body, world.client:call(request { lane = "well" }, text))
      end
    end)
    assert.equal(20, world.client:lane("well").budget.tokens)
    assert.equal(0, world.client:lane("dead").budget.tokens)
  end)
end)

describe("a success", function()
  it("gives a token back, and another status does not", function()
    local world = scenario("busy", "busy", OK)
    call(world)
    assert.equal(19, world.client:lane("acme").budget.tokens)
    call(world)
    assert.equal(20, world.client:lane("acme").budget.tokens)
    world = scenario { status = 503 }
    call(world, { any_status = true, attempts = 3 })
    assert.equal(18, world.client:lane("acme").budget.tokens)
  end)
end)

describe("requests that change something", function()
  local function post(world, fields)
    fields = fields or {}
    fields.method, fields.body = "POST", "{}"
    return call(world, fields)
  end

  it("are not repeated after a lost answer", function()
    for _, fault in ipairs { "reset_before", "stall_first", "busy_bare", "cut" } do
      local world = scenario(fault, OK)
      assert.is_nil((post(world)))
      assert.equal(1, world.transport.requests)
    end
  end)

  it("are repeated where nothing was done, or where it is said that they only read", function()
    for _, fault in ipairs { "refused", "throttled", "throttled_bare" } do
      assert.equal(OK.body, (post(scenario(fault, OK))))
    end
    assert.equal(OK.body, (post(scenario("reset_before", OK), { repeatable = true })))
  end)

  it("of the kind 'once' are sent once more after a lost answer, and that is told", function()
    local lost = 0
    local fields = { repeatable = "once", on_lost = function() lost = lost + 1 end }
    local world = scenario("reset_before", OK)
    assert.equal(OK.body, (post(world, fields)))
    assert.equal(1, lost)
    assert.equal(1, count_events(world, "lost"))
    world = scenario("reset_before", "throttled", "refused", "cut", OK)
    assert.is_nil((post(world, fields)))
    assert.equal(4, world.transport.requests)
  end)
end)

describe("error rules", function()
  local rules = {
    { status = 403, body = "[Rr]ate [Ll]imit", kind = "throttled", message = "throttled by a 403",
      retry_after_s = 4 },
    { status = { 400, 422 }, header = { ["X-Code"] = "^span" }, kind = "vendor",
      message = "the range is too long", hint = "ask for 90 days at most" },
    { body = "come again", kind = "vendor", retry = true },
  }

  it("turn a 403 into a throttle", function()
    local world = scenario({ status = 403, body = "403 Rate Limit Exceeded" }, OK)
    assert.equal(OK.body, call(world, { rules = rules }))
    assert.is_true(world.clock.monotonic() >= 4)
    world = scenario { status = 403, body = "not an admin" }
    local _, err = call(world, { rules = rules })
    assert.equal("permission", err.kind)
  end)

  it("match headers and give message and hint", function()
    local world = scenario { status = 422, headers = { ["x-code"] = "span.max" }, body = "{}" }
    local _, err = call(world, { rules = rules })
    assert.equal("vendor", err.kind)
    assert.truthy(err.message:find("the range is too long: answered 422", 1, true))
    assert.equal("ask for 90 days at most", err.hint)
  end)

  it("may ask for another attempt", function()
    local world = scenario({ status = 409, body = "come again" }, OK)
    assert.equal(OK.body, call(world, { rules = rules }))
  end)
end)

describe("redirects", function()
  local function leading_to(...)
    local targets = { ... }
    local asked = {}
    local world = simulated { answer = function(got)
      asked[#asked + 1] = got.url
      local target = targets[#asked]
      if not target then return OK end
      return { status = 302, headers = { location = target } }
    end }
    return world, asked
  end

  it("are followed at the same origin, three at most", function()
    local world, asked = leading_to("/v2/usage", "b?c=1", "https://API.acme.test:443/z")
    assert.equal(OK.body, call(world))
    assert.same({ "https://api.acme.test/v1/usage?page=1", "https://api.acme.test/v2/usage",
      "https://api.acme.test/v2/b?c=1", "https://API.acme.test:443/z" }, asked)
    world = leading_to("/1", "/2", "/3", "/4")
    local _, err = call(world)
    assert.equal("refused", err.kind)
    assert.equal(4, world.transport.requests)
    assert_nothing_left(world)
  end)

  it("elsewhere are refused, naming the host, with nothing sent there", function()
    for _, target in ipairs { "https://evil.test/", "http://api.acme.test/", "https://api.acme.test:8443/",
      "//evil.test/", "https://api.acme.test@evil.test/", "https:\\\\evil.test/" } do
      local world, asked = leading_to(target)
      local _, err = call(world)
      assert.equal("refused", err.kind)
      assert.equal(1, #asked)
      assert_nothing_left(world)
    end
    local _, err = call((leading_to "https://evil.test/x"))
    assert.truthy(err.message:find("to https://evil.test, which is not followed", 1, true))
  end)

  it("of other methods are refused", function()
    local world = leading_to "/v2"
    local _, err = call(world, { method = "POST" })
    assert.equal("refused", err.kind)
    assert.equal(1, world.transport.requests)
  end)
end)

describe("any_status", function()
  it("makes every status an answer, after retries", function()
    local world = scenario({ status = 503, body = "later" }, { status = 404, body = "none" })
    local function both(response) return response.status, response:text() end
    assert.same({ 404, "none" }, { call(world, { any_status = true }, both) })
    assert.equal(2, world.transport.requests)
    world = scenario { status = 503, body = "later" }
    assert.same({ 503, "later" }, { call(world, { any_status = true, attempts = 2 }, both) })
    assert.equal(2, world.transport.requests)
    assert_nothing_left(world)
  end)
end)

describe("time limits of a call", function()
  it("end a call that takes too long, in any state", function()
    local slow = simulated { answer = function() return { delay_s = 50, body = "x" } end }
    local _, err = call(slow, { timeout_s = 5 })
    assert.equal("timeout", err.kind)
    assert.truthy(err.message:find("no complete answer within 5 s", 1, true))
    assert.equal(5, math.floor(slow.clock.monotonic() + 0.5))
    assert.equal(1, slow.transport.requests)
    assert_nothing_left(slow)
    local body = scenario("stall_inside", OK)
    _, err = call(body, { timeout_s = 5 })
    assert.equal("timeout", err.kind)
    assert_nothing_left(body)
  end)

  it("hold while it waits for a slot, or to ask again", function()
    local world = simulated { answer = function() return { delay_s = 20, body = "x" } end }
    world.client:lane("acme", { in_flight = 1 })
    world.scheduler:run(function()
      local slow = world.scheduler:spawn(function() return world.client:call(request(), text) end)
      world.scheduler:sleep(0)
      local result, err = world.client:call(request { timeout_s = 3 }, text)
      assert.is_nil(result)
      assert.equal("timeout", err.kind)
      assert.equal(3, math.floor(world.clock.monotonic() + 0.5))
      world.scheduler:join(slow)
    end)
    assert_nothing_left(world)
    local _, err = call(scenario("throttled", OK), { timeout_s = 0.9 })
    assert.equal("timeout", err.kind)
    assert.truthy(err.message:find("the next attempt would be in", 1, true))
  end)

  it("are the transport's own otherwise, and those are asked again", function()
    local world = scenario("stall_first", OK)
    assert.equal(OK.body, call(world))
    assert.is_true(world.clock.monotonic() >= 120)
  end)
end)

describe("cancelling a call", function()
  -- What the call is doing when it is cancelled.
  local states = {
    ["waiting for a slot"] = function(world)
      world.client:lane("acme", { in_flight = 1 })
      world.scheduler:spawn(function()
        world.client:call(request(), function(response)
          world.scheduler:sleep(50)
          return response:text()
        end)
      end)
    end,
    ["waiting for the rate"] = function(world)
      world.client:lane("acme", { burst = 1, per_minute = 1 }):acquire():release()
    end,
    ["waiting for headers"] = function(world) world.delay_s = 50 end,
    ["reading the body"] = function(world) world.fault = "stall_inside" end,
    ["waiting to ask again"] = function(world)
      world.fault = "throttled"
    end,
  }
  for name, prepare in pairs(states) do
    it("raises its reason and leaves nothing while " .. name, function()
      local world
      world = simulated { seed = 9,
        answer = function() return { body = ("x"):rep(1000), delay_s = world.delay_s } end,
        weather = function() return world.fault end }
      prepare(world)
      local returned = false
      world.scheduler:run(function()
        local task = world.scheduler:spawn(function()
          world.client:call(request(), text)
          returned = true
        end)
        world.scheduler:sleep(0.9)
        world.scheduler:cancel(task)
        world.scheduler:join(task)
        assert.equal("cancelled", task.err.kind)
        world.scheduler:sleep(100)
      end)
      assert.is_false(returned)
      assert_nothing_left(world)
    end)
  end

  it("still lets a closer ask the vendor", function()
    local deleted = 0
    local world = simulated { answer = function(asked)
      if asked.method == "DELETE" then deleted = deleted + 1 end
      return OK
    end }
    local ok, err = pcall(world.scheduler.run, world.scheduler, function()
      local _ <close> = setmetatable({}, { __close = function()
        world.scheduler:shield(3, function()
          assert(world.client:call(request { method = "DELETE" }, text))
        end)
      end })
      world.scheduler:spawn(function() world.scheduler:sleep(1); world.scheduler:cancel_all() end)
      world.scheduler:sleep(100)
    end)
    assert.is_false(ok)
    assert.equal("cancelled", err.kind)
    assert.equal(1, deleted)
  end)
end)

describe("a request that is sent once", function()
  it("says so before each sending, and is not sent where that fails", function()
    local world, sent = scenario({ status = 503 }, OK), 0
    call(world, { on_send = function()
      sent = sent + 1
      return true
    end })
    assert.equal(2, sent)
    local refused, err = call(world, { on_send = function()
      return nil, errors.new { kind = "io", message = "nowhere to write" }
    end })
    assert.is_nil(refused)
    assert.equal("io", err.kind)
    assert.equal(2, world.transport.requests)
    assert_nothing_left(world)
  end)

  local function cancelled_after(seconds, fields)
    local world = scenario { body = '{"ok":true}', delay_s = 1 }
    local seen
    local task = world.scheduler:spawn(function()
      world.client:call(request(fields), function(response)
        seen = response:text()
        return true
      end)
      world.scheduler:sleep(0)
    end)
    world.scheduler:run(function()
      world.scheduler:sleep(seconds)
      world.scheduler:cancel(task)
      world.scheduler:join(task)
    end)
    assert.equal("cancelled", task.err.kind)
    assert_nothing_left(world)
    return seen, world.transport.requests
  end

  it("is seen through when it is cancelled meanwhile", function()
    assert.same({ '{"ok":true}', 1 }, { cancelled_after(0.5, { sees_through = true }) })
    assert.same({ nil, 1 }, { cancelled_after(0.5) })
  end)

  it("is not sent any more once it is cancelled", function()
    local world = scenario(OK)
    local lane = world.client:lane("slow", { burst = 1, per_minute = 6 })
    local task = world.scheduler:spawn(function()
      for _ = 1, 2 do world.client:call(request { lane = lane, sees_through = true }, text) end
    end)
    world.scheduler:run(function()
      world.scheduler:sleep(1)
      world.scheduler:cancel(task)
      world.scheduler:join(task)
    end)
    assert.equal(1, world.transport.requests)
    assert_nothing_left(world)
  end)

  it("that is urgent does not wait for the rate, but heeds Retry-After", function()
    local answered = 0
    local world = simulated { seed = 5, latency_s = { 0, 0 }, answer = function()
      answered = answered + 1
      return answered > 1 and OK or { status = 429, headers = { ["retry-after"] = "7" } }
    end }
    local lane = world.client:lane("slow", { burst = 1, per_minute = 1 })
    assert.truthy(call(world, { lane = lane, urgent = function() return true end }))
    local took = world.clock.monotonic()
    assert.is_true(took >= 7 and took < 9, took)
    assert.equal(0, world.transport.too_early)
  end)
end)

describe("client:open", function()
  it("leaves the answer open until it is closed", function()
    local world = simulated { answer = function() return { body = ("x"):rep(1e5) } end }
    world.scheduler:run(function()
      local response <close> = world.client:open(request())
      assert.equal(1, world.client:lane("acme").in_flight)
      assert.is_true(#response:read() > 0)
    end)
    assert_nothing_left(world)
  end)

  it("asks again until there are headers", function()
    local world = scenario("busy", "reset_before", OK)
    world.scheduler:run(function()
      local response <close> = world.client:open(request())
      assert.equal(OK.body, response:text())
      assert.is_nil(response:read())
    end)
    assert.equal(3, world.transport.requests)
  end)
end)

describe("response:feed", function()
  -- Takes pieces; counts how often it was drained.
  local function sink(refuse_after)
    local taken = {}
    return { taken = taken, feed = function(_, piece)
      if refuse_after and #table.concat(taken) >= refuse_after then
        return nil, { kind = "json", message = "line 1: bad" }
      end
      taken[#taken + 1] = piece
      return true
    end }
  end

  it("feeds everything, draining as it goes", function()
    local world = simulated { answer = function() return { body = ("0123456789"):rep(2000) } end }
    local reader, drained = sink(), 0
    assert.is_true(call(world, {}, function(response)
      return response:feed(reader, function() drained = drained + 1 end)
    end))
    assert.equal(("0123456789"):rep(2000), table.concat(reader.taken))
    assert.is_true(drained > 3)
  end)

  it("gives the reader's own error, and asks again", function()
    local world = simulated { answer = function() return { body = ("x"):rep(50000) } end }
    local _, err = call(world, { attempts = 2 }, function(response) return response:feed(sink(10000)) end)
    assert.equal("json", err.kind)
    assert.truthy(err.message:find("line 1: bad (200, no media type, 'xxx", 1, true))
    assert.equal(2, world.transport.requests)
    assert_nothing_left(world)
  end)

  it("ends with the error that the drain returns", function()
    local world = scenario(OK)
    local _, err = call(world, {}, function(response)
      return response:feed(sink(), function() return { kind = "shape", message = "odd" } end)
    end)
    assert.equal("shape", err.kind)
  end)

  it("takes an empty body", function()
    local world = scenario { body = "" }
    assert.is_true(call(world, {}, function(response) return response:feed(sink()) end))
  end)
end)

describe("a simulated vendor with 15 a minute", function()
  it("never answers 429 by itself", function()
    local level, updated, refused = 5.0, nil, 0
    local world = simulated { seed = 4, answer = function(_, now)
      level = math.min(5, level + (now - (updated or now)) * 15 / 60)
      updated = now
      if level < 1 then refused = refused + 1 return { status = 429 } end
      level = level - 1
      return OK
    end }
    world.client:lane("acme", { burst = 5, per_minute = 15, in_flight = 4 })
    world.scheduler:run(function()
      local tasks = {}
      for i = 1, 40 do
        tasks[i] = world.scheduler:spawn(function() assert(world.client:call(request(), text)) end)
      end
      world.scheduler:join(tasks)
    end)
    assert.equal(0, refused)
    assert.equal(40, world.transport.requests)
    assert.is_true(world.clock.monotonic() < 35 * 4 * 1.05)
  end)
end)

describe("a thousand seeded runs in 30 % bad weather", function()
  -- Every page carries some rows; a run adds up four queries of three pages.
  local function run(seed, names)
    local weather = require "usagelua.transport.weather"
    local world = simulated { seed = seed, longest_piece = 200, weather = weather.random(0.3, names),
      answer = function(asked) return { body = asked.url:match "n=(%d+)" .. (","):rep(300) .. "." } end }
    world.client:lane("acme", { in_flight = 3 })
    local total, failed = 0, 0
    world.scheduler:run(function()
      local tasks = {}
      for query = 1, 4 do
        tasks[query] = world.scheduler:spawn(function()
          for page = 1, 3 do
            local n, err = world.client:call(request { url = "https://a.test/?n=" .. query * 10 + page },
              function(response)
                local body, problem = response:text()
                if not body then return nil, problem end
                local number, mark = body:match "^(%d+),+(%.)$"
                if not mark then return nil, { kind = "json", message = "not ours" } end
                return tonumber(number)
              end)
            if n then total = total + n else failed = failed + 1 assert(errors.is(err)) end
          end
        end)
      end
      world.scheduler:join(tasks)
      for _, task in ipairs(tasks) do assert(task.ok, task.err) end
    end)
    assert_nothing_left(world)
    assert.equal(0, world.transport.too_early)
    return total, failed
  end

  it("gives exact totals, or says what failed", function()
    local exact = 0
    for seed = 1, 1000 do
      local total, failed = run(seed)
      if failed == 0 then
        exact = exact + 1
        assert.equal(324, total)
      end
    end
    assert.is_true(exact >= 990, exact)
  end)
end)

describe("events", function()
  it("tell the story of a call", function()
    local world = scenario("throttled", OK)
    call(world)
    local names = {}
    for i, event in ipairs(world.events) do
      names[i] = event.event .. (event.reason and ":" .. event.reason or "")
      assert.equal("acme.usage, page 1", event.what)
    end
    assert.same({ "attempt", "answer", "retry:retry_after", "wait:retry_after", "attempt", "answer", "done" },
      names)
    assert.equal(2, world.events[#world.events].attempt)
    assert.equal("number", type(world.events[#world.events].facts.body_bytes))
  end)
end)
