-- The main job as a report script: tests and minutes by team and product.
local usage = require "usagelua"

local records = usage.collect { period = usage.period "2026-06", { "bench.users" } }

return records:aggregate {
  group_by = { "team", "product" },
  measures = { "tests", { "duration_s", as = "minutes", unit = "min" } },
}
