-- Field names that nobody documents: one that no row of an answer has is
-- probably another name, and its figures are not zero.

local errors = require "usagelua.errors"
local order = require "usagelua.order"

local appearance = {}

local methods = {}
local metatable = { __index = methods }

---@param dataset table
---@param fields usagelua.compiled_field[]
---@return usagelua.appearance? nil where the dataset does not ask for it
function appearance.of(dataset, fields)
  if not dataset.must_appear then return nil end
  local awaited = {}
  for _, compiled in ipairs(fields) do
    if compiled.get then awaited[compiled.name] = compiled end
  end
  return setmetatable({ dataset = dataset, awaited = awaited, keys = {}, items = 0 }, metatable)
end

---@class usagelua.appearance
---@field awaited table<string, usagelua.compiled_field> those that no item had so far
---@field keys table<string, true> of all items

local function is_there(compiled, place)
  return compiled.get(place) ~= nil or compiled.get_else and compiled.get_else(place) ~= nil
end

---@param place usagelua.place
function methods:item(place)
  self.items = self.items + 1
  for name, compiled in pairs(self.awaited) do
    if is_there(compiled, place) then self.awaited[name] = nil end
  end
  for key in pairs(type(place.item) == "table" and place.item or {}) do
    self.keys[tostring(key)] = true
  end
end

---@return boolean is there a field that no item had so far?
function methods:is_waiting()
  return next(self.awaited) ~= nil
end

local function awaited_text(awaited)
  local words = {}
  for index, name in ipairs(order.keys(awaited)) do
    words[index] = ("'%s' (%s)"):format(awaited[name].path, name)
  end
  return table.concat(words, ", ")
end

---@return boolean? ok
---@return usagelua.error? err of kind "shape", that lists the fields that came
function methods:judge()
  local name = next(self.awaited)
  if self.items == 0 or not name then return true end
  name = order.keys(self.awaited)[1]
  return nil, errors.new { kind = "shape", code = "missing",
    message = ("no row of %s has %s; the rows have %s"):format(self.dataset.rows,
      awaited_text(self.awaited), table.concat(order.keys(self.keys), ", ")),
    hint = ("name the right one with fields = { %s = \"…\" } in the query or --set fields=%s:…; "
      .. "%s:- leaves it out"):format(name, name, name) }
end

return appearance
