-- The rows of the benchmark, by name: all of them, those of a quick run, and more.
local users = require "rows.users"

---@class bench.measurement
---@field title string
---@field programs bench.program[]
---@field goals table[]
---@field mb number? size of what each program reads
---@field note string?

---@alias bench.row fun(url: string): bench.measurement

local rows = {}

---@type { name: string, row: bench.row, rounds: integer? }[]
rows.all = {
  { name = "main-100", row = users.main(100) },
  { name = "main-1000", row = users.main(1000, 1) },
  { name = "gzip", row = users.gzip(100) },
  { name = "where", row = users.where(100) },
}

rows.quick = {
  { name = "main-10", row = users.main(10) },
  { name = "gzip", row = users.gzip(10) },
  { name = "where", row = users.where(10) },
}

-- Run only when they are named.
rows.more = {
  { name = "document-10", row = users.document(10) },
  { name = "document-100", row = users.document(100) },
  { name = "main-1", row = users.main(1) },
}

return rows
