-- What usage.args may be given: checked before anything is read, so that a
-- mistake in a script shows on its first run.

local errors = require "usagelua.errors"
local options = require "usagelua.cli.options"

local declaration = {}

local KEYS <const> = { "help", "default", "one_of", "type", "list", "required", "positional" }
local TYPES <const> = { "text", "integer", "number" }

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
  return names
end

return declaration
