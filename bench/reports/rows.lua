-- The largest groups of plain rows, with as many of their numbers as are asked for.
local usage = require "usagelua"

local args = usage.args {
  document = { help = "name of the document", required = true },
  fields = { type = "integer", default = 1, help = "how many numbers are added up" },
}

local measures = { "tests" }
for place = 2, args.fields do measures[place] = ("f%03d"):format(place) end

local records = usage.collect { period = usage.period "vendor", { "plain.rows", document = args.document } }

return records:aggregate {
  group_by = { "team", "product" },
  measures = measures,
  sort = "-tests",
  limit = 10,
}
