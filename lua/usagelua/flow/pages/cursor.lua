-- Pages by an opaque text that each answer gives for the next one, in its body
-- or in its header.

local core = require "usagelua.core"
local ending = require "usagelua.flow.pages.ending"
local errors = require "usagelua.errors"
local values = require "usagelua.flow.values"

local NULL <const> = core.json.null

-- What stands there and where; null, absent and empty all end the pages.
local function given(described, answer)
  local name = described.next_header
  local found = name and answer.headers[name:lower()] or not name and answer.side[described.next]
  if found == NULL or found == "" or found == false and name then found = nil end
  return found, name or described.next
end

-- A header field cannot hold everything that a JSON text can.
local function check_cursor(described, cursor, place)
  if type(cursor) ~= "string" and math.type(cursor) ~= "integer" then
    return values.mismatch(place, "a cursor", cursor)
  elseif described.send_in == "headers" and tostring(cursor):find "%c" then
    return nil, errors.new { kind = "shape", code = place,
      message = place .. ": the cursor holds a control character, and is to be sent in the header" }
  end
  return true
end

local function next_page(described, reading)
  local more, err = ending.more(described, reading.last)
  if err or more == false then return nil, err end
  local cursor, place = given(described, reading.last)
  if cursor == nil then
    if more then return ending.no_way_on(described, ("%s names no cursor"):format(place)) end
    return nil
  end
  local ok
  ok, err = check_cursor(described, cursor, place)
  if not ok then return nil, err end
  return { { described.send or "cursor", cursor }, token = tostring(cursor) }
end

---@param described table a dataset's `pages`
return function(described)
  return { following = function(reading)
    local wanted, err = {}, nil
    if reading.last then wanted, err = next_page(described, reading) end
    if not wanted then return nil, err end
    wanted.label = ("page %d"):format(reading.number + 1)
    return wanted
  end }
end
