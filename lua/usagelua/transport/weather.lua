-- The faults of the simulator: what each does to an answer on its way. A fault
-- gets the simulator, an empty play (a list of timed events) and the request,
-- and writes the events; `answered` says whether the vendor acted on it.

local errors = require "usagelua.errors"

local weather = {}

local FIRST_BYTE_S <const> = 120
local STALL_S <const> = 30

local function fail(play, kind, message, fields)
  local err = errors.new { kind = kind, message = message }
  for name, value in pairs(fields or {}) do err[name] = value end
  play:error(err)
end

local function reset(play)
  fail(play, "network", "the connection was reset")
end

-- The vendor's answer up to somewhere inside its body.
local function begin_body(play, request)
  local answer = play:ask(request)
  play:latency()
  play:headers(answer.status, answer.headers)
  play:body(answer.body:sub(1, play.draw(0, math.max(0, #answer.body - 1))))
end

local function whole_body(play, request)
  local answer = play:ask(request)
  play:latency()
  play:headers(answer.status, answer.headers)
  play:body(answer.body)
end

local function plain(play, status, headers, body)
  headers["content-type"] = headers["content-type"] or "text/plain"
  play:latency()
  play:headers(status, headers)
  play:body(body)
  play:finish()
end

-- Says when to come again, and the simulator watches that we do not come before.
local function throttle(play, status, seconds, text)
  play:latency()
  play:not_before(seconds)
  play:headers(status, { ["content-type"] = "text/plain", ["retry-after"] = text or tostring(seconds) })
  play:body "slow down"
  play:finish()
end

local FAULTS <const> = {
  refused = function(play)
    fail(play, "network", "the connection was refused", { sent = false })
  end,
  reset_before = function(play, request)
    if play.draw() < 0.5 then play:ask(request) end
    play:latency()
    reset(play)
  end,
  reset_inside = function(play, request)
    begin_body(play, request)
    reset(play)
  end,
  reset_after = function(play, request)
    whole_body(play, request)
    reset(play)
  end,
  cut = function(play, request)
    begin_body(play, request)
    fail(play, "cut", "the body ended early")
  end,
  stall_first = function(play, request)
    if play.draw() < 0.5 then play:ask(request) end
    play:pause(FIRST_BYTE_S)
    fail(play, "timeout", ("no byte came within %d s"):format(FIRST_BYTE_S))
  end,
  stall_inside = function(play, request)
    begin_body(play, request)
    play:pause(STALL_S)
    fail(play, "timeout", ("nothing came for %d s"):format(STALL_S))
  end,
  encoding = function(play, request)
    begin_body(play, request)
    fail(play, "encoding", "the gzip stream is broken")
  end,
  throttled = function(play) throttle(play, 429, play.draw(1, 20)) end,
  throttled_bare = function(play) plain(play, 429, {}, "Too Many Requests") end,
  busy = function(play) throttle(play, 503, play.draw(1, 10)) end,
  busy_bare = function(play) plain(play, 503, { ["content-type"] = "text/html" }, "<h1>503</h1>") end,
  html = function(play)
    plain(play, 200, { ["content-type"] = "text/html" }, "<!doctype html><title>Sorry</title>")
  end,
  empty = function(play) plain(play, 200, { ["content-type"] = "application/json" }, "") end,
}

weather.names = {}
for name in pairs(FAULTS) do weather.names[#weather.names + 1] = name end
table.sort(weather.names)

---@param name string
---@return function fault(play, request)
function weather.fault(name)
  return FAULTS[name] or errors.raise_usage("%s", errors.unknown("fault", name, weather.names))
end

---A plan of faults: each request meets one with this probability.
---@param probability number 0 to 1
---@param names string[]? all when absent
---@return fun(request: table, count: integer, draw: function): string?
function weather.random(probability, names)
  names = names or weather.names
  return function(_, _, draw)
    if draw() < probability then return names[draw(1, #names)] end
  end
end

return weather
