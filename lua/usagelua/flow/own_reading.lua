-- How an answer is read for a flow function: as a dataset's would be, by the same
-- keys; but its items are gathered as they are, not mapped to records.

local answers = require "usagelua.flow.answers"
local errors = require "usagelua.errors"
local gathered = require "usagelua.flow.gathered"

local own_reading = {}

-- Keys of a dataset that say how its answers are read.
local KEYS <const> = { pages = true, ok = true, echo = true, partial = true, format = true,
  packed = true, rows = true, columns = true, delimiter = true, ends = true, null_rows = true }

local function rows_of_keys()
  local list = {}
  for _, row in ipairs(require("usagelua.vendor.description").DATASET) do
    if KEYS[row[1]] then list[#list + 1] = row end
  end
  return list
end

local function check_answer(reading, place)
  local kind = answers.of(reading)
  if kind.has_path and not reading.rows then
    errors.raise_usage("%s: say where the items stand, for example \"data[]\"", place)
  elseif not kind.has_path and reading.rows then
    errors.raise_usage("%s: the items of %s are its rows, leave `rows` out", place, reading.format)
  end
  if kind.check then kind.check(setmetatable({ fields = {} }, { __index = reading }), place) end
end

---What a script said; raises usage errors.
---@param given string|table|nil the path of the items, or keys as in a description
---@param dataset table? whose own keys hold where nothing is given
---@param place string for messages
---@return table
function own_reading.read(given, dataset, place)
  local reading = type(given) == "string" and { rows = given } or given or dataset or {}
  if given then reading = require("usagelua.vendor.rows").check(reading, rows_of_keys(), place) end
  check_answer(reading, place)
  return reading
end

-- In the place of a mapper of records: each item is kept as it is.
local function collector(into)
  return {
    units = {},
    map = function(_, item, key)
      local ok, err = into:add(item, key)
      if not ok then return nil, err end
      return {}
    end,
    judge = function() return true end,
    marks_of = function() end,
    also = function() return {} end,
    account = function() end,
  }
end

---The description of what is read. Every try gathers anew. (A dataset with a
---`record` is read with all that its items hold.)
---@param dataset table the query's, with the request in question
---@param reading table
---@param on_try fun(page: usagelua.gathered) hears of each try's items, none yet
---@param memory_bytes integer? beyond which they are held in a file
---@return table
function own_reading.dataset(dataset, reading, on_try, memory_bytes)
  local made = { name = dataset.name, params = {}, fields = {}, answer = "stream",
    record = function() end, idempotent = dataset.idempotent, request = dataset.request }
  for key in pairs(KEYS) do made[key] = reading[key] end
  function made.mapper()
    local page = gathered.new(memory_bytes)
    on_try(page)
    return collector(page)
  end
  return made
end

return own_reading
