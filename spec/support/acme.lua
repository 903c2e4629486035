-- Acme, a vendor for specs: one dataset, described by each spec as it needs it.
local description = require "usagelua.vendor.description"
local json = require "usagelua.json"
local query = require "usagelua.flow.query"
local url = require "usagelua.client.url"

local acme = {}

---A checked vendor whose one dataset `usage` is the given one over a plain one.
---@param dataset table?
---@param changes table? keys of the vendor
function acme.vendor(dataset, changes)
  local usage = { rows = "data[]", fields = { tests = "n" } }
  if dataset and dataset.flow then usage.rows = nil end
  for key, value in pairs(dataset or {}) do usage[key] = value end
  if not usage.job and not usage.flow and not usage.request then
    usage.request = { path = "/usage", query = usage.window and { from = "{from}", to = "{to}", tz = "{timezone}" } }
  end
  local vendor = { name = "acme", version = 1, base_url = "https://api.acme.test/v1",
    auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = usage } }
  for key, value in pairs(changes or {}) do vendor[key] = value end
  return description.check(vendor, "acme.lua")
end

---A loader that knows this vendor only.
function acme.loader(vendor)
  return {
    dataset = function() return vendor, vendor.datasets.usage end,
    load = function() return vendor end,
    users_own = function() return {} end,
  }
end

---Plans a query of its dataset.
---@param vendor table
---@param spec table? parameters
---@param context table?
---@return usagelua.query
function acme.plan(vendor, spec, context)
  local full = { "acme.usage" }
  for key, value in pairs(spec or {}) do full[key] = value end
  local around = { loader = acme.loader(vendor) }
  for key, value in pairs(context or {}) do around[key] = value end
  return query.plan(full, around)
end

---An answer of the simulator.
function acme.answer(value, status)
  return { status = status or 200, headers = { ["content-type"] = "application/json" },
    body = json.encode(value) }
end

---The query parameters of a URL.
---@param target string
---@return table<string, string>
function acme.arguments(target)
  local args = {}
  for name, value in (url.split(target).query or ""):gmatch "([^=&]*)=([^&]*)" do
    args[url.decode(name)] = url.decode(value)
  end
  return args
end

return acme
