-- The client, the primitives and cassettes over real HTTP: nginx on loopback.
local cassette = require "usagelua.cassette"
local client = require "usagelua.client"
local clock = require "usagelua.time.clock"
local core = require "usagelua.core"
local curl = require "usagelua.transport.curl"
local http = require "usagelua.http"
local nginx = require "support.nginx"
local scheduler = require "usagelua.client.scheduler"
local tmp = require "support.tmp"

local server

setup(function() server = nginx.start { tls = true } end)
teardown(function() server:stop() end)
before_each(function() server:reset() end)

-- A client over libcurl; `wrap` may put something around the transport.
local function new_world(wrap)
  local time = clock.real()
  local transport = assert(curl.new { ca_file = server.ca_file })
  if wrap then transport = wrap(transport, time) end
  local s = scheduler.new { transport = transport, clock = time }
  local events = {}
  local c = client.new { scheduler = s, transport = transport, clock = time,
    random = function() return 0.1 end, log = function(event) events[#events + 1] = event end }
  return { scheduler = s, client = c, clock = time, http = http.new { client = c }, events = events,
    transport = transport }
end

local world
before_each(function() world = new_world() end)
after_each(function()
  assert.equal(0, world.transport:active())
  world.scheduler:close()
end)

local function plan(...)
  server:control("/faults", { seed = 1, rules = { ... } })
end

describe("usage.http over a server", function()
  it("sends query, headers, JSON and forms as they are", function()
    local answer = world.http.request { url = server.url .. "/_echo", query = { z = "+05:30", a = "1 &2" },
      headers = { ["X-Team"] = "a, b" }, json = { n = 9007199254740993 } }
    local echo = answer:json()
    assert.same({ "POST", "a=1%20%262&z=%2B05%3A30", '{"n":9007199254740993}', "a, b", "application/json" },
      { echo.method, echo.query, echo.body, echo.headers["x-team"], echo.headers["content-type"] })
    echo = world.http.request({ url = server.url .. "/_echo", form = { a = "ä&" } }):json()
    assert.same({ "a=%C3%A4%26", "application/x-www-form-urlencoded" },
      { echo.body, echo.headers["content-type"] })
  end)

  it("speaks TLS and HTTP/2 with the run's own authority", function()
    assert.equal(2, world.http.get(server.tls_url .. "/_echo"):json().http)
  end)

  it("sends a script's own secret to the host it is bound to only", function()
    local folder <close> = tmp.folder()
    local secret = assert(core.secret.file(folder:write("token", "s3cret-token-of-mine"))):bind(server.url)
    local auth = { kind = "bearer", token = secret }
    local echo = world.http.get(server.url .. "/_echo", { auth = auth }):json()
    assert.equal("Bearer s3cret-token-of-mine", echo.headers.authorization)
    local other = ("http://127.0.0.1:%d/_echo"):format(server.ports.other)
    local response, err = world.http.get(other, { auth = auth })
    assert.is_nil(response)
    assert.equal("refused", err.kind)
    assert.is_nil(tostring(err):find("s3cret", 1, true))
    assert.equal(1, #server:log())
  end)

  it("streams items as they arrive", function()
    local count, sum = 0, 0
    local response = world.http.get(server.url .. "/_json?items=20000", { stream = true })
    for item in response:items "data[]" do
      count, sum = count + 1, sum + item.id
    end
    assert.same({ 20000, 20000 * 20001 // 2 }, { count, sum })
  end)

  it("leaves a stream at any item", function()
    for item in world.http.get(server.url .. "/_json?items=200000", { stream = true }):items "data[]" do
      if item.id == 3 then break end
    end
    assert.equal(0, world.transport:active())
  end)

  it("writes a file of the whole body", function()
    local folder <close> = tmp.folder()
    local path = folder.path .. "/body"
    plan { path = "_answer", first = 1, wire = "cut_body" }
    local body = ("0123456789"):rep(300)
    assert.equal(3000, world.http.get(server.url .. "/_answer?body=" .. body, { to = path }).bytes)
    assert.equal(body, folder:read "body")
    assert.equal(2, #server:log())
  end)

  it("asks sixteen at once, and waits for all of them together", function()
    plan { at_once = 16 }
    local list = {}
    for i = 1, 16 do list[i] = server.url .. "/_bytes?n=" .. i end
    local responses, errs = world.http.all(list)
    assert.is_nil(errs)
    for i = 1, 16 do assert.same({ 200, i }, { responses[i].status, #responses[i].body }) end
    assert.equal(16, server:control("/counts").peak.none)
  end)

  it("keeps the header fields until somebody looks", function()
    local response = world.http.get(server.url .. "/_answer?body=x&header=X-One:1&header=X-One:2")
    world.http.get(server.url .. "/_answer?body=y&header=X-One:3")
    assert.same({ "x", "1, 2", "1" }, { response.body, response.headers["x-one"],
      response.headers["content-length"] })
    assert.equal(response.headers, response.headers)
  end)

  it("checks every url before the first is asked", function()
    local list = { server.url .. "/_answer?body=x", server.url .. "/_answer?body=a b" }
    assert.error_matches(function() world.http.all(list) end, "characters that a URL cannot hold")
    assert.same({}, server:log())
  end)

  it("gives a status as an answer, and no answer as an error", function()
    assert.equal(404, world.http.get(server.url .. "/nowhere").status)
    local closed = ("http://127.0.0.1:%d/"):format(server.ports.closed)
    local response, err = world.http.get(closed, { retries = 0 })
    assert.is_nil(response)
    assert.same({ "network", false }, { err.kind, err.sent })
  end)
end)

describe("client:call over a server", function()
  local function ask(path, fields, consume)
    local request = { url = server.url .. path, lane = "acme" }
    for name, value in pairs(fields or {}) do request[name] = value end
    return world.scheduler:run(function()
      return world.client:call(request, consume or function(response) return response:text() end)
    end)
  end

  local function attempts()
    local count = 0
    for _, event in ipairs(world.events) do
      if event.event == "attempt" then count = count + 1 end
    end
    return count
  end

  local cut = { "reset", "close", "cut_headers", "cut_body", "cut_chunked", "long_length" }
  for _, way in ipairs(cut) do
    it("asks again after " .. way, function()
      plan { path = "_answer", first = 2, wire = way }
      assert.equal("0123456789", ask "/_answer?body=0123456789")
      assert.equal(3, attempts())
    end)
  end

  it("waits as long as Retry-After says, in seconds and as a date of a clock that is off", function()
    for _, rule in ipairs { { retry_after = "1" }, { retry_after_date_s = 1, date_skew_s = 86400 } } do
      rule.path, rule.first, rule.status = "_bytes", 1, 503
      plan(rule)
      local started = world.clock.monotonic()
      assert.equal("0123456789", ask "/_bytes?n=10")
      local took = world.clock.monotonic() - started
      assert.is_true(took >= 1 and took < 60, took)
    end
  end)

  it("feeds the core's reader, and asks again for what is not JSON", function()
    plan { path = "_json", first = 1, status = 200, body = "<html>Sorry</html>", type = "text/html" }
    local count = ask("/_json?items=20000", {}, function(response)
      local reader, items = core.json.reader { rows = "data[]" }, 0
      local ok, err = response:feed(reader, function()
        while reader:next() ~= nil do items = items + 1 end
      end)
      if ok then ok, err = reader:finish() end
      if not ok then return nil, err end
      while reader:next() ~= nil do items = items + 1 end
      return items
    end)
    assert.equal(20000, count)
    local retried
    for _, event in ipairs(world.events) do
      if event.event == "retry" then retried = event.err end
    end
    assert.equal("json", retried.kind)
    assert.truthy(retried.message:find("text/html, '<html>Sorry</html>'", 1, true))
  end)

  it("does not repeat a POST whose answer was lost", function()
    for _, way in ipairs { "reset", "close", "cut_body" } do
      plan { path = "_answer", wire = way }
      assert.is_nil((ask("/_answer?body=0123456789", { method = "POST", body = "{}" })))
      local arrived = 0
      for _, entry in ipairs(server:log()) do
        if entry.path == "/_answer" then arrived = arrived + 1 end
      end
      assert.equal(1, arrived, way)
      server:reset()
    end
  end)

  it("repeats a POST whose connection never stood", function()
    local _, err = ask("/", { method = "POST", body = "{}", attempts = 3,
      url = ("http://127.0.0.1:%d/"):format(server.ports.closed) })
    assert.equal(3, err.attempts)
  end)

  it("refuses a redirect to another port, and follows one at home", function()
    local elsewhere = ("http://127.0.0.1:%d/_echo"):format(server.ports.other)
    local function redirect(target) return "/_answer?status=302&header=Location:" .. target end
    local _, err = ask(redirect(elsewhere))
    assert.equal("refused", err.kind)
    assert.truthy(err.message:find(tostring(server.ports.other), 1, true))
    assert.truthy(ask(redirect "/_bytes%3Fn=10"))
    assert.equal(3, #server:log())
  end)

  it("does not ask twice for a certificate that is not trusted", function()
    local _, err = ask("", { url = ("https://localhost:%d/"):format(server.ports.self_signed) })
    assert.equal(1, err.attempts)
  end)

  it("is cancelled in the middle of a body", function()
    local task
    world.scheduler:run(function()
      task = world.scheduler:spawn(function()
        world.client:call({ url = server.url .. "/_bytes?n=100000&piece=10&gap_ms=5" },
          function(response) return response:text() end)
      end)
      world.scheduler:sleep(0.3)
      world.scheduler:cancel(task)
      world.scheduler:join(task)
    end)
    assert.equal("cancelled", task.err.kind)
  end)
end)

describe("a cassette of real answers", function()
  it("replays them without the server, at once", function()
    local folder <close> = tmp.folder()
    local path = folder.path .. "/run.har"
    local recording = new_world(function(transport, time)
      return assert(cassette.record(transport, { path = path, clock = time, zone = "UTC" }))
    end)
    plan { path = "_json", first = 1, status = 503, retry_after = "1" }
    local function total(from)
      local sum = 0
      local response = assert(from.http.get(server.url .. "/_json?items=1000", { stream = true }))
      for item in response:items "data[]" do sum = sum + item.tests end
      return sum
    end
    local expected = total(recording)
    assert(recording.transport:finish())
    recording.scheduler:close()
    assert.equal(2, #server:log())
    local tape = assert(cassette.open(path))
    local transport = tape:transport()
    local s = scheduler.new { transport = transport, clock = tape.clock }
    local replayed = { http = http.new { client = client.new { scheduler = s, transport = transport,
      clock = tape.clock } } }
    assert.equal(expected, total(replayed))
    assert.is_true(tape.clock.monotonic() >= 1)
    assert.equal(2, #server:log())
  end)
end)
