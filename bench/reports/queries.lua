-- Many queries of one dataset, as many at once as are let.
local usage = require "usagelua"

local args = usage.args {
  document = { help = "name of the document", required = true },
  count = { type = "integer", default = 1, help = "how many queries" },
  in_flight = { type = "integer", default = 1, help = "how many at once" },
}

local asked = { period = usage.period "vendor" }
for place = 1, args.count do
  asked[place] = { "plain.users", document = args.document, part = { tostring(place) },
    in_flight = args.in_flight }
end

return usage.collect(asked):aggregate { group_by = { "product" }, measures = { "tests" } }
