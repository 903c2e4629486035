-- A seeded generator of its own (SplitMix64), so that the same seed gives the
-- same run whatever else draws from math.random.

local random = {}

---@param seed integer
---@return fun(low: integer?, high: integer?): number draw in [0, 1), or an
---integer from low to high
function random.new(seed)
  local state = seed
  return function(low, high)
    state = state + 0x9E3779B97F4A7C15
    local z = state
    z = (z ~ z >> 30) * 0xBF58476D1CE4E5B9
    z = (z ~ z >> 27) * 0x94D049BB133111EB
    z = z ~ z >> 31
    local unit = (z >> 11) * 2.0 ^ -53
    if not low then return unit end
    return low + math.floor(unit * (high - low + 1))
  end
end

return random
