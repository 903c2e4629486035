-- The options of the command line: one row each, used for reading, for help
-- and for the check that a script's own arguments bear no name of ours.

local errors = require "usagelua.errors"
local options = {}

---@class usagelua.option
---@field name string long name, without dashes
---@field short string?
---@field value string? name of its value in help; absent for a switch
---@field key string where the value is kept
---@field help string? once described, and so `takes`
---@field only string[]? the commands it belongs to, the first one for messages
---@field takes ("file"|"format"|"grain"|"parameter")? what its value is, for completion
---@field many boolean? may be given several times; kept as a list
---@field read (fun(text: string, place: string): any)?

local function name_value(text, place)
  local name, value = text:match "^([%w_]+)=(.*)$"
  if not name then
    errors.raise_usage("%s: '%s' is not NAME=VALUE", place, text)
  end
  return { name, value }
end

-- Vendors' own parameters may look like `filter[from]` or `page.size`.
local function parameter(text, place)
  local name, value = text:match "^([%w_.%[%]-]+)=(.*)$"
  if not name then
    errors.raise_usage("%s: '%s' is not NAME=VALUE", place, text)
  end
  return { name, value }
end

local function words(text)
  local list = {}
  for word in text:gmatch "[^,]+" do list[#list + 1] = word:match "^%s*(.-)%s*$" end
  return list
end

local function count(text, place)
  local number = math.tointeger(tonumber(text))
  if not number or number < 1 then
    errors.raise_usage("%s: '%s' is not a whole number from 1", place, text)
  end
  return number
end

-- "90s" and "64MiB", read where one of them is given.
local function quantity(kind)
  return function(text, place)
    return require("usagelua.cli.quantity")[kind](text, place)
  end
end

-- The commands that ask vendors, and those that may have a rule.
local ASKING <const> = { "fetch", "plan", "check", "get", "test" }
local RULE <const> = { "fetch", "plan" }

---@type usagelua.option[]
options.rows = {
  { name = "period", value = "P", key = "period" },
  { name = "zone", value = "Z", key = "zone" },
  { name = "grain", value = "G", key = "grain" },
  { name = "set", value = "NAME=VALUE", key = "set", many = true, read = parameter, only = ASKING },
  { name = "group-by", value = "COL,...", key = "group_by", read = words, only = RULE },
  { name = "measures", value = "M,...", key = "measures", read = words, only = RULE },
  { name = "where", value = "COL=VALUE", key = "where", many = true, read = name_value,
    only = RULE },
  { name = "sort", value = "COL,...", key = "sort", read = words, only = RULE },
  { name = "limit", value = "N", key = "limit", read = count, only = RULE },
  { name = "delete", key = "delete", only = { "ledger" } },
  { name = "now", value = "T", key = "now" },
  { name = "format", short = "f", value = "FORMAT", key = "format" },
  { name = "output", short = "o", value = "[FORMAT=]FILE", key = "outputs", many = true },
  { name = "step-summary", key = "step_summary" },
  { name = "raw-csv", key = "raw_csv" },
  { name = "csv-separator", value = "C", key = "csv_separator", read = quantity "separator" },
  { name = "prices", value = "FILE", key = "prices" },
  { name = "record", value = "FILE", key = "record" },
  { name = "replay", value = "FILE", key = "replay" },
  { name = "deadline", value = "D", key = "deadline_s", read = quantity "seconds" },
  { name = "allow-partial", key = "allow_partial" },
  { name = "max-body", value = "SIZE", key = "max_body", read = quantity "bytes" },
  { name = "max-memory", value = "SIZE", key = "max_memory", read = quantity "bytes" },
  { name = "quiet", short = "q", key = "quiet" },
  { name = "verbose", short = "v", key = "verbose" },
  { name = "trace", value = "FILE", key = "trace" },
  { name = "help", short = "h", key = "help" },
  { name = "version", key = "version" },
  { name = "execute", short = "e", value = "CODE", key = "execute" },
  { name = "interactive", short = "i", key = "interactive" },
}

-- So few are asked for in a run that an index would cost more than it saves.
local function row_with(field, text)
  for _, row in ipairs(options.rows) do
    if row[field] == text then return row end
  end
end

---The rows with their help and what their values are.
---@return usagelua.option[]
function options.described()
  local texts = require "usagelua.cli.option_texts"
  for _, row in ipairs(options.rows) do
    local text = texts[row.name]
    row.help, row.takes = text[1], text.takes
  end
  return options.rows
end

---Whether a name (without dashes) is an option of ours.
---@param name string
---@return boolean
function options.is_ours(name)
  return row_with("name", name) ~= nil or row_with("short", name) ~= nil
end

---@return string[]
function options.long_names()
  local names = {}
  for _, row in ipairs(options.rows) do names[#names + 1] = "--" .. row.name end
  return names
end

-- "--zone=+05:30" → row, attached value; nil where it is no option of ours.
local function recognise(argument)
  local name, attached = argument:match "^%-%-([%w-]+)=(.*)$"
  if name then return row_with("name", name), attached end
  name = argument:match "^%-%-([%w-]+)$"
  if name then return row_with("name", name) end
  local short, rest = argument:match "^%-(%a)(.*)$"
  local row = short and row_with("short", short)
  if not row or rest == "" then return row end
  if row.value then return row, rest end
  return nil
end

local function keep(values, row, value)
  if not row.many then
    values[row.key] = value
    return
  end
  values[row.key] = values[row.key] or {}
  table.insert(values[row.key], value)
end

local function take(values, row, attached, arguments, index)
  if not row.value then
    if attached then errors.raise_usage("--%s takes no value", row.name) end
    keep(values, row, true)
    return index
  end
  local text = attached
  if not text then
    index = index + 1
    text = arguments[index]
    if not text then
      errors.raise_usage("--%s needs a value: --%s %s", row.name, row.name, row.value)
    end
  end
  keep(values, row, row.read and row.read(text, "--" .. row.name) or text)
  return index
end

---"unknown option '--perod'; did you mean '--period'? …"
---@param argument string
---@return string
function options.unknown(argument)
  local name = argument:match "^(%-%-?[%w-]+)=" or argument
  local near = errors.nearest(name, options.long_names())
  return ("unknown option '%s'; %s--help lists them"):format(name,
    near and ("did you mean '%s'? "):format(near) or "")
end

---Reads the arguments. Options of ours may stand anywhere before `--`; what
---is not ours stays in order in `rest`, where an unknown option before the
---first word is an error.
---@param arguments string[]
---@return table values and after_dashes: how many of `rest` stand behind `--`
---@return string[] rest
function options.read(arguments)
  local values, rest, index = {}, {}, 1
  while index <= #arguments do
    local argument = arguments[index]
    if argument == "--" then
      values.after_dashes = #arguments - index
      table.move(arguments, index + 1, #arguments, #rest + 1, rest)
      break
    end
    local row, attached = recognise(argument)
    if row then
      index = take(values, row, attached, arguments, index)
    elseif #rest == 0 and not values.execute and argument:find "^%-." then
      errors.raise_usage("%s", options.unknown(argument))
    else
      rest[#rest + 1] = argument
    end
    index = index + 1
  end
  return values, rest
end

---Whether an option is the command's.
---@param row usagelua.option
---@param command string?
---@return boolean
function options.belongs(row, command)
  for _, name in ipairs(row.only or {}) do
    if name == command then return true end
  end
  return false
end

return options
