-- Paths into one decoded item: "usage.last_test", "@key", "^.name",
-- "access.{key}", "$.data.x". `$` values stand beside the items (the reader
-- brings them), `^` is the item that encloses the one at hand, `{key}` the
-- member named by the present key of `each`. A name that holds one of
-- `.[]{}"` or a space is written ["a.b"], as in the reader's paths.

local errors = require "usagelua.errors"

local path = {}

local KEY <const> = {}

path.KEY = KEY

---@class usagelua.place where a path begins
---@field item any
---@field key string? of the item, or the present one of `each`
---@field outer any? the enclosing item
---@field side table<string, any>? values from the document's root

local DOT <const> = ("."):byte()

-- Most names are letters and digits, with a dot or nothing behind them.
local function next_name(text, at)
  local plain, after = text:match("^([%w_]+)()", at)
  if plain and (after > #text or text:byte(after) == DOT) then return plain, after end
  local quoted, behind = text:match('^%["([^"]*)"%]()', at)
  if quoted then return quoted, behind end
  if text:find("^{key}", at) then return KEY, at + 5 end
  return text:match("^([^.%[%]{}\"%s]+)()", at)
end

-- "a.b" → { "a", "b" }; nil where it is no path.
local function split(text)
  local names, at = {}, 1
  repeat
    local name, behind = next_name(text, at)
    if not name then return nil end
    names[#names + 1] = name
    if behind > #text then return names end
    at = behind + 1
  until text:sub(behind, behind) ~= "."
end

-- Names below `^.` or nothing; nil where the path is neither.
local function parse(text)
  local up, rest = text:match "^(^?)%.?(.*)$"
  if up == "" then return split(text), false end
  if text == "^" then return {}, true end
  return text:find "^%^%." and split(rest) or nil, true
end

-- The value, or nil and what stands where an object should.
local function walk(value, names, key)
  for i = 1, #names do
    local kind, name = type(value), names[i]
    if kind ~= "table" then
      if value == nil or kind == "userdata" then return nil end -- null
      return nil, value
    end
    if name == KEY then name = key end
    value = value[name]
  end
  return value
end

---The name under which the reader keeps the value of a `$.` path, or nil.
---@param text string
---@return string?
function path.from_root(text)
  return text:match "^%$%.(.+)$"
end

-- Most fields stand directly in the item.
local function in_item(names)
  local name = names[1]
  return function(place)
    local item = place.item
    if type(item) == "table" then return item[name] end
    return walk(item, names)
  end
end

local function make(text)
  local root = path.from_root(text)
  if root then return function(place) return place.side[root] end end
  if text == "@key" then return function(place) return place.key end end
  if text == "." then return function(place) return place.item end end
  local names, is_outer = parse(text)
  if is_outer then return function(place) return walk(place.outer, names, place.key) end end
  if #names == 1 and names[1] ~= KEY then return in_item(names) end
  return function(place) return walk(place.item, names, place.key) end
end

-- Descriptions name few paths, and every answer reads by them.
local made = {}

---Compiles a path to a function of the place.
---@param text string
---@return fun(place: usagelua.place): any, any value; or nil and what stands
---where an object should
function path.compile(text)
  made[text] = made[text] or make(text)
  return made[text]
end

---The first name of a path below the item.
---@param text string
---@return string?
function path.head(text)
  if text:find "^[@$^]" or text == "." then return nil end
  local names = split(text)
  return names and names[1] ~= KEY and names[1] or nil
end

---The first name of a path as the reader takes it.
---
---    path.first "usage{}.n" --> "usage"
---
---@param text string
---@return string
function path.first(text)
  return (next_name(text, 1))
end

local function quoted(name)
  return name:find '[.%[%]{}"%s]' and ('["%s"]'):format(name) or name
end

---The path as the reader takes it to select what it builds of an item: as far
---as it is the same for all keys. Nil for what is not below the item.
---
---    path.selecting "access.{key}.since" --> "access"
---
---@param text string
---@return string?
function path.selecting(text)
  local names = path.head(text) and split(text)
  if not names then return nil end
  local kept = {}
  for _, name in ipairs(names) do
    if name == KEY then break end
    kept[#kept + 1] = quoted(name)
  end
  return table.concat(kept, ".")
end

---The names of a path below the item, `path.KEY` where `{key}` stands. Nil for
---what is not below the item; `^.a` is below the item that encloses a member.
---@param text string
---@return (string|table)[]? names
---@return boolean? is_outer
function path.names(text)
  if text:find "^[@$]" or text == "." then return nil end
  local names, is_outer = parse(text)
  return names, is_outer
end

---The path of these names as the reader takes it.
---@param names string[]
---@return string
function path.of_names(names)
  local list = {}
  for index, name in ipairs(names) do list[index] = quoted(name) end
  return table.concat(list, ".")
end

---The name of a member as a path of its own.
---@param name string
---@return string
function path.of_name(name)
  return quoted(name)
end

local function is_path(text)
  if text == "." or text == "@key" then return true end
  local root = path.from_root(text)
  if root then return split(root) ~= nil end
  return (parse(text)) ~= nil
end

---Refuses what is no path.
---@param text string
---@param place string
function path.check(text, place)
  if not is_path(text) then
    errors.raise_usage("%s: '%s' is not a path (a.b, access.{key}, @key, ^.a, $.a.b; a name with a "
      .. "space or one of .[]{} is written [\"a b\"])", place, text)
  end
end

return path
