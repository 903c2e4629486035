-- Checks a table of settings against rows that say, key by key, what may stand
-- there. The rows are data: documentation is printed from the same ones.

local errors = require "usagelua.errors"
local once = require "usagelua.once"

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

-- Where the value at hand stands, written out only for a message: the names on
-- the way to it are put down and taken away as the check goes, `[3]` in a list.
local Place = { __name = "usagelua.settings_place" }

function Place:__tostring()
  local text = self[1]
  for index = 2, #self do
    local name = tostring(self[index])
    text = text .. (name:find "^%[" and "" or ".") .. name
  end
  return text
end

function Place.__concat(a, b)
  return tostring(a) .. tostring(b)
end

local function is_of(value, name)
  return type(value) == name or math.type(value) == name
end

-- "string|table" → { string = true, table = true }; rows say few of them.
local types_of = {}

setmetatable(types_of, { __index = function(self, types)
  local set = {}
  for name in types:gmatch "[^|]+" do set[name] = true end
  self[types] = set
  return set
end })

local function type_matches(value, types)
  local set = types_of[types]
  return set[type(value)] or set[math.type(value)]
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

-- A misspelt variable leaves one.
local function refuse_hole(list, place)
  local empty = 1
  while list[empty] ~= nil do empty = empty + 1 end
  errors.raise_usage("%s[%d] is nil, and something stands behind it", place, empty)
end

local function check_items(value, row, place)
  local count, last = 0, 0
  for key, item in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 then
      errors.raise_usage("%s is a list; '%s' is no place in it", place, tostring(key))
    elseif not is_of(item, row.items) then
      errors.raise_usage("%s[%d] must be a %s, not a %s", place, key, row.items, type(item))
    end
    count, last = count + 1, math.max(last, key)
  end
  if last > count then refuse_hole(value, place) end
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
local CHECKED <const> = { "one_of", "match", "least", "items", "check" }

local check_keys

local function check_name(key, place)
  if type(key) == "string" then return end
  errors.raise_usage("%s takes names, as in name = { … }, not a %s (%s)", place, type(key),
    tostring(key))
end

-- What is there under free keys, or as items of a list.
local function check_each(value, described, place, is_short)
  local copy = {}
  for key, item in pairs(value) do
    place[#place + 1] = math.type(key) == "integer" and ("[%d]"):format(key) or key
    if is_short and type(item) == "string" then item = { item } end
    if type(item) ~= "table" then
      errors.raise_usage("%s must be a table%s, not a %s", place, is_short and " or a path" or "",
        type(item))
    end
    copy[key] = check_keys(item, described, place)
    place[#place] = nil
  end
  return copy
end

local function check_value(value, row, place)
  if not type_matches(value, row[2]) then
    errors.raise_usage("%s must be a %s, not a %s", place, type_text(row[2]), type(value))
  end
  for i = 1, #CHECKED do
    local name = CHECKED[i]
    if row[name] then CHECKS[name](value, row, place) end
  end
  if row.rows then return check_keys(value, row.rows, place) end
  if row.each then
    for key in pairs(value) do check_name(key, place) end
    return check_each(value, row.each, place, row.short)
  end
  if row.some then
    return value[1] == nil and { check_keys(value, row.some, place) } or check_each(value, row.some, place)
  end
  if row.list then return check_each(value, row.list, place) end
  return value
end

---@class usagelua.settings_index
---@field by_key table<string|integer, usagelua.settings_row>
---@field filled usagelua.settings_row[] what happens to a table without their keys

local index_of = once.of(function(described)
  local index = { by_key = {}, filled = {} }
  for _, row in ipairs(described) do
    index.by_key[row[1]] = row
    if row.required or row.default ~= nil then table.insert(index.filled, row) end
  end
  return index
end)

local function raise_unknown(key, described, place)
  local keys = {}
  for index, row in ipairs(described) do
    keys[index] = tostring(row[1])
    if keys[index] == key then
      errors.raise_usage("%s: the key %s is a number here, not a text: write it without quotes", place, key)
    end
  end
  errors.raise_usage("%s: %s", place, errors.unknown("key", key, keys))
end

-- How many keys a table has, all of them known.
local function count_keys(value, by_key, described, place)
  local count = 0
  for key in pairs(value) do
    if not by_key[key] then raise_unknown(key, described, place) end
    count = count + 1
  end
  return count
end

-- In the order of the rows, as far as there is something.
local function check_given(value, described, left, place)
  local copy, at = {}, 1
  while left > 0 do
    local row = described[at]
    local key = row[1]
    local given = value[key]
    if given ~= nil then
      place[#place + 1] = key
      copy[key] = check_value(given, row, place)
      place[#place] = nil
      left = left - 1
    end
    at = at + 1
  end
  return copy
end

local function fill(copy, filled, place)
  for _, row in ipairs(filled) do
    local key = row[1]
    if copy[key] == nil and row.required then
      errors.raise_usage("%s: the key '%s' is missing (%s)", place, tostring(key), row.help)
    elseif copy[key] == nil then
      copy[key] = row.default
    end
  end
end

function check_keys(value, described, place)
  local index = index_of(described)
  local count = count_keys(value, index.by_key, described, place)
  local copy = check_given(value, described, count, place)
  fill(copy, index.filled, place)
  return copy
end

---Checks a table; raises usage errors that name the place, the nearest known
---key and what is missing.
---@param value table never changed
---@param described usagelua.settings_row[]
---@param place string for messages
---@return table copy with the defaults filled in
function rows.check(value, described, place)
  return check_keys(value, described, setmetatable({ place }, Place))
end

return rows
