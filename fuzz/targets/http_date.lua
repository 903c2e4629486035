-- Dates of HTTP and RFC 3339, and Retry-After: what is read comes back from
-- what is written of it, and a wait is never shorter than the server asks.
--
-- The first line is a Retry-After or a date, the second the answer's Date.

local errors = require "usagelua.errors"
local retry = require "usagelua.client.retry"
local timestamp = require "usagelua.time.timestamp"

local NOW <const> = 1782864000.25 -- 2026-07-01
local BEFORE <const>, AFTER <const> = -62135596800 - 86400, 253402300800 + 86400 -- years 1 to 9999

local function check_epoch(epoch, reason)
  if epoch == nil then
    assert(type(reason) == "string", "refused without a reason")
    return false
  end
  assert(math.type(epoch) == "integer", "an instant that is no integer")
  assert(epoch >= BEFORE and epoch <= AFTER, "an instant beyond the calendar")
  return epoch > BEFORE + 2 * 86400 and epoch < AFTER - 2 * 86400
end

local function check_http_date(text)
  local epoch, reason = timestamp.parse_http_date(text, NOW)
  if not check_epoch(epoch, reason) then return end
  assert(timestamp.parse_http_date(timestamp.format_http_date(epoch), NOW) == epoch, "HTTP date")
end

local function check_rfc3339(text)
  local epoch, rest = timestamp.parse_rfc3339(text)
  if not check_epoch(epoch, rest) then return end
  assert(rest >= 0 and rest <= 1, "a fraction that is none")
  assert(timestamp.parse_rfc3339(timestamp.format_rfc3339(epoch)) == epoch, "RFC 3339")
  assert(timestamp.parse_rfc3339(timestamp.format_rfc3339(epoch, -3600 * 5)) == epoch, "its offset")
  assert(timestamp.instant(text) == epoch + rest, "instant")
end

local function check_retry_after(text, date)
  local wait_s = retry.retry_after({ ["retry-after"] = text, date = date }, NOW)
  if wait_s == nil then return end
  assert(math.type(wait_s) and wait_s >= 0, "a wait that is none")
  local err = errors.new { kind = "throttled", message = "429", retry_after_s = wait_s }
  local delay_s, problem = retry.delay(err, 1, { random = function() return 0 end })
  if delay_s then
    assert(delay_s >= wait_s and delay_s <= 3600, "a wait that undercuts, or has no end")
  else
    assert(errors.is(problem), "a refusal without an error")
  end
end

return function(bytes)
  local first, second = bytes:match "^([^\n]*)\n?(.*)$"
  for _, text in ipairs { first, second } do
    check_http_date(text)
    check_rfc3339(text)
  end
  check_retry_after(first, second)
  check_retry_after(first, nil)
end, true
