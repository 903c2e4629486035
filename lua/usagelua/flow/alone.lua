-- Items that nothing else in their answer is like: the columns of `identity`
-- tell them apart, and one that comes twice would count twice. What goes past Lua
-- is told apart in C (core.fold's `distinct`); here are the names, the same over
-- items that become rows, and the words for both.

local errors = require "usagelua.errors"
local once = require "usagelua.once"
local path = require "usagelua.flow.path"
local values = require "usagelua.flow.values"

local alone = {}

local NONE <const> = {}

local names_of = once.of(function(dataset)
  local list = {}
  for _, name in ipairs(dataset.identity) do
    local field = dataset.fields[name]
    if field and field[1] then list[#list + 1] = name end
  end
  return list[1] == dataset.identity[1] and list or NONE
end)

---The columns that tell the items of a query apart: those of which the query has a
---field; none where it has not the first one.
---@param dataset table
---@return string[] not to be changed
function alone.names(dataset)
  return dataset.identity and names_of(dataset) or NONE
end

---Why an answer is refused in which an item came again.
---@param dataset table
---@param number integer? which item that is; nil: none is
---@param ... string|false its values
---@return usagelua.error? err kind "shape"
function alone.refusal(dataset, number, ...)
  if not number then return nil end
  local told = {}
  for i, name in ipairs(alone.names(dataset)) do
    local value = (select(i, ...))
    if value then told[#told + 1] = ("%s %s"):format(name, values.shown(value)) end
  end
  return errors.new { kind = "shape", code = "repeated",
    message = ("%s: item %d has the %s of an item before it, and would count twice"):format(
      dataset.rows or "rows", number, table.concat(told, ", ")) }
end

local methods = {}
local metatable = { __name = "usagelua.alone", __index = methods }

-- As C has it: texts and integers; whatever else stands there is not there.
local function spelled(value)
  if math.type(value) == "integer" then return tostring(value) end
  return type(value) == "string" and value or false
end

---Notes an item of an answer.
---@param item any
---@param number integer which it is
---@return usagelua.error? err where it came before
function methods:refuse(item, number)
  local found, parts = {}, {}
  for i, get in ipairs(self.gets) do
    found[i] = spelled(type(item) == "table" and get { item = item } or nil)
    parts[i] = found[i] and ("s"):pack(found[i]) or "-"
  end
  if not found[1] or found[1] == "" then return nil end -- an empty text names nobody
  local key = table.concat(parts)
  if self.seen[key] then return alone.refusal(self.dataset, number, table.unpack(found)) end
  self.seen[key] = true
end

---What notes the items of one answer; nil where nothing is said to tell them apart.
---@param dataset table
---@return table?
function alone.new(dataset)
  local names, gets = alone.names(dataset), {}
  if #names == 0 then return nil end
  for i, name in ipairs(names) do gets[i] = path.compile(dataset.fields[name][1]) end
  return setmetatable({ dataset = dataset, gets = gets, seen = {} }, metatable)
end

return alone
