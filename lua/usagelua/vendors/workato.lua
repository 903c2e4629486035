-- Workato Embedded: what the workspaces of an Embedded admin's customers used.
-- The vendor's pages say which parameters there are and little else: the names
-- of the answer's fields, how lists are written and where parameters go are
-- assumed. A query can change each of them.

local PAGES = "api-docs.workato.com/oem-api/resources/manage-customers/"
local LIMITS = "docs.workato.com/en/oem/oem-api/limits.html"

-- Any field beside from, to, interval and these limits the answer to recipes
-- that still exist; a default value that is sent is such a field.
local IDS = { "workspace_ids", "external_ids" }
local DROP_DELETED = { "group_by", "recipe_ids", "folder_ids", "recipe_name_pattern",
  "folder_name_pattern" }

local workspace_zone = { default = "UTC",
  help = "time zone of the Embedded admin's workspace, in which the vendor reads and writes times "
  .. "(unverified: whether it heeds an offset)" }

local function id_list(help, more)
  local param = { help = help, list = true, match = "%d+" }
  for key, value in pairs(more or {}) do param[key] = value end
  return param
end

local function name_pattern(of, without)
  return { help = "only recipes whose " .. of .. " contains this text, case-sensitive",
    characters = 3, without = { without } }
end

local ZONE_HINT = "set the parameter workspace_zone (now {workspace_zone}) to the time zone of the "
  .. "Embedded admin's workspace"

return {
  name = "workato",
  version = 1,
  title = "Workato Embedded",
  base_url = "https://www.workato.com",
  regions = {
    us = "https://www.workato.com",
    eu = "https://app.eu.workato.com",
    jp = "https://app.jp.workato.com",
    sg = "https://app.sg.workato.com",
    au = "https://app.au.workato.com",
    il = "https://app.il.workato.com",
    kr = "https://app.kr.workato.com",
    cn = "https://app.workatoapp.cn",
    trial = "https://app.trial.workato.com", -- developer sandbox
  },
  auth = { kind = "bearer", token_env = "WORKATO_API_TOKEN" },
  rate = { burst = 1000, per_minute = 1000, in_flight = 4 }, -- of the admin workspace, all clients
  check = { dataset = "monthly_tasks", period = "last month" },

  errors = {
    { status = 400, kind = "vendor", message = "the vendor refused the request and does not say why",
      hint = "its parameters are partly unverified: try --set ids_as=array, --set params_in=query, "
      .. "or one kind of ids alone" },
    { status = 401, kind = "auth", message = "the API token was not accepted",
      hint = "WORKATO_API_TOKEN is the token of an API client of the Embedded admin's workspace, "
      .. "and holds in its own region only: --set region=eu and so on" },
    { status = 403, kind = "permission", message = "the API client may not read customers' usage",
      hint = "give its role the managed-user endpoints; it has to belong to the Embedded admin's "
      .. "workspace" },
    { status = 404, kind = "not_found", message = "there is no such endpoint here",
      hint = "is the account in another region (--set region=eu), or without Workato Embedded?" },
    { status = 429, kind = "throttled", retry_after_s = 6,
      message = "1,000 requests a minute are used up, which all clients of the workspace share" },
    { status = 500, body = "Server error", kind = "http", message = "the vendor failed",
      hint = "its answer holds an id for its support" },
    { status = 504, kind = "http", message = "the vendor took longer than its 40 seconds",
      hint = "ask for fewer workspaces at once, or for a coarser --grain" },
  },

  datasets = {
    usage = {
      help = "tasks, jobs and recipes of customer workspaces",
      status = "unverified",
      sources = {
        { page = PAGES .. "post-usage-v-2", read = "2026-11-22", status = "documented" },
        { page = LIMITS, read = "2026-11-22", status = "documented" },
        { page = "names of the answer's fields: no page", read = "2026-11-22", status = "assumed" },
      },
      counts = "workato usage",
      params = {
        workspace_ids = id_list "workspaces asked for, all in one request",
        external_ids = { help = "the same by external id", list = true, match = "[^,]+" },
        recipe_ids = id_list("only these recipes", { without = { "recipe_name_pattern" } }),
        folder_ids = id_list("only recipes of these folders",
          { without = { "folder_name_pattern" } }),
        recipe_name_pattern = name_pattern("name", "recipe_ids"),
        folder_name_pattern = name_pattern("folder's name", "folder_ids"),
        group_by = { help = "a row per recipe or per workspace", one_of = { "recipe", "workspace" } },
        workspace_zone = workspace_zone,
        ids_as = { help = "how lists are written (unverified)", one_of = { "commas", "array" },
          default = "commas" },
        params_in = { help = "where parameters go: the page says both (unverified)",
          one_of = { "body", "query" }, default = "body" },
        max_days = { help = "longest range of one request; the vendor names none", match = "[1-9]%d*" },
      },
      needs_one_of = IDS,
      -- The vendor ends a request after 40 s: fewer ids first, never a shorter
      -- range, since that would change the figures.
      batch = { param = IDS, halve_on = { 408, 500, 502, 504 }, timeout_s = 60 },
      -- Jobs are allotted by the range and the interval of the query: what is
      -- cut need not add up. The last millisecond is asked for, since nobody
      -- says whether the end counts.
      window = { max_days = "{max_days}", ends = "inclusive", format = "rfc3339ms",
        zone = "{workspace_zone}", grain_by = "vendor", cut = "may_differ",
        grains = { "total", "year", "month", "week", "day", "hour" } },
      request = { method = "POST", path = "/api/v2/managed_users/statistics/usage",
        params_in = "{params_in}", lists_as = "{ids_as}",
        params = { from = "{from}", to = "{to}", interval = "{grain}",
          workspace_ids = "{workspace_ids}", external_ids = "{external_ids}",
          recipe_ids = "{recipe_ids}", folder_ids = "{folder_ids}",
          recipe_name_pattern = "{recipe_name_pattern}",
          folder_name_pattern = "{folder_name_pattern}", group_by = "{group_by}" } },
      idempotent = true, -- it only reads
      rows = "data[]",
      null_rows = true,
      must_appear = true,
      -- In the workspace's zone: the query's period or, with an interval, a part of it.
      row_period = { zone = "{workspace_zone}", hint = ZONE_HINT },
      -- No `identity`: where clocks go back, two hours of a workspace may begin at the same text.
      fields = {
        workspace_id = "workspace_id",
        workspace_name = "workspace_name",
        external_id = "external_id",
        recipe_id = { "recipe_id", when = { group_by = "recipe" } },
        recipe_name = { "recipe_name", when = { group_by = "recipe" } },
        folder_id = { "folder_id", when = { group_by = "recipe" } },
        folder_name = { "folder_name", when = { group_by = "recipe" } },
        period_start = "from",
        period_end = "to",
        tasks = "task_count",
        jobs_succeeded = "job_succeeded_count",
        jobs_failed = "job_failed_count",
        recipes = { "recipe_count", when = { group_by = { "workspace", false } } },
      },
      expect = { workspace_ids = "workspace_id", external_ids = "external_id" },
      notes = {
        { "deleted recipes are not counted: the vendor leaves them out of any query that asks for "
          .. "more than workspaces, period and interval", given = DROP_DELETED },
        { "a * in a name pattern stands for itself: the vendor knows no wildcards",
          holds = { recipe_name_pattern = "%*", folder_name_pattern = "%*" } },
      },
      sample = { params = { workspace_ids = "7" }, period = "2026-06", -- in the assumed names
        [[{"data":[{"workspace_id":7,"workspace_name":"Acme","external_id":"acme",
          "from":"2026-06-01T00:00:00.000Z","to":"2026-06-30T23:59:59.999Z","recipe_count":3,
          "task_count":1234,"job_succeeded_count":400,"job_failed_count":5}]}]] },
    },

    monthly_tasks = {
      help = "tasks of every customer in the last twelve calendar months",
      status = "unverified",
      sources = {
        { page = PAGES .. "get-managed-users-usage", read = "2026-11-22", status = "documented" },
        { page = "names of the answer's fields: no page", read = "2026-11-22", status = "assumed" },
      },
      counts = "workato usage",
      params = { workspace_zone = workspace_zone },
      window = { whole = "month", zone = "{workspace_zone}", grain_by = "vendor", cut = "forbidden",
        grains = { "total", "month" }, keeps_months = 12, vendor_default = true },
      request = { path = "/api/managed_users/usage" },
      rows = "result[]",
      null_rows = true,
      must_appear = true,
      -- The answer holds twelve months whatever is asked for.
      row_period = { zone = "{workspace_zone}", grain = "month", missing = "error", outside = "leave" },
      identity = { "workspace_id", "period_start" },
      fields = {
        workspace_id = "workspace_id",
        workspace_name = "workspace_name",
        external_id = "external_id",
        period_start = "from",
        period_end = "to",
        tasks = "task_count",
      },
      sample = { period = "vendor", -- in the assumed names
        [[{"result":[{"workspace_id":7,"workspace_name":"Acme","external_id":"acme",
          "from":"2026-06-01T00:00:00.000Z","to":"2026-06-30T23:59:59.999Z",
          "task_count":1234}]}]] },
    },
  },
}
