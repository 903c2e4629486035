-- What an answer says in the vendor's own words, at paths of its JSON:
-- `status`, `error.message`, `errors[].extensions.code`. A path with `[]` means
-- any item of the list.

local core = require "usagelua.core"

local words = {}

local NULL <const> = core.json.null

---@param text string
---@return boolean
function words.is_path(text)
  local rest = text:gsub("%[%]", "")
  return rest ~= "" and not rest:find "[%[%]{}\"%s]" and not ("." .. rest .. "."):find("..", 1, true)
end

local function add_items(found, value)
  if type(value) ~= "table" then return end
  for _, item in ipairs(value) do found[#found + 1] = item end
end

-- The members of that name, or the items of it, of all values.
local function step(list, name, is_list)
  local found = {}
  for _, value in ipairs(list) do
    local member
    if type(value) == "table" then member = value[name] end
    if is_list then add_items(found, member) else found[#found + 1] = member end
  end
  return found
end

---All values at a path, null left out.
---@param root any a decoded document
---@param text string
---@return any[]
function words.at(root, text)
  local list = { root }
  for part in text:gmatch "[^.]+" do
    local name, brackets = part:match "^(.-)(%[?%]?)$"
    list = step(list, name, brackets == "[]")
  end
  local kept = {}
  for _, value in ipairs(list) do
    if value ~= NULL then kept[#kept + 1] = value end
  end
  return kept
end

-- Plain values alone can be quoted.
local function as_text(value)
  if type(value) == "string" then return value:find "%S" and value or nil end
  return (type(value) == "number" or value == true) and tostring(value) or nil
end

---The first text at any of the paths.
---@param root any
---@param paths string[]?
---@return string?
function words.first(root, paths)
  for _, text in ipairs(paths or {}) do
    for _, value in ipairs(words.at(root, text)) do
      local found = as_text(value)
      if found then return found end
    end
  end
end

---As far as a path is the same for all items: what the reader of a stream keeps
---beside its items. "errors[].extensions.code" → "errors"
---@param text string
---@return string
function words.head(text)
  return (text:match "^[^%[]+")
end

-- The values of a stream by their heads, as the document that they stand in.
local function put(root, head, value)
  local names = {}
  for name in head:gmatch "[^.]+" do names[#names + 1] = name end
  for index = 1, #names - 1 do
    root[names[index]] = type(root[names[index]]) == "table" and root[names[index]] or {}
    root = root[names[index]]
  end
  if root[names[#names]] == nil then root[names[#names]] = value end
end

---What stood beside the items of a stream, as a document.
---@param side table<string, any> by path
---@return table
function words.document(side)
  local root, paths = {}, {}
  for head in pairs(side) do paths[#paths + 1] = head end
  table.sort(paths)
  for _, head in ipairs(paths) do put(root, head, side[head]) end
  return root
end

-- Anything but nothing.
local function is_there(value)
  if value == false or value == "" then return false end
  return type(value) ~= "table" or next(value) ~= nil
end

local function is_one_of(value, wanted)
  if type(wanted) ~= "table" then return value == wanted end
  for _, one in ipairs(wanted) do
    if value == one then return true end
  end
  return false
end

---Whether a rule's `path` holds its `value`, or where it has none, anything.
---@param rule { path: string, value: any }
---@param root any
---@return boolean
function words.says(rule, root)
  for _, value in ipairs(words.at(root, rule.path)) do
    if rule.value == nil and is_there(value) then return true end
    if rule.value ~= nil and is_one_of(value, rule.value) then return true end
  end
  return false
end

return words
