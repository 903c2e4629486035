-- What the project's measures are: unit, and how each adds up. A measure that is
-- not in this table is what its dataset declares, or of kind "unknown".

local errors = require "usagelua.errors"
local order = require "usagelua.order"
local units = require "usagelua.units"

local measures = {}

---@alias usagelua.measure_kind
---| "sum"      # adds up
---| "max"      # a peak
---| "min"
---| "last"     # a gauge: the latest value stands
---| "distinct" # a count of different things, made by the vendor
---| "unknown"  # nobody said; a rule has to

---@class usagelua.measure
---@field unit string in which its figures are given
---@field kind usagelua.measure_kind
---@field of string? the dimension that has one value each, however many rows repeat it
---@field per string? the dimension for each value of which one of `of` has a figure
---@field negative boolean? it may be below zero, so a part of it is no lower bound
---@field shared { column: string, value: any }? rows whose value belongs to a shared pool
---@field part integer? it stands in records of its own, beside the dataset's rows: which ones (`also`)

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

---The text columns of records, in the order in which every format has them.
measures.columns = words [[vendor dataset account region product user_id user_name user_type role
  team team_type workspace_id workspace_name external_id recipe_id recipe_name folder_id folder_name
  period period_start period_end has_access last_activity last_test parallels_from]]

local IS_COLUMN <const> = {}

for _, name in ipairs(measures.columns) do IS_COLUMN[name] = true end

---Columns that any dataset may have, since they say where a record comes from.
measures.origin_columns = words [[vendor dataset account region period period_start period_end]]

local COLUMN_TYPES <const> = { has_access = "boolean" }

---The measures in the order in which every format has them.
measures.names = words [[tests duration_s screenshots users members cypress_runs parallels_allocated
  parallels_peak tasks jobs_succeeded jobs_failed recipes]]

local KNOWN <const> = {
  tests = { unit = "1", kind = "sum" },
  duration_s = { unit = "s", kind = "sum" },
  screenshots = { unit = "1", kind = "sum" },
  users = { unit = "1", kind = "distinct" },
  members = { unit = "1", kind = "last", of = "team" },
  cypress_runs = { unit = "1", kind = "sum" },
  parallels_allocated = {
    unit = "1", kind = "last", of = "team", per = "product",
    shared = { column = "parallels_from", value = "org" },
  },
  parallels_peak = { unit = "1", kind = "max", of = "team" },
  tasks = { unit = "1", kind = "sum" },
  jobs_succeeded = { unit = "1", kind = "sum" },
  jobs_failed = { unit = "1", kind = "sum" },
  recipes = { unit = "1", kind = "distinct" },
}

local KINDS <const> = words "sum max min last distinct unknown"

local function has(list, name)
  for _, known in ipairs(list) do
    if known == name then return true end
  end
  return false
end

local function check_kind(name, kind)
  if has(KINDS, kind) then return end
  errors.raise_usage("measure '%s': %s", name, errors.unknown("kind", kind, KINDS))
end

local function check_same_kind(name, known, declared)
  if declared.kind and declared.kind ~= known.kind then
    errors.raise_usage("measure '%s' has kind %s everywhere, not %s; "
      .. "give the field a name of its own", name, known.kind, tostring(declared.kind))
  end
end

local function resolve_known(name, known, declared)
  check_same_kind(name, known, declared)
  local source_unit = declared.unit or known.unit
  units.ratio(source_unit, known.unit)
  return {
    unit = known.unit, kind = known.kind, of = declared.of or known.of,
    per = declared.per or known.per,
    shared = known.shared, negative = declared.negative, source_unit = source_unit,
  }
end

local function resolve_own(name, declared)
  local kind, unit = declared.kind or "unknown", declared.unit or "1"
  check_kind(name, kind)
  return {
    unit = unit, kind = kind, of = declared.of, per = declared.per, shared = declared.shared,
    source_unit = unit,
    negative = declared.negative or (kind == "unknown" and declared.negative == nil),
  }
end

---What a measure of a dataset is, from its name and what the description says.
---@param name string
---@param declared table? kind, unit (of the source), of, per, negative, as the description has
---them
---@return usagelua.measure measure with `source_unit`, the unit of the vendor's numbers
---Raises a usage error where the declaration contradicts the known measure.
function measures.resolve(name, declared)
  declared = declared or {}
  local known = KNOWN[name]
  if known then return resolve_known(name, known, declared) end
  return resolve_own(name, declared)
end

---@param name string
---@return boolean
function measures.is_known(name)
  return KNOWN[name] ~= nil
end

---@param name string
---@return boolean
function measures.is_column(name)
  return IS_COLUMN[name] == true
end

---A dataset's measure with what is true of it everywhere filled in.
---@param name string
---@param given table unit, kind, of, negative, shared
---@return usagelua.measure
function measures.complete(name, given)
  local known = KNOWN[name] or { unit = given.unit or "1", kind = given.kind or "unknown" }
  check_same_kind(name, known, given)
  assert(given.unit == nil or given.unit == known.unit, "the unit of a source stands in the batch")
  local negative = given.negative
  if negative == nil then negative = known.kind == "unknown" or nil end
  return {
    unit = known.unit, kind = known.kind, of = given.of or known.of, per = given.per or known.per,
    shared = given.shared or known.shared, negative = negative, part = given.part,
  }
end

---@param column string
---@return "text"|"boolean"
function measures.column_type(column)
  return COLUMN_TYPES[column] or "text"
end

-- The listed names that are there, as the list has them, then the others sorted.
local function in_order(list, present)
  local rest, sorted = {}, {}
  for name in pairs(present) do rest[name] = true end
  for _, name in ipairs(list) do
    if rest[name] then
      sorted[#sorted + 1] = name
      rest[name] = nil
    end
  end
  return table.move(order.keys(rest), 1, #order.keys(rest), #sorted + 1, sorted)
end

---@param present table<string, any> keyed by column
---@return string[] columns in the contract's order, unlisted ones sorted behind
function measures.order_columns(present)
  return in_order(measures.columns, present)
end

---@param present table<string, any> keyed by measure
---@return string[] measures in the contract's order, unlisted ones sorted behind
function measures.order_measures(present)
  return in_order(measures.names, present)
end

return measures
