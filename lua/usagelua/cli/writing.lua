-- Writes a report to the places that the options name.

local formats = require "usagelua.formats"

local writing = {}

-- GitHub shows at most this much of a step's summary, and drops a larger one whole.
-- Source: GitHub documentation, "Workflow commands", step isolation and limits.
local SUMMARY_BYTES <const> = 1024 * 1024

-- What cannot be written is refused before anything is asked.
local function check_tables(report, list)
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

-- Behind what earlier commands of the same step have written.
local function append_summary(report)
  local text = report:rendered "markdown"
  if #text > SUMMARY_BYTES then
    text = ("%s: the report has %d bytes of markdown, and a summary holds %d; write a file with "
      .. "-o report.md\n"):format(report.title, #text, SUMMARY_BYTES)
  end
  local ok, err = require("usagelua.output").append(os.getenv "GITHUB_STEP_SUMMARY", text .. "\n")
  if not ok then error(err, 0) end
end

-- A signal that comes before the first place is written to leaves all of them as they are; of one
-- that comes later each is written, and the run ends with the signal's status all the same.
local function refuse_after_signal(run)
  local stopped = run:stopped_by_signal()
  if stopped then error(stopped, 0) end
end

-- One place after the other is no sign of a script that does not come back.
local function beat(run)
  if run.interpreter then run.interpreter.beat(0) end
end

---Writes the report to every file asked for and to stdout. Raises what cannot
---be written: kind usage before anything is asked, kind io afterwards.
---@param run usagelua.run
---@param report usagelua.report
---@param without_stdout boolean?
function writing.write(run, report, without_stdout)
  local list = all_targets(run, without_stdout)
  check_tables(report, list)
  report:evaluate()
  refuse_after_signal(run)
  for _, target in ipairs(list) do
    beat(run)
    local ok, err = report:write(target)
    if not ok then error(err, 0) end
  end
  if run.options.step_summary then append_summary(report) end
end

return writing
