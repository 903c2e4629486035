-- Fills `{name}` in paths, queries, header fields and bodies. An entry that
-- is nothing but one unset name is left out, never sent empty.

local errors = require "usagelua.errors"
local json = require "usagelua.json"

local template = {}

---@param text string
---@param values table<string, any>
---@return string? filled nil where a name it needs is unset
function template.fill(text, values)
  local missing = false
  local filled = text:gsub("{([%w_]+)}", function(name)
    local value = values[name]
    if value == nil then missing = true; return "" end
    return tostring(value)
  end)
  if missing then return nil end
  return filled
end

---For places where leaving out makes no sense.
function template.require(text, values, place)
  local filled = template.fill(text, values)
  if not filled then
    errors.raise_usage("%s: '%s' needs a value that the query does not have", place, text)
  end
  return filled
end

---All entries of a table, sorted by name, those with unset names left out.
---@param entries table<string, any>?
---@param values table<string, any>
---@return { [1]: string, [2]: any }[]
function template.entries(entries, values)
  local list = {}
  for name, text in pairs(entries or {}) do
    local value = text
    if type(text) == "string" then value = template.fill(text, values) end
    if value ~= nil then list[#list + 1] = { name, value } end
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

-- A list without the places where nothing is left.
local function compact(list, length)
  local kept = {}
  for index = 1, length do kept[#kept + 1] = list[index] end
  return kept
end

---A tree of tables with the texts in it filled, for JSON bodies. What is unset
---is left out, and so is a table of which nothing is left.
---@param tree table
---@param values table<string, any>
---@return table
function template.tree(tree, values)
  local filled = {}
  for key, item in pairs(tree) do
    local value = item
    if type(item) == "string" then value = template.fill(item, values) end
    if type(item) == "table" then
      value = template.tree(item, values)
      if next(value) == nil and next(item) ~= nil then value = nil end
    end
    filled[key] = value
  end
  if next(tree) == nil then return tree end
  return #tree > 0 and json.array(compact(filled, #tree)) or filled
end

---The names that a table of entries, or a text, mentions.
---@return table<string, boolean>
function template.names(value, into)
  into = into or {}
  if type(value) == "string" then
    for name in value:gmatch "{([%w_]+)}" do into[name] = true end
  elseif type(value) == "table" then
    for _, item in pairs(value) do template.names(item, into) end
  end
  return into
end

return template
