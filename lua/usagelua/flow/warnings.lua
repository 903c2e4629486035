-- What a description finds doubtful about figures that came: warnings for
-- people, in our units. The figures stay.

local measures = require "usagelua.measures"
local units = require "usagelua.units"

local warnings = {}

local function in_own_units(row, source_units)
  local record = {}
  for name, value in pairs(row) do
    local unit = source_units[name]
    record[name] = unit and units.convert(value, unit, measures.resolve(name).unit) or value
  end
  return record
end

---Shows each row to the dataset's `check`, and tells what it said of rows that
---were added up.
---@param tools usagelua.tools
---@param planned usagelua.query
---@param batch usagelua.batch
function warnings.of(tools, planned, batch)
  local check = planned.dataset.check
  if not check then return end
  for _, warning in ipairs(batch.warnings or {}) do tools.warn(planned, warning) end
  for _, row in ipairs(batch.rows) do
    local warning = check(in_own_units(row, batch.units), planned.params)
    if warning then tools.warn(planned, warning) end
  end
end

return warnings
