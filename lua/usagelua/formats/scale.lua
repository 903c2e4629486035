-- Ticks of an axis that starts at zero: round numbers, evenly spaced, the last one
-- at or above the largest value.

local scale = {}

local STEPS <const> = { 1, 2, 5, 10 }

-- The smallest round step with which `count` ticks reach the value.
local function step_for(most, count)
  local rough = most / count
  local power = 10 ^ math.floor(math.log(rough, 10))
  for _, step in ipairs(STEPS) do
    if step * power >= rough * (1 - 1e-9) then return step * power end
  end
  return 10 * power
end

-- Whole numbers stay integers, so that they print without a point.
local function plain(value)
  return math.tointeger(value) or value
end

---@param most number the largest value, 0 or more
---@param count integer how many steps at most
---@return number[] ticks from 0 on, two at least
function scale.ticks(most, count)
  if most <= 0 then return { 0, 1 } end
  local step = step_for(most, count)
  local ticks, i = { 0 }, 0
  repeat
    i = i + 1
    ticks[i + 1] = plain(step * i)
  until ticks[i + 1] >= most * (1 - 1e-9)
  return ticks
end

return scale
