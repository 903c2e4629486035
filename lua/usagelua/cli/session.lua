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
  local ok, module = pcall(require, "usagelua.interpreter")
  return ok and module or nil
end

-- Lets the watchdog end the run, and whatever it does, past its deadline.
local function limit_time(run, longest_s)
  local process, deadline_s = run.interpreter, run.deadline_s
  if not process or not deadline_s then return end
  local passed = core.clock.monotonic() - run.started
  process.limit(math.max(deadline_s - passed, 0.001), longest_s)
end

local function make_run(values, fields)
  fields.options, fields.interpreter = values, interpreter()
  fields.log = require("usagelua.cli.progress").new(values)
  fields.deadline_s = values.deadline_s or not fields.is_open_ended and DEFAULT_DEADLINE_S or nil
  local run = require("usagelua.run").new(fields)
  if values.max_memory and run.interpreter then run.interpreter.memory_limit(values.max_memory) end
  limit_time(run, CLEAN_UP_S)
  return run
end

---The library of this run is what `require "usagelua"` gives to the script,
---and what the script prints is masked.
---@param run usagelua.run
function session.publish(run)
  local finish_printing = require("usagelua.cli.masked_io").install()
  function run.finish_printing()
    finish_printing()
    local ok, message = io.stdout:flush()
    if ok or io.type(io.stdout) ~= "file" then return end
    error(errors.new { kind = "io", message = "cannot write standard output: " .. message }, 0)
  end
  package.loaded["usagelua"] = require("usagelua.library").new(run)
end

-- What cannot be written is refused before anything is asked.
local function check_tables(report, list)
  local formats = require "usagelua.formats"
  for _, target in ipairs(list) do
    local format, path = formats.target(target)
    formats.check(format, report:table_names(), path)
  end
end

local function all_targets(run, without_stdout)
  local list = table.move(run.options.outputs or {}, 1, #(run.options.outputs or {}), 1, {})
  if not without_stdout then list[#list + 1] = run.options.format or "text" end
  return list
end

---Writes the report to every file asked for and to stdout.
---@param run usagelua.run
---@param report usagelua.report
---@param without_stdout boolean?
function session.write(run, report, without_stdout)
  local list = all_targets(run, without_stdout)
  check_tables(report, list)
  limit_time(run, WRITE_S)
  if run.finish_printing then run.finish_printing() end
  for _, target in ipairs(list) do
    local ok, err = report:write(target)
    if not ok then error(err, 0) end
  end
end

-- On every way out: what runs is cleaned up, what was promised is written.
local function finish(run, ok)
  local closed, err = run:close(ok)
  run.log.finish()
  if ok and run.finish_printing then run.finish_printing() end
  if ok and not closed then error(err, 0) end
end

-- A signal goes before anything that it caused.
local function cause(run, caught)
  local scheduler = rawget(run, "scheduler")
  local stopped = scheduler and scheduler:stopped_by()
  return stopped and stopped.signal and failure.of(stopped) or failure.of(caught)
end

-- os.exit ends the run as its end does, but for the report.
local function replace_exit(run)
  local exit = os.exit
  function os.exit(code) -- luacheck: ignore 122 (the script's own exit is the point)
    pcall(finish, run, false)
    if run.finish_printing then pcall(run.finish_printing) end
    exit(code, true)
  end
end

---Makes a run, calls `body` with it and ends the run on every way out. Raises
---the failure that ended it.
---@param values table the options
---@param fields table of the run; source: chunk name of the script; is_open_ended: the
---  deadline holds only where it was given
---@param body fun(run: usagelua.run): integer
---@return integer status
function session.with(values, fields, body)
  require("usagelua.cli.targets").check(values)
  local run = make_run(values, fields)
  replace_exit(run)
  local ok, result = xpcall(body, failure.handler(fields.source), run)
  if not ok then result = cause(run, result) end
  local finished, err = xpcall(finish, failure.handler(), run, ok)
  if not ok then error(result, 0) end
  if not finished then error(cause(run, err), 0) end
  return result
end

return session
