-- Gauges: one value each team (or whatever the measure is "of"), however many
-- rows repeat it. Over several periods the latest stands; two values in one
-- period are a contradiction. Values of several teams are only added when a rule
-- says so and none belongs to a shared pool or may contain the others.

local exact = require "usagelua.aggregate.exact"
local order = require "usagelua.order"
local team = require "usagelua.aggregate.team"
local units = require "usagelua.units"

local last = { numeric = true, grows = false }

function last.new()
  return { teams = {} }
end

-- When the value was so: the end of its period. A vendor's own period has no
-- dates, and nothing says whether it lies before or after one that has.
local function moment(view)
  return view:instant "period_end" or view:instant "period_start"
end

-- The later one of two readings, or both in one where they are of one moment.
local function later(a, b)
  if not (a and b) then return a or b end
  if a.at ~= b.at then return a.at > b.at and a or b end
  return {
    at = a.at, value = a.value, part = a.part, shared = a.shared or b.shared,
    contains = a.contains or b.contains, clash = a.clash or b.clash or a.value ~= b.value,
  }
end

local function put(state, id, which, reading)
  local of = state.teams[id] or {}
  of[which] = later(of[which], reading)
  state.teams[id] = of
end

function last.add(state, value, cell)
  local at, view, slot = moment(cell.view), cell.view, cell.slot
  local part = team.part(view, slot.per)
  local id = (cell.of and team.id(view, cell.of) or "") .. "\0" .. part
  put(state, id, at and "dated" or "undated", {
    at = at or 0, value = units.convert(value, cell.unit, slot.unit), part = part,
    shared = team.is_shared(view, slot.shared),
    contains = team.may_contain(view, cell.may_contain),
  })
end

function last.merge(state, other)
  for id, of in pairs(other.teams) do
    if of.dated then put(state, id, "dated", of.dated) end
    if of.undated then put(state, id, "undated", of.undated) end
  end
end

local function reading_of(of, slot)
  if of.dated and of.undated then
    return nil, slot.source .. " is given with and without dates, and neither is the later one"
  end
  local reading = of.dated or of.undated
  if reading.clash then
    return nil, ("%s has different values for one %s in one period")
      :format(slot.source, slot.of or "period")
  end
  return reading
end

-- All readings; nil and the reason where one of them is none.
local function readings_of(state, slot)
  local readings = {}
  for _, id in ipairs(order.keys(state.teams)) do
    local reading, reason = reading_of(state.teams[id], slot)
    if not reading then return nil, reason end
    readings[#readings + 1] = reading
  end
  return readings
end

-- Why several readings have no sum.
local function why_not(readings, slot)
  for _, reading in ipairs(readings) do
    if reading.part ~= readings[1].part then return team.has_parts(slot.source, slot.per) end
  end
  if not slot.over then return team.not_added(slot.source, slot.of or "period") end
  for _, reading in ipairs(readings) do
    if reading.shared then return team.is_pool(slot.source, slot.shared, slot.over) end
    if reading.contains then return team.contains_others(slot.source, slot.over) end
  end
end

function last.read(state, slot)
  local readings, reason = readings_of(state, slot)
  if not readings then return nil, reason end
  if #readings == 0 then return nil end
  if #readings == 1 then
    reason = units.beyond(readings[1].value, slot.unit)
    return not reason and readings[1].value or nil, reason
  end
  reason = why_not(readings, slot)
  if reason then return nil, reason end
  local total = exact.new()
  for _, reading in ipairs(readings) do exact.add(total, reading.value) end
  return exact.total({ [slot.unit] = total }, slot.unit)
end

return last
