-- What a request of a description may hold: texts, figures, lists of them, and
-- tables of names where those are written with brackets.

local errors = require "usagelua.errors"
local order = require "usagelua.order"
local template = require "usagelua.flow.template"

local sending = {}

local SCALAR <const> = { string = true, number = true, boolean = true }
-- Whether names may stand in names.
local PLACES <const> = { { "query", true }, { "form", true }, { "headers", false },
  { "params", true } }

local check_entry

local function check_list(list, place)
  for key, item in pairs(list) do
    if math.type(key) ~= "integer" then
      errors.raise_usage("%s is a list and names '%s' too; write one or the other", place,
        tostring(key))
    elseif not SCALAR[type(item)] then
      errors.raise_usage("%s[%d] must be text or a number, not a %s", place, key, type(item))
    end
  end
end

local function check_names(entries, place, nests)
  for _, name in ipairs(order.keys(entries)) do
    if type(name) ~= "string" then
      errors.raise_usage("%s: '%s' is no name", place, tostring(name))
    end
    check_entry(entries[name], ("%s.%s"):format(place, name), nests)
  end
end

function check_entry(item, place, nests)
  if SCALAR[type(item)] then return end
  if type(item) ~= "table" or not nests and #item == 0 then
    errors.raise_usage("%s must be text, a number or a list, not a %s", place, type(item))
  end
  if #item > 0 then check_list(item, place) else check_names(item, place, nests) end
end

-- What a path names is always there, and what is sent by default too.
local function check_omitted(dataset, place)
  local in_path = template.names(dataset.request.path)
  for _, name in ipairs(order.keys(dataset.params)) do
    local param = dataset.params[name]
    if param.omit_default and param.default == nil then
      errors.raise_usage("%s.params.%s: omit_default needs a default", place, name)
    elseif param.omit_default and in_path[name] then
      errors.raise_usage("%s.params.%s: omit_default cannot be, the path names it", place, name)
    end
  end
end

---Raises a usage error that names the place.
---@param dataset table its keys checked
---@param place string
function sending.check(dataset, place)
  for _, row in ipairs(PLACES) do
    local entries = dataset.request[row[1]]
    if entries then check_names(entries, ("%s.request.%s"):format(place, row[1]), row[2]) end
  end
  check_omitted(dataset, place)
end

return sending
