-- Sums, made in the vendor's units exactly and converted once when they are read.
-- A figure "of team" adds within its team only, unless the rule says over.

local exact = require "usagelua.aggregate.exact"
local team = require "usagelua.aggregate.team"

local sum = { numeric = true, grows = true }

function sum.new()
  return { parts = {} }
end

local function part_of(state, unit)
  local part = state.parts[unit]
  if not part then
    part = exact.new()
    state.parts[unit] = part
  end
  return part
end

function sum.add(state, value, cell)
  exact.add(part_of(state, cell.unit), value)
  if cell.of and not cell.slot.over then
    state.teams = state.teams or {}
    state.teams[team.id(cell.view, cell.of)] = cell.of
  end
end

function sum.merge(state, other)
  for unit, part in pairs(other.parts) do exact.merge(part_of(state, unit), part) end
  for id, dimension in pairs(other.teams or {}) do
    state.teams = state.teams or {}
    state.teams[id] = dimension
  end
end

function sum.read(state, slot)
  if next(state.parts) == nil then return nil end
  if state.teams and next(state.teams, next(state.teams)) then
    return nil, team.not_added(slot.source, select(2, next(state.teams)))
  end
  return exact.total(state.parts, slot.unit)
end

return sum
