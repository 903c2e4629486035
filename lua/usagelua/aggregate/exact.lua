-- Sums that do not depend on the order of their parts. Integers are added in two
-- words, so that only the total can overflow; doubles as Shewchuk's partial sums
-- (Adaptive Precision Floating-Point Arithmetic, 1997), rounded once at the end.

local order = require "usagelua.order"
local units = require "usagelua.units"

local exact = {}

---@class usagelua.exact a sum in one unit
---@field low integer the total modulo 2^64, as a signed integer
---@field carry integer how often 2^64 is to be added to it
---@field floats number[]? partial sums of the doubles, smallest first
---@field unfit string? why it has no sum

local LARGEST_PART <const> = 2.0 ^ 960
local NO_NUMBER <const> = "a part of the sum is not a number"
local NO_PART <const> = "a part of the sum is too large"
local TOO_LARGE <const> = "the sum is beyond 9223372036854775807"

---@return usagelua.exact
function exact.new()
  return { low = 0, carry = 0 }
end

local function add_integer(sum, value)
  local low = sum.low + value
  if (sum.low ~ low) & (value ~ low) < 0 then
    sum.carry = sum.carry + (value < 0 and -1 or 1)
  end
  sum.low = low
end

local function grow(partials, x)
  local kept = 0
  for i = 1, #partials do
    local y = partials[i]
    if math.abs(x) < math.abs(y) then x, y = y, x end
    local high = x + y
    local rest = y - (high - x)
    if rest ~= 0 then
      kept = kept + 1
      partials[kept] = rest
    end
    x = high
  end
  for i = #partials, kept + 1, -1 do partials[i] = nil end
  partials[kept + 1] = x
end

-- Of two causes always the same one is told, whichever came first.
local function spoil(sum, why)
  if sum.unfit ~= NO_NUMBER then sum.unfit = why end
end

local function add_float(sum, value)
  if value ~= value then
    spoil(sum, NO_NUMBER)
  elseif math.abs(value) > LARGEST_PART then
    spoil(sum, NO_PART)
  else
    sum.floats = sum.floats or {}
    grow(sum.floats, value)
  end
end

---@param sum usagelua.exact
---@param value number
function exact.add(sum, value)
  if math.type(value) == "integer" then
    add_integer(sum, value)
  else
    add_float(sum, value)
  end
end

---Adds another sum of the same unit; the other stays as it is.
---@param sum usagelua.exact
---@param other usagelua.exact
function exact.merge(sum, other)
  sum.carry = sum.carry + other.carry
  add_integer(sum, other.low)
  for _, partial in ipairs(other.floats or {}) do add_float(sum, partial) end
  if other.unfit then spoil(sum, other.unfit) end
end

-- The nearest double to the exact sum of the partials; the last lines round
-- halfway cases to even, as one single addition would.
local function rounded(partials)
  local n = #partials
  local high, rest = partials[n], 0.0
  while n > 1 and rest == 0 do
    n = n - 1
    local x, y = high, partials[n]
    high = x + y
    rest = y - (high - x)
  end
  if n > 1 and (rest < 0 and partials[n - 1] < 0 or rest > 0 and partials[n - 1] > 0) then
    local twice = rest * 2
    if twice == (high + twice) - high then return high + twice end
  end
  return high
end

-- All of a sum as doubles, without loss: an integer goes in as two halves.
local function as_float(sum)
  local partials = table.move(sum.floats or {}, 1, #(sum.floats or {}), 1, {})
  grow(partials, (sum.low // 4294967296) * 4294967296.0)
  grow(partials, (sum.low % 4294967296) + 0.0)
  grow(partials, sum.carry * 18446744073709551616.0)
  return rounded(partials)
end

local function float_total(parts, names, unit)
  local partials = {}
  for _, name in ipairs(names) do
    local numerator, denominator = units.ratio(name, unit)
    grow(partials, as_float(parts[name]) * numerator / denominator)
  end
  return units.plain(rounded(partials))
end

local function gcd(a, b)
  while b ~= 0 do a, b = b, a % b end
  return a
end

local function common_denominator(names, unit)
  local common = 1
  for _, name in ipairs(names) do
    local _, denominator = units.ratio(name, unit)
    common = common // gcd(common, denominator) * denominator
  end
  return common
end

local function integer_total(parts, names, unit)
  local common, total = common_denominator(names, unit), exact.new()
  for _, name in ipairs(names) do
    local numerator, denominator = units.ratio(name, unit)
    local scaled = units.product(parts[name].low, numerator * (common // denominator))
    if not scaled or parts[name].carry ~= 0 then return nil, TOO_LARGE end
    add_integer(total, scaled)
  end
  if total.carry ~= 0 then return nil, TOO_LARGE end
  return units.quotient(total.low, common)
end

---The total of sums in several units, in one unit: an integer where it is one.
---@param parts table<string, usagelua.exact> by unit
---@param unit string of the result
---@return number? total nil where it does not fit
---@return string? reason
function exact.total(parts, unit)
  local names, has_floats = order.keys(parts), false
  for _, name in ipairs(names) do
    if parts[name].unfit then return nil, parts[name].unfit end
    has_floats = has_floats or parts[name].floats ~= nil
  end
  if has_floats then return float_total(parts, names, unit) end
  return integer_total(parts, names, unit)
end

return exact
