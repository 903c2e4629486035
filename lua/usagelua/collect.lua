-- usage.collect: describes queries; the frame it returns asks for them when a
-- figure is first needed, all at the same time.

local credentials = require "usagelua.vendor.credentials"
local errors = require "usagelua.errors"
local frame = require "usagelua.frame"
local query = require "usagelua.flow.query"

local collect = {}

local KEYS = { period = true, grain = true, account = true, region = true, in_flight = true }

local function key_names()
  local names = {}
  for key in pairs(KEYS) do names[#names + 1] = key end
  return names
end

local function check(spec)
  if type(spec) ~= "table" then
    errors.raise_usage("collect takes a table of queries, not %s", type(spec))
  end
  for key, value in pairs(spec) do
    if math.type(key) == "integer" then
      if type(value) ~= "table" then
        errors.raise_usage("collect: write each query as a table: { \"%s\" }", tostring(value))
      end
    elseif not KEYS[key] then
      errors.raise_usage("collect: %s", errors.unknown("key", key, key_names()))
    end
  end
  if #spec == 0 then
    errors.raise_usage("collect: no query; write for example { \"testmu.summary\" }")
  end
end

-- The keys beside the queries hold for all of them.
local function merged(spec, one)
  local copy = {}
  for key in pairs(KEYS) do copy[key] = spec[key] end
  for key, value in pairs(one) do copy[key] = value end
  return copy
end

local function plan_all(run, spec)
  local queries = {}
  for index, one in ipairs(spec) do
    local described = merged(spec, one)
    described.period = run:read_period(described.period)
    queries[index] = query.plan(described, { loader = run.loader, period = run:period(),
      grain = run.options.grain, max_body = run.options.max_body })
    run:note_query(queries[index])
  end
  return queries
end

local function schema(queries)
  local datasets = {}
  for index, planned in ipairs(queries) do datasets[index] = query.schema(planned) end
  return { datasets = datasets }
end

---@param run usagelua.run
---@param spec table { period =, grain =, { "vendor.dataset", parameters… }, … }
---@return table frame
function collect.new(run, spec)
  check(spec)
  local queries = plan_all(run, spec)
  local described = frame.new {
    schema = schema(queries),
    ask = function(asked)
      run:stop_for_help()
      if run:needs_credentials() then credentials.resolve_all(queries) end
      run:ask(asked, queries)
    end,
  }
  run.frames[#run.frames + 1] = described
  return described
end

return collect
