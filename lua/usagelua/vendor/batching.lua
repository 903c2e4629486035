-- What the keys of `batch` need of the rest of a dataset.

local errors = require "usagelua.errors"
local order = require "usagelua.order"
local template = require "usagelua.flow.template"

local batching = {}

-- A request that is given up may have been carried out.
local function check_reads_only(dataset, place)
  if dataset.request.method ~= "GET" and not dataset.idempotent then
    errors.raise_usage("%s.batch: what is asked again in halves must only read: say "
      .. "idempotent = true, or use GET", place)
  end
end

local function check_one(name, dataset, place)
  if not (dataset.params[name] and dataset.params[name].list) then
    errors.raise_usage("%s.batch.param: '%s' is not a list parameter", place, name)
  elseif not template.names(dataset.request)[name] then
    errors.raise_usage("%s.batch.param: the request does not name {%s}", place, name)
  elseif dataset.params[name].omit_default then
    errors.raise_usage("%s.batch.param: '%s' has omit_default, and a part of it would be no default",
      place, name)
  end
  for _, other in ipairs(dataset.fan_out or {}) do
    if other == name then
      errors.raise_usage("%s.batch.param: '%s' is asked value by value already (fan_out)", place, name)
    end
  end
end

local function names_of(dataset)
  local param = dataset.batch.param
  return type(param) == "table" and param or { param }
end

local function check_params(dataset, place)
  for _, name in ipairs(names_of(dataset)) do check_one(name, dataset, place) end
end

-- Each record of a batch would bear a part of the list.
local function check_fields(dataset, place)
  for _, param in ipairs(names_of(dataset)) do
    for _, name in ipairs(order.keys(dataset.fields)) do
      if dataset.fields[name].param == param then
        errors.raise_usage("%s.fields.%s: '%s' is asked in batches and is no column", place, name,
          param)
      end
    end
  end
  if dataset.also then
    errors.raise_usage("%s.also: with batches, every batch would bring these records again", place)
  end
end

---Raises a usage error that names the place.
---@param dataset table its keys checked
---@param place string
function batching.check(dataset, place)
  if not dataset.batch then return end
  if not dataset.request then
    errors.raise_usage("%s.batch: only the key 'request' can be asked in batches", place)
  end
  check_params(dataset, place)
  check_reads_only(dataset, place)
  check_fields(dataset, place)
end

return batching
