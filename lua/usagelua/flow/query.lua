-- Plans a query: parameters checked, windows cut, requests counted, before
-- anything is sent.

local errors = require "usagelua.errors"
local records = require "usagelua.flow.records"
local template = require "usagelua.flow.template"
local timestamp = require "usagelua.time.timestamp"
local windows = require "usagelua.flow.windows"

local query = {}

-- Keys of a query that are not parameters of its dataset.
local RESERVED = { period = true, grain = true, account = true, region = true, in_flight = true }

-- The largest answer taken where nobody says: read as it comes, or held whole.
local BODY_BYTES <const> = { stream = 8 << 30, whole = 64 << 20 }

---@class usagelua.query
---@field name string "testmu.summary"
---@field vendor table
---@field dataset table
---@field params table<string, any> lists for list parameters
---@field parts usagelua.query_part[] one per window and fan-out value
---@field base_url string
---@field auth table
---@field lane string
---@field account string?
---@field region string?

---@class usagelua.query_part
---@field window table
---@field values table<string, any> what templates see
---@field const table<string, any> columns that all its records share
---@field label string

local function names_of(dataset)
  local names = {}
  for name in pairs(dataset.params) do names[#names + 1] = name end
  for name in pairs(RESERVED) do names[#names + 1] = name end
  return names
end

local function to_list(value)
  if type(value) ~= "string" then return value end
  local list = {}
  for item in value:gmatch "[^,]+" do list[#list + 1] = item:match "^%s*(.-)%s*$" end
  return list
end

local function check_value(value, name, param, place)
  if type(value) ~= "string" and type(value) ~= "number" and type(value) ~= "boolean" then
    errors.raise_usage("%s: parameter '%s' must be text or a number, not %s", place, name, type(value))
  end
  local text = tostring(value)
  if text:find "[%c]" then
    errors.raise_usage("%s: parameter '%s' holds a control character", place, name)
  end
  if param.one_of then
    for _, known in ipairs(param.one_of) do
      if known == text then return end
    end
    errors.raise_usage("%s: %s", place, errors.unknown("value of '" .. name .. "'", text, param.one_of))
  end
  if param.match and not text:find("^" .. param.match:gsub("^%^", ""):gsub("%$$", "") .. "$") then
    errors.raise_usage("%s: parameter '%s' does not match %s: '%s'", place, name, param.match, text)
  end
end

local function check_list(value, name, param, place)
  local list, seen = to_list(value), {}
  if type(list) ~= "table" then list = { list } end
  if #list == 0 then
    errors.raise_usage("%s: parameter '%s' is an empty list; leave it out or name values", place, name)
  end
  for _, item in ipairs(list) do
    check_value(item, name, param, place)
    if seen[item] then
      errors.raise_usage("%s: parameter '%s' names '%s' twice", place, name, tostring(item))
    end
    seen[item] = true
  end
  return list
end

local function check_param(value, name, param, place)
  if value == nil then value = param.default end
  if value == nil then
    if param.required then
      errors.raise_usage("%s: the parameter '%s' is required (%s)", place, name, param.help or "")
    end
    return nil
  end
  if param.list then return check_list(value, name, param, place) end
  check_value(value, name, param, place)
  return value
end

local function check_params(spec, dataset, place)
  local params = {}
  for key in pairs(spec) do
    if key ~= 1 and not dataset.params[key] and not RESERVED[key] then
      errors.raise_usage("%s: %s", place, errors.unknown("parameter", key, names_of(dataset)))
    end
  end
  for name, param in pairs(dataset.params) do
    params[name] = check_param(spec[name], name, param, place)
  end
  return params
end

local function base_url(vendor, region, place)
  local override = os.getenv("USAGELUA_" .. vendor.name:upper() .. "_URL")
  for _, alias in ipairs(vendor.aliases or {}) do
    override = override or os.getenv("USAGELUA_" .. alias:upper() .. "_URL")
  end
  if region then
    local names = {}
    for name in pairs(vendor.regions or {}) do names[#names + 1] = name end
    local url = vendor.regions and vendor.regions[region]
    if not url then errors.raise_usage("%s: %s", place, errors.unknown("region", region, names)) end
    return override or url
  end
  return override or vendor.base_url
end

-- All combinations of the fan-out parameters' values, first one slowest.
local function combinations(names, params)
  local list = { {} }
  for _, name in ipairs(names or {}) do
    local longer = {}
    for _, combination in ipairs(list) do
      for _, value in ipairs(params[name]) do
        local copy = {}
        for key, known in pairs(combination) do copy[key] = known end
        copy[name] = value
        copy[#copy + 1] = value
        longer[#longer + 1] = copy
      end
    end
    list = longer
  end
  return list
end

local function joined(params)
  local values = {}
  for name, value in pairs(params) do
    values[name] = type(value) == "table" and table.concat(value, ",") or value
  end
  return values
end

local function part_values(planned, window, combination)
  local values = joined(planned.params)
  for name, value in pairs(combination) do
    if type(name) == "string" then values[name] = value end
  end
  if planned.dataset.window then
    for name, text in pairs(windows.edges(window, planned.dataset.window)) do values[name] = text end
  end
  if window.from then
    values.from_utc = timestamp.format_rfc3339(window.from)
    values.to_utc = timestamp.format_rfc3339(window.to)
  end
  return values
end

-- Columns that every record of a part has: what the query fixes, not what
-- the answer says.
local function part_const(planned, window, values)
  local const = {
    vendor = planned.vendor.name,
    dataset = planned.name,
    region = planned.region,
    period = window.label,
    period_start = window.period_start,
    period_end = window.period_end,
  }
  for name, field in pairs(planned.dataset.fields) do
    if field.param then const[name] = values[field.param] end
    if field.value ~= nil then const[name] = field.value end
  end
  return const
end

local function parts_of(planned)
  local parts = {}
  for _, window in ipairs(planned.windows) do
    for _, combination in ipairs(combinations(planned.dataset.fan_out, planned.params)) do
      local values = part_values(planned, window, combination)
      local label = table.concat({ planned.name, window.label or "", table.unpack(combination) }, " ")
      parts[#parts + 1] = { window = window, values = values, label = label,
        const = part_const(planned, window, values) }
    end
  end
  return parts
end

local function check_in_flight(value, place)
  if value ~= nil and (math.type(value) ~= "integer" or value < 1) then
    errors.raise_usage("%s: in_flight must be a whole number from 1, not %s", place, tostring(value))
  end
  return value
end

local function check_account(account, place)
  if account ~= nil and (type(account) ~= "string" or not account:find "^%w[%w_-]*$") then
    errors.raise_usage("%s: account must be a short name (letters, digits, _ and -), not '%s'; it "
      .. "picks the variables NAME__ACCOUNT", place, tostring(account))
  end
  return account
end

---Plans one query; raises usage errors, sends nothing.
---@param spec table { "vendor.dataset", parameters…, period =, grain =, account =, region = }
---@param context { loader: table, period: table, grain: string }
---@return usagelua.query
function query.plan(spec, context)
  local vendor, dataset = context.loader:dataset(spec[1])
  local place = dataset.name
  local account = check_account(spec.account, place)
  local planned = {
    name = dataset.name,
    vendor = vendor,
    dataset = dataset,
    params = check_params(spec, dataset, place),
    account = account,
    region = spec.region,
    base_url = base_url(vendor, spec.region, place),
    lane = vendor.name .. ":" .. (account or "default"),
    in_flight = check_in_flight(spec.in_flight, place),
    period = spec.period or context.period,
    max_body_bytes = context.max_body or BODY_BYTES[dataset.answer],
  }
  planned.columns, planned.measures = records.schema(dataset)
  planned.windows = windows.cut(planned.period, dataset.window or {}, spec.grain or context.grain
    or "total")
  planned.parts = parts_of(planned)
  return planned
end

-- Parameters with one value tell two queries of a dataset apart; of two lists
-- nobody knows what they share.
local function identity(planned)
  local apart = { account = planned.account, region = planned.region }
  for _, name in ipairs(planned.dataset.fan_out or {}) do
    local list = planned.params[name]
    if #list == 1 then apart[name] = list[1] end
  end
  return apart
end

---The dataset entry of a frame's schema for this query.
---@param planned usagelua.query
---@return usagelua.dataset_schema
function query.schema(planned)
  local periods = {}
  for index, window in ipairs(planned.windows) do
    periods[index] = { from = window.from, to = window.to, label = window.label }
  end
  return {
    name = planned.name,
    counts = planned.dataset.counts,
    columns = planned.columns,
    measures = planned.measures,
    periods = periods,
    const = { vendor = planned.vendor.name, dataset = planned.name, region = planned.region },
    identity = identity(planned),
    open = true,
  }
end

---Names in a dataset's request that nothing fills; for the vendor check.
function query.unfilled(dataset)
  local names = template.names(dataset.request)
  for name in pairs(dataset.params) do names[name] = nil end
  for _, name in ipairs { "from", "to", "timezone", "from_utc", "to_utc" } do names[name] = nil end
  return names
end

return query
