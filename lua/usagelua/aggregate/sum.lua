-- Sums, made in the vendor's units exactly and converted once when they are read.
-- A figure "of team" adds within its team only, unless the rule says over and no
-- team's may contain the others'.

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

-- The teams that the sum is of, each with whether it may contain the others.
local function note_team(state, id, dimension, contains)
  state.teams = state.teams or {}
  local known = state.teams[id]
  state.teams[id] = { dimension = dimension, contains = contains or known and known.contains }
end

function sum.add(state, value, cell)
  exact.add(part_of(state, cell.unit), value)
  if cell.of then
    note_team(state, team.id(cell.view, cell.of), cell.of,
      team.may_contain(cell.view, cell.may_contain))
  end
end

function sum.merge(state, other)
  for unit, part in pairs(other.parts) do exact.merge(part_of(state, unit), part) end
  for id, known in pairs(other.teams or {}) do note_team(state, id, known.dimension, known.contains) end
end

-- Why what several teams have is no sum.
local function why_not(state, slot)
  local teams = state.teams
  if not teams or not next(teams, next(teams)) then return nil end
  local _, first = next(teams)
  if not slot.over then return team.not_added(slot.source, first.dimension) end
  for _, known in pairs(teams) do
    if known.contains then return team.contains_others(slot.source, slot.over) end
  end
end

function sum.read(state, slot)
  if next(state.parts) == nil then return nil end
  local reason = why_not(state, slot)
  if reason then return nil, reason end
  return exact.total(state.parts, slot.unit)
end

return sum
