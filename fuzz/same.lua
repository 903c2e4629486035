-- Whether two values are the same, through and through: integers and floats,
-- zero and minus zero, arrays and objects stay apart.

local same = {}

local function is_same_number(a, b)
  return math.type(a) == math.type(b) and a == b and (a ~= 0 or 1 / a == 1 / b)
end

local function is_same_table(a, b)
  if getmetatable(a) ~= getmetatable(b) then return false end
  for key, value in pairs(a) do
    if not same.is(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

---@return boolean
function same.is(a, b)
  if type(a) ~= type(b) then return false end
  if type(a) == "number" then return is_same_number(a, b) end
  if type(a) == "table" then return rawequal(a, b) or is_same_table(a, b) end
  return a == b
end

local function show(value)
  if type(value) ~= "table" then return ("%s"):format(value) end
  local parts = {}
  for key, inner in pairs(value) do parts[#parts + 1] = ("%s=%s"):format(key, show(inner)) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

---@param what string
function same.assert(what, expected, actual)
  if same.is(expected, actual) then return end
  error(("%s differs: %s against %s"):format(what, show(expected), show(actual)), 2)
end

return same
