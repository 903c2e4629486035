-- The known name that a misspelt one was probably meant to be. Loaded when
-- somebody made a mistake.

local likeness = {}

-- Levenshtein distance, for names of a few dozen bytes.
local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local change = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(row[j] + 1, row[j - 1] + 1, diagonal + change)
      diagonal, row[j] = row[j], best
    end
  end
  return row[#b]
end

---The name in the list that the given one was probably meant to be.
---@param name string
---@param list string[]
---@return string?
function likeness.nearest(name, list)
  local best, best_distance = nil, math.max(2, #name // 3) + 1
  for _, known in ipairs(list) do
    -- Names are at least as far apart as their lengths.
    if math.abs(#name - #known) < best_distance then
      local d = distance(name:lower(), known:lower())
      if d < best_distance then best, best_distance = known, d end
    end
  end
  return best
end

---"unknown column 'tets'; did you mean 'tests'? known: …"
---@param what string
---@param name any
---@param list string[]
---@return string
function likeness.unknown(what, name, list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local near = likeness.nearest(tostring(name), sorted)
  return ("unknown %s '%s'; %sknown: %s"):format(what, tostring(name),
    near and ("did you mean '%s'? "):format(near) or "", table.concat(sorted, ", "))
end

return likeness
