-- The marks of groups that C holds: of figures that have no value for a reason, and
-- of those that a failed window would have added to. Groups that the same windows
-- leave in the same state share their marks.

local groups = require "usagelua.aggregate.groups"
local kinds = require "usagelua.aggregate.kinds"
local marks = require "usagelua.marks"
local result = require "usagelua.aggregate.result"
local taints = require "usagelua.aggregate.taints"

local held_marks = {}

-- What the sign of a group says (csrc/core/fold_taints.h).
local TOUCHES <const> = "1"
local AT_LEAST <const>, UNKNOWN <const> = "1", "2"

local function grows(slot)
  return slot.adding ~= "none" and kinds[slot.adding].grows and not slot.negative
end

local function reached(plan, taint)
  local list = {}
  for j, slot in ipairs(plan.slots) do list[j] = taints.reach(plan, slot, taint.dataset) end
  return list
end

---The windows that failed as core.fold takes them.
---@param acc usagelua.accumulator
---@return table? tainted nil: none has
function held_marks.tainted(acc)
  if #acc.taints.list == 0 then return nil end
  local tainted = { list = {}, grows = {} }
  for i, taint in ipairs(acc.taints.list) do
    tainted.list[i] = { key = taint.key, certain = taint.certain, slots = reached(acc.plan, taint) }
  end
  for j, slot in ipairs(acc.plan.slots) do tainted.grows[j] = grows(slot) end
  return tainted
end

-- Why something may be missing from a slot of a group with this sign.
local function reasons_of(acc, sign, j)
  local reasons
  for i, taint in ipairs(acc.taints.list) do
    if sign:sub(i, i) == TOUCHES and taints.reach(acc.plan, acc.plan.slots[j], taint.dataset) then
      reasons = marks.with(reasons, taint.reason)
    end
  end
  return reasons
end

local function marks_of_sign(acc, sign)
  local of_row = {}
  for j, slot in ipairs(acc.plan.slots) do
    local says = sign:sub(#acc.taints.list + j, #acc.taints.list + j)
    if says == AT_LEAST or says == UNKNOWN then
      of_row[slot.name] = marks.doubted(says == AT_LEAST and 0 or nil, reasons_of(acc, sign, j), true)
    end
  end
  return of_row
end

local function by_signs(acc, signs)
  local of_rows, made = {}, {}
  for group, sign in pairs(signs) do
    made[sign] = made[sign] or marks_of_sign(acc, sign)
    of_rows[group] = next(made[sign]) and made[sign] or nil
  end
  return of_rows
end

---Marks to add to, which no other row shares.
---@param of_row table<string, usagelua.mark>?
---@return table<string, usagelua.mark>
function held_marks.own(of_row)
  local own = {}
  for name, mark in pairs(of_row or {}) do own[name] = mark end
  return own
end

-- The figures that have no value for a reason, by slot and group.
local function odd_figures(acc, odd)
  local wanted, figures = {}, {}
  for i = 1, #odd, 2 do
    wanted[odd[i]] = wanted[odd[i]] or {}
    wanted[odd[i]][odd[i + 1]] = true
  end
  for j, groups_of_slot in pairs(wanted) do figures[j] = acc.held:figures(j, groups_of_slot) end
  return figures
end

---The marks of the groups, by their numbers.
---@param acc usagelua.accumulator
---@param odd integer[] slot and group of each figure that has none for a reason
---@param signs table<integer, string>
---@return table<integer, table<string, usagelua.mark>>
function held_marks.of(acc, odd, signs)
  local of_rows, is_own, slots = by_signs(acc, signs), {}, acc.plan.slots
  local figures = odd_figures(acc, odd)
  for i = 1, #odd, 2 do
    local j, group = odd[i], odd[i + 1]
    local figure = figures[j][group]
    figure.reasons = signs[group] and reasons_of(acc, signs[group], j)
    local _, mark = result.read(figure, slots[j])
    if not is_own[group] then of_rows[group], is_own[group] = held_marks.own(of_rows[group]), true end
    of_rows[group][slots[j].name] = mark
  end
  return of_rows
end

---Groups that stand for nothing but what failed windows may have brought.
---@param acc usagelua.accumulator
---@param touched boolean[] whether a window touches a group that C holds, by window
---@param doubt fun(group: usagelua.group, taint: usagelua.taint)
---@return usagelua.group_row[]
function held_marks.missing(acc, touched, doubt)
  local elsewhere, more, entries = {}, groups.new(#acc.plan.group_by), {}
  for i, taint in ipairs(acc.taints.list) do elsewhere[taint] = touched[i] or nil end
  acc.taints:apply(more, doubt, elsewhere)
  for _, group in ipairs(more.list) do entries[#entries + 1] = result.entry_of(group, acc.plan) end
  return entries
end

return held_marks
