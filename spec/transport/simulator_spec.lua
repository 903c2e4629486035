local simulator = require "usagelua.transport.simulator"
local weather = require "usagelua.transport.weather"

local BODY = ("0123456789"):rep(300)

local function play(options, request)
  options.answer = options.answer or function() return { body = BODY } end
  local transport = simulator.new(options)
  local exchange = transport:open(request or { url = "https://api.acme.test/" })
  return transport, exchange
end

-- Reads to the end; gives status, body and the error if one came.
local function read_all(transport, exchange)
  local pieces = {}
  while true do
    local piece, state = exchange:read()
    if piece then
      pieces[#pieces + 1] = piece
    elseif state == "wait" then
      transport:step(1000)
    else
      return exchange:status(), table.concat(pieces), state ~= "end" and state or nil
    end
  end
end

local function with_fault(name)
  return read_all(play { weather = function() return name end })
end

describe("the simulator", function()
  it("delivers the answer in pieces, in virtual time", function()
    local transport, exchange = play { latency_s = { 1, 1 }, longest_piece = 100 }
    assert.is_nil(exchange:status())
    local status, body, err = read_all(transport, exchange)
    assert.same({ 200, BODY }, { status, body })
    assert.is_nil(err)
    assert.is_true(transport.clock.monotonic() >= 1)
    assert.equal(0, transport:active())
  end)

  it("waits no longer than it is told", function()
    local transport = play { latency_s = { 10, 10 } }
    assert.same({}, (transport:step(3)))
    assert.equal(3.0, transport.clock.monotonic() * 1.0)
  end)

  it("feeds a sink, and tells when the sink takes no more", function()
    local transport, exchange = play {}
    local taken = {}
    local sink = { feed = function(_, piece) taken[#taken + 1] = piece return true end }
    local state
    repeat
      state = exchange:feed(sink)
      transport:step(1000)
    until state ~= "wait"
    assert.equal("end", state)
    assert.equal(BODY, table.concat(taken))
    transport, exchange = play {}
    transport:step(1000)
    transport:step(1000)
    local _, err = exchange:feed { feed = function() return nil end }
    assert.equal("sink", err.kind)
  end)

  it("plays the same run for the same seed, and another for another", function()
    local function times(seed)
      local transport, exchange = play { seed = seed }
      read_all(transport, exchange)
      return transport.clock.monotonic()
    end
    assert.equal(times(3), times(3))
    assert.not_equal(times(3), times(4))
  end)

  it("takes an exchange that was closed out of its plans", function()
    local transport, exchange = play {}
    exchange:close()
    exchange:close()
    assert.equal(0, transport:active())
    assert.equal(0, transport.in_flight)
    assert.has_error(function() exchange:read() end, "usagelua.exchange is closed")
  end)

  it("keeps to a limit of the body", function()
    local _, _, err = read_all(play({}, { url = "https://a.test/", max_body_bytes = 1000 }))
    assert.equal("limit", err.kind)
  end)
end)

describe("weather", function()
  local kinds = {
    refused = "network", reset_before = "network", reset_inside = "network", reset_after = "network",
    cut = "cut", cut_headers = "cut", stall_first = "timeout", stall_inside = "timeout", encoding = "encoding",
  }
  for name, kind in pairs(kinds) do
    it("breaks an answer by " .. name, function()
      local _, body, err = with_fault(name)
      assert.equal(kind, err.kind)
      assert.is_true(name == "reset_after" or #body < #BODY)
    end)
  end

  local statuses = { throttled = 429, throttled_date = 429, throttled_vaguely = 429, throttled_bare = 429,
    busy = 503, busy_date = 503, busy_bare = 503, html = 200, empty = 200, bad_json = 200 }
  for name, status in pairs(statuses) do
    it("answers something else by " .. name, function()
      local got, body, err = with_fault(name)
      assert.equal(status, got)
      assert.is_nil(err)
      assert.is_true(#body < 210)
    end)
  end

  it("ends an answer early without a sign of it by short", function()
    local status, body, err = with_fault "short"
    assert.same({ 200 }, { status, err })
    assert.is_true(#body < #BODY)
  end)

  it("says when to come again by a clock that is off, in each form of a date", function()
    local retry = require "usagelua.client.retry"
    local forms = {}
    for seed = 1, 40 do
      local transport, exchange = play { seed = seed, weather = function() return "throttled_date" end }
      read_all(transport, exchange)
      local headers = exchange:headers()
      local seconds = retry.retry_after(headers, transport.clock.now())
      assert.is_true(seconds >= 1 and seconds <= 20, headers["retry-after"])
      forms[headers["retry-after"]:match "^%a+ " and "asctime" or #headers["retry-after"]:match "^%a+" > 3
        and "rfc850" or "imf"] = true
    end
    assert.same({ asctime = true, rfc850 = true, imf = true }, forms)
  end)

  -- What becomes of each is spec/flow/weather_law_spec.lua's.
  it("has faults that asking again does not help against", function()
    local lasting = { unauthorized = 401, forbidden = 403, throttled_for_days = 429, other_json = 200,
      key_twice = 200, redirect_away = "^30[123]$", redirect_back = "^30[78]$", huge_headers = "limit",
      bomb = "limit" }
    for name, expected in pairs(lasting) do
      local status, _, err = with_fault(name)
      assert.truthy(tostring(err and err.kind or status):find(expected), name)
    end
    assert.equal(9, #weather.lasting)
  end)

  it("is known by these names, and refuses others", function()
    local known = 0
    for _ in pairs(kinds) do known = known + 1 end
    for _ in pairs(statuses) do known = known + 1 end
    assert.equal(known + 1, #weather.names) -- and short
    local ok, err = pcall(weather.fault, "hail")
    assert.is_false(ok)
    assert.equal("usage", err.kind)
  end)

  it("comes as often as said", function()
    local plan = weather.random(0.3)
    local draw = require "usagelua.transport.random".new(5)
    local met = 0
    for i = 1, 10000 do
      if plan({}, i, draw) then met = met + 1 end
    end
    assert.is_true(met > 2850 and met < 3150)
  end)
end)
