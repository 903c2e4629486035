-- TestMu AI (LambdaTest), usage reports and concurrency of an organisation.
-- Facts come from the vendor's own OpenAPI file and its page "Get org-wide
-- product usage totals"; what they contradict stands beside the line.

local SPEC = "github.com/LambdaTest/documentation, api-specs/analytics.yaml @ 19da3c7"
local PAGE = "www.testmuai.com/support/api-doc/analytics/usage-report/"

local TYPES = { "account-user", "service-user" }
local PRODUCTS = { "automation", "app-automation", "hyperexecute", "realtime", "realdevice",
  "smartui" }
local SESSION_PRODUCTS = { "automation", "app-automation", "hyperexecute", "realtime",
  "realdevice" }

local user_type = { help = "which users are counted", list = true, one_of = TYPES,
  default = TYPES }

-- The specification says milliseconds everywhere; all its examples, and the
-- sibling /tests, read like seconds.
local duration_unit = { help = "unit of totalDuration: documented as ms, the samples read like s",
  one_of = { "ms", "s" }, default = "ms" }

-- Wall clock and one fixed offset. All examples end in 23:59:59, so the end
-- counts. Whether 90 days are seconds or calendar days is not said: 90 times
-- 24 h less a second is safe under both readings.
local usage_window = { max_days = 90, ends = "inclusive", format = "%Y-%m-%d %H:%M:%S",
  zone = "offset" }

local usage_echo = { type = "data.metadata.type", from = "data.metadata.from",
  to = "data.metadata.to", timezone = "data.metadata.timezone" }

local account = { "$.data.metadata.organization.name",
  else_path = "$.data.metadata.organization.id" }

local function doubtful_duration(record)
  local tests, seconds = record.tests, record.duration_s
  if tests and seconds and tests > 0 and seconds > 0 and seconds < tests then
    return "under one second per test: totalDuration may be in seconds, not in ms as documented; "
      .. "compare with the vendor's dashboard and set the parameter duration_unit=s"
  end
end

return {
  name = "testmu",
  version = 1,
  title = "TestMu AI (LambdaTest)",
  aliases = { "lambdatest" },
  base_url = "https://api.lambdatest.com/insights/api/v3/public",
  regions = {
    us = "https://api.lambdatest.com/insights/api/v3/public",
    eu = "https://eu-api.lambdatest.com/insights/api/v3/public",
  },
  auth = { kind = "basic", username_env = "LT_USERNAME", password_env = "LT_ACCESS_KEY" },
  rate = { in_flight = 4 }, -- no limit is documented
  check = { dataset = "summary", params = { type = "account-user" } },

  -- Three envelopes on one base URL: { status, message }, { error, status }, { message }.
  error_message = { "message", "error" },
  errors = {
    { status = 401, kind = "auth", message = "the user name or access key was not accepted",
      hint = "compare LT_USERNAME and LT_ACCESS_KEY with the vendor's page Account Settings" },
    { status = 403, body = "admin access required", kind = "permission",
      message = "the caller is not an admin of the organisation",
      hint = "use the credentials of an organisation admin" },
    { status = 403, body = "analytics:admin", kind = "permission",
      message = "the caller's role lacks the permission analytics:admin",
      hint = "have an admin add analytics:admin to the role" },
    { status = 403, body = "Authorization token missing", kind = "auth",
      message = "the request came without credentials", hint = "a proxy may have removed them" },
    { status = 400, body = "maximum allowed span", kind = "vendor",
      message = "the vendor refused the length of the period",
      hint = "its limit may have changed: ask for a shorter --period" },
    { status = 400, body = "invalid timezone format", kind = "vendor",
      message = "the vendor refused the time zone", hint = "try --zone UTC" },
  },

  datasets = {
    summary = {
      help = "totals per product of the organisation",
      sources = { { page = SPEC, read = "2026-11-22", status = "documented" },
        { page = PAGE .. "get-org-wide-product-usage-totals/", read = "2026-11-22",
          status = "documented" } },
      counts = "testmu usage",
      params = { type = user_type, duration_unit = duration_unit },
      fan_out = { "type" },
      window = usage_window,
      request = { path = "/usage-report/summary",
        query = { type = "{type}", from = "{from}", to = "{to}", timezone = "{timezone}" } },
      answer = "whole", -- the partial flag may stand behind the products
      ok = { status = "success" },
      echo = usage_echo,
      partial = "data.metadata.partial", -- does not say which product: every zero is unknown
      rows = "data.products{}",
      fields = {
        account = account,
        product = "@key",
        user_type = { param = "type" },
        tests = "totalTests",
        duration_s = { "totalDuration", unit = "{duration_unit}" },
        screenshots = "totalScreenshots", -- smartui has nothing else
      },
      also = {
        { fields = { account = account, user_type = { param = "type" },
          users = "$.data.metadata.totalUsers" } },
      },
      check = doubtful_duration,
    },

    users = {
      help = "usage of every user, per product (the vendor's drilldown)",
      sources = { { page = SPEC, read = "2026-11-22", status = "documented" },
        { page = PAGE .. "get-per-user-usage-breakdown-for-a-single-product/",
          read = "2026-11-22", status = "documented" } },
      counts = "testmu usage",
      params = {
        type = user_type,
        product = { help = "products asked for, one after another", list = true,
          one_of = PRODUCTS, default = PRODUCTS },
        duration_unit = duration_unit,
      },
      fan_out = { "type", "product" },
      window = usage_window,
      request = { path = "/usage-report/drilldown",
        query = { type = "{type}", product = "{product}", from = "{from}", to = "{to}",
          timezone = "{timezone}" } },
      -- metadata.totalTests is the whole organisation's, of both types: not
      -- the sum of these rows, and never compared with it.
      pages = { kind = "page", send = "page", first = 1, size_send = "limit", size = 100,
        total = "data.metadata.pagination.total", unique = "id" },
      answer = "whole",
      ok = { status = "success" },
      echo = { type = "data.metadata.type", product = "data.metadata.product",
        from = "data.metadata.from", to = "data.metadata.to",
        timezone = "data.metadata.timezone" },
      partial = "data.metadata.partial", -- comes with an empty list
      rows = "data.users[]",
      fields = {
        account = account,
        product = { param = "product" },
        user_type = { param = "type" },
        user_id = { "email", lower = true, else_path = "id" },
        user_name = "username",
        external_id = "id",
        tests = "totalTestsRun", -- the summary says totalTests
        duration_s = { "totalDuration", unit = "{duration_unit}" },
        screenshots = "totalScreenshots",
      },
      check = doubtful_duration,
    },

    concurrency = {
      help = "parallel sessions, per product and time bucket",
      sources = { { page = SPEC, read = "2026-11-22", status = "documented" } },
      params = {
        product = { help = "products asked for, one after another", list = true,
          one_of = SESSION_PRODUCTS, default = SESSION_PRODUCTS },
        granularity = { help = "width of a bucket", one_of = { "10m", "1h", "6h", "12h", "1d" },
          default = "1d" },
      },
      fan_out = { "product" },
      -- An end more than an hour in the future is refused.
      window = { max_days = 31, ends = "exclusive", format = "rfc3339", zone = "offset",
        until_now = true },
      request = { path = "/concurrency",
        query = { product = "{product}", from_timestamp = "{from_utc}", to_timestamp = "{to_utc}",
          granularity = "{granularity}", timezone = "{timezone}" } },
      ok = { status = "success" },
      echo = { product = "metadata.product", granularity = "metadata.granularity" },
      rows = "data[]",
      identity = { "period_start" },
      fields = {
        product = { param = "product" },
        period_start = "timestamp",
        sessions_peak = { "max_concurrency", kind = "max", unit = "1" },
        queued_peak = { "max_queued", kind = "max", unit = "1" },
        sessions_allowed = { "max_allowed_concurrency", kind = "last", of = "product", unit = "1" },
        queue_limit = { "max_queued_limit", kind = "last", of = "product", unit = "1" },
      },
      -- A bucket is a period of its own. Whether the vendor counts the end of the
      -- span is not said: a bucket that begins there belongs to the next window.
      row_period = { zone = "{timezone}", lasts = "{granularity}", missing = "error", outside = "leave" },
    },
  },
}
