-- Checks a table of settings against rows that say, key by key, what may stand
-- there. The rows are data: documentation is printed from the same ones.

local errors = require "usagelua.errors"

local rows = {}

---@class usagelua.settings_row
---@field [1] string|integer key
---@field [2] string Lua type, "integer", or several with `|`
---@field help string
---@field example string Lua text
---@field required boolean?
---@field default any
---@field one_of string[]?
---@field match string? Lua pattern
---@field least integer? the smallest number allowed
---@field rows usagelua.settings_row[]? of a table with fixed keys
---@field each usagelua.settings_row[]? of every value of a table with free keys
---@field list usagelua.settings_row[]? of every item of a list
---@field some usagelua.settings_row[]? of one table or of each of a list, which it becomes
---@field items string? type of a list's items
---@field short boolean? with `each`: a text stands for a table that holds it alone
---@field check (fun(value: any, place: string))?

local TYPE_NAMES <const> = { integer = "whole number" }

local function is_of(value, name)
  return type(value) == name or math.type(value) == name
end

local function type_matches(value, types)
  for name in types:gmatch "[^|]+" do
    if is_of(value, name) then return true end
  end
  return false
end

local function type_text(types)
  local words = {}
  for name in types:gmatch "[^|]+" do words[#words + 1] = TYPE_NAMES[name] or name end
  return table.concat(words, " or ")
end

local function has(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

local function check_items(value, row, place)
  for key, item in pairs(value) do
    if math.type(key) ~= "integer" then
      errors.raise_usage("%s is a list; '%s' is no place in it", place, tostring(key))
    elseif not is_of(item, row.items) then
      errors.raise_usage("%s[%d] must be a %s, not a %s", place, key, row.items, type(item))
    end
  end
end

-- By the row's own keys; a value that a check refuses is not printed here.
local CHECKS <const> = {
  one_of = function(value, row, place)
    if not has(row.one_of, value) then
      errors.raise_usage("%s: %s", place, errors.unknown("value", value, row.one_of))
    end
  end,
  match = function(value, row, place)
    if not value:find(row.match) then
      errors.raise_usage("%s: '%s' does not match %s", place, value, row.match)
    end
  end,
  least = function(value, row, place)
    if value < row.least then
      errors.raise_usage("%s must be %d or more, not %s", place, row.least, tostring(value))
    end
  end,
  items = check_items,
  check = function(value, row, place) row.check(value, place) end,
}

-- What is there under free keys, or as items of a list.
local function check_each(value, described, place, is_short)
  local copy = {}
  for key, item in pairs(value) do
    local here = (math.type(key) == "integer" and "%s[%s]" or "%s.%s"):format(place, tostring(key))
    if is_short and type(item) == "string" then item = { item } end
    if type(item) ~= "table" then
      errors.raise_usage("%s must be a table%s, not a %s", here, is_short and " or a path" or "",
        type(item))
    end
    copy[key] = rows.check(item, described, here)
  end
  return copy
end

local function check_value(value, row, place)
  if not type_matches(value, row[2]) then
    errors.raise_usage("%s must be a %s, not a %s", place, type_text(row[2]), type(value))
  end
  for name, check in pairs(CHECKS) do
    if row[name] then check(value, row, place) end
  end
  if row.rows then return rows.check(value, row.rows, place) end
  if row.each then return check_each(value, row.each, place, row.short) end
  if row.some then
    return value[1] == nil and { rows.check(value, row.some, place) } or check_each(value, row.some, place)
  end
  if row.list then return check_each(value, row.list, place) end
  return value
end

local function keys_of(described)
  local keys = {}
  for index, row in ipairs(described) do keys[index] = tostring(row[1]) end
  return keys
end

local function check_unknown(value, described, place)
  local keys = keys_of(described)
  for key in pairs(value) do
    if not has(keys, tostring(key)) then
      errors.raise_usage("%s: %s", place, errors.unknown("key", key, keys))
    end
  end
end

---Checks a table; raises usage errors that name the place, the nearest known
---key and what is missing.
---@param value table never changed
---@param described usagelua.settings_row[]
---@param place string for messages
---@return table copy with the defaults filled in
function rows.check(value, described, place)
  check_unknown(value, described, place)
  local copy = {}
  for _, row in ipairs(described) do
    local key, given = row[1], value[row[1]]
    if given ~= nil then
      copy[key] = check_value(given, row, ("%s.%s"):format(place, tostring(key)))
    elseif row.required then
      errors.raise_usage("%s: the key '%s' is missing (%s)", place, tostring(key), row.help)
    else
      copy[key] = row.default
    end
  end
  return copy
end

return rows
