-- Values that a query asked for by name and that no record bears: what a
-- vendor knows nothing of is not zero, it is not there.

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

---Adds the values that rows bear.
---@param found usagelua.named_values
---@param names table<string, string>? the dataset's `expect`
---@param rows table[]
function expected.find(found, names, rows)
  for param, column in pairs(names or {}) do
    for _, row in ipairs(rows) do add(found, param, row[column]) end
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

local function list_of(value)
  return type(value) == "table" and value or { value }
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
