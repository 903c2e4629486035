-- What no single key of a vendor description can say: parts that need one
-- another, names that must be known, paths that must be one.

local auth = require "usagelua.vendor.auth"
local errors = require "usagelua.errors"
local fields = require "usagelua.flow.fields"
local members = require "usagelua.flow.members"
local order = require "usagelua.order"
local parameters = require "usagelua.flow.parameters"
local parts = require "usagelua.flow.parts"
local path = require "usagelua.flow.path"
local template = require "usagelua.flow.template"
local windows = require "usagelua.flow.windows"

local consistency = {}

local VERSION <const> = 1

local function check_auth(list, place)
  for index, described in ipairs(list) do
    auth.check(described, #list == 1 and place .. ".auth" or ("%s.auth[%d]"):format(place, index))
  end
end

local function check_defaults(dataset, place)
  for _, name in ipairs(order.keys(dataset.params)) do
    local param = dataset.params[name]
    if param.default ~= nil then
      parameters.check_value(param.default, name, param, place .. ".params")
    end
  end
end

local function check_fan_out(dataset, place)
  for _, name in ipairs(dataset.fan_out or {}) do
    if not (dataset.params[name] and dataset.params[name].list) then
      errors.raise_usage("%s.fan_out: '%s' is not a list parameter", place, name)
    end
  end
end

local function check_templates(dataset, place)
  local unfilled = parts.unfilled(dataset)
  if #unfilled == 0 then return end
  local names = order.keys(dataset.params)
  table.move(parts.EDGES, 1, dataset.window and #parts.EDGES or 0, #names + 1, names)
  errors.raise_usage("%s.request: {%s}: %s", place, unfilled[1],
    errors.unknown("name", unfilled[1], names))
end

-- What a path names is always there.
local function check_path(dataset, place)
  for _, name in ipairs(order.keys(template.names(dataset.request.path))) do
    local param = dataset.params[name]
    if param and not param.required and param.default == nil then
      errors.raise_usage("%s.request.path: the parameter '%s' needs required = true or a default",
        place, name)
    elseif not param and dataset.window.vendor_default then
      errors.raise_usage("%s.request.path: {%s} is not there where the vendor's own period is "
        .. "asked", place, name)
    end
  end
end

local function check_request(dataset, place)
  check_templates(dataset, place)
  check_path(dataset, place)
  if dataset.request.json and dataset.request.form then
    errors.raise_usage("%s.request: a body is json or form, not both", place)
  end
end

local SOURCES <const> = { 1, "value", "param" }

local function check_one_source(field, place)
  local count = 0
  for _, key in ipairs(SOURCES) do
    if field[key] ~= nil then count = count + 1 end
  end
  if count ~= 1 then
    errors.raise_usage("%s: a field is a path, a value or a param, one of them", place)
  end
end

local function check_field(name, field, dataset, place)
  check_one_source(field, place)
  if field.param and not dataset.params[field.param] then
    errors.raise_usage("%s: %s", place, errors.unknown("parameter", field.param,
      order.keys(dataset.params)))
  end
  for unit in pairs(template.names(field.unit)) do
    if not dataset.params[unit] then
      errors.raise_usage("%s.unit: %s", place, errors.unknown("parameter", unit,
        order.keys(dataset.params)))
    end
  end
  if fields.is_measure(name, field) then fields.check_units(name, field, dataset.params, place) end
end

local function check_fields(described, dataset, place)
  for _, name in ipairs(order.keys(described)) do
    check_field(name, described[name], dataset, ("%s.%s"):format(place, name))
  end
end

local function check_also(dataset, place)
  for index, also in ipairs(dataset.also or {}) do
    check_fields(also.fields, dataset, ("%s.also[%d].fields"):format(place, index))
  end
  if dataset.also and dataset.pages then
    errors.raise_usage("%s.also: with pages, every page would bring these records again", place)
  end
end

local function check_each(dataset, place)
  local lists = 0
  for _, text in ipairs(dataset.each or {}) do
    if type(text) ~= "string" or not members.kind(text) then
      errors.raise_usage("%s.each: '%s' ends neither in {} nor in []", place, tostring(text))
    end
    path.check(members.container(text), place .. ".each")
    if members.kind(text) == "[]" then lists = lists + 1 end
  end
  if lists > 0 and #dataset.each > 1 then
    errors.raise_usage("%s.each: a list stands alone; only objects have keys to share", place)
  end
end

local function check_window(dataset, place)
  if not dataset.window then return end
  local ok, err = pcall(windows.check, dataset.window)
  if not ok then errors.raise_usage("%s.window: %s", place, errors.from(err).message) end
end

local function check_dataset(dataset, place)
  check_defaults(dataset, place)
  check_fan_out(dataset, place)
  check_window(dataset, place)
  check_request(dataset, place)
  check_fields(dataset.fields, dataset, place .. ".fields")
  check_also(dataset, place)
  check_each(dataset, place)
end

-- The call that shows whether a credential works is one dataset's, or its own.
local function check_check(vendor, place)
  local described = vendor.check
  if not described then return end
  if (described.dataset == nil) == (described.request == nil) then
    errors.raise_usage("%s.check: needs either the key 'dataset' or the key 'request'", place)
  elseif described.dataset and not vendor.datasets[described.dataset] then
    errors.raise_usage("%s.check: %s", place, errors.unknown("dataset", described.dataset,
      order.keys(vendor.datasets)))
  end
end

---Raises a usage error that names the place.
---@param vendor table whose keys are checked, with defaults
---@param place string
function consistency.check(vendor, place)
  if vendor.version ~= VERSION then
    errors.raise_usage("%s.version: %d is not known; this usagelua reads %d", place, vendor.version,
      VERSION)
  end
  check_auth(vendor.auth, place)
  check_check(vendor, place)
  for _, name in ipairs(order.keys(vendor.datasets)) do
    check_dataset(vendor.datasets[name], ("%s.datasets.%s"):format(place, name))
  end
end

return consistency
