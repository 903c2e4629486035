-- A list of URLs of one host goes the short way, and nobody can tell: the same answers, errors and
-- requests as by one call each. Over real HTTP: nginx on loopback, with its faults.
local client = require "usagelua.client"
local clock = require "usagelua.time.clock"
local command = require "support.command"
local core = require "usagelua.core"
local curl = require "usagelua.transport.curl"
local errors = require "usagelua.errors"
local http = require "usagelua.http"
local nginx = require "support.nginx"
local order = require "usagelua.order"
local scheduler = require "usagelua.client.scheduler"

local server

setup(function() server = nginx.start { tls = true } end)
teardown(function() server:stop() end)
before_each(function() server:reset() end)

local function plan(...)
  server:control("/faults", { seed = 1, rules = { ... } })
end

-- A client that counts what is opened the long way. `is_long`: it has no other.
local function new_world(options)
  options = options or {}
  local time = clock.real()
  local transport = assert(curl.new { ca_file = server.ca_file })
  if options.is_long then transport.series = false end
  local world = { transport = transport, opened = 0, clock = time }
  function transport.open(self, request)
    world.opened = world.opened + 1
    return getmetatable(self).__index.open(self, request)
  end
  world.scheduler = scheduler.new { transport = transport, clock = time, signals = options.signals }
  world.client = client.new { scheduler = world.scheduler, transport = transport, clock = time,
    random = function() return 0.002 end, log = options.log }
  world.http = http.new { client = world.client, options = options.options }
  return setmetatable(world, { __close = function(_, err)
    local active = transport:active()
    world.scheduler:close()
    if not err then assert.equal(0, active) end
  end })
end

-- Urls ---------------------------------------------------------------------

local function answer_url(query, ...)
  return server.url .. "/_answer?" .. (... and query:format(...) or query)
end

-- Ways to answer that are no trouble, or are not asked for again.
local WAYS <const> = { "chunked", "close_delimited", "gzip", "gzip_members", "huge_headers",
  "informational" }

-- Trouble that a URL may meet, by the name that stands in its query.
local TROUBLE <const> = {
  reset_headers = { wire = "reset_headers" }, reset_body = { wire = "reset_body" },
  reset_end = { wire = "reset_end" }, close = { wire = "close" },
  cut_headers = { wire = "cut_headers" }, cut_body = { wire = "cut_body" },
  cut_chunked = { wire = "cut_chunked" }, bad_chunk = { wire = "bad_chunk" },
  short_length = { wire = "short_length" }, long_length = { wire = "long_length" },
  garbage = { wire = "garbage" }, busy = { status = 503 }, late = { status = 504, delay_ms = 20 },
  throttled = { status = 429 }, patient = { status = 429, retry_after = 0 },
  gzip_cut = { wire = "gzip_cut" }, gzip_wrong_sum = { wire = "gzip_wrong_sum" },
}

-- When it meets it: drawn by the URL and how often it came, the same in any order; or at first.
local DRAWN <const>, AT_FIRST <const> = { probability = 0.6 }, { first = 1 }

local function trouble_rules(when)
  local rules = {}
  for name, effect in pairs(TROUBLE) do
    local rule = { args = { trouble = name }, probability = when.probability, first = when.first }
    for key, value in pairs(effect) do rule[key] = value end
    rules[#rules + 1] = rule
  end
  table.sort(rules, function(a, b) return a.args.trouble < b.args.trouble end)
  for _, name in ipairs(WAYS) do
    rules[#rules + 1] = { args = { way = name }, wire = name, count = 200 }
  end
  return rules
end

local function troubled(name)
  return function(n) return answer_url("n=%d&trouble=%s&body=%s", n, name, ("b"):rep(n % 50 + 12)) end
end

local function by_way(name)
  return function(n) return answer_url("n=%d&way=%s&body=%s", n, name, ("w"):rep(n % 700 + 1)) end
end

-- What is no trouble, good or bad.
local USUAL <const> = {
  function(n) return answer_url("n=%d&body=%s&header=X-Id:%d", n, ("x"):rep(n % 90), n % 3) end,
  function(n) return answer_url("n=%d&body=one&header=X-Two:1&header=X-Two:2", n) end,
  function(n) return answer_url("n=%d&status=404&body=none", n) end,
  function(n) return answer_url("n=%d&status=204", n) end,
  function(n) return ("%s/_bytes?n=%d&framing=chunked"):format(server.url, n % 40000) end,
  function(n) return ("%s/_bytes?n=%d"):format(server.url, 120000 + n * 997 % 300000) end,
  function(n) return answer_url("n=%d&status=302&header=Location:/_answer%%3Fbody=there", n) end,
  function(n) return answer_url("n=%d&status=301&header=Location:http://elsewhere.test/x", n) end,
  function(n) return ("%s/nowhere/%d"):format(server.url, n) end,
  function(n) return answer_url("n=%d&body=%%zz", n) end,
}

local function kinds()
  local list = table.move(USUAL, 1, #USUAL, 1, {})
  for _, name in ipairs(WAYS) do
    list[#list + 1] = by_way(name)
  end
  return list
end

-- A list of good and bad ones; few enough are troubled that the lane's budget lasts.
local function random_urls(seed)
  math.randomseed(seed)
  local names, list, usual = order.keys(TROUBLE), {}, kinds()
  for n = 1, math.random(20, 60) do
    local make = n % 9 == 0 and troubled(names[math.random(#names)]) or usual[math.random(#usual)]
    list[n] = make(seed * 100 + n)
  end
  return list
end

-- Outcomes -----------------------------------------------------------------

-- A difference of large bodies is told by their ends.
local function shown_body(body)
  if not body or #body <= 60 then return body end
  return ("%d bytes, %s, %s...%s"):format(#body, core.digest.sha256(body), body:sub(1, 9), body:sub(-9))
end

local function shown_response(response)
  if not response then return false end
  local headers = {}
  for name, value in pairs(response.headers) do headers[name] = name == "date" or value end
  return { status = response.status, url = shown_body(response.url),
    body = shown_body(response.body), bytes = response.bytes,
    headers = headers,
    type = getmetatable(response).__name }
end

local function shown_error(err)
  return { kind = err.kind, code = err.code, status = err.status, message = shown_body(err.message), url = shown_body(err.url),
    attempts = err.attempts, hint = err.hint, sent = err.sent, type = getmetatable(err).__name }
end

local function shown(responses, errs)
  local list, failed = {}, errs and {} or nil
  for place, response in ipairs(responses) do list[place] = shown_response(response) end
  for place, err in pairs(errs or {}) do failed[place] = shown_error(err) end
  return { responses = list, errs = failed }
end

-- How often each URL was asked.
local function asked()
  local counts = {}
  for _, request in ipairs(server:log()) do
    local target = request.path .. "?" .. (request.query or "")
    target = shown_body(target)
    counts[target] = (counts[target] or 0) + 1
  end
  return counts
end

local function outcome(urls, in_flight, options)
  server:reset()
  plan(table.unpack(trouble_rules(options and options.when or DRAWN)))
  local world <close> = new_world(options)
  local list = table.move(urls, 1, #urls, 1, { in_flight = in_flight })
  local result = shown(world.http.all(list))
  result.asked = asked()
  return result, world
end

-- Requests under way when another one came, and that one.
local function most_at_once(log)
  local most = 0
  for _, request in ipairs(log) do
    local count = 0
    for _, other in ipairs(log) do
      if other.at <= request.at and other.at + other.seconds > request.at + 0.001 then count = count + 1 end
    end
    most = math.max(most, count)
  end
  return most
end

-- Only where they differ: a list is long.
local function assert_same(expected, actual, message)
  local left, right = {}, {}
  for target, count in pairs(expected.asked) do
    if actual.asked[target] ~= count then left[target], right[target] = count, actual.asked[target] end
  end
  for place, response in ipairs(expected.responses) do
    local err, other = (expected.errs or {})[place], (actual.errs or {})[place]
    if not pcall(assert.same, { response, err }, { actual.responses[place], other }) then
      left[place], right[place] = response or err, actual.responses[place] or other
    end
  end
  assert.same(left, right, message)
end

describe("a list of URLs of one host", function()
  it("has the same answers, errors and requests as by a call each", function()
    for seed = 1, 5 do
      local urls, in_flight = random_urls(seed), ({ 1, 3, 16, 64 })[seed % 4 + 1]
      local expected = outcome(urls, in_flight, { is_long = true })
      local short, world = outcome(urls, in_flight)
      assert_same(expected, short, "seed " .. seed)
      assert.is_true(world.opened < #urls, "seed " .. seed)
    end
  end)

  it("is through every trouble as by a call each, one after another", function()
    local urls = {}
    for n, name in ipairs(order.keys(TROUBLE)) do
      urls[#urls + 1] = troubled(name)(n)
      urls[#urls + 1] = answer_url("n=%d&body=good", n)
    end
    local expected = outcome(urls, 1, { is_long = true, when = AT_FIRST })
    assert_same(expected, outcome(urls, 1, { when = AT_FIRST }))
    assert.is_nil(expected.errs)
    assert.is_true(#server:log() >= #urls + #urls // 2 - 2)
  end)

  it("has the same over TLS and HTTP/2", function()
    local urls = {}
    for n = 1, 12 do urls[n] = ("%s/_answer?n=%d&body=%d"):format(server.tls_url, n, n * 7) end
    local expected = outcome(urls, 4, { is_long = true })
    local short, world = outcome(urls, 4)
    assert.same(expected, short)
    assert.equal(0, world.opened)
  end)

  it("opens nothing the long way where all is good", function()
    local urls = {}
    for n = 1, 200 do urls[n] = answer_url("n=%d&body=%d", n % 7, n % 7) end
    local result, world = outcome(urls, 16)
    assert.is_nil(result.errs)
    assert.same({ 0, 200 }, { world.opened, #result.responses })
    for n, response in ipairs(result.responses) do assert.equal(tostring(n % 7), response.body) end
    assert.equal(200, server:control("/counts").requests)
  end)

  it("goes the short way in a run of the program, and the long one where it is traced", function()
    local usagelua = command.new()
    local _ <close> = usagelua.folder
    local script = ([[
      local series = require "usagelua.client.series"
      local run, count = series.run, 0
      function series.run(...)
        count = count + 1
        return run(...)
      end
      local responses = require("usagelua").http.all { "%s", "%s" }
      print(count, responses[1].body, responses[2].body)
    ]]):format(answer_url "body=x", answer_url "body=y")
    assert.equal("1\tx\ty\n", usagelua:run({ "-e", script }).stdout)
    assert.equal("0\tx\ty\n", usagelua:run({ "--trace", "trace.txt", "-e", script }).stdout)
  end)

  it("goes the long way where somebody hears of each request", function()
    local told = 0
    local world <close> = new_world { log = function() told = told + 1 end }
    assert.equal(2, #world.http.all { answer_url "body=x", answer_url "body=y" })
    assert.equal(2, world.opened)
    assert.is_true(told >= 6)
  end)

  it("goes the long way for more than one host, or other than a URL", function()
    local world <close> = new_world()
    world.http.all { answer_url "body=x", server.tls_url .. "/_answer?body=y" }
    world.http.all { answer_url "body=x", { url = answer_url "body=y" } }
    assert.equal(4, world.opened)
  end)

  it("opens each connection once", function()
    local urls, seen, count = {}, {}, 0
    for n = 1, 100 do urls[n] = answer_url("n=%d&body=x", n) end
    outcome(urls, 5)
    for _, request in ipairs(server:log()) do
      if not seen[request.connection] then count = count + 1 end
      seen[request.connection] = true
    end
    assert.is_true(count <= 5)
  end)

  it("has no more in flight than was said, whatever fails", function()
    local urls = {}
    for n = 1, 60 do urls[n] = ("%s/_slow?first_ms=10&n=%d&trouble=busy"):format(server.url, n) end
    outcome(urls, 3)
    assert.equal(3, most_at_once(server:log()))
  end)

  it("asks nothing before the time that Retry-After says", function()
    local urls = {}
    for n = 1, 40 do urls[n] = answer_url("n=%d&body=x", n) end
    plan { args = { n = 9 }, first = 1, status = 429, retry_after = 1 }
    local world <close> = new_world()
    urls.in_flight = 2
    local responses, errs = world.http.all(urls)
    assert.is_nil(errs)
    assert.equal(40, #responses)
    local log, throttled_at = server:log(), nil
    for _, request in ipairs(log) do
      if request.status == 429 then throttled_at = request.at + request.seconds end
    end
    local before, between = 0, 0
    for _, request in ipairs(log) do
      if request.at <= throttled_at then before = before + 1
      elseif request.at < throttled_at + 0.9 then between = between + 1 end
    end
    -- the other of the two in flight may have been followed before the answer was here
    assert.equal(41, #log)
    assert.is_true(before >= 9 and between <= 2)
  end)

  it("is paused together with its lane", function()
    local urls = { in_flight = 2 }
    for n = 1, 20 do urls[n] = ("%s/_slow?first_ms=20&n=%d"):format(server.url, n) end
    local world <close> = new_world()
    world.scheduler:run(function()
      local task = world.scheduler:spawn(world.http.all, urls)
      world.scheduler:sleep(0.03)
      world.client:lane("http " .. server.url):pause(1, "retry_after")
      world.scheduler:join_good(task)
    end)
    local log, longest_s = server:log(), 0
    for n = 2, #log do longest_s = math.max(longest_s, log[n].at - log[n - 1].at) end
    assert.equal(20, #log)
    assert.is_true(longest_s > 0.9)
  end)

  it("says of each what does not fit into the time that is left", function()
    local function outcome_of(is_long)
      server:reset()
      plan { args = { n = 1 }, first = 1, status = 503, retry_after = 500 }
      local world <close> = new_world { is_long = is_long }
      world.scheduler:deadline_at(world.clock.monotonic() + 100)
      local urls = { in_flight = 1 }
      for n = 1, 5 do urls[n] = answer_url("n=%d&body=x", n) end
      local result = shown(world.http.all(urls))
      world.scheduler:deadline_at(nil)
      for _, err in pairs(result.errs) do err.message = err.message:gsub("%d+ s", "N s") end
      return result
    end
    local expected = outcome_of(true)
    assert.equal("deadline", expected.errs[5].kind)
    assert.same(expected, outcome_of(false))
  end)

  it("ends with its parent, with the deadline and by a signal", function()
    local urls = { in_flight = 4 }
    for n = 1, 30 do urls[n] = ("%s/_slow?first_ms=%d&n=%d"):format(server.url, n > 8 and 60000 or 1, n) end
    local signal
    local ways = {
      cancelled = function(world, task)
        world.scheduler:sleep(0.2)
        world.scheduler:cancel(task, errors.new { kind = "cancelled", message = "enough" })
      end,
      deadline = function(world) world.scheduler:deadline_at(world.clock.monotonic() + 0.2) end,
      signal = function(world)
        world.scheduler:sleep(0.2)
        signal = 15
        world.scheduler:sleep(0)
      end,
    }
    for name, stop in pairs(ways) do
      local signals = { beat = function() end, take = function()
        local taken = signal
        signal = nil
        return taken
      end }
      local world <close> = new_world { signals = signals }
      local began, task = world.clock.monotonic(), nil
      pcall(world.scheduler.run, world.scheduler, function()
        task = world.scheduler:spawn(world.http.all, urls)
        stop(world, task)
        world.scheduler:join(task)
      end)
      assert.is_false(task.ok, name)
      assert.equal(name == "deadline" and "deadline" or "cancelled", task.err.kind, name)
      assert.is_true(world.clock.monotonic() - began < 30, name)
    end
  end)

  it("keeps to the size that a body may have", function()
    local urls = {}
    for n = 1, 6 do urls[n] = ("%s/_bytes?n=%d"):format(server.url, n * 1000) end
    local options = { options = { max_body = 3500 } }
    local short = outcome(urls, 2, options)
    options.is_long = true
    assert.same(outcome(urls, 2, options), short)
    assert.equal("limit", short.errs[4].kind)
  end)

  it("takes an answer as the long way's, whatever is asked of it", function()
    local world <close> = new_world()
    local list = world.http.all { answer_url "body=%5B1,2%5D&header=X-A:b", answer_url "body=x" }
    assert.same({ 1, 2 }, list[1]:json())
    assert.equal("b", list[1].headers["x-a"])
    assert.equal(list[1].headers, list[1].headers)
    local sum = 0
    for item in list[1]:items "[]" do sum = sum + item end
    assert.same({ 3, 5 }, { sum, list[1].bytes })
    assert.same({ "x", nil, 1 }, { list[2]:read(), list[2]:read(), list[2].bytes })
  end)
end)

describe("series.aside", function()
  it("hands out a URL that is refused, and what follows waits for go_on", function()
    local transport <close> = assert(curl.new {})
    local good, bad = answer_url "body=x", "http://127.0.0.2:1/x"
    local series <close> = assert(transport:series({ url = good }, { good, bad, good }, 1))
    local list = {}
    local function until_told()
      local changed
      repeat changed = transport:step(5) until changed[1]
      assert.equal(series, changed[1])
    end
    series:go_on()
    until_told()
    assert.equal(1, series:take(list, {}))
    assert.same({ 2, nil }, { series:aside() })
    assert.is_nil((series:aside()))
    assert.equal(0, transport:active())
    series:give_back()
    series:go_on()
    until_told()
    assert.equal(1, series:take(list, {}))
    assert.same({ "x", nil, "x" }, { list[1].body, list[2], list[3].body })
    assert.is_true(series:is_done())
  end)

  it("raises on what is no series, and when it is closed", function()
    local transport <close> = assert(curl.new {})
    local url = answer_url "body=x"
    assert.error_matches(function() transport:series({ url = url }, {}, 1) end, "urls expected")
    assert.error_matches(function() transport:series({ url = url }, { 1 }, 1) end, "place 1")
    assert.error_matches(function() transport:series({ url = url }, { url }, 0) end, "from 1")
    assert.error_matches(function()
      transport:series({ url = url, headers = { { "X-A", "b" } } }, { url }, 1)
    end, "plain GET")
    local refused, err = transport:series({ url = "ftp://x.test" }, { "ftp://x.test" }, 1)
    assert.same({ nil, "refused" }, { refused, err.kind })
    local series = assert(transport:series({ url = url }, { url }, 1))
    assert.matches("1 asked", tostring(series):gsub("0 of ", ""))
    series:close()
    series:close()
    assert.equal("usagelua.series (closed)", tostring(series))
    assert.error_matches(function() series:go_on() end, "closed usagelua.series")
  end)

  it("ends what is in flight when it is closed, and when nobody holds it", function()
    local transport <close> = assert(curl.new {})
    local url = server.url .. "/_slow?first_ms=60000"
    for _, finish in ipairs { function(series) series:close() end, function() end } do
      local series = assert(transport:series({ url = url }, { url, url, url }, 2))
      series:go_on()
      transport:step(0.01)
      assert.equal(2, transport:active())
      finish(series)
      series = nil -- luacheck: ignore
      collectgarbage()
      collectgarbage()
      assert.equal(0, transport:active())
    end
  end)
end)
