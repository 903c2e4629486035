-- Conditions that no row met, as one sentence that lists the values there are.

local matches = require "usagelua.where.matches"

local unmatched = {}

---@param list usagelua.unmatched[]
---@return string
function unmatched.told(list)
  local parts = {}
  for i, one in ipairs(list) do parts[i] = matches.describe(one) end
  return table.concat(parts, "; ")
end

return unmatched
