-- A slot is for what is under way: of an answer that is here as a whole it goes on before the
-- answer is read. The vendor never sees more at once than is let, and what is read is the same.
local client = require "usagelua.client"
local clock = require "usagelua.time.clock"
local curl = require "usagelua.transport.curl"
local nginx = require "support.nginx"
local scheduler = require "usagelua.client.scheduler"
local simulated = require "support.simulated"

local COUNT <const> = 12

local server

setup(function() server = nginx.start { tls = false } end)
teardown(function() server:stop() end)
before_each(function() server:reset() end)

local function new_world()
  local time = clock.real()
  local transport = assert(curl.new())
  local world = { transport = transport, scheduler = scheduler.new { transport = transport, clock = time } }
  world.client = client.new { scheduler = world.scheduler, transport = transport, clock = time,
    random = function() return 0 end }
  return setmetatable(world, { __close = function()
    assert.equal(0, transport:active())
    world.scheduler:close()
  end })
end

-- Who sent and who read, in order, and what each read or why not.
local function ask(world, in_flight, address, fields)
  local lane, events, found = world.client:lane("acme", { in_flight = in_flight }), {}, {}
  local function one(place)
    local request = { url = address:format(place), lane = "acme", on_send = function()
      events[#events + 1] = "sends " .. place
      return true
    end }
    for name, value in pairs(fields or {}) do request[name] = value end
    local text, err = world.client:call(request, function(response)
      events[#events + 1] = "reads " .. place
      return response:text()
    end)
    found[place] = text or err.kind
  end
  world.scheduler:run(function()
    local tasks = {}
    for place = 1, COUNT do tasks[place] = world.scheduler:spawn(one, place) end
    world.scheduler:join_good(tasks)
  end)
  assert.equal(0, lane.in_flight)
  assert.same({}, lane.queue)
  return events, found
end

-- Answers without a body are whole with their headers, as small ones mostly are; the end of others
-- comes later.
local function ask_simulated(in_flight, fields, body)
  local world = simulated { answer = function() return { body = body or "" } end }
  local events = ask(world, in_flight, "https://api.acme.test/%d", fields)
  assert.equal(in_flight, world.transport.most_in_flight)
  assert.equal(2 * COUNT, #events)
  return events
end

local function ask_server(in_flight, address, fields)
  server:reset()
  local world <close> = new_world()
  local _, found = ask(world, in_flight, server.url .. address, fields)
  assert.is_true(server:control("/counts").peak.none <= in_flight)
  return found
end

local function place_of(events, wanted)
  for place, event in ipairs(events) do
    if event == wanted then return place end
  end
end

-- Whether the request behind an answer's is sent before the answer is read, each time.
local function goes_on(events)
  local count = 0
  for place = 1, COUNT - 1 do
    local sent = place_of(events, ("sends %d"):format(place + 1))
    if sent < place_of(events, ("reads %d"):format(place)) then count = count + 1 end
  end
  assert.is_true(count == 0 or count == COUNT - 1)
  return count > 0
end

local function bodies()
  local expected = {}
  for place = 1, COUNT do expected[place] = "n" .. place end
  return expected
end

describe("a slot", function()
  it("goes on before an answer is read that has come", function()
    assert.is_true(goes_on(ask_simulated(1)))
    ask_simulated(3)
  end)

  for name, rules in pairs {
    ["by values"] = { { path = "status", value = "slow down", kind = "throttled" } },
    ["by text"] = { { status = 200, body = "slow down", kind = "throttled" } },
  } do
    it("stays where the vendor's rules look into the answer " .. name, function()
      assert.is_false(goes_on(ask_simulated(1, { rules = rules })))
    end)
  end

  it("goes on where rules are about errors alone", function()
    local rules = { { status = 403, body = "slow down", kind = "throttled" },
      { status = { 500, 504 }, path = "status", value = "slow down", kind = "throttled" } }
    assert.is_true(goes_on(ask_simulated(1, { rules = rules })))
  end)

  it("never doubles at a real server, which sees the same", function()
    for _, in_flight in ipairs { 1, 3 } do
      assert.same(bodies(), ask_server(in_flight, "/_answer?body=n%d"))
    end
  end)

  it("stays while more is to come", function()
    assert.is_false(goes_on(ask_simulated(1, nil, "more")))
    ask_simulated(3, nil, "more")
  end)

  it("comes back whatever becomes of the answers", function()
    for _, in_flight in ipairs { 1, 3 } do
      server:reset()
      server:control("/faults", { seed = 3, rules = { { status = 503, first = 2 },
        { wire = "reset_body", first = 2 }, { wire = "cut_body", first = 2 } } })
      local world <close> = new_world()
      local _, found = ask(world, in_flight, server.url .. "/_answer?body=n%d")
      assert.same(bodies(), found)
      assert.is_true(server:control("/counts").peak.none <= in_flight)
    end
  end)
end)
