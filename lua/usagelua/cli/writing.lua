-- Writes a report to the places that the options name.

local formats = require "usagelua.formats"

local writing = {}

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

---Writes the report to every file asked for and to stdout. Raises what cannot
---be written: kind usage before anything is asked, kind io afterwards.
---@param run usagelua.run
---@param report usagelua.report
---@param without_stdout boolean?
function writing.write(run, report, without_stdout)
  local list = all_targets(run, without_stdout)
  check_tables(report, list)
  for _, target in ipairs(list) do
    local ok, err = report:write(target)
    if not ok then error(err, 0) end
  end
end

return writing
