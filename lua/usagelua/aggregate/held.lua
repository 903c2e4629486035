-- Groups that C has added up for one rule, left there until the result: they are
-- merged there too. A rule one of whose figures needs all values of a group, or
-- whose groups a function names, is not held; its groups become Lua values at once.

local owners = require "usagelua.aggregate.owners"
local timestamp = require "usagelua.time.timestamp"
local units = require "usagelua.units"

local held = {}

---@class usagelua.held
---@field plan usagelua.plan
---@field cells table[] what is the same for all rows, by slot
---@field folded usagelua.folded
---@field rule integer the plan's number there
---@field kind string groups of one kind can be merged
local methods = {}
local metatable = { __name = "usagelua.held", __index = methods }

local function has_numbers(columns, target)
  for _, number in ipairs(columns) do
    if target.columns[number].kind == "number" then return true end
  end
  return false
end

local function kinds_of(columns, target)
  local kinds = {}
  for i, number in ipairs(columns) do kinds[i] = target.columns[number].kind end
  return table.concat(kinds, " ")
end

-- What a slot's figures are made of, so that they merge; nil where all values of a
-- group are kept, or an owner is no text.
local function slot_kind(slot, cell, target)
  if slot.adding == "none" then return "none" end
  if slot.adding == "quantile" or not cell or has_numbers(slot.of, target) then return nil end
  local source = slot.adding == "distinct" and target.columns[slot.source].kind or ""
  return ("%s %s %s %s %s"):format(slot.adding, cell.unit, source, kinds_of(slot.of, target),
    owners.spelled(slot, cell))
end

local function kind_of(rule, cells, target)
  local parts = {}
  for _, number in ipairs(rule.group_by) do
    local column = target.columns[number]
    if column.asked or column.kind == "number" then return nil end
    parts[#parts + 1] = column.kind
  end
  for j, slot in ipairs(rule.slots) do
    local kind = slot_kind(slot, cells[j], target)
    if not kind then return nil end
    parts[#parts + 1] = kind
  end
  return table.concat(parts, "\0")
end

---@param plan usagelua.plan
---@param cells table[]
---@param folded usagelua.folded
---@return usagelua.held? nil where the groups have to become Lua values
function held.new(plan, cells, folded)
  local rule = folded.number[plan]
  local kind = kind_of(folded.rules[rule], cells, folded.target)
  if not kind then return nil end
  folded:hold()
  return setmetatable({ plan = plan, cells = cells, folded = folded, rule = rule, kind = kind },
    metatable)
end

---Gives up the groups.
function methods:drop()
  self.folded:let_go()
end

---Takes over other groups of the same rule.
---@param other usagelua.held it is spent, if that was done
---@return boolean done
function methods:merge(other)
  if self.kind ~= other.kind or self.folded == other.folded then return false end
  self.folded.fold:merge(self.rule, other.folded.fold, other.rule)
  other:drop()
  return true
end

---Iterates over the groups as Lua values.
---@return fun(): table?, table<integer, usagelua.figure>?
function methods:groups()
  return self.folded:groups(self.plan, self.cells)
end

-- By slot, how many of the figure's unit one of the added ones is.
local function scales_of(self)
  local scales = {}
  for j, slot in ipairs(self.plan.slots) do
    local cell = self.cells[j]
    local is_figure = cell and cell.adding.numeric
    scales[j] = is_figure and { units.ratio(cell.unit, slot.unit) } or { 1, 1 }
  end
  return scales
end

-- By slot, whose its readings are.
local function owners_of(self)
  local list = {}
  for j, slot in ipairs(self.folded.rules[self.rule].slots) do
    list[j] = self.cells[j] and owners.of(slot, self.cells[j]) or false
  end
  return list
end

---The groups as rows of columns: what they are grouped by, then the figures.
---@param tainted table? windows that failed, as core.fold takes them
---@return usagelua.core.rows
---@return integer[] odd slot and group of each figure that has none for a reason
---@return boolean[] seen whether any value came, by slot
---@return table<integer, string> signs of the groups that a failed window touches
---@return boolean[] touched by window
function methods:rows(tainted)
  return self.folded.fold:result(self.rule, scales_of(self), tainted, owners_of(self), timestamp.instant)
end

---Figures of some groups as the accumulators have them.
---@param j integer slot
---@param wanted table<integer, true> groups
---@return table<integer, usagelua.figure> figures by group
function methods:figures(j, wanted)
  return self.folded:some_figures(self.plan, self.cells, j, wanted)
end

---The figures of several groups as those of one.
---@param view usagelua.core.rows.view on the rows of the groups
---@param first integer the first of them in there
---@return table<integer, usagelua.figure>
function methods:joined(view, first)
  return self.folded:joined(self.plan, self.cells, view, first)
end

return held
