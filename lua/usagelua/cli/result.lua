-- What a script returned: a report, a frame that is a report of one table, or
-- nothing, where it described no query.

local errors = require "usagelua.errors"
local session = require "usagelua.cli.session"

local result = {}

local function of_frame(run, frame)
  local section = require("usagelua.report.section").table { frame }
  return require("usagelua.report").new({ title = run.script_name, section }, run:for_report())
end

local WAY_OUT <const> = "end it with return usage.report { title = …, usage.table { … } }, "
  .. "or return the frame"

-- Queries that were described and never asked for are a mistake.
local function check_asked(run)
  for _, described in ipairs(run.frames) do
    if not described:is_asked() then
      errors.raise_usage("the script describes queries but returns nothing: %s", WAY_OUT)
    end
  end
end

---What a script returned as a report, or nil where it need not return one.
---@param run usagelua.run
---@param returned any
---@return usagelua.report?
function result.report(run, returned)
  if returned == nil then return check_asked(run) end
  local report = require "usagelua.report"
  if report.is(returned) then return returned end
  if require("usagelua.frame").is(returned) then return of_frame(run, returned) end
  errors.raise_usage("the script returned a %s; %s", type(returned), WAY_OUT)
end

---Writes the report that a script returned.
---@param run usagelua.run
---@param returned any
---@return integer status
function result.finish(run, returned)
  local report = result.report(run, returned)
  if not report then return 0 end
  session.write(run, report)
  return report:status()
end

return result
