-- JSON written key by key in a chosen order, so that an answer can be bent at any place:
-- another literal, a key left out, said twice, or in reverse order.
local cjson = require "cjson.safe"

local ordered_json = {}

local object_kind, array_kind, literal_kind = {}, {}, {}

--- An object of { { name, value }, ... }; pairs without a value are left out.
function ordered_json.object(pairs_list)
  local node = setmetatable({}, object_kind)
  for _, pair in ipairs(pairs_list) do
    if pair[2] ~= nil then node[#node + 1] = pair end
  end
  return node
end

function ordered_json.array(items)
  return setmetatable(items, array_kind)
end

--- Text that stands in the JSON as it is.
function ordered_json.literal(text)
  return setmetatable({ text = text }, literal_kind)
end

local encode

local function encode_object(node)
  local parts = {}
  for i, pair in ipairs(node) do parts[i] = cjson.encode(pair[1]) .. ":" .. encode(pair[2]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function encode_array(node)
  local parts = {}
  for i, item in ipairs(node) do parts[i] = encode(item) end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function encode_plain(value)
  if type(value) == "number" and value == math.floor(value) then return ("%.0f"):format(value) end
  return assert(cjson.encode(value))
end

local ENCODERS = {
  [object_kind] = encode_object,
  [array_kind] = encode_array,
  [literal_kind] = function(node) return node.text end,
}

function encode(value)
  return (ENCODERS[getmetatable(value)] or encode_plain)(value)
end

--- The JSON text of a node.
function ordered_json.encode(node)
  return encode(node)
end

local function find_pair(node, name)
  for i, pair in ipairs(node) do
    if pair[1] == name then return pair, i end
  end
end

local function step(node, name)
  if getmetatable(node) == array_kind then return node[tonumber(name)] end
  local pair = find_pair(node, name)
  return pair and pair[2]
end

-- The node that holds the last name of a path ("data.users.1.id"), and that name.
local function holder(node, path)
  local rest = path
  while node do
    local name, tail = rest:match "^([^.]+)%.(.+)$"
    if not name then return node, rest end
    node, rest = step(node, name), tail
  end
end

local function set(root, path, value)
  local node, name = holder(root, path)
  if not node then return end
  if getmetatable(node) == array_kind then
    node[tonumber(name)] = value
    return
  end
  local pair = find_pair(node, name)
  if pair then pair[2] = value else node[#node + 1] = { name, value } end
end

local function drop(root, path)
  local node, name = holder(root, path)
  local _, index = find_pair(node or {}, name)
  if index then table.remove(node, index) end
end

local function duplicate(root, path, text)
  local node, name = holder(root, path)
  local pair = find_pair(node or {}, name)
  if pair then node[#node + 1] = { name, text and ordered_json.literal(text) or pair[2] } end
end

local function find(root, path)
  if path == "." then return root end
  local node, name = holder(root, path)
  return node and step(node, name)
end

local function reverse(node)
  for i = 1, math.floor(#node / 2) do
    node[i], node[#node + 1 - i] = node[#node + 1 - i], node[i]
  end
end

--- Bends an answer in place. Paths join names by dots, items of arrays by their number.
---@param root table a node
---@param quirks table|nil { literals = { path = JSON text }, drop = { path, ... },
---  duplicate = { path = JSON text or true }, reverse = { path, ... } ("." is the whole) }
function ordered_json.bend(root, quirks)
  for path, text in pairs(quirks and quirks.literals or {}) do
    set(root, path, ordered_json.literal(text))
  end
  for path, text in pairs(quirks and quirks.duplicate or {}) do
    duplicate(root, path, text ~= true and text or nil)
  end
  for _, path in ipairs(quirks and quirks.drop or {}) do drop(root, path) end
  for _, path in ipairs(quirks and quirks.reverse or {}) do reverse(find(root, path) or {}) end
end

return ordered_json
