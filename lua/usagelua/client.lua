-- One call to a vendor, however many requests it takes: a slot of the lane, the
-- request, the answer's status judged, its body consumed, and all of it again
-- where that makes sense. The slot is held until the body is consumed, and slot
-- and exchange are closed on every way out.

local advice = require "usagelua.client.advice"
local errors = require "usagelua.errors"
local grant = require "usagelua.client.grant"
local placing = require "usagelua.client.placing"
local rate = require "usagelua.client.rate"
local redirect = require "usagelua.client.redirect"
local refusal = require "usagelua.client.refusal"
local response = require "usagelua.client.response"
local retry = require "usagelua.client.retry"
local url = require "usagelua.client.url"

local ATTEMPTS <const> = 12
local PARTIAL_ATTEMPTS <const> = 3
local RENEWALS <const> = 3
local REPEATABLE_METHODS <const> = {
  GET = true, HEAD = true, OPTIONS = true, PUT = true, DELETE = true,
}

---@class usagelua.request what the transport takes, and:
---@field auth table? one auth or a list of them; a kind whose token is asked for is as good as the
---others (grant.lua)
---@field unrecorded boolean? its answer stands in no cassette
---@field lane (string|usagelua.rate.lane)? the credential's lane; one per origin when absent
---@field what string? what is asked, for messages: "testmu.summary 2026-06, page 1"
---@field repeatable (boolean|"once")? whether sending it twice does no harm (RFC 9110, 9.2.2);
---by its method when absent; "once": a create, see promises A5
---@field attempts integer? requests at most; 12 when absent
---@field partial_attempts integer? of answers that are partial; 3 when absent
---@field rules usagelua.refusal.rule[]? what the vendor's errors mean
---@field message_paths string[]? where the vendor's own message may stand in a JSON error
---@field any_status boolean? every status is an answer, after retries
---@field timeout_s number? for the whole call, seconds
---@field gives_up (fun(err: usagelua.error): boolean)? errors that end the call though they may pass
---@field reserve (integer|fun(): integer)? requests of the rate to leave free
---@field urgent (boolean|fun(): boolean)? do not wait for the rate
---@field part table? what its events are told of: a part of a query
---@field on_lost fun(err: usagelua.error)? the answer to a create was lost
---@field on_send (fun(): boolean?, usagelua.error?)? before each sending, when nothing is left to
---wait for; nil and an error: it is not sent
---@field sees_through boolean? once it is sent, being cancelled does not end it: its answer is
---waited for in a clean-up scope

---@class usagelua.client
local methods = {}
local metatable = { __name = "usagelua.client", __index = methods }

local client = {}

---@param options { scheduler: usagelua.scheduler, transport: table, clock: usagelua.clock,
---  random: (fun(): number)?, log: fun(event: table)?, warn: fun(text: string)?,
---  mask: (fun(text: string): string)?, longest_retry_after_s: number?, max_body_bytes: integer? }
---max_body_bytes: for requests that do not say; log hears events: attempt, wait,
---answer, retry, lost, done, failed; each with `call`, the same for all of a call,
---`what` and `part` as the request has them, and `attempt`; warn hears sentences for people
---@return usagelua.client
function client.new(options)
  return setmetatable({
    scheduler = options.scheduler,
    transport = options.transport,
    clock = options.clock,
    random = options.random or math.random,
    log = options.log or function() end,
    warn = options.warn or function() end,
    mask = options.mask or require "usagelua.core".mask.text,
    longest_retry_after_s = options.longest_retry_after_s,
    max_body_bytes = options.max_body_bytes,
    lanes = {},
    grants = {},
  }, metatable)
end

---The lane of a credential, made at its first mention.
---@param name string
---@param settings usagelua.rate.settings? and retry_tokens, 20 when absent
---@return usagelua.rate.lane
function methods:lane(name, settings)
  local lane = self.lanes[name]
  if not lane then
    local own = { name = name }
    for key, value in pairs(settings or {}) do own[key] = value end
    lane = rate.new(self.scheduler, own)
    lane.budget = retry.budget(own.retry_tokens)
    self.lanes[name] = lane
  end
  return lane
end

-- A call -------------------------------------------------------------------

local function lane_of(self, request)
  if type(request.lane) == "table" then return request.lane end
  return self:lane(request.lane or url.origin(request.url) or "requests")
end

local function is_repeatable(request)
  if request.repeatable ~= nil then return request.repeatable end
  return REPEATABLE_METHODS[request.method or "GET"] or false
end

-- The client's limits where the request has none of its own.
local function limited(self, request)
  if request.max_body_bytes or not self.max_body_bytes then return request end
  local copy = { max_body_bytes = self.max_body_bytes }
  for name, value in pairs(request) do copy[name] = value end
  return copy
end

local function new_call(self, request)
  request = limited(self, request)
  local shown = self.mask(url.without_query(request.url))
  return {
    client = self,
    request = request,
    repeatable = is_repeatable(request),
    lane = lane_of(self, request),
    url = shown,
    what = request.what or (request.method or "GET") .. " " .. shown,
    attempt = 0,
    lost = 0,
    renewals = 0,
    ends = request.timeout_s and self.clock.monotonic() + request.timeout_s or math.huge,
  }
end

local function tell(call, event)
  event.call, event.what, event.attempt = call, call.what, call.attempt
  event.part = call.request.part
  call.client.log(event)
end

-- Seconds that this call may still take.
local function time_left(call)
  local self = call.client
  return math.min(self.scheduler:time_left(), call.ends - self.clock.monotonic())
end

-- Whether it is the call's own limit that ends it, and not the run's.
local function has_own_limit(call)
  local self = call.client
  return call.ends - self.clock.monotonic() < self.scheduler:time_left()
end

local function timeout_error(call)
  return errors.new { kind = "timeout", retry = false,
    message = ("no complete answer within %g s"):format(call.request.timeout_s) }
end

-- Waits until the exchange has something new.
local function wait_for(call, exchange)
  local seconds = call.ends - call.client.clock.monotonic()
  if seconds <= 0 then return nil, timeout_error(call) end
  call.client.scheduler:await(exchange, seconds < math.huge and seconds or nil)
  return true
end

-- One request --------------------------------------------------------------

local live_methods = {}
local live_metatable = { __index = live_methods }

-- Gives back the slot and ends the exchange; again does nothing.
function live_methods:close()
  if self.exchange then self.exchange:close() end
  if self.response then self.response.is_over = true end
  self.slot:release()
  if self.scope then self.scope:close() end
end

function live_metatable:__close()
  if not self.kept then self:close() end
end

-- A second hold on the same request, for while it is being set up.
local function until_ready(live)
  return setmetatable({}, { __close = function() if not live.response then live:close() end end })
end

local function is_urgent(call)
  local urgent = call.request.urgent
  if type(urgent) == "function" then return urgent() end
  return urgent
end

local function acquire(call)
  local slot, err = call.lane:acquire {
    reserve = call.request.reserve,
    urgent = is_urgent(call),
    time_left = function() return time_left(call) end,
    on_wait = function(reason, seconds, is_new)
      tell(call, { event = "wait", reason = reason, seconds = seconds, is_new = is_new })
    end,
  }
  if slot then return slot end
  return nil, has_own_limit(call) and timeout_error(call) or err
end

local function with_auth(request, auth)
  local copy = {}
  for name, value in pairs(request) do copy[name] = value end
  copy.auth = auth
  return copy
end

local function wait_for_headers(call, exchange)
  while not exchange:status() do
    local piece, state = exchange:read()
    if not piece and state ~= "wait" then
      if state == "end" then state = { kind = "cut", message = "the answer ended before its headers" } end
      return nil, errors.from(state)
    end
    local ok, err = wait_for(call, exchange)
    if not ok then return nil, err end
  end
  return true
end

local function may_send(request)
  if not request.on_send then return true end
  return request.on_send()
end

-- The request with its auth as the transport takes it, a token in the place of
-- what it is asked for with.
local function authorized(call, request)
  if not request.auth then return request end
  local list = placing.list(request.auth)
  for place, auth in ipairs(list) do
    if placing.GRANTED[auth.kind] then
      call.grant = grant.of(call.client, auth)
      local token, err = call.grant:token()
      if not token then return nil, err end
      call.token = token
      list[place] = call.token.auth
    end
  end
  return with_auth(request, list)
end

local function open(call, request)
  local slot, err = acquire(call)
  if not slot then return nil, err end
  local live = setmetatable({ slot = slot }, live_metatable)
  local _ <close> = until_ready(live)
  request, err = authorized(call, request)
  if not request then return nil, err end
  live.scope = request.sees_through and call.client.scheduler:clean_up_scope() or nil
  local ok
  ok, err = may_send(request)
  if not ok then return nil, err end
  tell(call, { event = "attempt", method = request.method or "GET", url = call.client.mask(request.url),
    request = request })
  live.exchange, err = call.client.transport:open(request)
  if not live.exchange then return nil, errors.from(err) end
  ok, err = wait_for_headers(call, live.exchange)
  slot:answered()
  if not ok then return nil, err end
  live.response = response.new { exchange = live.exchange, request = call.request, url = request.url,
    attempt = call.attempt, now = call.client.clock.now(), mask = call.client.mask,
    wait = function(exchange) return wait_for(call, exchange) end,
    release = function() live:close() end }
  tell(call, { event = "answer", status = live.response.status, response = live.response })
  return live
end

-- A request and the redirects that may be followed.
local function open_and_follow(call)
  local request, hops = call.request, 0
  while true do
    local live, err = open(call, request)
    if not live then return nil, err end
    if not redirect.leads_on(live.response, request) then return live end
    hops = hops + 1
    request, err = redirect.follow(live.response, request, hops)
    live:close()
    if not request then return nil, err end
  end
end

-- Judging and repeating ----------------------------------------------------

local function noted(err, note)
  local copy = errors.new(err)
  copy.message = ("%s (%s)"):format(err.message, note)
  return copy
end

local function too_late(call, err, seconds)
  return errors.new { kind = has_own_limit(call) and "timeout" or "deadline",
    status = err.status, cause = err,
    message = ("%s; the next attempt would be in %.0f s, and only %.0f s are left"):format(
      err.message, seconds, math.max(0, time_left(call))) }
end

local function may_try_again(call, err)
  local most = call.request.attempts or ATTEMPTS
  if err.kind == "partial" then most = math.min(most, call.request.partial_attempts or PARTIAL_ATTEMPTS) end
  return call.attempt < most
end

-- How to go on after an error: how long to wait and why; or nil and the error
-- that the call ends with.
local function plan(call, err)
  local self, gives_up = call.client, call.request.gives_up
  if gives_up and gives_up(err) then return nil, err end
  local verdict = retry.verdict(err, call.repeatable, call.lost)
  if verdict == "never" then return nil, err end
  if not may_try_again(call, err) then return nil, err end
  local seconds, reason = retry.delay(err, call.attempt, self)
  if not seconds then return nil, reason end
  if reason ~= "backoff" then seconds = seconds + retry.backoff(1, self.random) end
  if seconds >= time_left(call) then return nil, too_late(call, err, seconds) end
  if not call.lane.budget:take() then
    return nil, noted(err, "not asked again: too many failures of " .. call.lane.name)
  end
  return { seconds = seconds, reason = reason, is_lost = verdict == "lost", err = err }
end

local function tell_lost(call, err)
  call.lost = call.lost + 1
  tell(call, { event = "lost", err = err })
  if call.request.on_lost then call.request.on_lost(err) end
end

-- The vendor's own wish holds the whole lane, a failure this call alone, a token
-- that is no longer taken nobody; who does not wait for the lane waits by itself.
local function wait_to_repeat(call, next_attempt)
  local seconds, reason = next_attempt.seconds, next_attempt.reason
  if next_attempt.is_lost then tell_lost(call, next_attempt.err) end
  tell(call, { event = "retry", err = next_attempt.err, seconds = seconds, reason = reason,
    came = call.came })
  if reason == "token" then return end
  if reason ~= "backoff" then
    if next_attempt.err.kind == "throttled" then call.lane:drained() end
    call.lane:pause(seconds, reason)
  end
  if reason == "backoff" or is_urgent(call) then call.client.scheduler:sleep(seconds) end
end

-- The whole lane holds back from the moment the vendor says so, while the rest
-- of that answer may still be on its way.
local function hold_lane(call, headers, now)
  local seconds = retry.retry_after(headers, now)
  if seconds and retry.is_sane(seconds, call.client) then call.lane:pause(seconds, "retry_after") end
end

-- A call whose token is not taken is made again with another; once more after
-- that only where the token had been good, and has ended while the call waited.
local function may_renew(call)
  if call.renewals > 0 and not (call.token.is_good and call.renewals < RENEWALS) then return false end
  return call.grant:reject(call.token, call.request)
end

-- Whether the answer says that the token is not taken, and another may help.
local function needs_new_token(call, status)
  if not call.token then return false end
  if status ~= 401 then
    call.grant:accept(call.token)
    return false
  end
  if not may_renew(call) then return false end
  call.renewals = call.renewals + 1
  return true
end

-- An error for a status that is none of ours to consume; nil where it is.
local function refuse(call, live)
  local status, request = live.response.status, call.request
  local is_renewed = needs_new_token(call, status)
  local now = call.client.clock.now()
  if status >= 200 and status < 300 then
    return not request.any_status and refusal.of_headers(live.response, request.rules, now) or nil
  end
  if is_renewed then
    local err = refusal.of_status(live.response, now)
    call.planned = { seconds = 0, reason = "token", err = err }
    return err
  end
  hold_lane(call, live.response.headers, now)
  if not request.any_status then
    return refusal.of(live.response, request.rules, now, request.message_paths)
  end
  local err = refusal.of_status(live.response, now)
  call.planned = plan(call, err)
  return call.planned and err
end

-- An answer of quite another kind is quoted.
local function is_another_kind(err)
  return err.kind == "json" or err.kind == "shape" and (err.retry or err.code == "no_rows")
end

local function explained(live, err)
  if not is_another_kind(err) then return err end
  return noted(err, ("%d, %s"):format(live.response.status, live.response:description()))
end

local function outcome(live, ...)
  local first, problem = ...
  if first == nil and problem ~= nil then return nil, explained(live, errors.from(problem)) end
  return table.pack(...)
end

local function done(call, answer)
  if answer.status < 300 then call.lane.budget:give() end
  tell(call, { event = "done", status = answer.status, facts = answer:facts(),
    request_id = answer:request_id(), rows = answer.rows })
end

-- What is known of an answer that was none, for who wants to ask the vendor.
local function note_came(call, live, err)
  if err then
    call.came = { status = live.response.status, facts = live.response:facts(),
      request_id = live.response:request_id() }
  end
  return err
end

local function attempt(call, consume)
  call.attempt, call.came = call.attempt + 1, nil
  local live <close>, err = open_and_follow(call)
  if not live then return nil, err end
  err = note_came(call, live, refuse(call, live))
  if err then return nil, err end
  local results
  results, err = outcome(live, consume(live.response, function() live.kept = true end))
  if results then done(call, live.response) end
  return results, note_came(call, live, err)
end

local function failure(call, err)
  local failed = call.attempt > 1 and noted(err, ("after %d attempts"):format(call.attempt)) or err
  failed = errors.wrap(failed, call.what)
  failed.url, failed.attempts = call.url, call.attempt
  failed.hint = failed.hint or advice.of(failed)
  tell(call, { event = "failed", err = failed, came = call.came })
  return failed
end

---Sends the request, gives its answer to `consume`, repeats both where the
---error may pass, and returns what `consume` returned.
---@param request usagelua.request
---@param consume fun(response: usagelua.response, keep: fun()): any called once per
---good answer; nil and an error fail the attempt; what it collected so far must be
---dropped then
---@return any ... or nil and an error; raises what cancelled the task
function methods:call(request, consume)
  local call = new_call(self, request)
  while true do
    local results, err = attempt(call, consume)
    if results then return table.unpack(results, 1, results.n) end
    local next_attempt = call.planned
    call.planned = nil
    if not next_attempt then next_attempt, err = plan(call, err) end
    if not next_attempt then return nil, failure(call, err) end
    wait_to_repeat(call, next_attempt)
  end
end

---Like `call`, but the answer stays open: the caller reads it when it likes and
---closes it (`response:close()`, or a `<close>` variable). From here on nothing
---is repeated.
---@param request usagelua.request
---@return usagelua.response? response
---@return usagelua.error? err
function methods:open(request)
  return self:call(request, function(opened, keep)
    keep()
    return opened
  end)
end

return client
