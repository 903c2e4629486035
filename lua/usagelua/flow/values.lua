-- Reads one value of an answer as what its column holds. What the dataset
-- does not allow is a shape error that names path and value; missing is
-- missing, never zero.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local excerpt = require "usagelua.client.excerpt"

local values = {}

local NULL <const> = core.json.null

---A value of an answer as messages show it.
---@param value any
---@return string
function values.shown(value)
  if value == nil then return "nothing" end
  if value == NULL then return "null" end
  if type(value) == "string" then
    return ("'%s'"):format(excerpt.of(core.mask.text(value), 40)) -- masked before it is cut
  end
  if type(value) == "table" then return "an object or a list" end
  return tostring(value)
end

---The shape error for a value that is another one than expected.
---@param path string "" for the item itself
---@param expected string "an object"
---@param value any
---@param hint string? what to do
---@return nil
---@return usagelua.error err
function values.mismatch(path, expected, value, hint)
  local message = ("expected %s, got %s"):format(expected, values.shown(value))
  if path ~= "" then message = ("%s: %s"):format(path, message) end
  return nil, errors.new { kind = "shape", code = path, message = message, hint = hint }
end

-- A decimal number in a string, and nothing that only Lua would read; integers
-- exactly, or not at all.
local function number_in_text(value)
  if type(value) ~= "string" then return nil end
  local is_integer = value:find "^-?%d+$" ~= nil
  if not is_integer and not value:find "^-?%d+%.%d+$" then return nil end
  local number = tonumber(value)
  if is_integer then return math.type(number) == "integer" and number or nil end
  return math.abs(number) < math.huge and number or nil
end

local function expected_number(field)
  return (field.fraction and "a number" or "an integer")
    .. (field.negative and "" or " of zero or more")
    .. (field.text and ", in a string" or "")
end

local function is_allowed(number, field)
  if type(number) ~= "number" then return false end
  if math.type(number) == "float" and not field.fraction then return false end
  return number >= 0 or field.negative == true
end

-- The key with which a field takes this value; nil where there is none.
local function key_that_takes(value, field)
  if value == NULL then return "null" end
  local number = type(value) == "number" and value or number_in_text(value)
  if not number or type(value) == "number" and field.text then return nil end
  if type(value) == "string" and not field.text then return "text" end
  return number < 0 and not field.negative and "negative" or "fraction"
end

local function hint_for(value, field)
  local key = key_that_takes(value, field)
  return key and ("a field takes it with %s = true"):format(key)
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
  if is_allowed(number, field) then return number end
  return values.mismatch(path, expected_number(field), value, hint_for(value, field))
end

---Text; identifiers that come as integers are kept as their digits.
function values.text(value, field, path)
  if value == nil or value == NULL then return nil end
  if math.type(value) == "integer" then value = tostring(value) end
  if type(value) ~= "string" then return values.mismatch(path, "text", value) end
  if field.lower then value = value:lower() end
  return value
end

local BOOLEANS <const> = { ["true"] = true, ["false"] = false }

---True or false; where the field says `text` also in a string, in any case.
function values.boolean(value, field, path)
  if value == nil or value == NULL then return nil end
  if field.text and type(value) == "string" then
    local meant = BOOLEANS[value:lower()]
    if meant ~= nil then return meant end
  end
  if type(value) ~= "boolean" then return values.mismatch(path, "true or false", value) end
  return value
end

return values
