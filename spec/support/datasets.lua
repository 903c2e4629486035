-- Schemas and batches for the specs of rules and frames: the vendors' datasets as
-- their descriptions give them, without anything being asked.

local aggregate = require "usagelua.aggregate"
local rule = require "usagelua.rule"

local datasets = {}

local JUNE <const> = { from = 1780272000, to = 1782864000, label = "2026-06" }

local function sum(unit) return { unit = unit or "1", kind = "sum" } end

function datasets.summary(fields)
  local dataset = {
    name = "testmu.summary", counts = "testmu.tests",
    columns = { "product", "user_type" },
    measures = {
      tests = sum(), duration_s = sum "s", screenshots = sum(),
      users = { unit = "1", kind = "distinct" },
    },
    periods = { JUNE }, const = { vendor = "testmu", dataset = "testmu.summary" },
  }
  for key, value in pairs(fields or {}) do dataset[key] = value end
  return dataset
end

function datasets.drilldown()
  return {
    name = "testmu.users", counts = "testmu.tests",
    columns = { "product", "user_id", "user_type" },
    measures = { tests = sum(), duration_s = sum "s" },
    periods = { JUNE }, const = { vendor = "testmu", dataset = "testmu.users" },
  }
end

function datasets.browserstack()
  return {
    name = "browserstack.users", counts = "browserstack.usage",
    columns = { "product", "user_id", "team", "has_access", "last_test", "parallels_from" },
    measures = {
      tests = sum(), duration_s = sum "s",
      parallels_allocated = {
        unit = "1", kind = "last", of = "team", per = "product",
        shared = { column = "parallels_from", value = "org" },
      },
      parallels_peak = { unit = "1", kind = "max", of = "team" },
      raw_seats = { unit = "1", kind = "unknown", negative = true },
    },
    periods = { JUNE }, const = { vendor = "browserstack", dataset = "browserstack.users" },
  }
end

---@param ... table datasets
function datasets.schema(...)
  return { datasets = { ... } }
end

---A window's constant columns.
function datasets.window(dataset, month, more)
  local const = {
    vendor = dataset:match "^[^.]*", dataset = dataset, period = "2026-" .. month,
    period_start = ("2026-%s-01T00:00:00Z"):format(month),
    period_end = ("2026-%02d-01T00:00:00Z"):format(tonumber(month) + 1),
  }
  for key, value in pairs(more or {}) do const[key] = value end
  return const
end

function datasets.batch(const, rows, more)
  local batch = { rows = rows, const = const }
  for key, value in pairs(more or {}) do batch[key] = value end
  return batch
end

---The result of a rule over batches.
---@param schema usagelua.schema
---@param r usagelua.rule
---@param batches usagelua.batch[]
---@param taints { const: table, reason: string }[]?
function datasets.result(schema, r, batches, taints)
  local accumulator = aggregate.new(rule.check(r, schema))
  for _, batch in ipairs(batches) do accumulator:add(batch) end
  for _, taint in ipairs(taints or {}) do accumulator:taint(taint.const, taint.reason) end
  return accumulator:finish()
end

datasets.refusal = require "support.refusal"

return datasets
