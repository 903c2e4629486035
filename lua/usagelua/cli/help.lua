-- `usagelua --help`, and of each command: the rows of cli/commands.lua and
-- cli/options.lua in two columns that fit a terminal of 80.

local commands = require "usagelua.cli.commands"
local errors = require "usagelua.errors"
local failure = require "usagelua.cli.failure"
local options = require "usagelua.cli.options"
local wrap = require "usagelua.formats.wrap"

local help = {}

local CREDENTIALS <const> = [[
Credentials come from the environment: LT_USERNAME, LT_ACCESS_KEY, or
LT_ACCESS_KEY_FILE, a file that holds it. `usagelua vendors` names them.]]

local WIDTH <const> = 80
-- Where the second column begins, of commands and of options.
local COMMAND_CELLS <const> = 44
local OPTION_CELLS <const> = 30

-- A name that leaves no gap before the second column has a line of its own.
local function add_row(lines, name, text, cells)
  local indent = (" "):rep(cells)
  local lead = name .. (" "):rep(cells - #name)
  if #name + 2 > cells then
    lines[#lines + 1] = name
    lead = indent
  end
  local wrapped = wrap.lines(text, WIDTH, lead, indent)
  table.move(wrapped, 1, #wrapped, #lines + 1, lines)
end

local function option_name(row)
  local name = "--" .. row.name
  if row.short then name = ("-%s, %s"):format(row.short, name) end
  return ("  %s%s"):format(name, row.value and " " .. row.value or "")
end

local function add_option(lines, row)
  local text = row.only
    and ("%s (%s)"):format(row.help, table.concat(row.only, ", ")) or row.help
  add_row(lines, option_name(row), text, OPTION_CELLS)
end

local function statuses()
  local list = {}
  for index, row in ipairs(commands.statuses) do list[index] = row[1] .. " " .. row[2] end
  return wrap.lines(("Exit status: %s."):format(table.concat(list, "; ")), WIDTH)
end

local function general()
  local lines = { "Usage: usagelua [options] SCRIPT.lua [options] [script arguments]", "",
    "Asks vendors' usage APIs, adds up what may be added up, prints a report.", "", "Commands:" }
  for _, command in ipairs(commands.rows) do
    add_row(lines, "  usagelua " .. command.usage, command.help, COMMAND_CELLS)
  end
  table.move({ "", "Options:" }, 1, 2, #lines + 1, lines)
  for _, row in ipairs(options.described()) do add_option(lines, row) end
  local ending = statuses()
  lines[#lines + 1] = ""
  table.move(ending, 1, #ending, #lines + 1, lines)
  table.move({ "", CREDENTIALS }, 1, 2, #lines + 1, lines)
  return table.concat(lines, "\n")
end

-- The options of the command itself; those that all have are named by --help.
local function of_command(command)
  local lines = { ("Usage: usagelua %s [options]"):format(command.usage), "", command.help, "",
    "  " .. command.example, "" }
  local before = #lines
  for _, row in ipairs(options.described()) do
    if options.belongs(row, command.word) then add_option(lines, row) end
  end
  if #lines > before then
    table.insert(lines, before + 1, "Options:")
    lines[#lines + 1] = ""
  end
  lines[#lines + 1] = "All options: usagelua --help"
  return table.concat(lines, "\n")
end

local function command_named(word)
  local command, words = commands.named(word)
  if command then return command end
  errors.raise_usage("help: %s", errors.unknown("command", word, words))
end

---Ends the command with its help, where `--help` was given.
---@param values table the options
---@param word string the command
function help.stop_if_wanted(values, word)
  if values.help then error(failure.stop(of_command(command_named(word)) .. "\n"), 0) end
end

---`usagelua help [COMMAND]`.
---@param _ table the options
---@param rest string[]
function help.run(_, rest)
  local text = rest[1] and of_command(command_named(rest[1])) or general()
  error(failure.stop(text .. "\n"), 0)
end

return help
