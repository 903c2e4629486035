-- `usagelua SCRIPT.lua`, `-e CODE`, `-i`: runs a script with the library of
-- its run, writes the report it returns, and ends with its status.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local session = require "usagelua.cli.session"

local script = {}

local MAX_SCRIPT_BYTES <const> = 16 << 20

local function read(path)
  if path == "-" then return io.read "a", "=stdin" end
  local text, err = core.file.read(path, MAX_SCRIPT_BYTES)
  if not text then
    errors.raise_usage("cannot read the script: %s", errors.from(err).message)
  end
  return text, "@" .. path
end

local function compile(text, name)
  local chunk, message = load(text:gsub("^#[^\n]*", "", 1), name, "t")
  if not chunk then error(errors.new { kind = "script", message = message }, 0) end
  return chunk
end

local function set_arg(path, arguments)
  local arg = { [0] = path }
  table.move(arguments, 1, #arguments, 1, arg)
  _G.arg = arg
end

local function of_frame(run, frame)
  local section = require("usagelua.report.section").table { frame }
  return require("usagelua.report").new({ title = run.script_name, section }, run:for_report())
end

-- What a script returned as a report, or nil where it need not return one.
local function report_of(run, result)
  local report = require "usagelua.report"
  if report.is(result) then return result end
  local frame = require "usagelua.frame"
  if frame.is(result) then return of_frame(run, result) end
  if result ~= nil then
    errors.raise_usage("%s returned a %s; return usage.report { … } or a frame", run.script_name,
      type(result))
  end
  for _, described in ipairs(run.frames) do
    if not described:is_asked() then
      errors.raise_usage("%s describes queries but returns nothing: end it with "
        .. "return usage.report { title = …, usage.table { … } }, or return the frame",
        run.script_name)
    end
  end
end

local function finish(run, result)
  local report = report_of(run, result)
  if not report then return 0 end
  session.write(run, report)
  return report:status()
end

local function execute(run, text, name)
  local chunk = compile(text, name)
  session.publish(run)
  local result = chunk(table.unpack(run.arguments))
  if run.wants_help then
    error(require("usagelua.cli.arguments").stop(
      ("%s declares no arguments of its own (usage.args); usagelua --help lists the options\n")
      :format(run.script_name)), 0)
  end
  return finish(run, result)
end

---@param values table the options
---@param rest string[] the script and its arguments
---@return integer status
function script.run(values, rest)
  if values.interactive then return require("usagelua.cli.interactive").run(values, rest) end
  local path = not values.execute and table.remove(rest, 1) or nil
  local text, name
  if path then text, name = read(path) else text, name = values.execute, "=(-e)" end
  set_arg(path or "-e", rest)
  return session.with(values, {
    script_name = path or "-e",
    script_folder = path and (path:match "^(.*)/[^/]*$" or ".") or nil,
    script_sha256 = core.digest.sha256(text),
    arguments = rest,
    wants_help = values.help,
  }, function(run)
    return execute(run, text, name)
  end)
end

return script
