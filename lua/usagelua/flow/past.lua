-- Some vendors refuse a period that has not ended. Such a dataset is asked as
-- far as now, and says so: nothing has happened later. Others keep figures for
-- some months: what is older is refused.

local calendar = require "usagelua.time.calendar"
local errors = require "usagelua.errors"
local period = require "usagelua.time.period"

local past = {}

local function raise_future(asked, dataset)
  errors.raise_usage("period '%s': it lies in the future, and %s has figures of the past only",
    asked.label, dataset.name)
end

-- The first instant of the oldest calendar month, the present one being the
-- latest.
local function oldest(zone, months, now)
  local first = calendar.unit_start("month", zone:date(math.floor(now)).days)
  return zone:day_start(calendar.add("month", first, 1 - months))
end

-- What is older is not zero: the vendor does not tell it any more.
local function check_kept(asked, dataset, now)
  local months = now and dataset.window and dataset.window.keeps_months
  if not months or asked.vendor then return end
  local from = oldest(asked.zone, months, now)
  if asked.from < from then
    errors.raise_usage("period '%s': %s has figures of the last %d calendar months only, from %s on",
      asked.label, dataset.name, months, asked.zone:rfc3339(from))
  elseif asked.from >= now then
    raise_future(asked, dataset)
  end
end

---The part of a period that a dataset can be asked for.
---@param asked usagelua.period
---@param dataset table
---@param now number? epoch seconds
---@return usagelua.period
---@return string? note that it was cut
function past.part_of(asked, dataset, now)
  check_kept(asked, dataset, now)
  local is_limited = now and dataset.window and dataset.window.until_now
  if not is_limited or asked.vendor or asked.to <= now then return asked end
  local to = math.floor(now)
  if asked.from >= to then raise_future(asked, dataset) end
  return period.between(asked.from, to, asked.zone),
    ("%s: '%s' has not ended, asked as far as now (%s)"):format(dataset.name, asked.label,
      asked.zone:rfc3339(to))
end

return past
