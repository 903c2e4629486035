-- One call to a vendor, however many requests it takes: a slot of the lane, the
-- request, the answer's status judged, its body consumed, and all of it again
-- where that makes sense. The slot is held until the body is consumed, or is here
-- as a whole and others wait for it; slot and exchange are closed on every way out.

local errors = require "usagelua.errors"
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
---`what` and `part` as the request has them, and `attempt`; one with a field
---`hears_parts_only` is told of the calls that belong to a part alone; warn hears
---sentences for people
---@return usagelua.client
function client.new(options)
  return setmetatable({
    scheduler = options.scheduler,
    transport = options.transport,
    clock = options.clock,
    random = options.random or math.random,
    log = options.log,
    hears_parts_only = type(options.log) == "table" and options.log.hears_parts_only,
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

-- What a call is made of: the request, its lane, and the answer that is open now.
local call_methods = {}
local call_metatable = { __index = call_methods }

-- Ends the request that is under way, if one is; again does nothing.
local function end_request(call)
  local opened = call.opened
  if not opened then return end
  call.opened = false
  opened:close()
end

call_metatable.__close = end_request

local function lane_of(self, request)
  return self:lane(request.lane or url.origin(request.url) or "requests")
end

local function is_repeatable(request)
  if request.repeatable ~= nil then return request.repeatable end
  return REPEATABLE_METHODS[request.method or "GET"] or false
end

-- The client's limits for a request that has none of its own.
local function limited(self, request)
  local copy = { max_body_bytes = self.max_body_bytes }
  for name, value in pairs(request) do copy[name] = value end
  return copy
end

local function new_call(self, request)
  if self.max_body_bytes and not request.max_body_bytes then request = limited(self, request) end
  local lane, timeout_s = request.lane, request.timeout_s
  return setmetatable({
    client = self,
    request = request,
    lane = type(lane) == "table" and lane or lane_of(self, request),
    -- nothing is made for a log that does not listen
    is_told = self.log ~= nil and (request.part ~= nil or not self.hears_parts_only),
    ends = timeout_s and self.clock.monotonic() + timeout_s or math.huge,
    attempt = 0,
    lost = 0,
    renewals = 0,
    opened = false,
    adopted = false,
    is_adopted = false,
  }, call_metatable)
end

local function url_of(call)
  return call.client.mask(url.without_query(call.request.url))
end

-- What is asked, in words; most calls need none.
local function name_of(call)
  local request = call.request
  call.what = call.what or request.what or (request.method or "GET") .. " " .. url_of(call)
  return call.what
end

-- Ask first whether the call is told of.
local function tell(call, event)
  event.call, event.what, event.attempt = call, name_of(call), call.attempt
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

---Waits until the exchange has something new.
---@return true? ok
---@return usagelua.error? err
function call_methods:wait_for(exchange)
  local of, ends, seconds = self.client, self.ends, nil
  if ends < math.huge then
    seconds = ends - of.clock.monotonic()
    if seconds <= 0 then return nil, timeout_error(self) end
  end
  of.scheduler:await(exchange, seconds)
  return true
end

-- One request --------------------------------------------------------------

local function is_urgent(call)
  local urgent = call.request.urgent
  if type(urgent) == "function" then return urgent() end
  return urgent
end

local function wait_for_slot(call)
  local slot, err = call.lane:acquire {
    reserve = call.request.reserve,
    urgent = is_urgent(call),
    time_left = function() return time_left(call), call.ends == math.huge end,
    on_wait = function(reason, seconds, is_new)
      if not call.is_told then return end
      tell(call, { event = "wait", reason = reason, seconds = seconds, is_new = is_new })
    end,
  }
  if slot then return slot end
  return nil, has_own_limit(call) and timeout_error(call) or err
end

local function acquire(call)
  local request = call.request
  if call.adopted then return call.lane:acquire { urgent = true } end
  local slot = not request.urgent and call.lane:take(request.reserve)
  if slot then return slot end
  return wait_for_slot(call)
end

local function with_auth(request, auth)
  local copy = {}
  for name, value in pairs(request) do copy[name] = value end
  copy.auth = auth
  return copy
end

-- Why an exchange without headers gets none any more; nil where they may come.
local function end_before_headers(exchange)
  local piece, state = exchange:read()
  if piece or state == "wait" then return nil end
  if state == "end" then state = { kind = "cut", message = "the answer ended before its headers" } end
  return errors.from(state)
end

-- Their status; nil and an error where they do not come.
local function wait_for_headers(call, exchange)
  local status = exchange:status()
  if status then return status end
  local err = call.is_adopted and end_before_headers(exchange)
  while not err do
    local ok
    ok, err = call:wait_for(exchange)
    if not ok then return nil, err end
    status = exchange:status()
    if status then return status end
    err = end_before_headers(exchange)
  end
  return nil, err
end

-- The request with its auth as the transport takes it, a token in the place of
-- what it is asked for with.
local function authorized(call, request)
  if not request.auth or placing.is_placed(request.auth) then return request end
  local list = placing.list(request.auth)
  for place, auth in ipairs(list) do
    if placing.GRANTED[auth.kind] then
      call.grant = require("usagelua.client.grant").of(call.client, auth)
      local token, err = call.grant:token()
      if not token then return nil, err end
      call.token = token
      list[place] = call.token.auth
    end
  end
  return with_auth(request, list)
end

-- The exchange of what is sent now, or of what somebody else has sent.
local function sent(call, request)
  local adopted = call.adopted
  call.is_adopted, call.adopted = adopted ~= false, false
  if adopted then return adopted end
  return call.client.transport:open(request)
end

-- Sends the request, when nothing is left to wait for.
local function send(call, opened, request)
  local self, ok, err = call.client, true, nil
  if request.sees_through then opened.scope = self.scheduler:clean_up_scope() end
  if request.on_send then ok, err = request.on_send() end
  if not ok then return nil, err end
  if call.is_told then
    tell(call, { event = "attempt", method = request.method or "GET", url = self.mask(request.url),
      request = request })
  end
  opened.exchange, err = sent(call, request)
  if not opened.exchange then return nil, errors.from(err) end
  return opened.exchange
end

-- The answer from its headers on; nil and an error, and then it is closed with
-- the call.
local function open(call, request)
  local slot, err = acquire(call)
  if not slot then return nil, err end
  local opened = response.new(call, slot)
  call.opened = opened
  request, err = authorized(call, request)
  if not request then return nil, err end
  local exchange
  exchange, err = send(call, opened, request)
  if not exchange then return nil, err end
  opened.status, err = wait_for_headers(call, exchange)
  if not slot.counted then slot:answered() end
  if err then return nil, err end
  opened.url, opened.now = request.url, call.client.clock.now()
  if call.is_told then
    tell(call, { event = "answer", status = opened.status, response = opened })
  end
  return opened
end

-- A request and the redirects that may be followed.
local function open_and_follow(call)
  local request, hops = call.request, 0
  while true do
    local opened, err = open(call, request)
    if not opened then return nil, err end
    if not redirect.leads_on(opened, request) then return opened end
    hops = hops + 1
    request, err = redirect.follow(opened, request, hops)
    end_request(call)
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
  local verdict = retry.verdict(err, is_repeatable(call.request), call.lost)
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
  if call.is_told then tell(call, { event = "lost", err = err }) end
  if call.request.on_lost then call.request.on_lost(err) end
end

-- The vendor's own wish holds the whole lane, a failure this call alone, a token
-- that is no longer taken nobody; who does not wait for the lane waits by itself.
local function wait_to_repeat(call, next_attempt)
  local seconds, reason = next_attempt.seconds, next_attempt.reason
  if next_attempt.is_lost then tell_lost(call, next_attempt.err) end
  if call.is_told then
    tell(call, { event = "retry", err = next_attempt.err, seconds = seconds, reason = reason,
      came = call.came })
  end
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

-- Whether the answer says that the call's token is not taken, and another may
-- help.
local function needs_new_token(call, status)
  if status ~= 401 then
    call.grant:accept(call.token)
    return false
  end
  if not may_renew(call) then return false end
  call.renewals = call.renewals + 1
  return true
end

-- An error for a status that is none of ours to consume; nil where it is.
local function refuse(call, opened)
  local status, request, now = opened.status, call.request, opened.now
  local is_renewed = call.token and needs_new_token(call, status)
  if status >= 200 and status < 300 then
    if request.any_status or not request.rules then return nil end
    return refusal.of_headers(opened, request.rules, now)
  end
  if is_renewed then
    local err = refusal.of_status(opened, now)
    call.planned = { seconds = 0, reason = "token", err = err }
    return err
  end
  hold_lane(call, opened.headers, now)
  if not request.any_status then
    return refusal.of(opened, request.rules, now, request.message_paths)
  end
  local err = refusal.of_status(opened, now)
  call.planned = plan(call, err)
  return call.planned and err
end

-- An answer of quite another kind is quoted.
local function is_another_kind(err)
  return err.kind == "json" or err.kind == "shape" and (err.retry or err.code == "no_rows")
end

local function explained(opened, err)
  if not is_another_kind(err) then return err end
  return noted(err, ("%d, %s"):format(opened.status, opened:description()))
end

local function done(call, answer)
  local budget = call.lane.budget
  if answer.status < 300 and budget.tokens < budget.most then budget:give() end
  if not call.is_told then return end
  tell(call, { event = "done", status = answer.status, facts = answer:facts(),
    request_id = answer:request_id(), rows = answer.rows })
end

-- What is known of an answer that was none, for who wants to ask the vendor.
local function note_came(call, opened, err)
  call.came = { status = opened.status, facts = opened:facts(), request_id = opened:request_id() }
  return err
end

-- True and what `consume` gave; false and the error.
local function consumed(call, opened, ...)
  local first, problem = ...
  if first == nil and problem ~= nil then
    local err = explained(opened, errors.from(problem))
    return false, note_came(call, opened, err)
  end
  done(call, opened)
  if call.keeps then call.opened = false end
  return true, ...
end

-- Whether the vendor's rules may find in the body that it was asked too fast.
local function may_say_more(request)
  return request.rules ~= nil and refusal.reads_body(request.rules)
end

-- A slot is for what is under way. Of an answer that is here as a whole it goes
-- on before the answer is read, so that the vendor works on the next request
-- meanwhile, and nobody sleeps until that is answered.
local function pass_on(call, opened)
  if not call.lane:is_awaited() or not opened:has_come() or may_say_more(call.request) then return end
  opened.slot:release()
  call.client.scheduler:give_way()
end

local function attempt(call, consume)
  call.attempt = call.attempt + 1
  local opened, err = open_and_follow(call)
  if not opened then return false, err end
  err = refuse(call, opened)
  if err then return false, note_came(call, opened, err) end
  pass_on(call, opened)
  return consumed(call, opened, consume(opened))
end

local function failure(call, err)
  local failed = call.attempt > 1 and noted(err, ("after %d attempts"):format(call.attempt)) or err
  failed = errors.wrap(failed, name_of(call))
  failed.url, failed.attempts = url_of(call), call.attempt
  failed.hint = failed.hint or require("usagelua.client.advice").of(failed)
  if call.is_told then tell(call, { event = "failed", err = failed, came = call.came }) end
  return failed
end

local try

-- The end of an attempt: what `consume` gave, the error, or another attempt.
local function conclude(call, consume, is_good, ...)
  end_request(call)
  if is_good then return ... end
  local err = ...
  local next_attempt = call.planned
  call.planned = nil
  if not next_attempt then next_attempt, err = plan(call, err) end
  if not next_attempt then return nil, failure(call, err) end
  wait_to_repeat(call, next_attempt)
  call.came = nil
  return try(call, consume)
end

function try(call, consume)
  return conclude(call, consume, attempt(call, consume))
end

---Sends the request, gives its answer to `consume`, repeats both where the
---error may pass, and returns what `consume` returned.
---@param request usagelua.request
---@param consume fun(response: usagelua.response): any called once per good
---answer; nil and an error fail the attempt; what it collected so far must be
---dropped then
---@return any ... or nil and an error; raises what cancelled the task
function methods:call(request, consume)
  local call <close> = new_call(self, request)
  return try(call, consume)
end

---The same where the first sending is somebody else's, who asked no lane and told
---no log of it (client/series.lua); its exchange is closed with the call.
---@param request usagelua.request
---@param exchange table
---@param consume fun(response: usagelua.response): any
---@return any ...
function methods:adopt(request, exchange, consume)
  local call <close> = new_call(self, request)
  call.adopted = exchange
  return try(call, consume)
end

local function itself(opened)
  return opened
end

---Like `call`, but the answer stays open: the caller reads it when it likes and
---closes it (`response:close()`, or a `<close>` variable). From here on nothing
---is repeated.
---@param request usagelua.request
---@return usagelua.response? response
---@return usagelua.error? err
function methods:open(request)
  local call <close> = new_call(self, request)
  call.keeps = true
  return try(call, itself)
end

return client
