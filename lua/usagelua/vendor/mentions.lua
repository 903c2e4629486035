-- Names of parameters and columns that a dataset's description mentions: each
-- must be one of its own.

local errors = require "usagelua.errors"
local order = require "usagelua.order"
local tailor = require "usagelua.flow.tailor"
local template = require "usagelua.flow.template"

local mentions = {}

local NONE <const> = {}

local function need(known, what, name, place)
  if known[name] ~= nil then return end
  errors.raise_usage("%s: %s", place, errors.unknown(what, name, order.keys(known)))
end

local function need_param(dataset, name, place)
  need(dataset.params, "parameter", name, place)
end

-- A value that is always there, since without it nothing can be said.
local function need_value(dataset, text, place)
  for name in pairs(template.names(text)) do
    need_param(dataset, name, place)
    local param = dataset.params[name]
    if param.default == nil and not param.required then
      errors.raise_usage("%s: the parameter '%s' needs required = true or a default", place, name)
    end
  end
end

local function each_name(list, dataset, place)
  for _, name in ipairs(list or NONE) do need_param(dataset, name, place) end
end

local function each_key(named, dataset, place)
  for _, name in ipairs(named and order.keys(named) or NONE) do need_param(dataset, name, place) end
end

local function check_window(dataset, place)
  local window = dataset.window
  if not window then return end
  need_value(dataset, window.zone, place .. ".window.zone")
  for name in pairs(template.names(window.max_days)) do
    need_param(dataset, name, place .. ".window.max_days")
  end
end

local function has(list, value)
  for _, known in ipairs(list) do
    if known == value then return true end
  end
  return false
end

-- A parameter that says where or how `params` are sent says nothing else.
local function check_choice(dataset, text, known, place)
  need_value(dataset, text, place)
  for name in pairs(template.names(text)) do
    for _, value in ipairs(dataset.params[name].one_of or { "?" }) do
      if not has(known, value) then
        errors.raise_usage("%s: the parameter '%s' may say %s, nothing else (`one_of`)", place, name,
          table.concat(known, ", "))
      end
    end
  end
end

local function check_request(dataset, place)
  local request = dataset.request
  if not request then return end
  if (request.params == nil) ~= (request.params_in == nil) then
    errors.raise_usage("%s: params and params_in need one another", place)
  elseif request.lists_as and not request.params then
    errors.raise_usage("%s.lists_as: only params are sent so", place)
  end
  check_choice(dataset, request.params_in, tailor.PLACES, place .. ".params_in")
  check_choice(dataset, request.lists_as, tailor.LISTS, place .. ".lists_as")
end

local function check_expect(dataset, place)
  for _, param in ipairs(order.keys(dataset.expect or {})) do
    need_param(dataset, param, place)
    need(dataset.fields, "column", dataset.expect[param], place)
  end
end

local function check_rows_period(dataset, place)
  if not dataset.rows_say_period then return end
  if not (dataset.record and dataset.fields.period_start and dataset.fields.period_end) then
    errors.raise_usage("%s.rows_say_period: needs the fields period_start and period_end, and "
      .. "`record` to compare them", place)
  end
end

local function check_row_fields(dataset, lasts, place)
  local fields = dataset.fields
  if not lasts and not (fields.period_start and fields.period_end) then
    errors.raise_usage("%s.row_period: needs the fields period_start and period_end", place)
  elseif lasts and (not fields.period_start or fields.period_end) then
    errors.raise_usage("%s.row_period.lasts: needs the field period_start, and no period_end", place)
  end
end

-- A parameter that says how long rows last says nothing else.
local function check_lasts(dataset, lasts, place)
  need_value(dataset, lasts, place)
  for name in pairs(template.names(lasts)) do
    for _, value in ipairs(dataset.params[name].one_of or { "?" }) do
      if not require("usagelua.flow.lasting").seconds(tostring(value)) then
        errors.raise_usage("%s: the parameter '%s' may say lengths, 10m, 1h or 1d, nothing else (`one_of`)",
          place, name)
      end
    end
  end
end

-- What a zone or a hint names in braces is a parameter; the clock of rows that say
-- an instant may be the one that was asked by.
local function check_row_period(dataset, place)
  local described = dataset.row_period
  if not described then return end
  check_row_fields(dataset, described.lasts, place)
  check_lasts(dataset, described.lasts, place .. ".row_period.lasts")
  for _, key in ipairs { "zone", "hint" } do
    for name in (described[key] or ""):gmatch "{([%w_]+)}" do
      if not (described.lasts and dataset.window and name == "timezone") then
        need_param(dataset, name, ("%s.row_period.%s"):format(place, key))
      end
    end
  end
end

local function check_appearance(dataset, place)
  if dataset.must_appear and dataset.each then
    errors.raise_usage("%s.must_appear: with `each`, a record is not an item of the answer", place)
  end
end

---Raises a usage error that names the place.
---@param dataset table
---@param place string
function mentions.check(dataset, place)
  check_window(dataset, place)
  check_request(dataset, place .. ".request")
  check_expect(dataset, place .. ".expect")
  check_appearance(dataset, place)
  check_rows_period(dataset, place)
  check_row_period(dataset, place)
  each_name(dataset.needs_one_of, dataset, place .. ".needs_one_of")
  for _, name in ipairs(order.keys(dataset.params)) do
    local without = dataset.params[name].without
    if without then each_name(without, dataset, ("%s.params.%s.without"):format(place, name)) end
  end
  for _, name in ipairs(order.keys(dataset.fields)) do
    local when = dataset.fields[name].when
    if when then each_key(when, dataset, ("%s.fields.%s.when"):format(place, name)) end
  end
  for index, note in ipairs(dataset.notes or {}) do
    each_name(note.given, dataset, ("%s.notes[%d].given"):format(place, index))
    each_key(note.holds, dataset, ("%s.notes[%d].holds"):format(place, index))
  end
end

return mentions
