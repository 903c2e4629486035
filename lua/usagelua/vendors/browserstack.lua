-- BrowserStack, usage reports of users and teams, and parallels as they are now.
-- Facts come from the vendor's pages "Usage reports", "Introduction" and "Get
-- plan details"; what they leave open or contradict stands beside the line.

local DOCS = "www.browserstack.com/docs/"

local function page(path)
  return { page = DOCS .. path, read = "2026-11-22", status = "documented" }
end

local SOURCES = { page "enterprise/api-reference/usage-reports/access",
  page "enterprise/api-reference/usage-reports/overview",
  page "enterprise/api-reference/introduction",
  -- answers of strangers and to unknown paths; no Retry-After
  { page = "github.com/api-evangelist/browserstack, errors/ and rate-limits/ @ 9f76e79",
    read = "2026-11-22", status = "observed" } }

-- A product filter is mentioned eight times and never named.
local products = {
  help = "products in the report; name and spelling of what is sent are unverified", list = true,
  one_of = { "live_testing", "app_live_testing", "automate", "app_automate" },
  words = { live_testing = "Live", app_live_testing = "App-Live", automate = "Automate",
    app_automate = "App-Automate" },
}

-- All of it is assumed: the page names the two dates and nothing else.
local function dates(unverified)
  return {
    format = "%Y-%m-%d",
    ends = "inclusive", -- both days count
    zone = "UTC",
    vendor_default = true, -- the last two weeks where no dates are sent
    unverified = unverified,
  }
end

local DATES = "how it reads startDate and endDate (place, format, zone, whether the last day counts) "
  .. "is not documented"
local TEAM_DATES = "nothing documents that team reports take dates: the figures may be of the last "
  .. "two weeks"
local STATES = "of a job's states only enqueued and completed are documented: failed and the like are "
  .. "taken as failures, every other word as pending"
local SCOPE = "an Owner's or Admin's report holds everybody, a team admin's only the own team; the "
  .. "report does not say which"

-- The page shows another host on the status and delete calls: a typo. That a
-- delete ends in /status is as odd, and what the page says.
local function job(kind)
  local path = "/reports/usage/v1/" .. kind
  return {
    create = { method = "POST", path = path,
      json = { startDate = "{from}", endDate = "{to}", products = { "{products}" } } },
    id = "data.job_id",
    status = { path = path .. "/{job_id}/status" },
    state = "status",
    done = { "completed" },
    failed = { "failed", "failure", "error", "errored", "cancelled", "canceled", "expired" },
    result = { path = path .. "/{job_id}" },
    not_ready = { status = { 404, 409 } }, -- what an early or unknown job is answered is not said
    delete = { method = "DELETE", path = path .. "/{job_id}/status" },
    poll = { first_s = 4, longest_s = 20 }, -- a request every 4 s is all there is
    time_s = 900,
    live = 4,
  }
end

-- For the team's report and delete the page shows the user's paths. They come
-- second: a user's report in their place has no teams and is refused.
local team_job = job "team"
team_job.result.instead = { path = "/reports/usage/v1/user/{job_id}" }
team_job.delete.instead = { path = "/reports/usage/v1/user/{job_id}/status" }

local SUCCESS = { success = { true, "true" } } -- documented as text, shown as a boolean

-- Access is of now, usage of the period: either may name a product alone.
local PRODUCTS = { "usage.product_data{}", "product_access{}" }

local DATA = "usage.product_data.{key}."

local function with_usage(fields)
  fields.product = "@key"
  fields.has_access = "product_access.{key}"
  fields.last_activity = "usage.last_activity" -- login, test or account page
  fields.last_test = "usage.last_test" -- ever, not in the period
  fields.duration_s = { DATA .. "minutes_used", unit = "min" }
  fields.parallels_from = DATA .. "parallel_consumption_type"
  fields.parallels_allocated = DATA .. "current_parallels_allocated" -- the team's, on each member
  -- Documented as an object, shown as an integer.
  fields.parallels_peak = { DATA .. "max_parallels_used", other_type = "unknown" }
  return fields
end

local function gauge(path, more)
  local field = { path, kind = "last", of = "product", unit = "1" }
  for key, value in pairs(more or {}) do field[key] = value end
  return field
end

local function plan(product)
  return {
    product = { value = product },
    plan = { "automate_plan", column = true },
    sessions_running = gauge "parallel_sessions_running",
    sessions_allowed = gauge "parallel_sessions_max_allowed",
    team_sessions_allowed = gauge("team_parallel_sessions_max_allowed", { null = true }),
    sessions_queued = gauge "queued_sessions",
    queue_limit = gauge "queued_sessions_max_allowed",
  }
end

return {
  name = "browserstack",
  version = 1,
  title = "BrowserStack",
  base_url = "https://api.browserstack.com",
  regions = { enterprise = "https://api-enterprise.browserstack.com" },
  hosts = { "api-cloud.browserstack.com" },
  auth = { kind = "basic", username_env = "BROWSERSTACK_USERNAME",
    password_env = "BROWSERSTACK_ACCESS_KEY" },
  -- Of the group: every create, poll, report and delete of all its clients counts.
  rate = { burst = 5, per_minute = 15, in_flight = 4 },
  check = { dataset = "automate_plan", leaves_open = "whether usage reports are allowed: they take "
    .. "an Enterprise plan, the role Owner or Admin, and BrowserStack Support to enable them" },

  errors = {
    { status = 401, kind = "auth", message = "the user name or access key was not accepted",
      hint = "compare BROWSERSTACK_USERNAME and BROWSERSTACK_ACCESS_KEY with the account's settings" },
    { status = 403, body = "[Rr]ate [Ll]imit", kind = "throttled",
      message = "the group's rate limit is used up" },
    { status = 403, kind = "permission", message = "the credential is not allowed to ask this",
      hint = "usage reports take an Enterprise plan, the role Owner or Admin, and BrowserStack "
      .. "Support to enable them" },
    { body = "[Cc]oncurrent jobs", kind = "busy", message = "the queue of report jobs is full",
      hint = "jobs of other programs may fill it" }, -- the queue is documented, the answer is not
    { status = 404, body = "<[Hh][Tt][Mm][Ll]", kind = "vendor",
      message = "the vendor knows no such path" },
    { status = 422, kind = "vendor", message = "the vendor refused what was asked",
      hint = "how it takes dates and products is not documented: try --period vendor, and without "
      .. "products" },
  },

  datasets = {
    users = {
      help = "usage, access and last test of every user, per product",
      sources = SOURCES,
      unverified = { DATES, STATES, SCOPE },
      counts = "browserstack usage",
      params = { products = products },
      window = dates(),
      job = job "user",
      ok = SUCCESS,
      rows = "data.users[]",
      each = PRODUCTS,
      each_optional = true, -- a seat that names no product is still a seat
      identity = { "user_id" },
      fields = with_usage {
        user_id = { "email", lower = true },
        user_name = "name",
        role = "role",
        team = "team", -- the organisation's own bears a suffix: "Acme Inc. (Org)"
        tests = DATA .. "tests_run", -- of app_automate in the sample only
        cypress_runs = DATA .. "cypress_executions_run",
      },
    },

    teams = {
      help = "members, minutes and parallels of every team, per product",
      status = "assumed",
      sources = SOURCES,
      unverified = { DATES, STATES, SCOPE, "the page shows /user/ in the paths of a team's report and "
        .. "delete: /team/ is asked first" },
      counts = "browserstack usage",
      of = "team",
      -- Whether the organisation's row holds the other teams is not said.
      may_contain = { team_type = "org" },
      params = { products = products },
      window = dates(TEAM_DATES),
      job = team_job,
      ok = SUCCESS,
      rows = "data.teams[]",
      each = PRODUCTS,
      each_optional = true,
      -- no `identity`: nothing says that no two teams have the same name, and nothing else tells them apart
      fields = with_usage { team = "name", team_type = "type", members = "user_count" },
    },

    automate_plan = {
      help = "parallel sessions of Automate: running, queued and allowed, as of now",
      sources = { page "automate/api-reference/selenium/plan" },
      request = { path = "/automate/plan.json" },
      rows = ".",
      fields = plan "automate",
    },

    app_automate_plan = {
      help = "parallel sessions of App Automate: running, queued and allowed, as of now",
      sources = { page "app-automate/api-reference/appium/plan" },
      base_url = "https://api-cloud.browserstack.com",
      request = { path = "/app-automate/plan.json" },
      rows = ".",
      fields = plan "app_automate",
    },
  },
}
