-- Some vendors refuse a period that has not ended. Such a dataset is asked as
-- far as now, and says so: nothing has happened later.

local errors = require "usagelua.errors"
local period = require "usagelua.time.period"

local past = {}

local function raise_future(asked, dataset)
  errors.raise_usage("period '%s': it lies in the future, and %s has figures of the past only",
    asked.label, dataset.name)
end

---The part of a period that a dataset can be asked for.
---@param asked usagelua.period
---@param dataset table
---@param now number? epoch seconds
---@return usagelua.period
---@return string? note that it was cut
function past.part_of(asked, dataset, now)
  local is_limited = now and dataset.window and dataset.window.until_now
  if not is_limited or asked.vendor or asked.to <= now then return asked end
  local to = math.floor(now)
  if asked.from >= to then raise_future(asked, dataset) end
  return period.between(asked.from, to, asked.zone),
    ("%s: '%s' has not ended, asked as far as now (%s)"):format(dataset.name, asked.label,
      asked.zone:rfc3339(to))
end

return past
