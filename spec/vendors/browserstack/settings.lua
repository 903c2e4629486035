-- What the specs set of the BrowserStack test vendor. Where the vendor documents nothing, each
-- possibility is a setting.
local ledger = require "vendors.browserstack.ledger"
local options = require "vendors.options"

-- Roles: admin (sees all); team_admin (sees its team only); user (403); disabled (403: reports
-- are not switched on for the plan). Credentials of one group share rate and queue.
local CREDENTIALS = {
  { username = "ada_bs", key = "BS_ada-key/with+odd=chars&%", role = "admin", group = "acme" },
  { username = "lena_bs", key = "BS_lena-key-0123456789", role = "team_admin", group = "acme",
    team = 2 },
  { username = "emil_bs", key = "BS_emil-key-0123456789", role = "admin", group = "emea",
    ledger = { seed = 2, users = 40, teams = 3, organization = "Acme EMEA" } },
  { username = "mia_bs", key = "BS_mia-key-0123456789", role = "user", group = "acme" },
  { username = "uma_bs", key = "BS_uma-key-0123456789", role = "disabled", group = "free" },
}

local settings = options.of("browserstack", {
  credentials = CREDENTIALS,
  now = 1784109600,           -- 2026-07-15T10:00:00Z; days after it have no usage
  second_ms = 1000,           -- real milliseconds that a second of the vendor takes
  ledger = {},                -- see ledger.lua
  rate = { burst = 5, per_minute = 15, leeway_s = 0 },
  throttle = 429,             -- or 403, with the text "Rate Limit Exceeded"
  queue = { limit = 10, status = 422, counts_completed = true },
  states = { { state = "enqueued", polls = 1 }, { state = "completed" } }, -- see steps.lua
  plans = {},                 -- for single jobs: { kind, nth, states, not_ready }
  not_ready = {},             -- { status, fetches, for_s }: completed, but no report yet
  early_status = 409,         -- a report asked for before "completed"
  lifetime_s = false,         -- seconds of the vendor after which a job is gone
  invalid_status = 422,       -- parameters that make no sense
  params_in = "body",         -- "query": of the create calls
  products_parameter = "products",
  product_words = {},         -- { live_testing = "Live", ... }: what is sent for a product
  max_days = false,           -- longest range
  team_report = "team",       -- "user": only under /user/; "users": there, and a user report
  team_delete = "team",       -- "user": only under /user/
  delete_path = "/status",    -- "": the job's own path
  delete_completed_status = false, -- a completed job is not in the queue: refused so
  parallels_as_object = false,
  org_row = "own",            -- "all": the organisation's row contains the other teams
  plan = { automate_plan = "Automate Pro", parallel_sessions_running = 3,
    team_parallel_sessions_max_allowed = 20, parallel_sessions_max_allowed = 25,
    queued_sessions = 1, queued_sessions_max_allowed = 25 },
  app_plan = { automate_plan = "App Automate Pro", parallel_sessions_running = 2,
    team_parallel_sessions_max_allowed = 10, parallel_sessions_max_allowed = 10,
    queued_sessions = 0, queued_sessions_max_allowed = 10, terminal_access = true },
})

--- What a credential sees: its ledger and, of a team admin, its team.
function settings.scope(kept, credential)
  return { ledger = ledger.build(credential.ledger or kept.ledger, kept.now),
    team = credential.role == "team_admin" and credential.team or nil }
end

--- The credential with this user name, default the first one.
function settings.credential(kept, username)
  for _, credential in ipairs(kept.credentials) do
    if not username or credential.username == username then return credential end
  end
end

return settings
