-- One entry of a rule's `measures`: what is read, how it adds up, in which unit it
-- is given, under which name. The result is a slot of the plan.

local errors = require "usagelua.errors"
local order = require "usagelua.order"
local units = require "usagelua.units"

local measure = {}

---@class usagelua.slot one figure that each group has
---@field name string
---@field source string? the measure or dimension that is read; nil: rows are counted
---@field kind string as the result's column shows it
---@field q number? of a quantile, from 0 to 1
---@field own usagelua.own_aggregate? the rule's functions that make it of rows
---@field adding string a name of usagelua.aggregate.kinds
---@field apart string? of single figures: what to group by so that they stand alone
---@field own_kind string of the source
---@field unit string of the figure
---@field of string? dimension that has one value each
---@field per string? dimension that tells several values of one such thing apart
---@field over string? the same, where the rule adds over it
---@field shared table|true|nil rows whose value is a shared pool's; true: any row's may be
---@field negative boolean?

---@class usagelua.own_aggregate
---@field init fun(): any
---@field step fun(state: any, row: table): any
---@field finish fun(state: any): number?

local KEYS <const> = { "as", "kind", "unit", "over", "q" }
local OWN_KEYS <const> = { "as", "unit", "init", "step", "finish" }
local FUNCTIONS <const> = { "init", "step", "finish" }

-- What a rule may make of a source, by the source's own kind.
local ALLOWED <const> = {
  sum = { "sum", "max", "min", "mean", "median", "quantile", "count" },
  max = { "max", "min", "mean", "median", "quantile", "count" },
  min = { "max", "min", "mean", "median", "quantile", "count" },
  last = { "last", "max", "min", "count" },
  distinct = { "distinct", "max", "min", "mean", "median", "quantile", "count" },
  mean = { "max", "min", "count" },
  median = { "max", "min", "count" },
  quantile = { "max", "min", "count" },
  derived = { "sum", "max", "min", "mean", "median", "quantile", "last", "count" },
  unknown = { "sum", "max", "min", "mean", "median", "quantile", "last", "count", "distinct" },
  dimension = { "distinct", "count" },
}

local NEEDS_A_KIND <const> = { unknown = true, mean = true, median = true, quantile = true, derived = true }

local function has(list, name)
  for _, known in ipairs(list) do
    if known == name then return true end
  end
  return false
end

local function fail(name, format, ...)
  errors.raise_usage("measure '%s': " .. format, name, ...)
end

local function check_keys(name, spec)
  for key in pairs(spec) do
    if key ~= 1 and not has(KEYS, key) then fail(name, "%s", errors.unknown("key", key, KEYS)) end
  end
  for _, key in ipairs(KEYS) do
    if spec[key] ~= nil and type(spec[key]) ~= "string" and key ~= "q" then
      fail(name, "%s is a text, not a %s", key, type(spec[key]))
    end
  end
end

local QUANTILES <const> = { median = true, quantile = true }

-- Which part of the values lies below; nil for a kind that is no quantile.
local function quantile_of(name, spec, source, kind)
  if spec.q ~= nil and kind ~= "quantile" then fail(name, "q is for kind = \"quantile\"") end
  if not QUANTILES[kind] then return nil end
  if source.of then
    fail(name, "it belongs to one %s each, however many rows repeat it, and their %s means nothing",
      source.of, kind)
  end
  if kind == "median" then return 0.5 end
  if type(spec.q) ~= "number" or not (spec.q >= 0 and spec.q <= 1) then
    fail(name, "a quantile needs q, a number from 0 to 1: { \"%s\", as = \"p90\", "
      .. "kind = \"quantile\", q = 0.9 }", name)
  end
  return spec.q
end

local function as_spec(entry)
  if type(entry) == "string" then return { entry } end
  if type(entry) ~= "table" then
    errors.raise_usage("measures holds names and tables such as "
      .. "{ \"duration_s\", as = \"hours\", unit = \"h\" }, not a %s", type(entry))
  end
  if entry[1] ~= nil and type(entry[1]) ~= "string" then
    errors.raise_usage("a measure's source is a name, not a %s", type(entry[1]))
  end
  return entry
end

local function out_of_scope(name, index)
  local suppliers = {}
  for _, dataset in ipairs(index.datasets) do
    if dataset.measures[name] then suppliers[dataset.name] = true end
  end
  errors.raise_usage("measure '%s' comes from %s, which where leaves out", name,
    table.concat(order.keys(suppliers), ", "))
end

local OF_THE_VENDORS <const> = "; what the vendor sends and no field names takes its kind: "
  .. "{ \"%s\", kind = \"sum\" }, or another"

-- The source as the datasets in scope have it; an unlisted one only where they
-- keep fields that nobody listed, and the rule says how it adds up.
local function source_of(spec, scope, index)
  local name = spec[1]
  local known = scope:measure(name)
  if known then return known end
  if index.measures[name] then out_of_scope(name, index) end
  local is_counted = has(ALLOWED.dimension, spec.kind) and index:column(name)
  if index.columns[name] or is_counted then return { kind = "dimension", unit = "1" } end
  if scope.open and spec.kind then
    return { kind = "unknown", unit = spec.unit or "1", negative = true, of = scope.any_of }
  end
  errors.raise_usage("%s%s", errors.unknown("measure", name, index:names()),
    scope.open and OF_THE_VENDORS:format(name) or "")
end

local function kind_of(name, spec, own_kind)
  local allowed = ALLOWED[own_kind]
  if spec.kind == nil and own_kind == "dimension" then
    fail(name, "a column that is no measure is counted: "
      .. "{ \"%s\", as = \"…\", kind = \"distinct\" }", name)
  end
  if spec.kind == nil and NEEDS_A_KIND[own_kind] then
    fail(name, "nothing says how it adds up (kind %s); say it: "
      .. "{ \"%s\", kind = \"sum\" }, or one of %s", own_kind, name, table.concat(allowed, ", "))
  end
  local kind = spec.kind or own_kind
  if not has(ALLOWED.unknown, kind) then
    fail(name, "%s", errors.unknown("kind", kind, ALLOWED.unknown))
  end
  if not has(allowed, kind) then
    fail(name, "it is of kind %s, and its %s means nothing; allowed: %s", own_kind, kind,
      table.concat(allowed, ", "))
  end
  return kind
end

local function check_over(name, spec, source, kind)
  if not spec.over then return end
  if not source.of or not (kind == "last" or kind == "sum") then
    fail(name, "over is for figures that belong to one thing each, and this one does not")
  end
  if spec.over ~= source.of then
    fail(name, "over = '%s', but it belongs to one %s each", spec.over, source.of)
  end
end

local COUNTS <const> = { count = true, distinct = true }

local function unit_of(name, spec, source, kind)
  if kind == "count" or source.kind == "dimension" then
    if spec.unit and spec.unit ~= "1" then
      fail(name, "a count has no unit, so not '%s'", spec.unit)
    end
    return "1"
  end
  if not spec.unit or spec.unit == source.unit then return source.unit end
  units.ratio(source.unit, spec.unit)
  if not spec.as then
    fail(name, "in another unit it needs a name of its own: "
      .. "{ \"%s\", as = \"…\", unit = \"%s\" }", name, spec.unit)
  end
  return spec.unit
end

local function adding_of(source, kind)
  if QUANTILES[kind] then return "quantile" end
  if kind == "distinct" and source.kind == "distinct" then return "single" end
  if kind == "last" and source.single then return "single" end
  return kind
end

local function row_count(spec)
  if spec.kind ~= "count" or not spec.as then
    errors.raise_usage("a measure without source counts rows and needs a name: "
      .. "{ kind = \"count\", as = \"rows\" }")
  end
  return { name = spec.as, kind = "count", adding = "count", own_kind = "rows", unit = "1" }
end

local function is_own(spec)
  for _, key in ipairs(FUNCTIONS) do
    if spec[key] ~= nil then return true end
  end
  return false
end

-- A figure that the rule's own functions make of the rows.
local function own_slot(spec)
  local name = type(spec.as) == "string" and spec.as or "?"
  for _, key in ipairs(order.keys(spec)) do
    if not has(OWN_KEYS, key) then fail(name, "%s", errors.unknown("key", key, OWN_KEYS)) end
  end
  for _, key in ipairs(FUNCTIONS) do
    if type(spec[key]) ~= "function" then
      fail(name, "init, step and finish are functions: { as = \"…\", init = function() … end, "
        .. "step = function(state, row) … end, finish = function(state) … end }")
    end
  end
  if type(spec.as) ~= "string" then
    errors.raise_usage("a measure of functions needs a name: { as = \"…\", init = …, … }")
  end
  local unit = spec.unit or "1"
  units.ratio(unit, unit)
  return { name = spec.as, kind = "derived", adding = "own", own_kind = "rows", unit = unit,
    negative = true, own = { init = spec.init, step = spec.step, finish = spec.finish } }
end

---@param entry string|table
---@param scope usagelua.schema_index the datasets that the rule's where lets in
---@param index usagelua.schema_index all datasets
---@return usagelua.slot
---Raises a usage error for an unknown source, key or unit, or a forbidden kind.
function measure.slot(entry, scope, index)
  local spec = as_spec(entry)
  if is_own(spec) then return own_slot(spec) end
  local name = spec[1]
  check_keys(name or "count", spec)
  if not name then return row_count(spec) end
  local source = source_of(spec, scope, index)
  local kind = kind_of(name, spec, source.kind)
  check_over(name, spec, source, kind)
  return {
    name = spec.as or name, source = name, kind = kind, own_kind = source.kind,
    adding = adding_of(source, kind), unit = unit_of(name, spec, source, kind),
    of = source.of, per = source.per, over = spec.over, shared = source.shared, part = source.part,
    negative = source.negative and not COUNTS[kind], counted = source.counted,
    q = quantile_of(name, spec, source, kind),
  }
end

-- Columns that tell apart what a vendor counts, the likeliest first.
local APART <const> = { "user_type", "workspace_id", "recipe_id", "team" }

---What a rule may group by, in words, so that figures which nothing adds stand alone.
---@param scope usagelua.schema_index
---@param group_by table[] of the plan
---@return string
function measure.apart(scope, group_by)
  local taken, names = {}, {}
  for _, group in ipairs(group_by) do taken[group.name] = true end
  if not (taken.period or taken.period_start) then names[1] = "period_start" end
  for _, name in ipairs(APART) do
    if scope.columns[name] and not taken[name] then names[#names + 1] = name end
  end
  return #names > 0 and table.concat(names, "/") or "what tells them apart"
end

---A slot that reads one figure as it stands, for kinds that nothing adds.
---@param name string
---@param scope usagelua.schema_index
---@return usagelua.slot? slot nil where the measure adds up by itself
function measure.reading_slot(name, scope)
  local source = scope:measure(name)
  if not (source and NEEDS_A_KIND[source.kind]) then return nil end
  return {
    name = name, source = name, kind = source.kind, own_kind = source.kind, adding = "single",
    unit = source.unit, negative = true,
  }
end

return measure
