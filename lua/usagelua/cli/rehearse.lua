-- Runs a script for what it describes: the commands that look at a script and
-- send nothing for it.

local rehearsal = require "usagelua.rehearsal"
local script = require "usagelua.cli.script"
local session = require "usagelua.cli.session"

local rehearse = {}

---Lets a script describe its queries and sends nothing.
---@param values table the options
---@param path string
---@param arguments string[] the script's own
---@param body fun(run: usagelua.run, stopped_at: string?): integer what to do with run.queries
---@return integer status
function rehearse.run(values, path, arguments, body)
  local source = script.source_of(values, path, arguments)
  return session.with(values, source.fields, function(run)
    local chunk = script.compile(source.text, source.fields.source)
    session.publish(run)
    rehearsal.prepare(run, require "usagelua")
    local returned, stopped_at = rehearsal.play(run, chunk)
    local report = not stopped_at and require("usagelua.cli.result").report(run, returned)
    if report then rehearsal.finish(run, report) end
    run.finish_printing()
    return body(run, stopped_at)
  end)
end

return rehearse
