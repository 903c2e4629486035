-- A dataset as one query has it: fields renamed by the query, fields that its
-- parameters rule out left away, and settled what a parameter decides of the
-- request's form and of the window's zone and length.

local errors = require "usagelua.errors"
local order = require "usagelua.order"
local path = require "usagelua.flow.path"
local template = require "usagelua.flow.template"
local zones = require "usagelua.time.zone"

local tailor = {}

-- What stands on the command line for a field that the vendor does not send.
local ABSENT <const> = "-"

local function copy_of(source)
  local copy = {}
  for key, value in pairs(source) do copy[key] = value end
  return copy
end

-- Renamed fields -----------------------------------------------------------

---The key of a query that renames fields, where its dataset takes it.
---@param dataset table
---@return boolean
function tailor.takes_fields(dataset)
  return dataset.status == "unverified" and dataset.params.fields == nil
end

local function raise_form(place, text)
  errors.raise_usage("%s: fields: '%s' is not NAME:FIELD; write for example "
    .. "fields=tasks:tasks_used, and NAME:%s for a field that the vendor does not send", place, text,
    ABSENT)
end

-- "tasks:tasks_used,recipes:-" → { tasks = "tasks_used", recipes = false }
local function read_text(text, place)
  local renamed = {}
  for pair in text:gmatch "[^,]+" do
    local name, field = pair:match "^%s*([%w_]+)%s*:%s*(.-)%s*$"
    if not name or field == "" then raise_form(place, pair) end
    renamed[name] = field ~= ABSENT and field
  end
  if next(renamed) == nil then raise_form(place, text) end
  return renamed
end

local function read_fields(given, place)
  if type(given) == "string" then return read_text(given, place) end
  if type(given) == "table" then return given end
  errors.raise_usage("%s: fields is a table such as { tasks = \"tasks_used\" }, not a %s", place,
    type(given))
end

local function names_with_path(fields)
  local names = {}
  for name, field in pairs(fields) do
    if field[1] then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local function check_renamed(name, field, dataset, place)
  local described = dataset.fields[name]
  if not (described and described[1]) then
    errors.raise_usage("%s: %s", place, errors.unknown("field", name, names_with_path(dataset.fields)))
  elseif type(field) ~= "string" and field ~= false then
    errors.raise_usage("%s: fields.%s is the name of a field of the answer, or false for one that "
      .. "the vendor does not send, not a %s", place, name, type(field))
  end
  if field then path.check(field, ("%s: fields.%s"):format(place, name)) end
end

local function renamed_field(described, text)
  local field = copy_of(described)
  field[1], field.else_path = text, nil
  return field
end

local function rename(fields, given, dataset, place)
  if not tailor.takes_fields(dataset) then
    errors.raise_usage("%s: its field names are %s; only those of unverified datasets can be "
      .. "renamed", place, dataset.status)
  end
  for name, text in pairs(read_fields(given, place)) do
    check_renamed(name, text, dataset, place)
    fields[name] = text and renamed_field(dataset.fields[name], text) or nil
  end
end

-- Fields that are ruled out ------------------------------------------------

local function holds(wanted, value)
  for _, one in ipairs(type(wanted) == "table" and wanted or { wanted }) do
    if one == value or one == false and value == nil then return true end
  end
  return false
end

local function is_sent(field, params)
  for name, wanted in pairs(field.when or {}) do
    if not holds(wanted, params[name]) then return false end
  end
  return true
end

local function fields_of(dataset, params, given, place)
  local fields = {}
  for name, field in pairs(dataset.fields) do
    if is_sent(field, params) then fields[name] = field end
  end
  if given ~= nil then rename(fields, given, dataset, place) end
  return fields
end

-- Forms --------------------------------------------------------------------

local function filled(text, params)
  if type(text) ~= "string" then return text end
  return template.fill(text, params)
end

---A window's rules with the parameters' values in them.
---@param rules table?
---@param params table<string, any>
---@return table?
function tailor.window(rules, params)
  if not rules then return nil end
  local copy = copy_of(rules)
  copy.zone = filled(rules.zone, params)
  copy.max_days = math.tointeger(tonumber(filled(rules.max_days, params)))
  return copy
end

local function window_of(dataset, params, place)
  local rules = tailor.window(dataset.window, params)
  if rules and rules.zone ~= dataset.window.zone then
    local ok, err = pcall(zones.parse, rules.zone)
    if not ok then errors.raise_usage("%s: %s", place, errors.from(err).message) end
  end
  return rules
end

-- Where `params_in` says → the request's own key.
local PLACES <const> = { query = "query", body = "json", form = "form" }

---What `params_in` may say.
tailor.PLACES = order.keys(PLACES)

---A request whose `params` have gone where `params_in` says.
---@param request table
---@param params table<string, any>
---@return table
function tailor.request(request, params)
  if not request.params then return request end
  local copy, key = copy_of(request), PLACES[filled(request.params_in, params)]
  copy.params, copy.params_in = nil, nil
  copy[key] = copy_of(request[key] or {})
  for name, text in pairs(request.params) do copy[key][name] = text end
  return copy
end

---@param dataset table checked description
---@param params table<string, any> checked
---@param given table|string|nil the query's `fields`: name = field of the answer, or false
---@param place string for messages
---@return table dataset a copy; raises usage errors
function tailor.fit(dataset, params, given, place)
  local copy = copy_of(dataset)
  copy.fields = fields_of(dataset, params, given, place)
  copy.window = window_of(dataset, params, place)
  copy.request = tailor.request(dataset.request, params)
  return copy
end

return tailor
