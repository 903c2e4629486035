-- The faults of the simulator: what each does to an answer on its way. A fault
-- gets an empty play (a list of timed events) and the request, and writes the
-- events; where it lets the play ask, the vendor has acted. Most pass, so that
-- the same call asked again is answered; the others are lasting.

local errors = require "usagelua.errors"

local weather = {}

local FIRST_BYTE_S <const> = 120
local STALL_S <const> = 30
local JSON_TYPE <const> = "application/json"

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

-- Retry-After -----------------------------------------------------------------

local DAYS <const> = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local LONG_DAYS <const> = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" }
local MONTHS <const> = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

-- The three forms of RFC 9110, 5.6.7, whatever the locale.
local DATES <const> = {
  function(d)
    return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(DAYS[d.wday], d.day, MONTHS[d.month], d.year,
      d.hour, d.min, d.sec)
  end,
  function(d)
    return ("%s, %02d-%s-%02d %02d:%02d:%02d GMT"):format(LONG_DAYS[d.wday], d.day, MONTHS[d.month],
      d.year % 100, d.hour, d.min, d.sec)
  end,
  function(d)
    return ("%s %s %2d %02d:%02d:%02d %04d"):format(DAYS[d.wday], MONTHS[d.month], d.day, d.hour, d.min,
      d.sec, d.year)
  end,
}
local DAY_S <const> = 86400

local function http_date(form, epoch)
  return DATES[form](os.date("!*t", math.floor(epoch)))
end

-- Says when to come again, and the simulator watches that we do not come before.
local function throttle(play, status, seconds, text, date)
  play:latency()
  play:not_before(seconds)
  play:headers(status, { ["content-type"] = "text/plain", date = date,
    ["retry-after"] = text or tostring(seconds) })
  play:body "slow down"
  play:finish()
end

-- The same as a date, by a clock that may be a day off.
local function throttle_by_date(play, status, seconds)
  local now = play.simulator.clock.now() + play.draw(-DAY_S, DAY_S)
  throttle(play, status, seconds, http_date(play.draw(1, #DATES), now + seconds), http_date(1, now))
end

-- What says nothing that can be heeded, or asks for no wait at all.
local NO_WAIT <const> = { "soon", "-5", "", "0", "1e3", "Thu, 01 Jan 1970 00:00:00 GMT" }
local ABSURD <const> = { "86400", "999999999999", "Fri, 31 Dec 2100 23:59:59 GMT" }

-- Bodies ----------------------------------------------------------------------

-- Invalid JSON of every class that readers are known to let pass.
local BAD_JSON <const> = {
  "{", '{"x":[1,2', '{"x":[1,]}', '{"x":1,}', "{'x':1}", "{x:1}", '{"x":01}',
  '{"x":+1}', '{"x":.5}', '{"x":1.}', '{"x":0x10}', '{"x":NaN}', '{"x":-Infinity}',
  '{"x":1}//', '{"x":/**/1}', '{"x":1} {"x":2}', '{"x":tru}', '{"x":True}',
  '{"x":"\\x41"}', '{"x":"\\ud800"}', '{"x":"\xff\xfe"}', '{"x":"a\nb"}', '{"x":"a',
  '{"x" 1}', '{"x":1 "b":2}', '\xef\xbb\xbf{"x":[]}x', "nothing", '{"x":' .. ("["):rep(200),
}
local OTHER_JSON <const> = { '{"hello":"world"}', "[]", "null", "0", '"ok"', '{"data":7}',
  '{"error":"try later"}' }

-- The answer with the first key of its object twice.
local function with_key_twice(body)
  return (body:gsub('^%s*{%s*("[^"]*")%s*:', "{%1:null,%1:", 1))
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
  cut_headers = function(play, request)
    play:ask(request)
    play:latency()
    fail(play, "cut", "the connection ended inside the headers")
  end,
  -- The close of the connection is the end of the body, and comes too early.
  short = function(play, request)
    begin_body(play, request)
    play.exchange.times.framing = "close"
    play:finish()
  end,
  encoding = function(play, request)
    begin_body(play, request)
    fail(play, "encoding", "the gzip stream is broken")
  end,
  throttled = function(play) throttle(play, 429, play.draw(1, 20)) end,
  throttled_date = function(play) throttle_by_date(play, 429, play.draw(1, 20)) end,
  throttled_vaguely = function(play) throttle(play, 429, 0, NO_WAIT[play.draw(1, #NO_WAIT)]) end,
  throttled_bare = function(play) plain(play, 429, {}, "Too Many Requests") end,
  busy = function(play) throttle(play, 503, play.draw(1, 10)) end,
  busy_date = function(play) throttle_by_date(play, 503, play.draw(1, 10)) end,
  busy_bare = function(play) plain(play, 503, { ["content-type"] = "text/html" }, "<h1>503</h1>") end,
  html = function(play)
    plain(play, 200, { ["content-type"] = "text/html" }, "<!doctype html><title>Sorry</title>")
  end,
  empty = function(play) plain(play, 200, { ["content-type"] = JSON_TYPE }, "") end,
  bad_json = function(play)
    plain(play, 200, { ["content-type"] = JSON_TYPE }, BAD_JSON[play.draw(1, #BAD_JSON)])
  end,
}

-- What asking again does not help against, and what must not be asked again.
local LASTING <const> = {
  unauthorized = function(play) plain(play, 401, {}, "HTTP Basic: Access denied.") end,
  forbidden = function(play)
    plain(play, 403, { ["content-type"] = JSON_TYPE }, '{"message":"Forbidden"}')
  end,
  throttled_for_days = function(play)
    plain(play, 429, { ["retry-after"] = ABSURD[play.draw(1, #ABSURD)] }, "slow down")
  end,
  other_json = function(play)
    plain(play, 200, { ["content-type"] = JSON_TYPE }, OTHER_JSON[play.draw(1, #OTHER_JSON)])
  end,
  key_twice = function(play, request)
    local answer = play:ask(request)
    plain(play, answer.status, answer.headers, with_key_twice(answer.body))
  end,
  huge_headers = function(play, request)
    play:ask(request)
    fail(play, "limit", "the headers are larger than 262144 bytes")
  end,
  bomb = function(play, request)
    local answer = play:ask(request)
    play:headers(answer.status, answer.headers)
    fail(play, "limit", "the body expands by more than 200 : 1")
  end,
  redirect_away = function(play)
    plain(play, play.draw(301, 303), { location = "https://usage.example.net/login" }, "")
  end,
  redirect_back = function(play, request)
    plain(play, play.draw(307, 308), { location = request.url }, "")
  end,
}

local function sorted_names(faults)
  local names = {}
  for name in pairs(faults) do names[#names + 1] = name end
  table.sort(names)
  return names
end

weather.names = sorted_names(FAULTS)
weather.lasting = sorted_names(LASTING)

---Those that answer with status 200 although the vendor has not acted: an answer
---that nobody reads, as to a deletion, cannot be told from a good one.
weather.pretending = { empty = true, html = true, bad_json = true, other_json = true }

---@param name string
---@return function fault(play, request)
function weather.fault(name)
  return FAULTS[name] or LASTING[name]
    or errors.raise_usage("%s", errors.unknown("fault", name, weather.names))
end

---A plan of faults: each request meets one with this probability.
---@param probability number 0 to 1
---@param names string[]? all that pass when absent
---@return fun(request: table, count: integer, draw: function): string?
function weather.random(probability, names)
  names = names or weather.names
  return function(_, _, draw)
    if draw() < probability then return names[draw(1, #names)] end
  end
end

return weather
