-- The command line: reads the options, runs a command, returns the exit
-- status. Each command is a module of this folder.

local errors = require "usagelua.errors"

local STATUS <const> = { usage = 2, credential = 2 }
local SIGNAL_BASE <const> = 128

-- word → module
local COMMANDS = { fetch = "usagelua.cli.fetch", vendors = "usagelua.cli.vendors" }

local function command_names()
  local names = {}
  for name in pairs(COMMANDS) do names[#names + 1] = name end
  return names
end

local function command_of(values, rest)
  if values.execute or values.interactive then return "usagelua.cli.script", "script" end
  local word = table.remove(rest, 1)
  if COMMANDS[word] then return COMMANDS[word], word end
  if word:find "%.lua$" or word == "-" or word:find "/" then
    table.insert(rest, 1, word)
    return "usagelua.cli.script", "script"
  end
  errors.raise_usage("%s; a report script ends in .lua",
    errors.unknown("command", word, command_names()))
end

local function stdout(text)
  local sink = require("usagelua.output").stdout()
  assert(sink:write(text))
  assert(sink:commit())
end

local function general(values, rest)
  if values.version then
    stdout(("usagelua %s\n"):format(require "usagelua.version"))
    return 0
  end
  if values.help and #rest == 0 then
    stdout(require("usagelua.cli.help").text())
    return 0
  end
  if #rest == 0 and not values.execute and not values.interactive then
    errors.raise_usage("nothing to do: name a report script or a command; --help lists both")
  end
end

local function dispatch(arguments)
  local options = require "usagelua.cli.options"
  local values, rest = options.read(arguments)
  local status = general(values, rest)
  if status then return status end
  local module, command = command_of(values, rest)
  options.check_command(values, command)
  return require(module).run(values, rest)
end

local function stderr(text)
  local sink = require("usagelua.output").stderr()
  sink:write(text)
  sink:commit()
end

local function status_of(failure)
  if errors.is(failure) then
    if failure.signal then return SIGNAL_BASE + failure.signal end
    return STATUS[failure.kind] or 1
  end
  return 1
end

-- The traceback is kept beside the failure, for -v.
local function keep_traceback(failure)
  if type(failure) == "table" and failure.stop then return failure end
  return { failure = failure, traceback = debug.traceback("", 2) }
end

local function is_verbose(arguments)
  for _, argument in ipairs(arguments) do
    if argument == "-v" or argument == "--verbose" then return true end
  end
  return false
end

local function report_failure(caught, arguments)
  local failure = caught.failure
  local text = errors.is(failure) and tostring(failure) or errors.from(failure).message
  stderr(("usagelua: %s\n"):format(text))
  if is_verbose(arguments) then stderr(caught.traceback:gsub("^\n", "") .. "\n") end
  return status_of(failure)
end

---@param argv table as the process got it, argv[0] the program
---@return integer status
return function(argv)
  local arguments = table.move(argv, 1, #argv, 1, {})
  local ok, result = xpcall(dispatch, keep_traceback, arguments)
  if ok then return result end
  if result.stop then
    stdout(result.text)
    return 0
  end
  return report_failure(result, arguments)
end
