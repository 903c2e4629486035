-- The largest or the smallest value of all.

local units = require "usagelua.units"

local extreme = {}

local function kind(is_better, grows)
  local self = { numeric = true, grows = grows }

  local function offer(state, value)
    if value ~= nil and (state.value == nil or is_better(value, state.value)) then
      state.value = value
    end
  end

  function self.new() return {} end

  function self.add(state, value, cell)
    offer(state, units.convert(value, cell.unit, cell.slot.unit))
  end

  function self.merge(state, other) offer(state, other.value) end

  function self.read(state, slot)
    local reason = state.value and units.beyond(state.value, slot.unit)
    if reason then return nil, reason end
    return state.value
  end

  return self
end

extreme.max = kind(function(a, b) return a > b end, true)
extreme.min = kind(function(a, b) return a < b end, false)

return extreme
