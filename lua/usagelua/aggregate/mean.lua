-- The mean of the values that are there: their exact sum over their number.

local exact = require "usagelua.aggregate.exact"
local sum = require "usagelua.aggregate.sum"
local units = require "usagelua.units"

local mean = { numeric = true, grows = false }

function mean.new()
  return { parts = {}, count = 0 }
end

function mean.add(state, value, cell)
  state.count = state.count + 1
  sum.add(state, value, { unit = cell.unit, slot = cell.slot })
end

function mean.merge(state, other)
  state.count = state.count + other.count
  sum.merge(state, { parts = other.parts })
end

function mean.read(state, slot)
  if state.count == 0 then return nil end
  local total, reason = exact.total(state.parts, slot.unit)
  if not total then return nil, reason end
  if math.type(total) == "integer" then return units.quotient(total, state.count) end
  return units.plain(total / state.count)
end

return mean
