-- Faults that could stand in our own code, planted one by one (`make mutants`):
-- whatever breaks a promise of docs/promises.md has to be caught by the suite.
-- Each names a text that stands once in its file, what takes its place, and the
-- specs of which a case fails then.

---@class mutants.fault
---@field promise string the row of docs/promises.md that it breaks
---@field says string what the fault is
---@field file string
---@field find string which stands exactly once in the file
---@field put string
---@field caught_by string[] specs, run in one process
---@field only string? how the names of the cases to be run begin, or what they hold

-- A file for each group of promises, in their order.
local GROUPS <const> = { "faults", "input", "secrets", "bounds", "numbers", "stops", "scripts",
  "checks" }

local list = {}

---@return mutants.fault[]
function list.all()
  local all = {}
  for _, group in ipairs(GROUPS) do
    local own = dofile(("mutants/planted/%s.lua"):format(group))
    table.move(own, 1, #own, #all + 1, all)
  end
  return all
end

---How often what is to be replaced stands in a text.
---@param fault mutants.fault
---@param text string of its file
---@return integer
function list.count(fault, text)
  local count, at = 0, text:find(fault.find, 1, true)
  while at do
    count, at = count + 1, text:find(fault.find, at + 1, true)
  end
  return count
end

---The text with the fault in it.
---@param fault mutants.fault
---@param text string of its file
---@return string
function list.planted(fault, text)
  local first, last = text:find(fault.find, 1, true)
  return text:sub(1, first - 1) .. fault.put .. text:sub(last + 1)
end

return list
