#!/usr/bin/env usagelua
-- A vendor of one's own: vendors/acme.lua beside this script says how Acme Cloud
-- is asked, and nothing is built. Seats that are paid for against people who
-- tested, per team, and who may use what without having done so. With a token:
--
--     ACME_TOKEN=… usagelua acme-licences.lua --period 2026-06
--
-- or offline, on recorded answers:
--
--     usagelua acme-licences.lua --replay acme-licences.har

local usage = require "usagelua"

local month = usage.period()

local used = usage.collect { period = month, { "acme.usage" } }
local access = usage.collect { period = month, { "acme.access" } }

local per_team = used:aggregate {
  group_by = { "team" },
  measures = { "licences", { "user_id", as = "people", kind = "distinct" },
               "tests", { "duration_s", as = "hours", unit = "h" } },
  derive   = { tests_per_seat = function(team) return team.tests / team.licences end },
  sort     = "-tests",
}

local seats = used:aggregate { measures = { { "licences", over = "team" } } }

local unused = access:aggregate {
  where    = { has_access = true, tests = { absent = true } },
  group_by = { "product" },
  measures = { { "user_id", as = "people", kind = "distinct" } },
}

return usage.report {
  title = "Acme Cloud, " .. month.label,
  usage.table  { per_team, name = "per-team", title = "Per team", total = true },
  usage.table  { unused, name = "unused", title = "Access that nobody used" },
  usage.budget { seats, name = "seats-in-contract", measure = "licences", max = 10 },
}
