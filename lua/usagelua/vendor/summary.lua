-- What can be asked of a vendor, as plain tables for people and scripts.

local answers = require "usagelua.flow.answers"
local core = require "usagelua.core"
local credentials = require "usagelua.vendor.credentials"
local doubts = require "usagelua.vendor.doubts"
local order = require "usagelua.order"
local records = require "usagelua.flow.records"

local summary = {}

-- What a value of the parameter is, for people.
local function type_of(param)
  local default = param.default
  local kind = type(default) == "number" and "number" or type(default) == "boolean" and "boolean"
    or "text"
  return param.list and "list of " .. kind or kind
end

local function parameters(dataset)
  local list = {}
  for _, name in ipairs(order.keys(dataset.params)) do
    local param = dataset.params[name]
    list[#list + 1] = { name = name, type = type_of(param), help = param.help,
      required = param.required, default = param.default, one_of = param.one_of, list = param.list,
      match = param.match }
  end
  return list
end

local function measures(dataset)
  local columns, declared = records.schema(dataset)
  local list = {}
  for _, name in ipairs(order.keys(declared)) do
    list[#list + 1] = { name = name, unit = declared[name].unit, kind = declared[name].kind,
      of = declared[name].of }
  end
  return list, columns
end

local function window(dataset)
  local described = dataset.window
  if not described then return nil end
  return { max_days = described.max_days, max_hours = described.max_hours,
    max_months = described.max_months, max_buckets = described.max_buckets, ends = described.ends,
    whole = described.whole, format = described.format, zone = described.zone,
    grains = described.grains, until_now = described.until_now, cut = described.cut,
    vendor_default = described.vendor_default }
end

-- How a dataset is asked for that no single request answers.
local function job_of(dataset)
  local job = dataset.job
  if not job then return nil end
  return { create = ("%s %s"):format(job.create.method, job.create.path), live = job.live,
    time_s = job.time_s, deleted = job.delete ~= nil, hosts = job.hosts or {} }
end

local function of_dataset(dataset)
  local measured, columns = measures(dataset)
  return { name = dataset.name, help = dataset.help, status = dataset.status,
    sources = dataset.sources or {}, params = parameters(dataset), measures = measured,
    columns = columns, window = window(dataset), counts = dataset.counts,
    by_function = dataset.flow ~= nil, fan_out = dataset.fan_out,
    answer = (dataset.request or dataset.job) and answers.describe(dataset) or nil,
    pages = dataset.pages and dataset.pages.kind, job = job_of(dataset),
    unverified = doubts.of(dataset) }
end

local function host_of(base_url)
  local origin = core.origin.parse(base_url)
  return origin and origin.host
end

-- The hosts that credentials go to, the main one first.
local function hosts(vendor)
  local list, seen = {}, {}
  local function add(base_url)
    local host = host_of(base_url)
    if host and not seen[host] then list[#list + 1] = host end
    seen[host or false] = true
  end
  add(vendor.base_url)
  for _, region in ipairs(order.keys(vendor.regions or {})) do add(vendor.regions[region]) end
  for _, described in ipairs(vendor.auth) do add(described.token_url or vendor.base_url) end
  return list
end

local function kinds_of(vendor)
  local kinds = {}
  for index, described in ipairs(vendor.auth) do kinds[index] = described.kind end
  return table.concat(kinds, " or ")
end

---@param vendor table a checked description
---@return table summary name, title, base_url, hosts, regions, auth, credentials, rate, origin,
---path, datasets
function summary.of(vendor)
  local datasets = {}
  for _, name in ipairs(order.keys(vendor.datasets)) do
    datasets[#datasets + 1] = of_dataset(vendor.datasets[name])
  end
  return {
    name = vendor.name, title = vendor.title, base_url = vendor.base_url,
    hosts = hosts(vendor), regions = vendor.regions or {}, aliases = vendor.aliases or {},
    auth = kinds_of(vendor), credentials = credentials.variables(vendor), rate = vendor.rate,
    origin = vendor.origin, path = vendor.path, sha256 = vendor.sha256, datasets = datasets,
  }
end

return summary
