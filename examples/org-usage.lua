#!/usr/bin/env usagelua
-- What an organisation used in a month at all three vendors, in one report:
-- tests per product, who ran them, and the tasks of each Workato workspace. Run
-- it with your own credentials and the ids of your workspaces:
--
--     LT_USERNAME=… LT_ACCESS_KEY=… BROWSERSTACK_USERNAME=… BROWSERSTACK_ACCESS_KEY=… \
--       WORKATO_API_TOKEN=… usagelua org-usage.lua --workspaces 1001,1002
--
-- or offline, on recorded answers:
--
--     usagelua org-usage.lua --replay org-usage.har

local usage = require "usagelua"

local args = usage.args {
  workspaces = { list = true, default = { "1001", "1002", "1003", "1007" },
    help = "Workato workspaces that are counted" },
}

local month = usage.period()

local records = usage.collect {
  period = month,
  { "testmu.summary" },
  { "browserstack.users" },
  { "workato.usage", workspace_ids = args.workspaces },
}

local TESTING <const> = { vendor = { "testmu", "browserstack" } }

local by_product = records:aggregate {
  where    = TESTING,
  group_by = { "vendor", "product" },
  measures = { "tests", { "duration_s", as = "hours", unit = "h" } },
  having   = { tests = { min = 1 } },
  sort     = "-tests",
}

local by_team = records:aggregate {
  where    = { vendor = "browserstack" },
  group_by = { "team" },
  measures = { { "user_id", as = "seats", kind = "distinct" }, "tests" },
  sort     = "-tests",
}

local by_workspace = records:aggregate {
  where    = { vendor = "workato" },
  group_by = { "workspace_name" },
  measures = { "tasks", "jobs_succeeded", "jobs_failed", "recipes" },
  sort     = "-tasks",
}

return usage.report {
  title = "What we used, " .. month.label,
  usage.table { by_product, name = "by-product", title = "Tests per product", total = true },
  usage.chart { by_product, kind = "bar", x = "product", y = "hours", title = "Hours" },
  usage.table { by_team, name = "by-team", title = "BrowserStack, per team" },
  usage.table { by_workspace, name = "by-workspace", title = "Workato, per workspace",
    total = true },
}
