-- JSON as the formats write it: keys in the order given, absent values as null,
-- every text valid UTF-8, nothing that acts on a terminal or in a CI log.

local json = require("usagelua.core").json
local safe = require "usagelua.formats.safe"

local json_text = {}

local function plain(value)
  if value == nil then return json.null end
  if type(value) == "string" then return safe.utf8(value) end
  return value
end

---@param members { [1]: string, [2]: any }[] keys and values in order
---@return table
function json_text.object(members)
  local pairs_in_order = {}
  for i, member in ipairs(members) do pairs_in_order[i] = { safe.utf8(member[1]), plain(member[2]) } end
  return json.object(pairs_in_order)
end

---@generic T
---@param list T[]?
---@param make fun(item: T): any
---@return table
function json_text.array(list, make)
  local items = {}
  for i, item in ipairs(list or {}) do items[i] = plain(make(item)) end
  return json.array(items)
end

---The members of a table under these names, in this order.
---@param source table
---@param keys string separated by spaces
---@return { [1]: string, [2]: any }[] members
function json_text.members(source, keys)
  local members = {}
  for key in keys:gmatch "%S+" do members[#members + 1] = { key, source[key] } end
  return members
end

---@param value any
---@return string
function json_text.encode(value)
  return safe.json(json.encode(plain(value)))
end

return json_text
