-- Fills `{name}` in paths, queries, header fields and bodies. An entry that
-- is nothing but one unset name is left out, never sent empty. A list is sent
-- as the template says: `"{ids}"` with commas, `{ "{ids}" }` value by value.

local errors = require "usagelua.errors"
local json = require "usagelua.json"
local once = require "usagelua.once"
local order = require "usagelua.order"
local url = require "usagelua.client.url"

local template = {}

local function joined(list)
  local texts = {}
  for index, item in ipairs(list) do
    texts[index] = url.text(item)
    if texts[index]:find(",", 1, true) then
      errors.raise_usage("the value '%s' holds a comma, and the list that it belongs to is sent "
        .. "with commas between its values", texts[index])
    end
  end
  return table.concat(texts, ",")
end

---A value as text: a list with commas, numbers with all their digits. Raises a
---usage error where a comma in a value would make two of it.
---@param value string|number|boolean|table
---@return string
function template.text(value)
  if type(value) == "table" then return joined(value) end
  return url.text(value)
end

---A parameter's value as a column of the records shows it.
---@param value any nil where it is not set
---@return string|number|boolean|nil
function template.column(value)
  if type(value) ~= "table" then return value end
  local texts = {}
  for index, item in ipairs(value) do texts[index] = url.text(item) end
  return table.concat(texts, ",")
end

---@param text string
---@param values table<string, any>
---@return string? filled nil where a name it needs is unset
function template.fill(text, values)
  if not text:find("{", 1, true) then return text end
  local missing = false
  local filled = text:gsub("{([%w_]+)}", function(name)
    local value = values[name]
    if value == nil then missing = true; return "" end
    return template.text(value)
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

-- The value behind a text that is one name and nothing else keeps its type;
-- lists do only where they are taken value by value.
local function fill_typed(text, values)
  local value = values[text:match "^{([%w_]+)}$"]
  if value ~= nil and type(value) ~= "table" then return value end
  return template.fill(text, values)
end

-- The values that a list of a description stands for, and what else it holds.
local function spread(list, values, fill_table)
  local filled = {}
  for _, item in ipairs(list) do
    local value = type(item) == "string" and values[item:match "^{([%w_]+)}$"]
    if type(value) == "table" then
      table.move(value, 1, #value, #filled + 1, filled)
    elseif type(item) == "table" then
      filled[#filled + 1] = fill_table(item)
    elseif type(item) == "string" then
      filled[#filled + 1] = fill_typed(item, values)
    else
      filled[#filled + 1] = item
    end
  end
  return filled
end

-- "filter", "ids[]" → "filter[ids][]"
local function bracketed(outer, name)
  if not outer then return name end
  local plain, list = name:match "^(.-)(%[%])$"
  return ("%s[%s]%s"):format(outer, plain or name, list or "")
end

local names_in_order = once.of(order.keys)

local add_entries

local function add_entry(list, name, item, values)
  if type(item) == "table" and #item > 0 then
    for _, value in ipairs(spread(item, values)) do list[#list + 1] = { name, value } end
  elseif type(item) == "table" then
    add_entries(list, name, item, values)
  else
    local value = item
    if type(item) == "string" then value = fill_typed(item, values) end
    if value ~= nil then list[#list + 1] = { name, value } end
  end
end

function add_entries(list, outer, entries, values)
  for _, name in ipairs(names_in_order(entries)) do
    add_entry(list, bracketed(outer, name), entries[name], values)
  end
end

---All entries of a table, sorted by name, those with unset names left out. A
---list repeats its name, a table of names puts them in brackets: `a[b][c]`.
---@param entries table<string, any>? a description's, which stays as it is
---@param values table<string, any>
---@return { [1]: string, [2]: any }[]
function template.entries(entries, values)
  local list = {}
  if entries then add_entries(list, nil, entries, values) end
  return list
end

---A tree of tables with the texts in it filled, for JSON bodies. What is unset
---is left out, and so is a table of which nothing is left. Numbers and booleans
---stay what they are where the text is their name alone.
---@param tree table
---@param values table<string, any>
---@return table
function template.tree(tree, values)
  local function branch(item)
    local filled = template.tree(item, values)
    if next(filled) == nil and next(item) ~= nil then return nil end
    return filled
  end
  if next(tree) == nil then return tree end -- an empty list stays one
  if #tree > 0 then return json.array(spread(tree, values, branch)) end
  local filled = {}
  for key, item in pairs(tree) do
    if type(item) == "table" then
      filled[key] = branch(item)
    elseif type(item) == "string" then
      filled[key] = fill_typed(item, values)
    else
      filled[key] = item
    end
  end
  return filled
end

---The names that a table of entries, or a text, mentions.
---@return table<string, boolean>
function template.names(value, into)
  into = into or {}
  if type(value) == "string" then
    if not value:find("{", 1, true) then return into end -- most
    for name in value:gmatch "{([%w_]+)}" do into[name] = true end
  elseif type(value) == "table" then
    for _, item in pairs(value) do template.names(item, into) end
  end
  return into
end

return template
