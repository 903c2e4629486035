-- What usage.args may be given: checked before anything is read, so that a
-- mistake in a script shows on its first run.

local errors = require "usagelua.errors"
local options = require "usagelua.cli.options"

local declaration = {}

local KEYS <const> = { "help", "default", "one_of", "type", "list", "required", "positional", "min",
  "max" }
local TYPES <const> = { "text", "integer", "number", "boolean", "period" }

---How an argument is written on the command line.
---@param name string
---@param declared table
---@return string
function declaration.shown(name, declared)
  return declared.positional and name or "--" .. name:gsub("_", "-")
end

local function check_name(name, declared)
  if type(name) ~= "string" or not name:find "^[a-z][a-z0-9_]*$" then
    errors.raise_usage("usage.args: '%s' is not a name: write lower-case letters, digits and _, "
      .. "for example team = { help = \"…\" }", tostring(name))
  elseif type(declared) ~= "table" then
    errors.raise_usage("usage.args: '%s' must be a table, for example { help = \"…\" }", name)
  elseif options.is_ours((name:gsub("_", "-"))) then
    errors.raise_usage("usage.args: --%s is an option of usagelua itself; choose another name",
      name:gsub("_", "-"))
  end
end

local function is_known(key, list)
  for _, known in ipairs(list) do
    if known == key then return true end
  end
  return false
end

local function check_keys(name, declared)
  for key in pairs(declared) do
    if not is_known(key, KEYS) then
      errors.raise_usage("usage.args: %s: %s", name, errors.unknown("key", key, KEYS))
    end
  end
  if declared.type ~= nil and not is_known(declared.type, TYPES) then
    errors.raise_usage("usage.args: %s: %s", name, errors.unknown("type", declared.type, TYPES))
  end
end

local IS_NUMBER <const> = { integer = true, number = true }

local function check_range(name, declared)
  for _, key in ipairs { "min", "max" } do
    if declared[key] ~= nil and not IS_NUMBER[declared.type] then
      errors.raise_usage("usage.args: %s: %s is of a number; write type = \"integer\" too", name, key)
    elseif declared[key] ~= nil and type(declared[key]) ~= "number" then
      errors.raise_usage("usage.args: %s: %s is a number, not '%s'", name, key,
        tostring(declared[key]))
    end
  end
end

local NOT_FOR_SWITCHES <const> = { "list", "required", "positional", "one_of" }

-- A switch is there or not.
local function check_switch(name, declared)
  if declared.type ~= "boolean" then return end
  for _, key in ipairs(NOT_FOR_SWITCHES) do
    if declared[key] then
      errors.raise_usage("usage.args: %s: a boolean is a switch, --%s; it is not %s", name,
        name:gsub("_", "-"), key)
    end
  end
end

local OF_TYPE <const> = {
  text = function(value) return type(value) == "string" end,
  integer = function(value) return math.type(value) == "integer" end,
  number = function(value) return type(value) == "number" end,
  boolean = function(value) return type(value) == "boolean" end,
  period = function(value) return type(value) == "string" end,
}

local function is_one_of(value, list)
  for _, known in ipairs(list or { value }) do
    if known == value then return true end
  end
  return false
end

local function check_default(name, declared, value)
  local kind = declared.type or "text"
  if declared.type and not OF_TYPE[kind](value) then
    errors.raise_usage("usage.args: %s: the default '%s' is not of type %s", name, tostring(value),
      kind)
  elseif not is_one_of(value, declared.one_of) then
    errors.raise_usage("usage.args: %s: the default '%s' is none of one_of", name, tostring(value))
  elseif declared.min and value < declared.min or declared.max and value > declared.max then
    errors.raise_usage("usage.args: %s: the default %s is out of its own range", name,
      tostring(value))
  end
end

local function check_defaults(name, declared)
  if declared.default == nil then return end
  local list = declared.list and declared.default or { declared.default }
  for _, value in ipairs(list) do check_default(name, declared, value) end
end

local function check_meaning(name, declared)
  local list = declared.one_of
  if list ~= nil and (type(list) ~= "table" or #list == 0) then
    errors.raise_usage("usage.args: %s: one_of is a list of values, "
      .. "for example { \"a\", \"b\" }", name)
  elseif declared.required and declared.default ~= nil then
    errors.raise_usage("usage.args: %s: what is required needs no default", name)
  elseif declared.list and declared.default ~= nil and type(declared.default) ~= "table" then
    errors.raise_usage("usage.args: %s: the default of a list is a list", name)
  end
  check_switch(name, declared)
  check_range(name, declared)
  check_defaults(name, declared)
end

-- `--no-x` belongs to the switch `--x`.
local function check_switches(names, declarations)
  for _, name in ipairs(names) do
    if declarations[name].type == "boolean" and declarations["no_" .. name] then
      errors.raise_usage("usage.args: --no-%s is the switch %s off; choose another name",
        name:gsub("_", "-"), name)
    end
  end
end

-- Its place among the positional ones; options come behind them.
local function place(declared)
  if not declared.positional then return math.huge end
  return math.type(declared.positional) == "integer" and declared.positional or 1
end

-- Positional ones in the order of their numbers, the others by name.
local function sorted(names, declarations)
  table.sort(names, function(a, b)
    local left, right = declarations[a], declarations[b]
    if place(left) ~= place(right) then return place(left) < place(right) end
    return a < b
  end)
  return names
end

local function check_places(names, declarations)
  for index = 2, #names do
    local before, after = declarations[names[index - 1]], declarations[names[index]]
    if after.positional and place(before) == place(after) then
      errors.raise_usage("usage.args: which of %s and %s comes first? write positional = 1, "
        .. "positional = 2", names[index - 1], names[index])
    elseif after.positional and before.list then
      errors.raise_usage("usage.args: %s takes all that is left, so it must be the last one",
        names[index - 1])
    end
  end
end

---Checks a script's declarations; raises usage errors.
---@param declarations table
---@return string[] names positional ones first, in their order
function declaration.names(declarations)
  if type(declarations) ~= "table" then
    errors.raise_usage("usage.args takes a table: usage.args { team = { help = \"…\" } }")
  end
  local names = {}
  for name, declared in pairs(declarations) do
    if name ~= "help" or type(declared) ~= "string" then
      check_name(name, declared)
      check_keys(name, declared)
      check_meaning(name, declared)
      names[#names + 1] = name
    end
  end
  sorted(names, declarations)
  check_places(names, declarations)
  check_switches(names, declarations)
  return names
end

return declaration
