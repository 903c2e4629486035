-- The parameters of a query, checked against what its dataset takes before
-- anything is sent.

local errors = require "usagelua.errors"
local once = require "usagelua.once"
local order = require "usagelua.order"

local parameters = {}

---Keys of a query that are not parameters of its dataset.
parameters.RESERVED = { "period", "grain", "account", "region", "in_flight" }

---A function that gives the names of the parameters whose description has that
---key; it looks at the parameters of a dataset once.
---@param key string
---@return fun(params: table<string, table>): string[]
function parameters.having(key)
  return once.of(function(params)
    local names = {}
    for name, param in pairs(params) do
      if param[key] then names[#names + 1] = name end
    end
    return names
  end)
end

local function to_list(value)
  if type(value) ~= "string" then return type(value) == "table" and value or { value } end
  local list = {}
  for item in value:gmatch "[^,]+" do list[#list + 1] = item:match "^ *(.-) *$" end
  return list
end

-- The pattern for the whole of a value, however the description has it.
local function anchored(pattern)
  local open = pattern:gsub("^%^", "")
  local body, escapes = open:match "^(.-)(%%*)%$$"
  if body and #escapes % 2 == 0 then open = body .. escapes end
  return "^" .. open .. "$"
end

local pattern_of = once.of(function(param) return anchored(param.match) end)

local function has(list, text)
  for _, known in ipairs(list) do
    if known == text then return true end
  end
  return false
end

-- A value as its type has it, or nil where it is none.
local TYPES <const> = {
  text = function(value) return tostring(value) end,
  integer = function(value) return math.tointeger(tonumber(value)) end,
  number = function(value)
    local number = tonumber(value)
    return number and number - number == 0 and number or nil -- neither inf nor nan
  end,
  boolean = function(value) return ({ ["true"] = true, ["false"] = false })[tostring(value)] end,
}
local TYPE_NAMES <const> = { integer = "a whole number", number = "a number",
  boolean = "true or false" }

local function typed(value, name, param, place)
  if not param.type then return value end
  local converted = TYPES[param.type](value)
  if converted ~= nil then return converted end
  errors.raise_usage("%s: parameter '%s' must be %s, not '%s'", place, name, TYPE_NAMES[param.type],
    tostring(value))
end

local SCALAR <const> = { string = true, number = true, boolean = true }

local function check_text(text, name, place)
  if text:find "%c" then
    errors.raise_usage("%s: parameter '%s' holds a control character", place, name)
  elseif text == "" then
    errors.raise_usage("%s: parameter '%s' is empty; leave it out or give a value", place, name)
  end
end

local function check_value(value, name, param, place)
  if not SCALAR[type(value)] then
    errors.raise_usage("%s: parameter '%s' must be text or a number, not a %s", place, name,
      type(value))
  end
  local text = tostring(value)
  check_text(text, name, place)
  if param.one_of and not has(param.one_of, text) then
    errors.raise_usage("%s: %s", place, errors.unknown("value of '" .. name .. "'", text,
      param.one_of))
  end
  if param.characters and (utf8.len(text) or #text) < param.characters then
    errors.raise_usage("%s: parameter '%s' must have %d characters or more: '%s'", place, name,
      param.characters, text)
  end
  if param.match and not text:find(pattern_of(param)) then
    errors.raise_usage("%s: parameter '%s' does not match %s: '%s'", place, name, param.match, text)
  end
  return typed(value, name, param, place)
end

local function check_list(value, name, param, place)
  local list, seen, checked = to_list(value), {}, {}
  for key in pairs(list) do
    if math.type(key) ~= "integer" then
      errors.raise_usage("%s: parameter '%s' is a list; '%s' is no place in it", place, name,
        tostring(key))
    end
  end
  if #list == 0 then
    errors.raise_usage("%s: parameter '%s' is an empty list; leave it out or name values", place,
      name)
  end
  for index, item in ipairs(list) do
    checked[index] = check_value(item, name, param, place)
    if seen[tostring(item)] then
      errors.raise_usage("%s: parameter '%s' names '%s' twice", place, name, tostring(item))
    end
    seen[tostring(item)] = true
  end
  return checked
end

---Checks one value that a parameter is given.
---@param value any
---@param name string
---@param param table its description
---@param place string for messages
---@return any value a list for a list parameter
function parameters.check_value(value, name, param, place)
  if param.list then return check_list(value, name, param, place) end
  return check_value(value, name, param, place)
end

local function check_one(value, name, param, place)
  if value == nil then value = param.default end
  if value ~= nil then return parameters.check_value(value, name, param, place) end
  if param.required then
    errors.raise_usage("%s: the parameter '%s' is required%s", place, name,
      param.help and " (" .. param.help .. ")" or "")
  end
end

-- What a query may name: a list for messages, and each as a key.
local known_names = once.of_both(function(described, more)
  local names = table.move(parameters.RESERVED, 1, #parameters.RESERVED, 1, {})
  table.move(more, 1, #more, #names + 1, names)
  for name in pairs(described) do names[#names + 1] = name end
  for _, name in ipairs(table.move(names, 1, #names, 1, {})) do names[name] = true end
  return names
end)

local function check_names(spec, described, more, place)
  local names = known_names(described, more)
  for key in pairs(spec) do
    if key ~= 1 and names[key] ~= true then
      errors.raise_usage("%s: %s", place, errors.unknown("parameter", key, names))
    end
  end
end

local names_in_order = once.of(order.keys)
local NONE <const> = {}

---The parameters of a query with the defaults filled in; raises usage errors,
---with the nearest known name.
---@param spec table { "vendor.dataset", name = value, … }
---@param described table<string, table> the dataset's `params`
---@param place string for messages
---@param more string[]? further keys of the query; not to be changed
---@return table<string, any>
function parameters.check(spec, described, place, more)
  check_names(spec, described, more or NONE, place)
  local checked = {}
  for _, name in ipairs(names_in_order(described)) do
    checked[name] = check_one(spec[name], name, described[name], place)
  end
  return checked
end

return parameters
