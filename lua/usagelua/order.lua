-- The one order of values: absent, false, true, numbers, then text by its bytes.
-- Lua's own `<` on strings follows the host's locale; the same input has to give
-- the same bytes under any.

local order = {}

local RANK <const> = { ["nil"] = 0, boolean = 1, number = 2, string = 3 }

local function bytes_less(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function collated_less(a, b)
  return a < b
end

-- In the C locale `<` is the order of the bytes already, and far faster.
local function text_less()
  local collation = os.setlocale(nil, "collate")
  return (collation == "C" or collation == "POSIX") and collated_less or bytes_less
end

local OF_ONE_TYPE <const> = {
  boolean = function(a) return a and 1 or -1 end,
  number = function(a, b) return a < b and -1 or 1 end,
}

---A function that compares two values: -1, 0 or 1. Made anew for each sorting,
---since the host may change the locale in between.
---@return fun(a: any, b: any): integer
function order.comparer()
  local less = text_less()
  return function(a, b)
    if a == b then return 0 end
    local kind = type(a)
    if kind ~= type(b) then return RANK[kind] < RANK[type(b)] and -1 or 1 end
    if kind == "string" then return less(a, b) and -1 or 1 end
    return OF_ONE_TYPE[kind](a, b)
  end
end

---A function that compares two rows by these columns: -1, 0 or 1.
---@param columns string[] the first decides, the next ones among equals
---@return fun(a: table, b: table): integer
function order.rows(columns)
  local compare = order.comparer()
  return function(a, b)
    for _, name in ipairs(columns) do
      local x, y = a[name], b[name]
      if x ~= y then return compare(x, y) end
    end
    return 0
  end
end

---A function that says whether one row stands before another.
---@param columns string[]
---@return fun(a: table, b: table): boolean
function order.by(columns)
  local compare = order.rows(columns)
  return function(a, b) return compare(a, b) < 0 end
end

local function are_texts(list)
  for index = 1, #list do
    if type(list[index]) ~= "string" then return false end
  end
  return true
end

-- Texts alone need no function of ours where the host's order is the right one.
local function in_order(list)
  if #list < 2 then return list end
  if text_less() == collated_less and are_texts(list) then
    table.sort(list)
    return list
  end
  local compare = order.comparer()
  table.sort(list, function(a, b) return compare(a, b) < 0 end)
  return list
end

---A sorted copy of a list of values.
---@param list any[]
---@return any[]
function order.sorted(list)
  return in_order(table.move(list, 1, #list, 1, {}))
end

---The sorted keys of a table.
---@param map table
---@return any[]
function order.keys(map)
  local list = {}
  for key in pairs(map) do list[#list + 1] = key end
  return in_order(list)
end

return order
