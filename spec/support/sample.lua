-- A report with everything in it: hostile names, marks of both kinds, sources that
-- failed, an assumed period, a limit, budgets of all outcomes.

local asked = require "support.asked"
local budget = require "usagelua.report.budget"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local report = require "usagelua.report"
local section = require "usagelua.report.section"

local sample = {}

local WHY <const> = "testmu.summary 2026-06: the answer stayed partial"

sample.provenance = {
  version = "0.1.0", zone = "UTC", now = "2026-07-01T00:00:00Z",
  period = {
    label = "2026-06", from = "2026-06-01T00:00:00+00:00", to = "2026-07-01T00:00:00+00:00",
  },
  script = { name = "report.lua", sha256 = ("ab"):rep(32) },
  units = { "testmu.summary duration_s is read as ms" },
  vendors = { { name = "acme", path = "vendors/acme.lua", sha256 = ("cd"):rep(32), verified = false } },
  notes = { "the field names of workato are assumed" },
}

function sample.hostile_rows()
  local rows = {}
  for i, what in ipairs(order.keys(hostile)) do
    rows[i] = { product = what, user_name = hostile[what], tests = i, duration_s = i / 8 }
  end
  return rows
end

---@return usagelua.frame records
function sample.records()
  local rows, n = sample.hostile_rows(), #order.keys(hostile)
  rows[n + 1] = { product = "automation", tests = math.maxinteger - 10000, duration_s = 312.54 }
  rows[n + 2] = { product = "app-automation", tests = 0, duration_s = 0 }
  rows[n + 3] = { product = "smartui" }
  rows[n + 4] = { product = "realdevice", tests = 540 }
  rows[n + 5] = { users = 17 }
  local why = { state = "at_least", reason = WHY }
  return asked.records(
    {
      dataset = "testmu.summary", account = "Acme", rows = rows, partial = WHY,
      marks = { [n + 3] = { tests = { state = "unknown", reason = WHY } }, [n + 4] = { tests = why } },
    },
    {
      dataset = "browserstack.users", account = "Acme", period = "assumed",
      rows = { { product = "live_testing", team = "qa", tests = 120, parallels_allocated = 5 } },
    })
end

---@param run usagelua.run?
---@return usagelua.report
function sample.report(run)
  local records = sample.records()
  local by_product = records:aggregate {
    group_by = { "vendor", "product" },
    measures = {
      "tests", { "duration_s", as = "hours", unit = "h" }, "duration_s", "users", "parallels_allocated",
    },
  }
  local failed = asked.records { dataset = "browserstack.users", account = "B", failed = "HTTP 503" }
  local by_name = records:aggregate { group_by = { "user_name" }, measures = { "tests" } }
  return report.new({
    title = "Usage " .. hostile.command,
    section.table { by_product, name = "by-product", title = "By product", total = true },
    section.chart { by_product, x = "product", y = "hours", title = "Hours" },
    section.table { by_name, name = "by-name", title = hostile.escape },
    section.note("What it is.\n" .. hostile.lines),
    section.table { failed, name = "failed", title = "Nothing came" },
    section.table { records:aggregate { where = { product = "none" }, measures = "tests" }, name = "none" },
    budget.new { by_product, name = "passed", measure = "hours", max = 1 },
    budget.new { by_product, name = "failed " .. hostile.command, measure = "tests", max = 1000 },
    budget.new { by_product, name = "undecided", measure = "users", where = { vendor = "x" }, max = 1 },
  }, run or { provenance = sample.provenance })
end

return sample
