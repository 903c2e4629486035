-- usage.args: a script's own arguments, from what the command line leaves over.

local declaration = require "usagelua.cli.declaration"
local errors = require "usagelua.errors"
local failure = require "usagelua.cli.failure"
local options = require "usagelua.cli.options"

local arguments = {}

local shown = declaration.shown

local READ <const> = {
  text = function(text) return text end,
  integer = function(text) return math.tointeger(tonumber(text)) end,
  number = function(text) return tonumber(text) end,
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
  if declared.list then parts[#parts + 1] = "several allowed" end
  if declared.default ~= nil then
    parts[#parts + 1] = "default " .. default_text(declared.default)
  end
  return table.concat(parts, "; ")
end

local function add_to_help(parser, name, declared)
  if declared.positional then
    parser:argument(name, help_of(declared)):args(declared.list and "*" or "?")
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

local function convert(text, name, declared)
  local kind = declared.type or "text"
  local value = READ[kind](text)
  local message
  if value == nil then
    message = ("'%s' is not %s"):format(text, WORDS[kind])
  else
    message = check_one_of(text, value, declared)
  end
  if message then errors.raise_usage("%s: %s", shown(name, declared), message) end
  return value
end

local function keep(values, text, name, declared)
  local value = convert(text, name, declared)
  if declared.list then
    values[name] = values[name] or {}
    table.insert(values[name], value)
  else
    values[name] = value
  end
end

-- The words that name an option, and the names of the positional arguments.
local function places_of(names, declarations)
  local by_word, positional = {}, {}
  for _, name in ipairs(names) do
    local declared = declarations[name]
    if declared.positional then
      positional[#positional + 1] = name
    else
      by_word[shown(name, declared)] = name
    end
  end
  return by_word, positional
end

-- The option's name, its value and the place of the last word that it took.
local function take_option(words, index, by_word)
  local word, value = words[index]:match "^(%-%-[^=]+)=(.*)$"
  word = word or words[index]
  local name = by_word[word]
  if not name then raise_unknown(word, by_word) end
  if value then return name, value, index end
  if words[index + 1] == nil then errors.raise_usage("%s needs a value", word) end
  return name, words[index + 1], index + 1
end

-- A minus sign alone or before a digit makes no option.
local function is_option(word)
  return word:find "^%-%-?%a" ~= nil
end

local function take_positional(values, word, positional, declarations)
  local name = positional[1]
  if not name then
    errors.raise_usage("'%s' is one argument too many; --help lists this script's arguments", word)
  end
  keep(values, word, name, declarations[name])
  if not declarations[name].list then table.remove(positional, 1) end
end

local function parse(words, names, declarations)
  local values, index = {}, 1
  local by_word, positional = places_of(names, declarations)
  while index <= #words do
    local word = words[index]
    if is_option(word) then
      local name, value
      name, value, index = take_option(words, index, by_word)
      keep(values, value, name, declarations[name])
    else
      take_positional(values, word, positional, declarations)
    end
    index = index + 1
  end
  return values
end

-- A copy, so that a script that changes it does not change its declaration.
local function default_of(declared)
  local default = declared.default
  if declared.list then return table.move(default or {}, 1, #(default or {}), 1, {}) end
  return default
end

local function with_defaults(values, names, declarations)
  for _, name in ipairs(names) do
    local declared = declarations[name]
    if values[name] == nil and declared.required then
      errors.raise_usage("the argument %s is required%s", shown(name, declared),
        declared.help and (" (%s)"):format(declared.help) or "")
    elseif values[name] == nil then
      values[name] = default_of(declared)
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
---Keys of each: help, default, one_of, type ("text", "integer", "number"), list
---(may be given several times; a list, empty without any), required, positional
---(true, or its place where there are several). `_` in a name is `-` on the
---command line. `--help` behind the script prints them and ends the run.
---@param run usagelua.run
---@param declarations table<string, table|string>
---@return table<string, any> values raises usage errors
function arguments.read(run, declarations)
  local names = declaration.names(declarations)
  if run.wants_help then
    error(failure.stop(help_text(run.script_name or "script", names, declarations)), 0)
  end
  return with_defaults(parse(run.arguments or {}, names, declarations), names, declarations)
end

return arguments
