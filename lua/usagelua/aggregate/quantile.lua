-- Quantiles of the values that are there: all of them are kept and sorted, so that
-- no order of coming shows. Between two of them it is as far as its rank is.

local units = require "usagelua.units"

local quantile = { numeric = true, grows = false }

function quantile.new()
  return { values = {} }
end

function quantile.add(state, value, cell)
  state.values[#state.values + 1] = units.convert(value, cell.unit, cell.slot.unit)
end

function quantile.merge(state, other)
  table.move(other.values, 1, #other.values, #state.values + 1, state.values)
end

-- Equal numbers of two types in one order too.
local function is_less(a, b)
  if a ~= b then return a < b end
  return math.type(a) == "integer" and math.type(b) == "float"
end

---The quantile `slot.q` by the definition of spreadsheets (PERCENTILE.INC): of n
---values in their order, the one at rank 1 + q (n - 1).
function quantile.read(state, slot)
  local count = #state.values
  if count == 0 then return nil end
  local values = table.move(state.values, 1, count, 1, {})
  table.sort(values, is_less)
  local rank = slot.q * (count - 1)
  local below = math.floor(rank)
  local low, part = values[below + 1], rank - below
  local high = part > 0 and values[below + 2] or low
  local reason = units.beyond(low, slot.unit) or units.beyond(high, slot.unit)
  if reason then return nil, reason end
  if part == 0 then return units.plain(low) end
  local span = high - low
  if span < 0 then span = high + 0.0 - low end -- more than 64 bits
  return units.plain(low + span * part)
end

return quantile
