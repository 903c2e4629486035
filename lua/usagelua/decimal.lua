-- Exact decimal numbers for money: read from text, multiplied, divided by a whole
-- number with a stated number of places. No float takes part.

local decimal = {}

-- Limbs of seven digits, the least first: a product of two and a carry, or a
-- remainder below 2^31 with a limb, stays far below 2^63.
local DIGITS <const> = 7
local BASE <const> = 10000000
local LARGEST_DIVISOR <const> = 1 << 31

---@class usagelua.decimal
---@field negative boolean
---@field limbs integer[]
---@field scale integer digits behind the point

local function trimmed(limbs)
  while #limbs > 1 and limbs[#limbs] == 0 do limbs[#limbs] = nil end
  return limbs
end

local function limbs_of(digits)
  local limbs = {}
  for stop = #digits, 1, -DIGITS do
    limbs[#limbs + 1] = math.tointeger(tonumber(digits:sub(math.max(1, stop - DIGITS + 1), stop)))
  end
  return trimmed(limbs)
end

local function digits_of(limbs)
  local parts = { ("%d"):format(limbs[#limbs]) }
  for i = #limbs - 1, 1, -1 do parts[#parts + 1] = ("%07d"):format(limbs[i]) end
  return table.concat(parts)
end

---Reads `-12.50` or `1e-05`.
---@param text string
---@return usagelua.decimal? nil where it is no number
function decimal.parse(text)
  local sign, whole, fraction, exponent = text:match "^(-?)(%d+)%.?(%d*)[eE]?([+-]?%d*)$"
  if not whole or text:find "%.[eE]" or text:find "%.$" or text:find "[eE]$" then return nil end
  local shift = exponent ~= "" and math.tointeger(tonumber(exponent)) or 0
  if not shift or math.abs(shift) > 400 then return nil end
  local digits, scale = whole .. fraction, #fraction - shift
  if scale < 0 then digits, scale = digits .. ("0"):rep(-scale), 0 end
  return { negative = sign == "-", limbs = limbs_of(digits), scale = scale }
end

local function multiplied(a, b)
  local limbs = {}
  for i = 1, #a + #b do limbs[i] = 0 end
  for i, x in ipairs(a) do
    local carry = 0
    for j, y in ipairs(b) do
      local sum = limbs[i + j - 1] + x * y + carry
      limbs[i + j - 1], carry = sum % BASE, sum // BASE
    end
    limbs[i + #b] = limbs[i + #b] + carry
  end
  return trimmed(limbs)
end

---@param a usagelua.decimal
---@param b usagelua.decimal
---@return usagelua.decimal
function decimal.multiply(a, b)
  return { negative = a.negative ~= b.negative, limbs = multiplied(a.limbs, b.limbs),
    scale = a.scale + b.scale }
end

local function divided(limbs, divisor)
  local quotient, rest = {}, 0
  for i = #limbs, 1, -1 do
    local part = rest * BASE + limbs[i]
    quotient[i], rest = part // divisor, part % divisor
  end
  return trimmed(quotient), rest
end

local function plus_one(limbs)
  for i = 1, #limbs do
    limbs[i] = limbs[i] + 1
    if limbs[i] < BASE then return limbs end
    limbs[i] = 0
  end
  limbs[#limbs + 1] = 1
  return limbs
end

-- Down to so many places, a half away from zero, as invoices round.
local function rounded(value, places)
  if value.scale <= places then return value end
  local digits = digits_of(value.limbs)
  digits = ("0"):rep(value.scale - #digits + 1) .. digits
  local cut = value.scale - places
  local limbs = limbs_of(digits:sub(1, #digits - cut))
  if digits:byte(#digits - cut + 1) >= ("5"):byte() then limbs = plus_one(limbs) end
  return { negative = value.negative, limbs = limbs, scale = places }
end

---@param value usagelua.decimal
---@param divisor integer 1 … 2^31
---@param places integer digits behind the point of the quotient, a half rounded away from zero
---@return usagelua.decimal
function decimal.divide(value, divisor, places)
  assert(divisor >= 1 and divisor <= LARGEST_DIVISOR, "a divisor from 1 to 2^31")
  -- One digit more than asked, and a mark for what is left, decide the rounding.
  local extra = math.max(0, places + 1 - value.scale)
  local scaled = limbs_of(digits_of(value.limbs) .. ("0"):rep(extra))
  local quotient = divided(scaled, divisor)
  return rounded({ negative = value.negative, limbs = quotient, scale = value.scale + extra }, places)
end

---@param value usagelua.decimal
---@return string "1234.5", without zeros at the end of the fraction
function decimal.text(value)
  local digits = digits_of(value.limbs)
  digits = ("0"):rep(value.scale - #digits + 1) .. digits
  local whole, fraction = digits:sub(1, #digits - value.scale), digits:sub(#digits - value.scale + 1)
  fraction = fraction:gsub("0+$", "")
  local text = fraction == "" and whole or ("%s.%s"):format(whole, fraction)
  return value.negative and text:find "[1-9]" and "-" .. text or text
end

return decimal
