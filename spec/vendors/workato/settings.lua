-- What the specs set of the Workato test vendor. Where the vendor documents nothing, each
-- possibility is a setting.
local ledger = require "vendors.workato.ledger"
local options = require "vendors.options"

-- Credentials of one group share the rate. Roles: admin; member (no Embedded admin: 403).
local CREDENTIALS = {
  { token = "wrk_ada-token/with+odd=chars&%", role = "admin", group = "acme" },
  { token = "wrk_emil-token-0123456789", role = "admin", group = "emea",
    ledger = { seed = 2, workspaces = 3 } },
  { token = "wrk_mia-token-0123456789", role = "member", group = "acme" },
}

local settings = options.of("workato", {
  credentials = CREDENTIALS,
  now = 1784109600,             -- 2026-07-15T10:00:00Z; nothing has run after it
  second_ms = 1000,             -- real milliseconds that a second of the vendor takes
  ledger = {},                  -- see ledger.lua
  rate = { burst = 1000, per_minute = 1000, leeway_s = 0 },
  zone = "UTC",                 -- the admin workspace's, one of zones.lua
  offset = "heeded",            -- "ignored": date-times are wall clocks of the zone
  params_in = "body",           -- "query"
  ids_as = "either",            -- "commas", "array"
  both_ids = "union",           -- "refused"
  ["end"] = "inclusive",        -- "exclusive": what `to` means
  allocation = "start",         -- "retry": a job counts when it was last retried in the range
  null_as = "null",             -- "empty": data without rows
  empty_rows = false,           -- true: buckets without jobs have rows of zeros
  returned = "offset",          -- "z": the zone's wall clock and a literal Z
  returned_end = "inclusive",   -- "exclusive": a row's `to`
  fields = {},                  -- { task_count = "tasks_used", recipe_count = false, ... }
  extra_fields = {},            -- names of further numeric fields
  timeout = { above = false, status = 504, hang_s = 0 }, -- of more ids than `above`
  monthly_shape = "flat",       -- "nested": months within each customer
})

--- The ledger that a credential sees.
function settings.ledger(kept, credential)
  return ledger.build(credential.ledger or kept.ledger)
end

--- The credential of this group, default the first one.
function settings.credential(kept, group)
  for _, credential in ipairs(kept.credentials) do
    if not group or credential.group == group then return credential end
  end
end

return settings
