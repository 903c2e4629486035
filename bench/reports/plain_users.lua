-- The main job without a report job around it: the document by one request.
local usage = require "usagelua"

local args = usage.args { document = { help = "name of the document", required = true } }

local records = usage.collect { period = usage.period "vendor", { "plain.users", document = args.document } }

return records:aggregate {
  group_by = { "team", "product" },
  measures = { "tests", { "duration_s", as = "minutes", unit = "min" } },
}
