-- usage.args: a script's own arguments, from what the command line leaves over.

local declaration = require "usagelua.cli.declaration"
local errors = require "usagelua.errors"
local failure = require "usagelua.cli.failure"
local options = require "usagelua.cli.options"

local arguments = {}

local shown = declaration.shown

-- No hexadecimal, no infinity: 0x10 was meant otherwise.
local function plain_number(text)
  return text:find "^[+-]?[%d.]+[eE]?[+-]?%d*$" and tonumber(text) or nil
end

local READ <const> = {
  text = function(text) return text end,
  integer = function(text) return math.tointeger(plain_number(text)) end,
  number = plain_number,
  period = function(text, run) return run:read_period(text) end,
}
local WORDS <const> = { integer = "a whole number", number = "a number" }

-- Help ---------------------------------------------------------------------

local function default_text(default)
  return type(default) == "table" and table.concat(default, ", ") or tostring(default)
end

local function help_of(declared)
  local parts = { declared.help }
  if declared.one_of then parts[#parts + 1] = "one of " .. table.concat(declared.one_of, ", ") end
  if declared.required then parts[#parts + 1] = "required" end
  if declared.min then parts[#parts + 1] = "from " .. tostring(declared.min) end
  if declared.max then parts[#parts + 1] = "to " .. tostring(declared.max) end
  if declared.list then parts[#parts + 1] = "several allowed" end
  if declared.default ~= nil then
    parts[#parts + 1] = "default " .. default_text(declared.default)
  end
  return table.concat(parts, "; ")
end

local function add_to_help(parser, name, declared)
  if declared.positional then
    parser:argument(name, help_of(declared)):args(declared.list and "*" or "?")
  elseif declared.type == "boolean" then
    local switch = shown(name, declared)
    parser:flag(declared.default and switch:gsub("^%-%-", "--no-") or switch, help_of(declared))
  else
    parser:option(shown(name, declared), help_of(declared))
      :argname((declared.type or "text"):upper()):count(declared.list and "*" or "?")
  end
end

local function help_text(script, names, declarations)
  local parser = require "argparse"(script, declarations.help):add_help(false)
    :usage_max_width(78):help_max_width(96)
    :epilog "The options of usagelua itself: usagelua --help"
  for _, name in ipairs(names) do add_to_help(parser, name, declarations[name]) end
  return parser:get_help() .. "\n"
end

-- Reading ------------------------------------------------------------------

-- A name of ours in the place of a misspelt one, too.
local function raise_unknown(word, by_word)
  local list = options.long_names()
  for known in pairs(by_word) do list[#list + 1] = known end
  table.sort(list)
  local near = errors.nearest(word, list)
  errors.raise_usage("unknown option '%s'; %s--help lists this script's arguments", word,
    near and ("did you mean '%s'? "):format(near) or "")
end

local function check_one_of(text, value, declared)
  if not declared.one_of then return nil end
  local words = {}
  for index, known in ipairs(declared.one_of) do
    if known == value then return nil end
    words[index] = tostring(known)
  end
  return errors.unknown("value", text, words)
end

local function check_range(text, value, declared)
  if declared.min and value < declared.min then
    return ("%s is less than %s"):format(text, tostring(declared.min))
  elseif declared.max and value > declared.max then
    return ("%s is more than %s"):format(text, tostring(declared.max))
  end
end

local function convert(run, text, name, declared)
  local kind = declared.type or "text"
  local value = READ[kind](text, run)
  local message
  if value == nil then
    message = ("'%s' is not %s"):format(text, WORDS[kind])
  else
    message = check_one_of(text, kind == "period" and text or value, declared)
      or check_range(text, value, declared)
  end
  if message then errors.raise_usage("%s: %s", shown(name, declared), message) end
  return value
end

---@class usagelua.arguments_reading
---@field run usagelua.run
---@field declarations table<string, table>
---@field by_word table<string, string> what names an option on the command line
---@field switches table<string, { name: string, value: boolean }>
---@field positional string[] names that are still to come
---@field values table<string, any> what was read

local function add_word(reading, name, declared)
  local word = shown(name, declared)
  if declared.positional then
    reading.positional[#reading.positional + 1] = name
  elseif declared.type == "boolean" then
    reading.switches[word] = { name = name, value = true }
    reading.switches[word:gsub("^%-%-", "--no-")] = { name = name, value = false }
  else
    reading.by_word[word] = name
  end
end

local function new_reading(run, names, declarations)
  local reading = { run = run, declarations = declarations, by_word = {}, switches = {},
    positional = {}, values = {} }
  for _, name in ipairs(names) do add_word(reading, name, declarations[name]) end
  return reading
end

local function keep(reading, text, name)
  local declared, values = reading.declarations[name], reading.values
  local value = convert(reading.run, text, name, declared)
  if declared.list then
    values[name] = values[name] or {}
    table.insert(values[name], value)
  else
    values[name] = value
  end
end

local function known_words(reading)
  local words = {}
  for word in pairs(reading.by_word) do words[word] = true end
  for word in pairs(reading.switches) do words[word] = true end
  return words
end

-- The place of the last word that an option took.
local function take_option(reading, words, index)
  local word, value = words[index]:match "^(%-%-[^=]+)=(.*)$"
  word = word or words[index]
  local switch, name = reading.switches[word], reading.by_word[word]
  if switch then
    if value then errors.raise_usage("%s takes no value", word) end
    reading.values[switch.name] = switch.value
    return index
  end
  if not name then raise_unknown(word, known_words(reading)) end
  if not value then
    index = index + 1
    value = words[index]
  end
  if value == nil then errors.raise_usage("%s needs a value", word) end
  keep(reading, value, name)
  return index
end

-- A minus sign alone or before a digit makes no option.
local function is_option(word)
  return word:find "^%-%-?%a" ~= nil
end

local function take_positional(reading, word)
  local name = reading.positional[1]
  if not name then
    errors.raise_usage("'%s' is one argument too many; --help lists this script's arguments", word)
  end
  keep(reading, word, name)
  if not reading.declarations[name].list then table.remove(reading.positional, 1) end
end

local function parse(reading, words)
  local index = 1
  while index <= #words do
    if is_option(words[index]) then
      index = take_option(reading, words, index)
    else
      take_positional(reading, words[index])
    end
    index = index + 1
  end
end

-- A copy, so that a script that changes it does not change its declaration.
local function default_of(reading, declared)
  local default = declared.default
  if declared.list then
    local list = {}
    for i, value in ipairs(default or {}) do
      list[i] = declared.type == "period" and READ.period(value, reading.run) or value
    end
    return list
  end
  if declared.type == "period" and default then return READ.period(default, reading.run) end
  if declared.type == "boolean" then return default or false end
  return default
end

local function with_defaults(reading, names)
  local values = reading.values
  for _, name in ipairs(names) do
    local declared = reading.declarations[name]
    if values[name] == nil and declared.required then
      errors.raise_usage("the argument %s is required%s", shown(name, declared),
        declared.help and (" (%s)"):format(declared.help) or "")
    elseif values[name] == nil then
      values[name] = default_of(reading, declared)
    end
  end
  return values
end

local NONE <const> =
  "%s declares no arguments of its own (usage.args); usagelua --help lists the options\n"

---Ends a run that `--help` began and that came to no usage.args.
---@param run usagelua.run
function arguments.stop_without(run)
  error(failure.stop(NONE:format(run.script_name)), 0)
end

---Reads a script's own arguments.
---
---    local args = usage.args {
---      help  = "Tests of a team.",
---      team  = { help = "team id", required = true },
---      top   = { type = "integer", default = 10 },
---      files = { positional = true, list = true },
---    }
---
---Keys of each: help, default, one_of, type ("text", "integer", "number", "boolean":
---a switch `--x` and `--no-x`, "period": as --period takes it), min and max of a
---number, list (may be given several times; a list, empty without any), required,
---positional (true, or its place where there are several). `_` in a name is `-` on
---the command line. `--help` behind the script prints them and ends the run.
---@param run usagelua.run
---@param declarations table<string, table|string>
---@return table<string, any> values raises usage errors
function arguments.read(run, declarations)
  local names = declaration.names(declarations)
  if run.wants_help then
    error(failure.stop(help_text(run.script_name or "script", names, declarations)), 0)
  end
  local reading = new_reading(run, names, declarations)
  parse(reading, run.arguments or {})
  return with_defaults(reading, names)
end

return arguments
