-- Group-by-sum of rows that stand in a frame already; only the adding up is timed.
local usage = require "usagelua"

local args = usage.args { document = { help = "name of the document", required = true } }

local records = usage.collect { period = usage.period "vendor", { "plain.counts", document = args.document } }
local count = #records -- asks for them, and keeps them

local began = os.clock()
local by_product = records:aggregate { group_by = { "team", "product" }, measures = { "tests" } }
local groups = #by_product
io.stderr:write(("seconds %.6f\n"):format(os.clock() - began))

local total, most = 0, 0
for row in by_product:rows() do total, most = total + row.tests, math.max(most, row.tests) end
print(("%d groups, %d in all, %d at most"):format(groups, total, most))
assert(count > groups)
