-- A stated number of rows against the rows that came.

local errors = require "usagelua.errors"
local values = require "usagelua.flow.values"

local total = {}

---The code of errors after which reading all pages again may help: rows moved
---while they were read, or the vendor miscounts.
total.MOVED = "moved"

---@return nil
---@return usagelua.error err
function total.moved(format, ...)
  return nil, errors.new { kind = "shape", code = total.MOVED, message = format:format(...) }
end

-- The stated number and where it stands; in the header it is text.
local function stated(described, answer)
  if described.total then return answer.side[described.total], described.total end
  local name = described.total_header
  local text = name and answer.headers[name:lower()]
  return text and (text:find "^%d+$" and math.tointeger(tonumber(text)) or text), name
end

local function check_so_far(reading, place)
  if reading.items <= reading.total then return true end
  return total.moved("%s says %d rows, more came", place, reading.total)
end

---Notes what a page says: the same on every page, or rows came or went in
---between.
---@param reading usagelua.pages_reading
---@param described table
---@param answer usagelua.answer
---@return boolean? ok
---@return usagelua.error? err
function total.take(reading, described, answer)
  local found, place = stated(described, answer)
  if found == nil then return true end
  if math.type(found) ~= "integer" then return values.mismatch(place, "an integer", found) end
  if reading.total and reading.total ~= found then
    return total.moved("%s was %d and is %d on a later page", place, reading.total, found)
  end
  reading.total = found
  return check_so_far(reading, place)
end

---Whether the rows that came are as many as the vendor said there are.
---@param reading usagelua.pages_reading
---@param described table
---@return boolean? ok
---@return usagelua.error? err
function total.check(reading, described)
  if not reading.total or reading.is_partial or reading.items == reading.total then return true end
  return total.moved("%s says %d rows, %d came", described.total or described.total_header,
    reading.total, reading.items)
end

return total
