-- Paths into one decoded item: "usage.last_test", "@key", "^.name", "$.data.x".
-- `$` values stand beside the items (the reader brings them), `^` is the item
-- that encloses the one at hand.

local errors = require "usagelua.errors"

local path = {}

local function walk(value, names)
  for _, name in ipairs(names) do
    if type(value) ~= "table" then return nil end
    value = value[name]
  end
  return value
end

local function split(text)
  local names = {}
  for name in text:gmatch "[^.]+" do names[#names + 1] = name end
  return names
end

---The name under which the reader keeps the value of a `$.` path, or nil.
---@param text string
---@return string?
function path.from_root(text)
  return text:match "^%$%.(.+)$"
end

---Compiles a path to a function of the place: { item, key, outer, side }.
---@param text string
---@return fun(place: table): any
function path.compile(text)
  local root = path.from_root(text)
  if root then return function(place) return place.side[root] end end
  if text == "@key" then return function(place) return place.key end end
  if text == "." then return function(place) return place.item end end
  local up, rest = text:match "^(%^+)%.?(.*)$"
  local names = split(rest or text)
  for index, name in ipairs(names) do
    if name == "{key}" then names[index] = false end
  end
  local by_key = text:find("{key}", 1, true)
  return function(place)
    local from = up and place.outer or place.item
    if not by_key then return walk(from, names) end
    local keyed = {}
    for index, name in ipairs(names) do keyed[index] = name or place.key end
    return walk(from, keyed)
  end
end

---The first name of a path below the item, for field selection.
---@param text string
---@return string?
function path.head(text)
  if text:find "^[@$^.]" then return nil end
  return text:match "^[^.%[{]+"
end

---Refuses what is no path.
---@param text string
---@param place string
function path.check(text, place)
  if text == "" or text:find "%.%." or text:find "%s" then
    errors.raise_usage("%s: '%s' is not a path (a.b, @key, $.a.b, ^.a)", place, text)
  end
end

return path
