-- The members of an item of which each makes a record of its own: one for
-- every key of an object (`usage{}`), or for every item of a list (`users[]`).

local core = require "usagelua.core"
local order = require "usagelua.order"
local path = require "usagelua.flow.path"
local values = require "usagelua.flow.values"

local members = {}

local NULL <const> = core.json.null
local KEY_TYPE <const> = { ["{}"] = "string", ["[]"] = "number" }
local EXPECTED <const> = { ["{}"] = "an object", ["[]"] = "a list" }

---@param text string
---@return "{}"|"[]"|nil
function members.kind(text)
  return text:match "{}$" or text:match "%[%]$"
end

---"usage.products{}" → "usage.products"
---@param text string
---@return string
function members.container(text)
  return (text:gsub("[%[{][%]}]$", ""))
end

---@class usagelua.members_of
---@field text string "usage.products{}"
---@field name string "usage.products"
---@field kind "{}"|"[]"
---@field get function

---@param each string[] paths of objects, or one path of a list
---@return usagelua.members_of[]
function members.compile(each)
  local list = {}
  for index, text in ipairs(each) do
    local name = members.container(text)
    list[index] = { text = text, name = name, kind = members.kind(text), get = path.compile(name) }
  end
  return list
end

-- The object or list; an empty table where there is none.
local function open(container, item, prefix)
  local found, wrong = container.get { item = item }
  if found == NULL then found = nil end
  if found == nil then found = wrong end
  if found == nil then return {} end
  local first, kind = type(found) == "table" and next(found), container.kind
  if type(found) ~= "table" or first and type(first) ~= KEY_TYPE[kind] then
    return values.mismatch(("%s.%s"):format(prefix, container.text), EXPECTED[kind], found)
  end
  return found
end

---@class usagelua.member
---@field place usagelua.place for an object's member the item itself, with the key
---@field parts table<string, any> the member itself, by the name of its container

-- Members of the same key in several objects are one.
local function add_members(found, item, container, object)
  for key, value in pairs(object) do
    local place = container.kind == "[]" and { item = value } or { item = item, key = key }
    found[key] = found[key] or { place = place, parts = {} }
    found[key].parts[container.name] = value
  end
end

---An item's members: each key of any of the objects once, or the items of the
---list.
---@param item any
---@param containers usagelua.members_of[]
---@param prefix string where the item stands, for messages
---@return usagelua.member[]? list
---@return usagelua.error? err of kind "shape"
function members.of(item, containers, prefix)
  local found, list = {}, {}
  for _, container in ipairs(containers) do
    local object, err = open(container, item, prefix)
    if not object then return nil, err end
    add_members(found, item, container, object)
  end
  for index, key in ipairs(order.keys(found)) do list[index] = found[key] end
  return list
end

return members
