-- Fields that no row of an answer has. Where nobody documents their names, one
-- that is missing is probably called otherwise, and its figures are not zero; a
-- document that is the row itself and has none of them is another document.

local errors = require "usagelua.errors"
local order = require "usagelua.order"

local appearance = {}

local methods = {}
local metatable = { __index = methods }

---@param dataset table
---@param fields usagelua.compiled_field[]
---@return usagelua.appearance? nil where the dataset does not ask for it
function appearance.of(dataset, fields)
  if not appearance.is_asked(dataset) then return nil end
  local awaited, count = {}, 0
  for _, compiled in ipairs(fields) do
    if compiled.get then awaited[compiled.name], count = compiled, count + 1 end
  end
  return setmetatable({ dataset = dataset, awaited = awaited, count = count, left = count, keys = {},
    items = 0 }, metatable)
end

---Whether all fields of an item have to be read for this.
---@param dataset table
---@return boolean
function appearance.is_asked(dataset)
  return dataset.must_appear or dataset.rows == "."
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
    if is_there(compiled, place) then self.awaited[name], self.left = nil, self.left - 1 end
  end
  for key in pairs(type(place.item) == "table" and place.item or {}) do
    self.keys[tostring(key)] = true
  end
end

---@return boolean is an item with a field awaited that had none so far?
function methods:is_waiting()
  if self.dataset.must_appear then return self.left > 0 end
  return self.count > 0 and self.left == self.count
end

local function awaited_text(awaited)
  local words = {}
  for index, name in ipairs(order.keys(awaited)) do
    words[index] = ("'%s' (%s)"):format(awaited[name].path, name)
  end
  return table.concat(words, ", ")
end

local function came(self)
  local keys = order.keys(self.keys)
  return #keys > 0 and table.concat(keys, ", ") or "nothing"
end

local function another_name(self)
  local name = order.keys(self.awaited)[1]
  return nil, errors.new { kind = "shape", code = "missing",
    message = ("no row of %s has %s; the rows have %s"):format(self.dataset.rows,
      awaited_text(self.awaited), came(self)),
    hint = ("name the right one with fields = { %s = \"…\" } in the query or --set fields=%s:…; "
      .. "%s:- leaves it out"):format(name, name, name) }
end

local function another_document(self)
  return nil, errors.new { kind = "shape", code = "no_rows",
    message = ("the answer has none of %s; it has %s"):format(awaited_text(self.awaited), came(self)) }
end

---@return boolean? ok
---@return usagelua.error? err of kind "shape", that lists the fields that came
function methods:judge()
  if self.items == 0 or self.left == 0 then return true end
  if self.dataset.must_appear then return another_name(self) end
  if self.left == self.count then return another_document(self) end
  return true
end

return appearance
