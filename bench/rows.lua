-- The rows of the benchmark, by name: all of them, those of a quick run, and more.
local curve = require "rows.curve"
local decode = require "rows.decode"
local grouping = require "rows.grouping"
local requests = require "rows.requests"
local start = require "rows.start"
local users = require "rows.users"

---@class bench.measurement
---@field title string
---@field programs bench.program[]
---@field goals table[]
---@field mb number? size of what each program reads
---@field amount number? what each does, in the unit
---@field unit string?
---@field measure "wall"|"figure"|nil which of a sample's seconds count; wall
---@field curve string? the unit whose cost is followed from program to program
---@field extra { head: string, of: fun(program: bench.program): string }? a further column
---@field note string?
---@field results bench.result[] when it has been run
---@field origin bench.origin when it is run

---@alias bench.row fun(url: string): bench.measurement

local rows = {}

---@type { name: string, row: bench.row, rounds: integer? }[]
rows.all = {
  { name = "main-100", row = users.main(100) },
  { name = "main-1000", row = users.compiled(1000) },
  { name = "main-1000-scripts", row = users.scripts(1000), rounds = 1 },
  { name = "gzip", row = users.gzip(100) },
  { name = "where", row = users.where(100) },
  { name = "decode-users", row = decode.users(10, true) },
  { name = "decode-hours", row = decode.hours(10, true) },
  { name = "requests", row = requests.small(20000, 64) },
  { name = "late-64", row = requests.late(4000, 64) },
  { name = "late-256", row = requests.late(4000, 256) },
  { name = "grouping", row = grouping.sum(10000000, 1024) },
  { name = "start", row = start.row, rounds = 21 },
  { name = "curve-sizes", row = curve.sizes { 10, 100, 1000 }, rounds = curve.QUICK_ROUNDS },
  { name = "curve-sizes-gzip", row = curve.sizes({ 10, 100, 1000 }, "gzip"), rounds = curve.QUICK_ROUNDS },
  { name = "curve-instructions", row = curve.instructions { 10, 100 }, rounds = 1 },
  { name = "curve-in-flight", row = curve.in_flight(2000, { 1, 16, 256, 1000 }) },
  { name = "curve-groups", row = curve.groups(2000000, { 10, 1000, 1000000 }) },
  { name = "curve-fields", row = curve.fields(50000, { 1, 10, 100 }) },
}

rows.quick = {
  { name = "main-10", row = users.main(10) },
  { name = "gzip", row = users.gzip(10) },
  { name = "where", row = users.where(10) },
  { name = "decode-users", row = decode.users(10, false) },
  { name = "decode-hours", row = decode.hours(10, false) },
  { name = "requests-few", row = requests.small(5000, 64) },
  { name = "late-few", row = requests.late(1000, 64) },
  { name = "grouping-few", row = grouping.sum(300000, 1024) },
  { name = "start", row = start.row, rounds = 11 },
  { name = "curve-sizes-few", row = curve.sizes { 1, 10 } },
  { name = "curve-in-flight-few", row = curve.in_flight(300, { 1, 64 }) },
}

-- Run only when they are named.
rows.more = {
  { name = "document-10", row = users.document(10) },
  { name = "document-100", row = users.document(100) },
  { name = "main-1", row = users.main(1) },
  { name = "main-100-compiled", row = users.compiled(100) },
}

return rows
