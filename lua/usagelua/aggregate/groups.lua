-- The table of groups, found by their keys: a tree with one level for each group
-- column. A column that a row does not have is a value of its own.

local groups = {}

local ABSENT <const> = {}

---@class usagelua.group
---@field key table values by position, nil where absent
---@field is_real boolean? has a row come that belongs here for certain?
---@field figures table<integer, table> by the rule's measures; nil where nothing came

local methods = {}
local metatable = { __name = "usagelua.groups", __index = methods }

---@param width integer number of group columns
function groups.new(width)
  return setmetatable({ width = width, list = {}, root = {} }, metatable)
end

local function copy(key, width)
  local kept = {}
  for i = 1, width do kept[i] = key[i] end
  return kept
end

local function step(node, value)
  if value == nil then value = ABSENT end
  local below = node[value]
  if not below then
    below = {}
    node[value] = below
  end
  return below
end

---The group of this key; made where it is not there yet.
---@param key table values by position
---@return usagelua.group
function methods:at(key)
  local node = self.root
  for i = 1, self.width do node = step(node, key[i]) end
  if not node.group then
    node.group = { key = copy(key, self.width), figures = {} }
    self.list[#self.list + 1] = node.group
  end
  return node.group
end

return groups
