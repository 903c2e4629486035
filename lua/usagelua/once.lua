-- What follows from tables that stay as they are, made once of each: of a
-- dataset's description above all, which thousands of queries have in common.
-- It is kept beside the table, for as long as that is there, and belongs to
-- nobody else's.

local once = {}

local function new_store()
  return setmetatable({}, { __mode = "k" })
end

---The function, which is called once for each table; further arguments go to
---that first call.
---@generic K: table, V
---@param make fun(of: K, ...: any): V never nil, and not to be changed by whom it is given
---@return fun(of: K, ...: any): V
function once.of(make)
  local made = new_store()
  return function(of, ...)
    local value = made[of]
    if value == nil then
      value = make(of, ...)
      made[of] = value
    end
    return value
  end
end

---The same for each pair of tables.
---@generic A: table, B: table, V
---@param make fun(a: A, b: B, ...: any): V
---@return fun(a: A, b: B, ...: any): V
function once.of_both(make)
  local store_of = once.of(new_store)
  return function(a, b, ...)
    local made = store_of(a)
    local value = made[b]
    if value == nil then
      value = make(a, b, ...)
      made[b] = value
    end
    return value
  end
end

---One value for each text that a table is asked for with.
---@return fun(of: table): table<string, any> empty at first
function once.by_text()
  return once.of(function() return {} end)
end

return once
