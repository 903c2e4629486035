-- Numbers that only look random: the same text gives the same number everywhere.
local random = {}

--- A number from 0 to below 1 for the text.
function random.fraction(text)
  return tonumber(ngx.md5(text):sub(1, 8), 16) / 2 ^ 32
end

--- A generator of integers: next(n) gives 0 to n - 1. (Park and Miller, 1988.)
function random.generator(seed)
  local state = seed % 2147483646 + 1
  return function(n)
    state = state * 48271 % 2147483647
    return state % n
  end
end

return random
