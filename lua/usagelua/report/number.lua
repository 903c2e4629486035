-- Numbers as text, the same in every locale: C's printf writes the locale's
-- decimal point, so that is put right after each use of it.

local number = {}

local GROUP_DIGITS <const> = 3

-- Whatever stands between the digits of what %f or %g printed is the point.
local function with_point(text)
  return (text:gsub("[^0-9eE+-]+", "."))
end

---The number with so many digits after its point.
---@param value number finite
---@param decimals integer
---@return string for example "312.50"
function number.fixed(value, decimals)
  return with_point(("%." .. decimals .. "f"):format(value))
end

-- Floats below this are exact integers when they have no fraction.
local EXACT_FLOAT <const> = 2 ^ 53

---The shortest text that reads back as the same number.
---@param value number finite
---@return string for example "8450", "312.54", "1e+300"
function number.exact(value)
  if math.type(value) == "integer" then return tostring(value) end
  if value % 1 == 0 and math.abs(value) <= EXACT_FLOAT then
    return tostring(math.tointeger(value))
  end
  for digits = 15, 16 do
    local text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then return with_point(text) end
  end
  return with_point(("%.17g"):format(value))
end

local function with_groups(digits)
  local head = #digits % GROUP_DIGITS
  local grouped = digits:sub(head + 1):gsub("([0-9][0-9][0-9])", ",%1")
  return (digits:sub(1, head) .. grouped):gsub("^,", "")
end

-- Two decimals from 1 up; below, three digits that count, so that little is not none.
local function rounded(value)
  local size = math.abs(value)
  if size < 1e-9 or size > EXACT_FLOAT then return with_point(("%.3g"):format(value)) end
  if size >= 1 then return number.fixed(value, 2) end
  return number.fixed(value, 2 - math.floor(math.log(size, 10)))
end

local function without_tail(fraction)
  return (fraction:gsub("0+$", ""):gsub("^%.$", ""))
end

---The number as people read it: thousands grouped, fractions rounded.
---@param value number finite
---@return string for example "8,450", "312.54", "0.0868"
function number.grouped(value)
  if value == 0 then return "0" end
  local text = math.type(value) == "integer" and ("%d"):format(value) or rounded(value)
  local sign, digits, rest = text:match "^(%-?)([0-9]+)(.*)$"
  if rest:find "e" then return text end
  return sign .. with_groups(digits) .. without_tail(rest)
end

return number
