-- `usagelua --help`, and of each command: laid out by argparse from the rows
-- of cli/options.lua.

local errors = require "usagelua.errors"
local failure = require "usagelua.cli.failure"
local options = require "usagelua.cli.options"

local help = {}

---@class usagelua.help.command
---@field word string? as on the command line; nil is a script
---@field usage string
---@field help string
---@field example string?

---@type usagelua.help.command[]
local COMMANDS <const> = {
  { usage = "SCRIPT.lua", help = "run a report script",
    example = "usagelua report.lua --period 2026-06 -o report.json" },
  { word = "fetch", usage = "fetch VENDOR.DATASET...",
    help = "records without a script, or a rule over them",
    example = "usagelua fetch testmu.summary --group-by product --measures tests" },
  { word = "vendors", usage = "vendors [VENDOR[.DATASET]]",
    help = "what can be asked, and how it adds up",
    example = "usagelua vendors testmu.summary" },
  { word = "plan", usage = "plan SCRIPT.lua | fetch ...",
    help = "windows, calls, least time; sends nothing",
    example = "usagelua plan fetch testmu.summary --period 2026-Q2" },
  { word = "check", usage = "check [VENDOR... | SCRIPT.lua]",
    help = "are the credentials there, accepted, allowed?",
    example = "usagelua check testmu --set account=emea" },
  { word = "get", usage = "get VENDOR PATH", help = "one raw call, the answer on stdout",
    example = "usagelua get testmu /concurrency --set product=automation" },
  { word = "ledger", usage = "ledger [--delete]", help = "report jobs not yet deleted at the vendors",
    example = "usagelua ledger --delete" },
  { word = "new", usage = "new report|vendor|workflow NAME", help = "a working starting point",
    example = "usagelua new report usage" },
  { word = "test", usage = "test VENDOR.lua", help = "conformance of a vendor script",
    example = "usagelua test vendors/acme.lua" },
}

local EPILOG <const> = [[
Exit status: 0 all answered, budgets passed; 1 the script failed; 2 wrong use,
nothing was sent; 3 a budget failed; 4 partial; 5 nothing could be fetched;
130, 143 after SIGINT, SIGTERM.

Credentials come from the environment: LT_USERNAME, LT_ACCESS_KEY, or
LT_ACCESS_KEY_FILE, a file that holds it. `usagelua vendors` names them.]]

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
  return require "argparse"("usagelua", description, EPILOG):usage(usage):add_help(false)
    :help_max_width(96):help_description_margin(28)
end

local function general()
  local lines = { "Asks vendors' usage APIs, adds up what may be added up, prints a report.", "" }
  for _, command in ipairs(COMMANDS) do
    lines[#lines + 1] = ("  usagelua %-32s %s"):format(command.usage, command.help)
  end
  local parser = new_parser("usagelua [options] SCRIPT.lua [options] [script arguments]\n",
    table.concat(lines, "\n"))
  for _, row in ipairs(options.rows) do add_option(parser, row) end
  return parser:get_help()
end

-- The options of the command itself; those that all have are named by --help.
local function of_command(command)
  local parser = new_parser(("usagelua %s [options]\n"):format(command.usage),
    ("%s\n\n  %s"):format(command.help, command.example)):epilog "All options: usagelua --help"
  for _, row in ipairs(options.rows) do
    if options.belongs(row, command.word) then add_option(parser, row) end
  end
  return parser:get_help()
end

local function command_named(word)
  local words = {}
  for _, command in ipairs(COMMANDS) do
    if command.word == word then return command end
    words[#words + 1] = command.word
  end
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
