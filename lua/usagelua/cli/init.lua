-- The command line: reads the options, runs a command, returns the exit
-- status. Each command is a module of this folder.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local failure = require "usagelua.cli.failure"

-- word → module
local COMMANDS <const> = {
  check = "usagelua.cli.check",
  fetch = "usagelua.cli.fetch",
  get = "usagelua.cli.get",
  help = "usagelua.cli.help",
  ledger = "usagelua.cli.ledger",
  new = "usagelua.cli.new",
  plan = "usagelua.cli.plan",
  test = "usagelua.cli.test",
  vendors = "usagelua.cli.vendors",
}
-- Commands that look at a script, with arguments of its own, and do not run it
-- as it stands.
local LOOKS_AT_SCRIPTS <const> = { check = true, plan = true }

local function is_script(word)
  return word == "-" or word:find("%.lua$") ~= nil or word:find("/", 1, true) ~= nil
end

-- The module that runs the command, and the command's name for messages.
local function command_of(values, rest)
  local word = rest[1]
  if values.execute or values.interactive then
    if not LOOKS_AT_SCRIPTS[word] then return "usagelua.cli.script", "script" end
    errors.raise_usage("%s takes a script's file, not -e or -i", word)
  end
  if COMMANDS[word] then
    return COMMANDS[table.remove(rest, 1)], word
  elseif is_script(word) then
    return "usagelua.cli.script", "script"
  end
  require("usagelua.cli.unknown").raise(word, COMMANDS)
end

local function stdout(text)
  local sink = require("usagelua.output").stdout()
  assert(sink:write(text))
  assert(sink:commit())
end

local function has_nothing_to_run(values, rest)
  return #rest == 0 and not values.execute and not values.interactive
end

-- A script's own arguments may look as they like.
local function takes_options_of(command, rest)
  return LOOKS_AT_SCRIPTS[command] and rest[1] and is_script(rest[1]) and "script" or command
end

-- `-e CODE` and nothing else: no option that could belong elsewhere.
local function is_bare(values)
  for key in pairs(values) do
    if key ~= "execute" and key ~= "holds_secrets" then return false end
  end
  return true
end

local function dispatch(arguments, holds_secrets)
  local options = require "usagelua.cli.options"
  local values, rest = options.read(arguments)
  values.holds_secrets = holds_secrets
  if values.version then
    stdout(("usagelua %s\n"):format(require "usagelua.version"))
    return 0
  elseif values.help and has_nothing_to_run(values, rest) then
    return require("usagelua.cli.help").run(values, rest)
  elseif has_nothing_to_run(values, rest) then
    errors.raise_usage("nothing to do: name a report script or a command; --help lists both")
  end
  local module, command = command_of(values, rest)
  if #rest > 0 or not is_bare(values) then
    require("usagelua.cli.belonging").check(values, takes_options_of(command, rest), rest)
  end
  return require(module).run(values, rest)
end

-- What is left of the memory must do for the message.
local function lift_memory_limit()
  local ok, process = pcall(require, "usagelua.interpreter")
  if ok then process.memory_limit(0) end
end

local function report_failure(caught, arguments)
  lift_memory_limit()
  require("usagelua.cli.last_words").say(caught, arguments)
  return failure.status(caught)
end

local function run(arguments, holds_secrets)
  local ok, result = xpcall(dispatch, failure.handler(), arguments, holds_secrets)
  if ok then return result end
  local caught = failure.of(result)
  if not failure.is_stop(caught) then return report_failure(caught, arguments) end
  stdout(caught.text)
  return 0
end

---@param argv table as the process got it, argv[0] the program
---@return integer status
return function(argv)
  local holds_secrets = core.secret.capture()
  local arguments = table.move(argv, 1, #argv, 1, {})
  local ok, result = xpcall(run, failure.handler(), arguments, holds_secrets)
  if ok then return result end
  return report_failure(failure.of(result), arguments)
end
