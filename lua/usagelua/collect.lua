-- usage.collect: describes queries; the frame it returns asks for them when a
-- figure is first needed, all at the same time.

local errors = require "usagelua.errors"
local frame = require "usagelua.frame"
local parameters = require "usagelua.flow.parameters"
local query = require "usagelua.flow.query"

local collect = {}

-- Keys beside the queries, for all of them.
local KEYS <const> = parameters.RESERVED

local function is_known(key)
  for _, known in ipairs(KEYS) do
    if known == key then return true end
  end
  return false
end

local function check_query(value)
  if type(value) == "table" then return end
  errors.raise_usage("collect: write each query as a table: { \"%s\" }", tostring(value))
end

local function check(spec)
  if type(spec) ~= "table" then
    errors.raise_usage("collect takes a table of queries, not a %s", type(spec))
  end
  for key, value in pairs(spec) do
    if math.type(key) == "integer" then
      check_query(value)
    elseif not is_known(key) then
      errors.raise_usage("collect: %s", errors.unknown("key", key, KEYS))
    end
  end
  if #spec == 0 then
    errors.raise_usage("collect: no query; write for example { { \"testmu.summary\" } }")
  end
end

-- A query's own keys go first.
local function merged(spec, one)
  local copy = {}
  for _, key in ipairs(KEYS) do copy[key] = spec[key] end
  for key, value in pairs(one) do copy[key] = value end
  return copy
end

local function plan_all(run, spec)
  local queries = {}
  for index, one in ipairs(spec) do
    local described = merged(spec, one)
    described.period = run:read_period(described.period)
    queries[index] = query.plan(described, { loader = run.loader, grain = run.options.grain,
      now = run:now(), max_body = run.options.max_body })
    run:note_query(queries[index])
  end
  return queries
end

local function schema(queries)
  local datasets = {}
  for index, planned in ipairs(queries) do datasets[index] = query.schema(planned) end
  return { datasets = datasets }
end

-- Every query has to have a period that it is asked for.
local function check_periods(queries)
  for _, planned in ipairs(queries) do
    if not planned.dataset.window then
      errors.raise_usage("%s tells what is the case now: it has no other period to compare with",
        planned.name)
    end
  end
end

-- The same queries with each period moved.
local function moved(run, spec, move)
  local copy = {}
  for key, value in pairs(spec) do copy[key] = value end
  copy.period = move(run:read_period(spec.period))
  for index, one in ipairs(spec) do
    copy[index] = one
    if one.period ~= nil then
      copy[index] = merged(spec, one)
      copy[index].period = move(run:read_period(one.period))
    end
  end
  return copy
end

---@param run usagelua.run
---@param spec table { period =, grain =, { "vendor.dataset", parameters… }, … }
---@return usagelua.frame
function collect.new(run, spec)
  check(spec)
  local queries = plan_all(run, spec)
  local described = frame.new {
    schema = schema(queries),
    ask = function(asked)
      run:stop_for_help()
      run:ask(asked, queries)
    end,
    again = function(move)
      check_periods(queries)
      return collect.new(run, moved(run, spec, move))
    end,
  }
  run:note_frame(described, queries)
  return described
end

return collect
