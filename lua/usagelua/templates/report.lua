-- What `usagelua new report NAME` writes. @name@ stands for the name.

local REPORT <const> = [==[
#!/usr/bin/env usagelua
-- Usage of a month by product, and whether it stays within the contract.
--
--   usagelua @name@.lua --period 2026-06 -o @name@.json -o @name@.csv
--   usagelua plan @name@.lua     what it will ask, without asking
--   usagelua check @name@.lua    are all credentials there and accepted?
--
-- Record the answers once and change the script without asking again:
--
--   usagelua @name@.lua --record @name@.har
--   usagelua @name@.lua --replay @name@.har
local usage = require "usagelua"

local args = usage.args {
  max_tests = { type = "integer", default = 500000, help = "tests a month in the contract" },
}
local month = usage.period()                    -- --period and --zone; last month, UTC

local records = usage.collect {                 -- asks for nothing yet
  period = month,
  { "testmu.summary" },                         -- `usagelua vendors` lists what can be asked
}

local by_product = records:aggregate {
  group_by = { "vendor", "product" },
  measures = { "tests", { "duration_s", as = "hours", unit = "h" } },
  sort     = "-tests",
}

return usage.report {
  title = "Usage, " .. month.label,
  usage.table  { by_product, name = "by-product", title = "By product", total = true },
  usage.budget { by_product, name = "tests-in-contract", measure = "tests",
                 max = args.max_tests },
}
]==]

return { { path = "@name@.lua", text = REPORT } }
