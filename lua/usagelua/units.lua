-- Units and their exact ratios. A ratio is a pair of integers, so that 312540 ms
-- are 312.54 s and 7200 s are 2 h, without a factor that was rounded before.

local errors = require "usagelua.errors"
local order = require "usagelua.order"

local units = {}

-- Family, and how many of the family's base one unit is: a numerator over a
-- denominator.
local UNITS <const> = {
  ns = { "time", 1, 1000000000 },
  us = { "time", 1, 1000000 },
  ms = { "time", 1, 1000 },
  s = { "time", 1, 1 },
  min = { "time", 60, 1 },
  h = { "time", 3600, 1 },
  d = { "time", 86400, 1 },
  B = { "data", 1, 1 },
  kB = { "data", 1000, 1 },
  MB = { "data", 1000000, 1 },
  GB = { "data", 1000000000, 1 },
  TB = { "data", 1000000000000, 1 },
  KiB = { "data", 1 << 10, 1 },
  MiB = { "data", 1 << 20, 1 },
  GiB = { "data", 1 << 30, 1 },
  TiB = { "data", 1 << 40, 1 },
  ["1"] = { "count", 1, 1 },
  ["%"] = { "count", 1, 100 },
}

local LARGEST_EXACT_FLOAT <const> = 1 << 53

local function gcd(a, b)
  while b ~= 0 do a, b = b, a % b end
  return a
end

local function family_names(family)
  local names = {}
  for name, unit in pairs(UNITS) do
    if unit[1] == family then names[#names + 1] = name end
  end
  return order.sorted(names)
end

local function refuse(from, to)
  local unit = UNITS[from]
  if not unit then
    errors.raise_usage("unit '%s' converts to no other, so not to '%s'", from, to)
  end
  errors.raise_usage("unit '%s' does not convert to '%s'; it converts to %s", from, tostring(to),
    table.concat(family_names(unit[1]), ", "))
end

---How many `to` one `from` is, as an exact fraction in lowest terms.
---@param from string
---@param to string
---@return integer numerator
---@return integer denominator
---Raises a usage error where the two do not measure the same thing.
function units.ratio(from, to)
  if from == to then return 1, 1 end
  local a, b = UNITS[from], UNITS[to]
  if not (a and b and a[1] == b[1]) then refuse(from, to) end
  local common = gcd(a[2], b[2])
  local numerator, denominator = a[2] // common, b[2] // common
  common = gcd(b[3], a[3])
  numerator, denominator = numerator * (b[3] // common), denominator * (a[3] // common)
  common = gcd(numerator, denominator)
  return numerator // common, denominator // common
end

---A float that is a whole number, as the integer it is; any other number as it is.
---@param value number
---@return number
function units.plain(value)
  if math.type(value) == "float" and math.abs(value) < LARGEST_EXACT_FLOAT then
    return math.tointeger(value) or value
  end
  return value
end

---The product of two integers, or nil where it does not fit into 64 bits.
---@param a integer
---@param b integer positive
---@return integer?
function units.product(a, b)
  local product = a * b
  if product // b ~= a or product % b ~= 0 then return nil end
  return product
end

-- The nearest double, or the integer where nothing is left over.
local function with_fraction(whole, rest, denominator)
  if rest == 0 then return whole end
  return (whole >> 32 << 32) + ((whole & 0xffffffff) + rest / denominator)
end

---An exact fraction as one number: an integer where it is one, else the nearest
---double.
---@param numerator integer
---@param denominator integer positive
---@return number
function units.quotient(numerator, denominator)
  if numerator % denominator == 0 then return numerator // denominator end
  if numerator > -LARGEST_EXACT_FLOAT and numerator < LARGEST_EXACT_FLOAT then
    return numerator / denominator
  end
  return with_fraction(numerator // denominator, numerator % denominator, denominator)
end

-- The product does not fit: what the denominator goes into comes first.
local function large_quotient(value, numerator, denominator)
  local whole = units.product(value // denominator, numerator)
  local rest = units.product(value % denominator, numerator)
  local sum = whole and rest and whole + rest // denominator
  if not sum or sum < whole then return value < 0 and -math.huge or math.huge end
  return with_fraction(sum, rest % denominator, denominator)
end

---A number in another unit: exact where it is an integer; infinite, which no figure
---is, where that integer is beyond 64 bits (`units.beyond` says it in words).
---@param value number
---@param from string
---@param to string
---@return number
function units.convert(value, from, to)
  if from == to then return units.plain(value) end
  local numerator, denominator = units.ratio(from, to)
  if math.type(value) == "float" then return units.plain(value * numerator / denominator) end
  local product = units.product(value, numerator)
  if product then return units.quotient(product, denominator) end
  return large_quotient(value, numerator, denominator)
end

---The largest integer that is one in another unit, too, or a little less.
---@param from string
---@param to string
---@return integer
function units.largest(from, to)
  local numerator, denominator = units.ratio(from, to)
  if numerator <= denominator then return math.maxinteger end
  return math.maxinteger // numerator * denominator
end

---Why such a figure is none; nil where it is one.
---@param value number as it came of `units.convert`
---@param unit string
---@return string?
function units.beyond(value, unit)
  if math.abs(value) < math.huge then return nil end
  return ("a figure is beyond %d %s"):format(math.maxinteger, unit)
end

return units
