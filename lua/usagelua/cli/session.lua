-- What the commands that ask vendors have in common: a run made from the
-- options, outputs checked before anything is asked and written after it, and
-- one way to end.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local failure = require "usagelua.cli.failure"

local session = {}

local DEFAULT_DEADLINE_S <const> = 30 * 60
-- Past the deadline, how long cleaning up and writing may take at most, as
-- long as they get on.
local CLEAN_UP_S <const> = 5
local WRITE_S <const> = 60

local function interpreter()
  local ok, module = errors.try(require, "usagelua.interpreter")
  return ok and module or nil
end

-- Lets the watchdog end the run, and whatever it does, past its deadline.
local function limit_time(run, longest_s)
  local process, deadline_s = run.interpreter, run.deadline_s
  if not process or not deadline_s then return end
  local passed = core.clock.monotonic() - run.started
  process.limit(math.max(deadline_s - passed, 0.001), longest_s)
end

-- Whether all that was printed is out.
local function flush_printed(process)
  if io.type(io.stdout) ~= "file" then return end
  local ok, message = io.stdout:flush()
  if ok and not (process and process.stdout_failed()) then return end
  error(errors.new { kind = "io",
    message = "cannot write standard output" .. (ok and "" or ": " .. message) }, 0)
end

local function make_run(values, fields)
  local process = interpreter()
  fields.options, fields.interpreter = values, process
  fields.finish_printing = function() flush_printed(process) end
  fields.new_log = function() return require("usagelua.cli.progress").new(values) end
  fields.deadline_s = values.deadline_s or not fields.is_open_ended and DEFAULT_DEADLINE_S or nil
  local run = require("usagelua.run").new(fields)
  if values.max_memory and run.interpreter then run.interpreter.memory_limit(values.max_memory) end
  limit_time(run, CLEAN_UP_S)
  local _ = values.trace and run.log -- opens the file, whatever comes
  _ = values.prices and run.prices -- reads the file of --prices before anything is asked
  return run
end

-- Files that a run may name; without any of them nothing is to be checked.
local function check_targets(values)
  if values.format or values.outputs or values.record or values.trace or values.step_summary then
    require("usagelua.cli.targets").check(values)
  end
end

-- What is printed meanwhile does not stand among the lines of progress.
local function mask_prints(run)
  local finish_printing = require("usagelua.cli.masked_io").install(function()
    local log = rawget(run, "log")
    if log then log.clear() end
  end)
  function run.finish_printing()
    finish_printing()
    flush_printed(run.interpreter)
  end
end

---The library of this run is what `require "usagelua"` gives to the script.
---What the script prints is masked from then on, and from the start where the
---environment holds a credential.
---@param run usagelua.run
function session.publish(run)
  if run.options.holds_secrets then mask_prints(run) end
  package.preload["usagelua"] = function()
    if not run.options.holds_secrets then mask_prints(run) end
    return require("usagelua.library").new(run)
  end
end

---Writes the report to every file asked for and to stdout.
---@param run usagelua.run
---@param report usagelua.report
---@param without_stdout boolean?
function session.write(run, report, without_stdout)
  limit_time(run, WRITE_S)
  run.finish_printing()
  require("usagelua.cli.writing").write(run, report, without_stdout)
end

-- On every way out: what runs is cleaned up, what was promised is written.
local function finish(run, ok)
  local closed, err = run:close(ok)
  if rawget(run, "log") then run.log.finish() end
  local printed, problem = pcall(run.finish_printing)
  if ok and not printed then error(problem, 0) end
  if ok and not closed then error(err, 0) end
end

-- A signal goes before anything that it caused.
local function cause(run, caught)
  return failure.of(run:stopped_by_signal() or caught)
end

-- A script's own status, unless a signal has stopped it.
local function exit_status(run, code)
  local stopped = run:stopped_by_signal()
  if not stopped then return code end
  require("usagelua.cli.last_words").say(failure.of(stopped), {})
  return failure.status(failure.of(stopped))
end

-- os.exit ends the run as its end does, but for the report.
local function replace_exit(run)
  local exit = os.exit
  function os.exit(code) -- luacheck: ignore 122 (the script's own exit is the point)
    pcall(finish, run, false)
    exit(exit_status(run, code), true)
  end
end

-- A run that was told to stop does not end as if it was not.
local function check_signal(run)
  local stopped = run:stopped_by_signal ", when all was written"
  if stopped then error(failure.of(stopped), 0) end
end

---Makes a run, calls `body` with it and ends the run on every way out. Raises
---the failure that ended it.
---@param values table the options
---@param fields table of the run; source: chunk name of the script; is_open_ended: the
---  deadline holds only where it was given
---@param body fun(run: usagelua.run): integer
---@return integer status
function session.with(values, fields, body)
  check_targets(values)
  local run = make_run(values, fields)
  replace_exit(run)
  local ok, result = xpcall(body, failure.handler(fields.source), run)
  if not ok then result = cause(run, result) end
  local finished, err = xpcall(finish, failure.handler(), run, ok)
  if not finished then pcall(finish, run, false) end -- where memory ran out jobs may still live
  if not ok then error(result, 0) end
  if not finished then error(cause(run, err), 0) end
  check_signal(run)
  return result
end

return session
