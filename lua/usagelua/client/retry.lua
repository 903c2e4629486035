-- When a failed request is sent again, and how long to wait before it: full
-- jitter, the token budget of a lane, Retry-After in both forms. Only decides;
-- the client waits and sends.

local errors = require "usagelua.errors"
local timestamp = require "usagelua.time.timestamp"

local TOKENS <const> = 20
local FIRST_WAIT_S <const> = 0.5
local LONGEST_WAIT_S <const> = 30
local LONGEST_RETRY_AFTER_S <const> = 3600

local retry = {}

-- Errors of a transfer after which the server may or may not have acted.
local LOST <const> = { network = true, timeout = true, cut = true, encoding = true, json = true }
-- Answers that came and were not read: what they say of the request is not known.
local UNREAD <const> = { shape = true, limit = true }
-- Statuses that say "again": RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4; and all 5xx.
local AGAIN <const> = { [408] = true, [425] = true, [429] = true }
-- Of these the server says that it has not acted.
local NOT_DONE <const> = { [425] = true, [429] = true }

-- The budget ---------------------------------------------------------------

local budget_methods = {}
local budget_metatable = { __name = "usagelua.retry.budget", __index = budget_methods }

---A lane's budget: a repeated request costs a token, a success gives one back,
---so a vendor that is down is asked no more than once per call and 20 times.
---@param tokens integer? 20 when absent
function retry.budget(tokens)
  local most = tokens or TOKENS
  return setmetatable({ tokens = most, most = most }, budget_metatable)
end

---@return boolean taken
function budget_methods:take()
  if self.tokens < 1 then return false end
  self.tokens = self.tokens - 1
  return true
end

---@param count integer? of successes; 1 when absent
function budget_methods:give(count)
  self.tokens = math.min(self.most, self.tokens + (count or 1))
end

-- Which errors -------------------------------------------------------------

---@param status integer
---@return boolean
function retry.is_retryable_status(status)
  return AGAIN[status] or status >= 500
end

local function is_worth_it(err)
  if err.retry ~= nil then return err.retry end
  if err.kind == "throttled" or LOST[err.kind] then return true end
  return err.kind == "http" and err.status ~= nil and retry.is_retryable_status(err.status)
end

-- Whether the request was certainly not carried out.
local function is_not_done(err)
  return err.sent == false or err.kind == "throttled" or NOT_DONE[err.status] or false
end

-- Redirects that may stand for an answer, unlike 307 and 308 (RFC 9110, 15.4).
local function leads_on(err)
  return err.kind == "refused" and err.status ~= nil and err.status >= 300 and err.status <= 303
end

---Whether the request may have been carried out although it ended with this
---error: its answer was lost, or nothing could be read in it.
---@param err usagelua.error
---@return boolean
function retry.is_outcome_unknown(err)
  if is_not_done(err) then return false end
  if LOST[err.kind] or UNREAD[err.kind] or leads_on(err) then return true end
  if err.kind == "http" then return err.status == nil or retry.is_retryable_status(err.status) end
  return err.kind == "deadline" and errors.is(err.cause) and retry.is_outcome_unknown(err.cause)
end

---Whether the request may be sent again after this error. An error's own field
---`retry` decides where it stands; `sent = false` says that the connection
---never stood.
---@param err usagelua.error
---@param repeatable boolean|"once" whether sending it twice does no harm;
---"once": after a lost answer it is sent once more and no more
---@param lost integer how many answers of this call were lost before
---@return "again"|"never"|"lost" verdict "lost": again, with its outcome unknown
function retry.verdict(err, repeatable, lost)
  if not is_worth_it(err) then return "never" end
  if repeatable == true or is_not_done(err) then return "again" end
  if repeatable == "once" and lost == 0 then return "lost" end
  return "never"
end

-- How long -----------------------------------------------------------------

---@param failures integer how often it has failed by now, from 1
---@param random fun(): number in [0, 1)
---@return number seconds anything up to a bound that doubles
function retry.backoff(failures, random)
  return random() * math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ^ math.min(failures - 1, 16))
end

---Reads Retry-After (RFC 9110, 10.2.3). A date is read against the answer's own
---Date, so that clocks which differ do not matter.
---@param headers table lower-case name -> value
---@param now number seconds since the epoch, used where the answer has no Date
---@return number? seconds nil where there is none or it cannot be read
function retry.retry_after(headers, now)
  local text = headers["retry-after"]
  if not text then return nil end
  local seconds = text:match "^%s*(%d+%.?%d*)%s*$"
  if seconds then return tonumber(seconds) + 0.0 end
  local date = timestamp.parse_http_date(text, now)
  if not date then return nil end
  local sent = headers.date and timestamp.parse_http_date(headers.date, now)
  return math.max(0.0, date - (sent or now))
end

local function longest_retry_after(options)
  return options.longest_retry_after_s or LONGEST_RETRY_AFTER_S
end

---@param seconds number that a server asks us to wait
---@return boolean
function retry.is_sane(seconds, options)
  return seconds <= longest_retry_after(options)
end

---How long to wait after this error; nil and the reason where the server asks
---for more than is sane.
---@param err usagelua.error
---@param failures integer
---@param options { random: fun(): number, longest_retry_after_s: number? }
---@return number? seconds
---@return "retry_after"|"throttled"|"backoff"|usagelua.error reason_or_error
function retry.delay(err, failures, options)
  local backoff = retry.backoff(failures, options.random)
  if not err.retry_after_s then
    return backoff, err.kind == "throttled" and "throttled" or "backoff"
  end
  if retry.is_sane(err.retry_after_s, options) then return err.retry_after_s, "retry_after" end
  local refused = errors.new(err)
  refused.message = ("%s (asks to wait %.0f s, more than the %.0f s that are waited at most)"):format(
    err.message, err.retry_after_s, longest_retry_after(options))
  return nil, refused
end

return retry
