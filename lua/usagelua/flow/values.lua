-- Reads one value of an answer as what its column holds. What the dataset
-- does not allow is a shape error that names path and value; missing is
-- missing, never zero.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local values = {}

local NULL = core.json.null

local function shown(value)
  if value == NULL then return "null" end
  if type(value) == "string" then return ("%q"):format(value:sub(1, 40)) end
  if type(value) == "table" then return "an object or a list" end
  return tostring(value)
end

local function shape(path, expected, value)
  return nil, errors.new { kind = "shape", message = ("%s: expected %s, got %s"):format(path,
    expected, shown(value)), code = path }
end

local function number_in_text(value)
  local number = math.tointeger(value)
  if type(value) ~= "string" then return nil end
  if value:find "^-?%d+$" then number = math.tointeger(tonumber(value)) end
  if not number and value:find "^-?%d+%.%d+$" then number = tonumber(value) end
  return number
end

local function expected_number(field)
  local what = field.fraction and "a number" or "an integer"
  return field.negative and what or what .. " of zero or more"
end

---A measure: an integer of zero or more unless the field says otherwise.
---@param value any
---@param field table
---@param path string
---@return number? value nil where nothing is reported
---@return usagelua.error? err
function values.measure(value, field, path)
  if value == nil or value == NULL and field.null then return nil end
  local number = value
  if field.text then number = number_in_text(value) end
  if type(number) ~= "number" or math.type(number) == "float" and not field.fraction
    or number < 0 and not field.negative then
    return shape(path, expected_number(field), value)
  end
  return number
end

---Text; identifiers that come as integers are kept as their digits.
function values.text(value, field, path)
  if value == nil or value == NULL then return nil end
  if math.type(value) == "integer" then value = tostring(value) end
  if type(value) ~= "string" then return shape(path, "text", value) end
  if field.lower then value = value:lower() end
  return value
end

function values.boolean(value, _, path)
  if value == nil or value == NULL then return nil end
  if type(value) ~= "boolean" then return shape(path, "true or false", value) end
  return value
end

return values
