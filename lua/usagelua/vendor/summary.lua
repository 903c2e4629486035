-- What can be asked of a vendor, as plain tables for people and scripts.

local answers = require "usagelua.flow.answers"
local base_url = require "usagelua.flow.base_url"
local credentials = require "usagelua.vendor.credentials"
local doubts = require "usagelua.vendor.doubts"
local order = require "usagelua.order"
local records = require "usagelua.flow.records"
local tailor = require "usagelua.flow.tailor"

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
      match = param.match, words = param.words, characters = param.characters,
      without = param.without }
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

-- The lists that are asked in batches, and halved where they are too much.
local function batch_of(dataset)
  local batch = dataset.batch
  if not batch then return nil end
  local param = batch.param
  return { params = type(param) == "string" and { param } or param, most = batch.most }
end

-- Sentences about the figures, and the parameters that bring each up.
local function notes(dataset)
  local list = {}
  for index, note in ipairs(dataset.notes or {}) do
    local names = {}
    for _, name in ipairs(note.given or {}) do names[name] = true end
    for name in pairs(note.holds or {}) do names[name] = true end
    list[index] = { text = note[1], params = order.keys(names) }
  end
  return list
end

-- Where a query can say another name: what each field is read from. A constant
-- is read from nowhere.
local function renamable(dataset)
  if not tailor.takes_fields(dataset) then return {} end
  local list = {}
  for _, name in ipairs(order.keys(dataset.fields)) do
    local path = dataset.fields[name][1]
    if path then list[#list + 1] = { name = name, path = path } end
  end
  return list
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
  return { name = dataset.name, base_url = dataset.base_url, help = dataset.help, status = dataset.status,
    sources = dataset.sources or {}, params = parameters(dataset), measures = measured,
    columns = columns, window = window(dataset), counts = dataset.counts,
    answer = (dataset.request or dataset.job) and answers.describe(dataset) or nil,
    by_function = dataset.flow ~= nil, needs_one_of = dataset.needs_one_of,
    notes = notes(dataset), fan_out = dataset.fan_out,
    pages = dataset.pages and dataset.pages.kind, batch = batch_of(dataset),
    job = job_of(dataset),
    unverified = doubts.of(dataset), fields = renamable(dataset) }
end

local function kinds_of(vendor)
  local kinds = {}
  for index, described in ipairs(vendor.auth) do kinds[index] = described.kind end
  return table.concat(kinds, " or ")
end

-- A token that the vendor replaces at each use is used up by the first run, and no
-- run keeps what came in its place: that is to be known before.
local function cautions_of(vendor)
  local list = {}
  for _, described in ipairs(vendor.auth) do
    if described.kind == "refresh" then
      list[#list + 1] = ("where the vendor replaces refresh tokens at each use, one run uses up what %s "
        .. "holds: take a new one for each run, or a client of kind client_credentials"):format(
        described.refresh_token_env)
    end
  end
  return list
end

---@param vendor table a checked description
---@return table summary name, title, base_url, hosts, regions, auth, credentials, cautions, rate,
---origin, path, datasets
function summary.of(vendor)
  local datasets = {}
  for _, name in ipairs(order.keys(vendor.datasets)) do
    datasets[#datasets + 1] = of_dataset(vendor.datasets[name])
  end
  return {
    name = vendor.name, title = vendor.title, base_url = vendor.base_url,
    hosts = base_url.hosts(vendor), regions = vendor.regions or {}, aliases = vendor.aliases or {},
    auth = kinds_of(vendor), credentials = credentials.variables(vendor),
    cautions = cautions_of(vendor), rate = vendor.rate,
    origin = vendor.origin, path = vendor.path, sha256 = vendor.sha256, datasets = datasets,
  }
end

---The vendor's rate in words: "burst of 5, 15 a minute, 2 in flight".
---@param rate { burst: integer?, per_minute: number?, gap_s: number?, in_flight: integer }
---@return string
function summary.rate_text(rate)
  local parts = {}
  if rate.burst then parts[#parts + 1] = ("burst of %d"):format(rate.burst) end
  if rate.per_minute then parts[#parts + 1] = ("%g a minute"):format(rate.per_minute) end
  if rate.gap_s then parts[#parts + 1] = ("%g s apart"):format(rate.gap_s) end
  if #parts == 0 then parts[1] = "none documented" end
  parts[#parts + 1] = ("%d in flight"):format(rate.in_flight)
  return table.concat(parts, ", ")
end

return summary
