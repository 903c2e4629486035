-- The main job with a condition in Lua, which sees all columns of each record.
local usage = require "usagelua"

local records = usage.collect { period = usage.period "2026-06", { "bench.users" } }

return records:aggregate {
  where = function(row)
    return row.role ~= "Owner" and (row.last_test or "") >= "2026-03"
  end,
  group_by = { "team", "product" },
  measures = { "tests", { "duration_s", as = "minutes", unit = "min" } },
}
