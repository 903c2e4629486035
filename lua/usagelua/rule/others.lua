-- `top` with `others`: which groups are shown, and what the rest as one row may be
-- made of. Figures that nothing adds have no such row, so a rule that has one is
-- refused.

local errors = require "usagelua.errors"

local others = {}

local LABEL <const> = "(others)"

-- What several groups' figures come to is one figure of the same kind.
local JOINS <const> = { sum = true, count = true, max = true, min = true, mean = true,
  distinct = true, quantile = true, own = true }

---The rule's own sorting, or that of `top`.
---@param r usagelua.rule
---@param plan table slots
---@return string|string[]|nil
function others.sort_of(r, plan)
  if r.sort ~= nil or r.top == nil then return r.sort end
  local first = plan.slots[1] or plan.derive[1]
  if not first then errors.raise_usage("top needs a measure, or sort, to say of what") end
  return "-" .. first.name
end

local function label_of(value)
  if value == true then return LABEL end
  if type(value) == "string" and value ~= "" then return value end
  errors.raise_usage("others is true or the name of the row, not '%s'", tostring(value))
end

local function labelled_columns(plan)
  local names = {}
  for _, group in ipairs(plan.group_by) do
    if group.type == "text" or group.type == "any" then names[#names + 1] = group.name end
  end
  if #names > 0 then return names end
  errors.raise_usage("others names a row, and the rule groups by no column of text")
end

-- A figure that each team has once adds over teams only where the rule says so.
local function is_apart(slot)
  return slot.adding == "sum" and slot.of ~= nil and slot.over == nil
end

local function check_slot(slot)
  if JOINS[slot.adding] and not is_apart(slot) then return end
  errors.raise_usage("others: measure '%s' is of kind %s and does not add up over the rest; "
    .. "leave it out of the rule, or leave out others", slot.name, slot.kind)
end

---The texts of the row that stands for others: what all of them have in common
---stays, and what tells them apart becomes the label.
---@param plan usagelua.plan
---@param is_same fun(name: string): boolean have all of them the same in this column?
---@param value_of fun(name: string): any of one of them
---@return table row
function others.texts(plan, is_same, value_of)
  local row, has_label = {}, false
  for _, group in ipairs(plan.group_by) do
    if is_same(group.name) then row[group.name] = value_of(group.name) end
  end
  for _, name in ipairs(plan.others.columns) do
    if not is_same(name) then row[name], has_label = plan.others.label, true end
  end
  if not has_label then row[plan.others.columns[1]] = plan.others.label end
  return row
end

---The same of the entries from `first` on.
---@param plan usagelua.plan
---@param entries usagelua.group_row[]
---@param first integer
---@return table row
function others.row(plan, entries, first)
  local function value_of(name) return entries[first].row[name] end
  return others.texts(plan, function(name)
    for i = first + 1, #entries do
      if entries[i].row[name] ~= value_of(name) then return false end
    end
    return true
  end, value_of)
end

---@param r usagelua.rule
---@param plan table group_by, slots
---@return { columns: string[], label: string }? columns: those that may bear the label
function others.check(r, plan)
  if r.others == nil or r.others == false then return nil end
  if r.top == nil then errors.raise_usage("others are those beyond the top: give top = 10") end
  local label = label_of(r.others)
  for _, slot in ipairs(plan.slots) do check_slot(slot) end
  return { columns = labelled_columns(plan), label = label }
end

return others
