-- Values that a query asks for by name, against those that records bear. What
-- a vendor knows nothing of is not zero, it is not there; a record that nobody
-- asked for answers another question.

local errors = require "usagelua.errors"
local order = require "usagelua.order"

local expected = {}

-- Names shown of one parameter; the others are counted.
local SHOWN <const> = 20

---@alias usagelua.named_values table<string, table<string, true>> parameter → values

---@class usagelua.expected
---@field names table<string, string> the dataset's `expect`: parameter → column
---@field asked usagelua.named_values of parts that were answered
---@field found usagelua.named_values
local methods = {}
local metatable = { __index = methods }

---@param planned usagelua.query
---@return usagelua.expected? nil where the dataset expects nothing
function expected.of(planned)
  local names = planned.dataset.expect
  return names and setmetatable({ names = names, asked = {}, found = {} }, metatable)
end

local function add(values, name, value)
  if value == nil then return end
  values[name] = values[name] or {}
  values[name][tostring(value)] = true
end

local function list_of(value)
  return type(value) == "table" and value or { value }
end

---Adds the values that rows bear.
---@param found usagelua.named_values
---@param names table<string, string>? the dataset's `expect`
---@param ... table[] rows
function expected.find(found, names, ...)
  for param, column in pairs(names or {}) do
    for _, rows in ipairs { ... } do
      for _, row in ipairs(rows) do add(found, param, row[column]) end
    end
  end
end

---Adds what was found elsewhere.
---@param found usagelua.named_values
---@param more usagelua.named_values
function expected.join(found, more)
  for param, values in pairs(more) do
    for value in pairs(values) do add(found, param, value) end
  end
end

-- What was asked for, by the columns that show it; nil where a row may be one
-- of anything.
local function asked_by_column(dataset, sent)
  local asked
  for param, column in pairs(dataset.expect or {}) do
    if sent[param] ~= nil and not dataset.fields[column] then return nil end
    for _, value in ipairs(list_of(sent[param])) do
      asked = asked or {}
      add(asked, column, value)
    end
  end
  return asked
end

local function is_asked(row, asked)
  for column, values in pairs(asked) do
    if row[column] ~= nil and values[tostring(row[column])] then return true end
  end
  return false
end

local function words_of(dataset, row)
  local words = {}
  for _, param in ipairs(order.keys(dataset.expect)) do
    local column = dataset.expect[param]
    if row[column] ~= nil then words[#words + 1] = ("%s %s"):format(column, row[column]) end
  end
  return #words > 0 and table.concat(words, ", ") or "nothing that was asked for"
end

-- Of several rows that are about something else always the same one is told.
local function stranger(dataset, asked, lists)
  local first
  for _, rows in ipairs(lists) do
    for _, row in ipairs(rows) do
      local words = not is_asked(row, asked) and words_of(dataset, row)
      if words and (not first or words < first) then first = words end
    end
  end
  return first
end

---Whether all rows are about what was asked for by name.
---@param dataset table
---@param sent table<string, any> what the request was built from
---@param ... table[] rows
---@return boolean? ok
---@return usagelua.error? err of kind "shape"
function expected.check(dataset, sent, ...)
  local asked = asked_by_column(dataset, sent)
  local words = asked and stranger(dataset, asked, { ... })
  if not words then return true end
  return nil, errors.new { kind = "shape", message = ("%s: a row is about %s, which was not "
    .. "asked for"):format(dataset.rows, words) }
end

---A part was answered whole.
---@param params table<string, any> that it was asked with
---@param found usagelua.named_values in its rows
function methods:answered(params, found)
  for param in pairs(self.names) do
    for _, value in ipairs(list_of(params[param])) do add(self.asked, param, value) end
  end
  expected.join(self.found, found)
end

-- Numbers in the order of numbers, before texts.
local function before(a, b)
  local x, y = tonumber(a), tonumber(b)
  if x and y then return x < y end
  if x or y then return x ~= nil end
  return a < b
end

local function missing_of(self, param)
  local list, found = {}, self.found[param] or {}
  for value in pairs(self.asked[param] or {}) do
    if not found[value] then list[#list + 1] = value end
  end
  table.sort(list, before)
  return list
end

local function words(param, list)
  local shown = table.concat(list, ", ", 1, math.min(#list, SHOWN))
  local more = #list > SHOWN and (" and %d more"):format(#list - SHOWN) or ""
  return ("no row for %s %s%s"):format(param, shown, more)
end

---@return string[] sentences, one per parameter
function methods:missing()
  local lines = {}
  for _, param in ipairs(order.keys(self.names)) do
    local list = missing_of(self, param)
    if #list > 0 then lines[#lines + 1] = words(param, list) end
  end
  return lines
end

return expected
