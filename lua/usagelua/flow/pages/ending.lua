-- Whether more pages follow, by what the vendor says of it.

local errors = require "usagelua.errors"
local values = require "usagelua.flow.values"

local ending = {}

---What the flag `more` says; nil where the description has none.
---@param described table
---@param answer usagelua.answer
---@return boolean? more
---@return usagelua.error? err
function ending.more(described, answer)
  if not described.more then return nil end
  local more = answer.side[described.more]
  if type(more) == "boolean" then return more end
  return values.mismatch(described.more, "true or false", more)
end

---How many pages there are: a number, or the length of a list.
---@param described table
---@param answer usagelua.answer
---@return integer? count
---@return usagelua.error? err
function ending.count(described, answer)
  local found = answer.side[described.count]
  if type(found) == "table" and (#found > 0 or next(found) == nil) then return #found end
  if math.type(found) == "integer" and found >= 0 then return found end
  return values.mismatch(described.count, "the number of pages or their list", found)
end

---The vendor says that more follows and does not say where.
---@return nil
---@return usagelua.error err
function ending.no_way_on(described, what)
  return nil, errors.new { kind = "shape", code = described.more,
    message = ("%s says that more follows, and %s"):format(described.more, what) }
end

local function by_flag(described, last)
  local more, err = ending.more(described, last)
  if more == nil then return nil, err end
  if more and last.items == 0 then return ending.no_way_on(described, "the page is empty") end
  return not more
end

local function by_count(described, reading)
  local count, err = ending.count(described, reading.last)
  if not count then return nil, err end
  return reading.number >= count
end

-- A page that is shorter than asked for is the last one only where the vendor
-- promises it: some hand out less than one asks for.
local function by_rows(described, reading)
  local items = reading.last.items
  if items == 0 then return true end
  if reading.total then return reading.items >= reading.total end
  return described.ends == "short" and items < described.size
end

---Whether the last page has come, for pages that are asked for by their place.
---@param described table
---@param reading usagelua.pages_reading
---@return boolean? is_last
---@return usagelua.error? err
function ending.has_come(described, reading)
  if described.more then return by_flag(described, reading.last) end
  if described.count then return by_count(described, reading) end
  return by_rows(described, reading)
end

return ending
