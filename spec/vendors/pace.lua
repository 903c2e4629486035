-- How fast a test vendor's time goes, and how many requests it takes in that time. A spec that
-- is about this time alone makes its seconds so long that it stands still, and lets it pass.
local store = require "vendors.store"

local pace = {}

local PASSED = "pace:passed"

--- Now, real seconds since the epoch and those that were let pass.
function pace.now()
  ngx.update_time()
  return ngx.now() + store.number(PASSED)
end

--- Lets so many real seconds pass at once.
function pace.pass(seconds)
  store.add(PASSED, seconds)
end

--- Seconds of the vendor's time since a real instant, of which each takes second_ms.
function pace.since(instant, second_ms)
  return (pace.now() - instant) * 1000 / second_ms
end

--- Takes one request out of the bucket kept under the key: true, or false when it is empty.
---@param rate table { burst, per_minute, leeway_s }: leeway_s of vendor's time forgives jitter
function pace.take(key, rate, second_ms)
  local kept = store.get(key) or { tokens = rate.burst, at = pace.now() }
  local refill = rate.per_minute / 60
  local tokens = math.min(rate.burst, kept.tokens + pace.since(kept.at, second_ms) * refill)
  local granted = tokens + (rate.leeway_s or 0) * refill >= 1
  store.set(key, { tokens = granted and tokens - 1 or tokens, at = pace.now() })
  return granted
end

return pace
