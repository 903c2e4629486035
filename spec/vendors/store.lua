-- What the test vendors remember between requests, in the server's shared dictionary.
local cjson = require "cjson.safe"

local store = {}

local function dictionary()
  return ngx.shared.vendors
end

--- A value set before, or nil.
function store.get(key)
  local text = dictionary():get(key)
  return text and cjson.decode(text)
end

--- Keeps a JSON value; nil forgets it.
function store.set(key, value)
  local text = value ~= nil and assert(cjson.encode(value)) or nil
  assert(dictionary():set(key, text))
end

--- Adds to a number (0 at first) and returns the new one.
function store.add(key, by)
  return assert(dictionary():incr(key, by or 1, 0))
end

function store.number(key)
  return dictionary():get(key) or 0
end

--- Keeps the largest number seen.
function store.peak(key, number)
  if number > store.number(key) then assert(dictionary():set(key, number)) end
end

--- Appends to a list.
function store.push(key, value)
  assert(dictionary():rpush(key, assert(cjson.encode(value))))
end

--- A list in order, as kept.
function store.list(key)
  local list, size = {}, dictionary():llen(key)
  for i = 1, size do
    local text = dictionary():lpop(key)
    dictionary():rpush(key, text)
    list[i] = cjson.decode(text)
  end
  return list
end

--- Forgets every key that begins so.
function store.forget(prefix)
  for _, key in ipairs(dictionary():get_keys(0)) do
    if key:sub(1, #prefix) == prefix then dictionary():delete(key) end
  end
end

return store
