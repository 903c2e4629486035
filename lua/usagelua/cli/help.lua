-- `usagelua --help`, and of each command: laid out by argparse from the rows
-- of cli/commands.lua and cli/options.lua.

local commands = require "usagelua.cli.commands"
local errors = require "usagelua.errors"
local failure = require "usagelua.cli.failure"
local options = require "usagelua.cli.options"
local wrap = require "usagelua.formats.wrap"

local help = {}

local CREDENTIALS <const> = [[
Credentials come from the environment: LT_USERNAME, LT_ACCESS_KEY, or
LT_ACCESS_KEY_FILE, a file that holds it. `usagelua vendors` names them.]]

local WIDTH <const> = 78

local function epilog()
  local statuses = {}
  for index, row in ipairs(commands.statuses) do statuses[index] = row[1] .. " " .. row[2] end
  local text = ("Exit status: %s."):format(table.concat(statuses, "; "))
  return ("%s\n\n%s"):format(table.concat(wrap.lines(text, WIDTH), "\n"), CREDENTIALS)
end

local function add_option(parser, row)
  local names = row.short and ("-%s --%s"):format(row.short, row.name) or "--" .. row.name
  local text = row.only
    and ("%s (%s)"):format(row.help, table.concat(row.only, ", ")) or row.help
  if row.value then
    parser:option(names, text):argname(row.value)
  else
    parser:flag(names, text)
  end
end

local function new_parser(usage, description)
  return require "argparse"("usagelua", description, epilog()):usage(usage):add_help(false)
    :help_max_width(96):help_description_margin(28)
end

local function general()
  local lines = { "Asks vendors' usage APIs, adds up what may be added up, prints a report.", "" }
  for _, command in ipairs(commands.rows) do
    lines[#lines + 1] = ("  usagelua %-32s %s"):format(command.usage, command.help)
  end
  local parser = new_parser("usagelua [options] SCRIPT.lua [options] [script arguments]\n",
    table.concat(lines, "\n"))
  for _, row in ipairs(options.described()) do add_option(parser, row) end
  return parser:get_help()
end

-- The options of the command itself; those that all have are named by --help.
local function of_command(command)
  local parser = new_parser(("usagelua %s [options]\n"):format(command.usage),
    ("%s\n\n  %s"):format(command.help, command.example)):epilog "All options: usagelua --help"
  for _, row in ipairs(options.described()) do
    if options.belongs(row, command.word) then add_option(parser, row) end
  end
  return parser:get_help()
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
