-- A transport without network: a function answers, time is virtual, and seeded
-- weather breaks what a network breaks. The same seed plays the same run, in
-- milliseconds instead of minutes.

local clock = require "usagelua.time.clock"
local random = require "usagelua.transport.random"
local scripted = require "usagelua.transport.scripted"
local timers = require "usagelua.client.timers"
local url = require "usagelua.client.url"
local weather = require "usagelua.transport.weather"

local LONGEST_PIECE <const> = 4096
local LATENCY_S <const> = { 0.005, 0.2 }

-- A play: the timed events of one exchange ----------------------------------

local play_methods = {}
local play_metatable = { __index = play_methods }

local function new_play(simulator, exchange)
  return setmetatable({ simulator = simulator, exchange = exchange, draw = simulator.draw,
    host = url.origin(exchange.request.url), at = simulator.clock.monotonic(), events = {},
    next_event = 1 }, play_metatable)
end

local function add(play, happen)
  play.events[#play.events + 1] = { at = play.at, happen = happen }
end

function play_methods:pause(seconds) self.at = self.at + seconds end

function play_methods:latency()
  local low, high = table.unpack(self.simulator.latency_s)
  self:pause((low + (high - low) * self.draw()) / 2)
end

function play_methods:headers(status, headers)
  add(self, function() self.exchange:push_headers(status, headers) end)
end

function play_methods:error(err)
  add(self, function()
    self.exchange:push_error(err)
    self:leave()
  end)
end

function play_methods:finish()
  add(self, function()
    self.exchange:push_end()
    self:leave()
  end)
end

---It is under way no more; again does nothing.
function play_methods:leave()
  if self.has_left then return end
  self.has_left = true
  self.simulator.in_flight = self.simulator.in_flight - 1
end

---The body in pieces of random sizes, a little apart.
function play_methods:body(text)
  local from = 1
  while from <= #text do
    local length = self.draw(1, self.simulator.longest_piece)
    local piece = text:sub(from, from + length - 1)
    add(self, function() self.exchange:push(piece) end)
    self:pause(self.draw() * 0.01)
    from = from + length
  end
end

---Lets the vendor answer, and so act.
function play_methods:ask(request)
  local answer = self.simulator.answer(request, self.simulator.clock.monotonic())
  self:pause(answer.delay_s or 0)
  self.exchange.times.framing, self.exchange.times.coding = answer.framing, answer.coding
  return { status = answer.status or 200, headers = answer.headers or {}, body = answer.body or "" }
end

---From when the answer is there, nobody may ask that host for so long; who does
---is counted.
function play_methods:not_before(seconds)
  local holds, host, at = self.simulator.asked_to_wait_until, self.host, self.at + seconds
  add(self, function() holds[host] = math.max(holds[host] or at, at) end)
end

local function fair_weather(play, request)
  local answer = play:ask(request)
  play:latency()
  play:headers(answer.status, answer.headers)
  play:body(answer.body)
  play:finish()
end

-- The transport ------------------------------------------------------------

---@class usagelua.simulator
---@field clock usagelua.clock its virtual clock
---@field requests integer how many came in
---@field faults table<string, integer> how often each fault was met
---@field too_early integer requests that came before a Retry-After was over
---@field most_in_flight integer
local methods = {}
local metatable = { __name = "usagelua.simulator", __index = methods }

local simulator = {}

---The answer is asked for when the request arrives, in the order of arrival.
---@param options { answer: fun(request: table, now: number): table, seed: integer?,
---  weather: (number|function)?, clock: usagelua.clock?, latency_s: number[]?, longest_piece: integer? }
---answer gives { status = 200, headers = {}, body = "", delay_s = 0, framing = "length", coding = nil };
---weather: a probability, or a function(request, count, draw) that names a fault or gives nil
---@return usagelua.simulator
function simulator.new(options)
  local plan = options.weather or 0
  return setmetatable({
    answer = options.answer,
    plan = type(plan) == "number" and weather.random(plan) or plan,
    draw = random.new(options.seed or 1),
    clock = options.clock or clock.virtual(1767225600), -- 2026-01-01
    latency_s = options.latency_s or LATENCY_S,
    longest_piece = options.longest_piece or LONGEST_PIECE,
    plays = timers.new(),
    asked_to_wait_until = {},
    requests = 0, faults = {}, too_early = 0, in_flight = 0, most_in_flight = 0,
  }, metatable)
end

local function next_event(play)
  return play.events[play.next_event]
end

local function schedule(self, play)
  local event = next_event(play)
  if event then self.plays:add(play, event.at) end
end

local function count(self, request)
  self.requests = self.requests + 1
  self.in_flight = self.in_flight + 1
  self.most_in_flight = math.max(self.most_in_flight, self.in_flight)
  local hold = self.asked_to_wait_until[url.origin(request.url)]
  if hold and self.clock.monotonic() < hold then self.too_early = self.too_early + 1 end
end

local function write_play(self, play, request)
  local fault = self.plan(request, self.requests, self.draw)
  if not fault then return fair_weather(play, request) end
  self.faults[fault] = (self.faults[fault] or 0) + 1
  weather.fault(fault)(play, request)
end

---@return usagelua.scripted.exchange
function methods:open(request)
  count(self, request)
  local exchange = scripted.new(request)
  local play = new_play(self, exchange)
  exchange.times = { connect_s = 0 }
  exchange.on_close = function()
    play:leave()
    self.plays:remove(play)
  end
  play:latency()
  add(play, function() write_play(self, play, request) end) -- it arrives
  schedule(self, play)
  return exchange
end

local function deliver(self, play, now)
  local event = next_event(play)
  while event and event.at <= now do
    play.next_event = play.next_event + 1
    event.happen()
    event = next_event(play)
  end
  schedule(self, play)
end

---Moves the clock to the next event, or by the time to wait where none comes
---before.
---@param wait_s number
---@return table changed exchanges
---@return boolean interrupted
function methods:step(wait_s)
  local start = self.clock.monotonic()
  local first = self.plays:first()
  local passing = first and math.min(wait_s, math.max(0, first.at - start)) or wait_s
  self.clock:advance(passing)
  local now, changed = self.clock.monotonic(), {}
  if first and first.at > now and first.at - now < 1e-9 then now = first.at end
  local play = self.plays:due(now)
  while play do
    deliver(self, play, now)
    changed[#changed + 1] = play.exchange
    play = self.plays:due(now)
  end
  return changed, false
end

---@return integer exchanges that still have something to come
function methods:active()
  return self.plays.count
end

function methods:close()
  self.plays = timers.new()
end

return simulator
