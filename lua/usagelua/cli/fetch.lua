-- `usagelua fetch VENDOR.DATASET…`: queries without a script, their records
-- or a rule over them.

local errors = require "usagelua.errors"
local options = require "usagelua.cli.options"
local session = require "usagelua.cli.session"
local tailor = require "usagelua.flow.tailor"

local fetch = {}

-- Keys of a query beside the dataset's parameters.
local QUERY_KEYS <const> = { "account", "region" }

local function takes(dataset, key)
  if dataset.params[key] then return true end
  if key == "fields" then return tailor.takes_fields(dataset) end
  for _, known in ipairs(QUERY_KEYS) do
    if known == key then return true end
  end
  return false
end

local function raise_unknown(run, names, key)
  if options.is_ours(key) then
    errors.raise_usage("--set: %s is an option of its own: write --%s VALUE", key, key)
  end
  if key == "fields" then
    errors.raise_usage("--set: fields renames those of unverified datasets, and none of these is "
      .. "one")
  end
  local known = table.move(QUERY_KEYS, 1, #QUERY_KEYS, 1, {})
  for _, name in ipairs(names) do
    local _, dataset = run.loader:dataset(name)
    for param in pairs(dataset.params) do known[#known + 1] = param end
  end
  errors.raise_usage("--set: %s", errors.unknown("parameter", key, known))
end

-- `--set NAME=VALUE` goes to every dataset that has the parameter; one that
-- none has is an error.
local function set(run, queries, names, key, value)
  local taken = false
  for index, name in ipairs(names) do
    local _, dataset = run.loader:dataset(name)
    if takes(dataset, key) then
      queries[index][key], taken = value, true
    end
  end
  if not taken then raise_unknown(run, names, key) end
end

local function where_of(pairs_given)
  if not pairs_given then return nil end
  local where = {}
  for _, pair in ipairs(pairs_given) do
    local column, value = pair[1], pair[2]
    local known = where[column]
    if known == nil then
      where[column] = value
    elseif type(known) == "table" then
      known[#known + 1] = value
    else
      where[column] = { known, value }
    end
  end
  return where
end

local function rule_of(values)
  local rule = { group_by = values.group_by, measures = values.measures,
    where = where_of(values.where), sort = values.sort, limit = values.limit }
  if next(rule) == nil then return nil end
  if not rule.group_by and not rule.measures then
    errors.raise_usage("--where, --sort and --limit choose among the rows of a rule: "
      .. "give --group-by or --measures too")
  end
  return rule
end

local function queries_of(run, values, names)
  local queries, seen = {}, {}
  for index, name in ipairs(names) do
    if seen[name] then errors.raise_usage("fetch: %s stands there twice", name) end
    seen[name] = true
    queries[index] = { name }
  end
  for _, pair in ipairs(values.set or {}) do set(run, queries, names, pair[1], pair[2]) end
  return queries
end

---The report that the options describe; nothing is asked for yet.
---@param run usagelua.run
---@param values table the options
---@param names string[] of datasets
---@return usagelua.report
function fetch.report(run, values, names)
  if #names == 0 then
    errors.raise_usage("fetch needs a dataset, for example: usagelua fetch testmu.summary "
      .. "--period 2026-06; `usagelua vendors` lists them")
  end
  local frame = require("usagelua.collect").new(run, queries_of(run, values, names))
  local rule = rule_of(values)
  if rule then frame = frame:aggregate(rule) end
  return require("usagelua.report").of_records(frame, run:for_report())
end

---@param values table the options
---@param rest string[] dataset names
---@return integer status
function fetch.run(values, rest)
  require("usagelua.cli.help").stop_if_wanted(values, "fetch")
  return session.with(values, { arguments = {}, script_name = "fetch" }, function(run)
    local report = fetch.report(run, values, rest)
    session.write(run, report, values.outputs ~= nil)
    return report:status()
  end)
end

return fetch
