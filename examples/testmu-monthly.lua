#!/usr/bin/env usagelua
-- Tests of the month per product and kind of user, and whether the contract
-- holds. Run it with your own credentials:
--
--     LT_USERNAME=… LT_ACCESS_KEY=… usagelua testmu-monthly.lua --period 2026-06
--
-- or offline, on recorded answers:
--
--     usagelua testmu-monthly.lua --replay testmu-monthly.har

local usage = require "usagelua"

local args = usage.args {
  contract = { type = "integer", default = 20000, help = "tests that the contract holds a month" },
}

local month = usage.period()

local records = usage.collect {
  period = month,
  { "testmu.summary" },
}

local by_product = records:aggregate {
  group_by = { "product" },
  measures = { "tests", { "duration_s", as = "hours", unit = "h" }, "screenshots" },
  sort     = "-tests",
}

local by_type = records:aggregate {
  group_by = { "user_type" },
  measures = { "tests", "users" },
}

return usage.report {
  title = "TestMu usage, " .. month.label,
  usage.table { by_product, name = "by-product", title = "By product", total = true },
  usage.table { by_type, name = "by-type", title = "By kind of user" },
  usage.budget { by_type, name = "tests-in-contract", measure = "tests", max = args.contract },
}
