-- A part of a figure, exactly as people reckon it: 29 % of 100 is 29, where
-- floats say 28.999999999999996 and a figure of 29 would be over it.

local decimal = require "usagelua.decimal"
local number = require "usagelua.report.number"

local part = {}

---@param whole number finite
---@param share number finite; 0.29 is 29 %
---@return number
function part.of(whole, share)
  local product = decimal.multiply(decimal.parse(number.exact(whole)),
    decimal.parse(number.exact(share)))
  return tonumber(decimal.text(product)) --[[@as number]]
end

---The figure and a part of it more, or less where that is below zero.
---@param whole number finite
---@param change number finite; 0.2 is 20 % more
---@return number
function part.more(whole, change)
  local added = part.of(whole, change)
  local sum = whole + added
  local is_exact = math.type(sum) == "float" or (whole ~ added) < 0 or (whole ~ sum) >= 0
  return is_exact and sum or whole + 0.0 + added
end

return part
