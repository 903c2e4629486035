#!/usr/bin/env usagelua
-- Seats at BrowserStack that nobody used in the month: how many per team, and
-- whose. A seat is idle where it has access to a product and its last test was
-- before the month, or never. Run it with your own credentials:
--
--     BROWSERSTACK_USERNAME=… BROWSERSTACK_ACCESS_KEY=… usagelua idle-seats.lua
--
-- or offline, on recorded answers:
--
--     usagelua idle-seats.lua --replay idle-seats.har

local usage = require "usagelua"

local month = usage.period()

local records = usage.collect { period = month, { "browserstack.users" } }

local IDLE <const> = { has_access = true, last_test = { before = month.from, or_absent = true } }

local per_team = records:aggregate {
  where    = IDLE,
  group_by = { "team" },
  measures = { { "user_id", as = "seats", kind = "distinct" } },
  sort     = "-seats",
}

local people = records:aggregate {
  where    = IDLE,
  group_by = { "team", "user_id", "last_test" },
  measures = { { "product", as = "products", kind = "distinct" } },
}

return usage.report {
  title = "Seats not used in " .. month.label,
  usage.table { per_team, name = "per-team", title = "Per team" },
  usage.table { people, name = "people", title = "Whose" },
}
