-- A dataset as one query has it: fields renamed by the query, fields that its
-- parameters rule out left away, and settled what a parameter decides of the
-- request's form and of the window's zone and length. Queries for which all of
-- that comes out alike have one in common.

local errors = require "usagelua.errors"
local once = require "usagelua.once"
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

---Does a query of this dataset take `fields`, which says their right names?
---@param dataset table
---@return boolean
function tailor.takes_fields(dataset)
  return dataset.status == "unverified" and dataset.params.fields == nil
end

local FIELDS <const>, NONE <const> = { "fields" }, {}

---Keys that a query has because of it.
---@param dataset table
---@return string[] not to be changed
function tailor.keys(dataset)
  return tailor.takes_fields(dataset) and FIELDS or NONE
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

local function fields_of(dataset, params, spec, place)
  local fields = {}
  for name, field in pairs(dataset.fields) do
    if is_sent(field, params) then fields[name] = field end
  end
  if tailor.takes_fields(dataset) and spec.fields ~= nil then
    rename(fields, spec.fields, dataset, place)
  end
  return fields
end

-- Batches ------------------------------------------------------------------

-- Of several lists of ids, two may mean the same thing: in different batches it
-- would be counted twice.
local function batch_of(batch, params)
  if not batch or type(batch.param) == "string" then return batch end
  local given = {}
  for _, name in ipairs(batch.param) do
    if params[name] ~= nil then given[#given + 1] = name end
  end
  if #given ~= 1 then return nil end
  local copy = copy_of(batch)
  copy.param = given[1]
  return copy
end

-- Forms --------------------------------------------------------------------

local function filled(text, params)
  if type(text) ~= "string" then return text end
  return template.fill(text, params)
end

---What parameters are where a query gives none.
---@param described table<string, table> the dataset's `params`
---@return table<string, any>
function tailor.defaults(described)
  local values = {}
  for name, param in pairs(described) do values[name] = param.default end
  return values
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
    local ok, err = errors.try(zones.parse, rules.zone)
    if not ok then errors.raise_usage("%s: %s", place, errors.from(err).message) end
  end
  return rules
end

-- Where `params_in` says → the request's own key.
local PLACES <const> = { query = "query", body = "json", form = "form" }
-- How `lists_as` says → the name and the template of a list.
local LISTS <const> = {
  commas = function(_, name, text) return name, text end,
  repeated = function(_, name, text) return name, { text } end,
  array = function(key, name, text)
    return key == "json" and name or name .. "[]", { text }
  end,
}

---What `params_in` and `lists_as` may say.
tailor.PLACES, tailor.LISTS = order.keys(PLACES), order.keys(LISTS)

local function is_list(text, described)
  local param = type(text) == "string" and described[text:match "^{([%w_]+)}$"]
  return param and param.list
end

---A request whose `params` have gone where `params_in` says, lists among them
---as `lists_as` says.
---@param request table? nil where the dataset is asked otherwise
---@param params table<string, any>
---@param described table<string, table> the dataset's `params`
---@return table?
function tailor.request(request, params, described)
  if not (request and request.params) then return request end
  local copy, key = copy_of(request), PLACES[filled(request.params_in, params)]
  local list_of = LISTS[filled(request.lists_as, params) or "commas"]
  copy.params, copy.params_in, copy.lists_as = nil, nil, nil
  copy[key] = copy_of(request[key] or {})
  for name, text in pairs(request.params) do
    if is_list(text, described) then name, text = list_of(key, name, text) end
    copy[key][name] = text
  end
  return copy
end

local function make(dataset, params, spec, place)
  local copy = copy_of(dataset)
  copy.fields = fields_of(dataset, params, spec, place)
  copy.batch = batch_of(dataset.batch, params)
  copy.window = window_of(dataset, params, place)
  copy.request = tailor.request(dataset.request, params, dataset.params)
  return copy
end

-- In common ----------------------------------------------------------------

-- The parameters whose values decide what is made here, and those of which it
-- matters whether they are given.
local deciding = once.of(function(dataset)
  local window, request, batch = dataset.window or {}, dataset.request or {}, dataset.batch or {}
  local values = template.names { window.zone or "", window.max_days or "", request.params_in or "",
    request.lists_as or "" }
  for _, field in pairs(dataset.fields) do
    for name in pairs(field.when or {}) do values[name] = true end
  end
  return { values = order.keys(values),
    given = type(batch.param) == "table" and batch.param or {} }
end)

-- Told apart as Lua does: the text "1" is not the number.
local function spelled(value)
  if type(value) ~= "table" then return ("%q"):format(value) end
  local texts = {}
  for index, item in ipairs(value) do texts[index] = ("%q"):format(item) end
  return "{" .. table.concat(texts, ",") .. "}"
end

local function key_of(dataset, params)
  local names, parts = deciding(dataset), {}
  for _, name in ipairs(names.values) do parts[#parts + 1] = spelled(params[name]) end
  for _, name in ipairs(names.given) do parts[#parts + 1] = tostring(params[name] ~= nil) end
  return table.concat(parts, " ")
end

local known_of = once.by_text()

---@param dataset table checked description
---@param params table<string, any> checked
---@param spec table the query; `fields`: name = field of the answer, or false
---@param place string for messages
---@return table dataset in the place of the description, not to be changed: others may have it
---too; raises usage errors
function tailor.fit(dataset, params, spec, place)
  if tailor.takes_fields(dataset) and spec.fields ~= nil then return make(dataset, params, spec, place) end
  local known, key = known_of(dataset), key_of(dataset, params)
  known[key] = known[key] or make(dataset, params, spec, place)
  return known[key]
end

return tailor
