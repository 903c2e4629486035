-- What the commands that ask vendors have in common: a run made from the
-- options, outputs checked before anything is asked and written after it, and
-- one way to end.

local errors = require "usagelua.errors"

local session = {}

local function interpreter()
  local ok, module = pcall(require, "usagelua.interpreter")
  return ok and module or nil
end

local function apply_limits(values, process)
  if not process then return end
  if values.max_memory then process.memory_limit(values.max_memory) end
  process.limit(values.deadline_s or 30 * 60)
end

local function make_run(values, fields)
  local process = interpreter()
  apply_limits(values, process)
  fields.options, fields.interpreter = values, process
  fields.log = require("usagelua.cli.progress").new(values)
  return require("usagelua.run").new(fields)
end

-- A misspelt format or ending is refused before the first request.
local function check_targets(values)
  local formats = require "usagelua.formats"
  formats.named(values.format or "text")
  for _, target in ipairs(values.outputs or {}) do formats.target(target) end
end

---The library of this run is what `require "usagelua"` gives to the script.
---@param run usagelua.run
function session.publish(run)
  require("usagelua.cli.masked_io").install()
  package.loaded["usagelua"] = require("usagelua.library").new(run)
end

-- What cannot be written is refused before anything is asked.
local function check_tables(report, targets)
  local formats = require "usagelua.formats"
  for _, target in ipairs(targets) do
    local format, path = formats.target(target)
    formats.check(format, report:table_names(), path)
  end
end

---Writes the report to every file asked for and to stdout.
---@param run usagelua.run
---@param report usagelua.report
---@param without_stdout boolean?
function session.write(run, report, without_stdout)
  local targets = table.move(run.options.outputs or {}, 1, #(run.options.outputs or {}), 1, {})
  if not without_stdout then targets[#targets + 1] = run.options.format or "text" end
  check_tables(report, targets)
  for _, target in ipairs(targets) do
    local ok, err = report:write(target)
    if not ok then error(err, 0) end
  end
end

local function announce_own_vendors(run)
  local loader = rawget(run, "loader")
  for _, vendor in ipairs(loader and loader:users_own() or {}) do
    run.log.message(("vendor %s is your own script %s (sha256 %s)%s"):format(vendor.name,
      vendor.path, vendor.sha256:sub(1, 16), vendor.replaces and ", in place of the built-in one" or ""))
  end
end

---Makes a run, calls `body` with it and ends the run on every way out.
---@param values table the options
---@param fields table of the run
---@param body fun(run: usagelua.run): integer
---@return integer status
function session.with(values, fields, body)
  check_targets(values)
  local run = make_run(values, fields)
  local ok, result = xpcall(body, function(failure)
    if type(failure) == "table" and failure.stop then return failure end
    return { failure = failure, traceback = debug.traceback("", 2) }
  end, run)
  run.log.finish()
  announce_own_vendors(run)
  local closed, err = run:close(ok)
  if not ok then session.raise(run, result) end
  if not closed then error(err, 0) end
  return result
end

---Raises what ended the body, a signal before anything that it caused.
function session.raise(run, caught)
  local scheduler = rawget(run, "scheduler")
  local stopped = scheduler and scheduler:stopped_by()
  if stopped and stopped.signal then error(stopped, 0) end
  if caught.stop then error(caught, 0) end
  run.log.traceback(caught.traceback)
  local failure = caught.failure
  error(errors.is(failure) and failure or errors.from(failure), 0)
end

return session
