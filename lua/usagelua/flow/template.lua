-- Fills `{name}` in paths, queries, header fields and bodies. An entry that
-- is nothing but one unset name is left out, never sent empty.

local errors = require "usagelua.errors"

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
