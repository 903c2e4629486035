-- Figures that nothing adds: counts of different things that a vendor made. One
-- alone stands; of several nobody knows how much they share, equal or not.

local units = require "usagelua.units"

local single = { numeric = true, grows = true }

local DISTINCT <const> = "distinct counts of %d rows do not add up: "
  .. "ask at the grain you report, or group by %s"
local OTHER <const> = "%d values of %s do not add up: group by what tells them apart"

function single.new()
  return { count = 0 }
end

function single.add(state, value, cell)
  state.count = state.count + 1
  state.value = units.convert(value, cell.unit, cell.slot.unit)
end

function single.merge(state, other)
  state.count = state.count + other.count
  if state.value == nil then state.value = other.value end
end

function single.read(state, slot)
  local reason = state.value and units.beyond(state.value, slot.unit)
  if reason and state.count == 1 then return nil, reason end
  if state.count <= 1 then return state.value end
  if slot.own_kind == "distinct" then return nil, DISTINCT:format(state.count, slot.apart) end
  return nil, OTHER:format(state.count, slot.source)
end

return single
