-- Windows that did not become whole, and what they would have added to. A taint
-- knows some of the group columns (its constant ones) and touches every group
-- that agrees with it there; one that no group agrees with shows as a row.

local order = require "usagelua.order"

local taints = {}

---@class usagelua.taint
---@field key table<integer, any> group columns that are certain, by position
---@field certain table<integer, boolean> which these are
---@field is_full boolean are all certain?
---@field const table the constant columns, for a rule over the result
---@field reason string

local methods = {}
local metatable = { __name = "usagelua.taints", __index = methods }

---@param plan usagelua.plan
function taints.new(plan)
  return setmetatable({ plan = plan, list = {}, ids = {} }, metatable)
end

-- What a constant says about a group column: the value, or that rows of this
-- dataset never have it, or nothing.
local function certain_value(plan, group, const)
  if group.fn then return nil, false end
  local value = const[group.name]
  if value ~= nil then return value, true end
  return nil, plan.index:lacks(const.dataset, group.name)
end

local function text_of(value)
  if value == nil then return "-" end
  return type(value):sub(1, 1) .. tostring(value)
end

local function id_of(taint)
  local parts = { text_of(taint.const.dataset), taint.reason }
  for _, name in ipairs(order.keys(taint.const)) do
    parts[#parts + 1] = name .. "=" .. text_of(taint.const[name])
  end
  for i = 1, #taint.certain do
    parts[#parts + 1] = taint.certain[i] and text_of(taint.key[i]) or "?"
  end
  return table.concat(parts, "\0")
end

-- The constants that the result still shows; a column that a function made under
-- the same name is another one.
local function shown_const(plan, const)
  local shown = { dataset = const.dataset, vendor = const.vendor }
  for _, group in ipairs(plan.group_by) do shown[group.name] = nil end
  for _, group in ipairs(plan.group_by) do
    if not group.fn then shown[group.name] = const[group.name] end
  end
  return shown
end

local function put(self, taint)
  local id = id_of(taint)
  if self.ids[id] then return end
  self.ids[id] = true
  self.list[#self.list + 1] = taint
end

---@param const table constant columns of a window, or the certain ones of a row
---@param reason any shown as text
function methods:add(const, reason)
  local taint = {
    key = {}, certain = {}, is_full = true, reason = tostring(reason), dataset = const.dataset,
    const = shown_const(self.plan, const),
  }
  for i, group in ipairs(self.plan.group_by) do
    taint.key[i], taint.certain[i] = certain_value(self.plan, group, const)
    taint.is_full = taint.is_full and taint.certain[i]
  end
  put(self, taint)
end

---@param other table
function methods:merge(other)
  for _, taint in ipairs(other.list) do put(self, taint) end
end

---Would a window of that dataset have added to the figures of a slot?
---@param plan usagelua.plan
---@param slot usagelua.slot
---@param dataset string
---@return boolean
function taints.reach(plan, slot, dataset)
  return not (slot.source and plan.index:lacks(dataset, slot.source))
end

local function touches(taint, key)
  for i, is_certain in ipairs(taint.certain) do
    if is_certain and taint.key[i] ~= key[i] then return false end
  end
  return true
end

local function touch(list, group, doubt)
  local touched = {}
  for _, taint in ipairs(list) do
    if touches(taint, group.key) then
      doubt(group, taint)
      touched[taint] = true
    end
  end
  return touched
end

local function make_full_groups(list, groups, touched)
  for _, taint in ipairs(list) do
    if taint.is_full and not touched[taint] then groups:at(taint.key) end
  end
end

local function unmatched(list, touched)
  local rest = {}
  for _, taint in ipairs(list) do
    if not touched[taint] then rest[#rest + 1] = taint end
  end
  return rest
end

---Marks the groups. Which ones exist is settled before any of the rows that
---stand for nothing but a taint is made, so the order of taints does not show.
---@param groups table usagelua.groups
---@param doubt fun(group: usagelua.group, taint: usagelua.taint)
---@param touched table<usagelua.taint, true>? those that touch groups which stand elsewhere
function methods:apply(groups, doubt, touched)
  if #self.list == 0 then return end
  touched = touched or {}
  make_full_groups(self.list, groups, touched)
  for _, group in ipairs(groups.list) do
    for taint in pairs(touch(self.list, group, doubt)) do touched[taint] = true end
  end
  local rest, first = unmatched(self.list, touched), #groups.list + 1
  for _, taint in ipairs(rest) do groups:at(taint.key) end
  for i = first, #groups.list do touch(rest, groups.list[i], doubt) end
end

---The taints whose rows may be missing altogether, since not all columns of the
---groups that they would have filled are certain.
---@return string[] reasons, sorted
function methods:missing()
  local reasons = {}
  for _, taint in ipairs(self.list) do
    if not taint.is_full then reasons[taint.reason] = true end
  end
  return order.keys(reasons)
end

return taints
