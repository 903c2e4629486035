-- Seeded draws for property tests: the same seed gives the same cases everywhere.
local random = {}

local methods = {}

--- An integer from least to most, both included.
---@param least integer
---@param most integer
---@return integer
function methods:integer(least, most)
  local state = self.state
  state = state ~ (state << 13)
  state = state ~ (state >> 7)
  state = state ~ (state << 17)
  self.state = state
  return least + (state >> 1) % (most - least + 1)
end

--- One item of a list.
function methods:item(list)
  return list[self:integer(1, #list)]
end

--- A number from 0 to below 1.
---@return number
function methods:fraction()
  return self:integer(0, (1 << 53) - 1) / (1 << 53)
end

--- A generator (xorshift64 of Marsaglia, 2003).
---@param seed integer
function random.new(seed)
  -- The seed is spread over all bits first, or neighbouring seeds would begin alike.
  local state = (seed + 1) * 0x9E3779B97F4A7C15
  return setmetatable({ state = state ~= 0 and state or 1 }, { __index = methods })
end

return random
