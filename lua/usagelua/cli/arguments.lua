-- usage.args: a script's own arguments, read by argparse from what the
-- command line leaves over.

local errors = require "usagelua.errors"
local options = require "usagelua.cli.options"

local arguments = {}

local KEYS = { help = true, default = true, one_of = true, type = true, list = true,
  required = true, positional = true }
local TYPES = {
  text = function(text) return text end,
  integer = function(text) return math.tointeger(tonumber(text)) end,
  number = function(text) return tonumber(text) end,
}

local function key_names(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  return names
end

local function check(name, declared)
  if type(name) ~= "string" or not name:find "^[a-z][%w_]*$" then
    errors.raise_usage("usage.args: '%s' is not a name: lower-case letters, digits and _", tostring(name))
  elseif options.is_ours(name:gsub("_", "-")) then
    errors.raise_usage("usage.args: --%s is an option of usagelua itself; choose another name", name)
  elseif type(declared) ~= "table" then
    errors.raise_usage("usage.args: '%s' must be a table, for example { help = \"…\" }", name)
  end
  for key in pairs(declared) do
    if not KEYS[key] then
      errors.raise_usage("usage.args: %s: %s", name, errors.unknown("key", key, key_names(KEYS)))
    end
  end
  if declared.type and not TYPES[declared.type] then
    errors.raise_usage("usage.args: %s: %s", name,
      errors.unknown("type", declared.type, key_names(TYPES)))
  end
end

local function convert(declared)
  return function(text)
    local value = TYPES[declared.type or "text"](text)
    if value == nil then return nil, ("'%s' is not a %s"):format(text, declared.type) end
    return value
  end
end

local function add(parser, name, declared)
  local dashed = name:gsub("_", "-")
  local argument
  if declared.positional then
    argument = parser:argument(name, declared.help):args(declared.list and "*" or
      (declared.required and 1 or "?"))
  else
    argument = parser:option("--" .. dashed, declared.help):target(name)
    if declared.list then argument:count "*" end
  end
  argument:convert(convert(declared)):argname((declared.type or "text"):upper())
  if declared.one_of then argument:choices(declared.one_of) end
end

local function make_parser(script, declarations)
  local parser = require "argparse"(script, declarations.help):add_help(false)
  local names = {}
  for name, declared in pairs(declarations) do
    if name ~= "help" then
      check(name, declared)
      names[#names + 1] = name
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do add(parser, name, declarations[name]) end
  return parser, names
end

local function with_defaults(values, names, declarations)
  for _, name in ipairs(names) do
    local declared = declarations[name]
    local empty = values[name] == nil or declared.list and #values[name] == 0
    if empty and declared.required then
      errors.raise_usage("the argument --%s is required (%s)", name, declared.help or "")
    elseif empty then
      values[name] = declared.default
    end
  end
  return values
end

---Reads a script's own arguments.
---@param run table options.script, arguments, help
---@param declarations table<string, table>
---@return table<string, any>
function arguments.read(run, declarations)
  local parser, names = make_parser(run.script_name or "script", declarations)
  if run.wants_help then error(arguments.stop(parser:get_help() .. "\n"), 0) end
  local ok, values = parser:pparse(run.arguments or {})
  if not ok then errors.raise_usage("%s; --help lists this script's arguments", values) end
  return with_defaults(values, names, declarations)
end

---The value that is raised to end a script early with a text and status 0.
---@param text string
function arguments.stop(text)
  return { stop = true, text = text }
end

return arguments
