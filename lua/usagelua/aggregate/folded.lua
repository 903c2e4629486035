-- What C has added up of one answer, as parts that accumulators merge: figures
-- of groups, and what the conditions met.

local core = require "usagelua.core"
local kinds = require "usagelua.aggregate.kinds"

local folded = {}

---@class usagelua.folded
---@field rows integer rows that were added up
local methods = {}
local metatable = { __name = "usagelua.folded", __index = methods }

function folded.new(plans, fold, target, rules, rows)
  local number = {}
  for i, plan in ipairs(plans) do number[plan] = i end
  return setmetatable({ fold = fold, target = target, rules = rules, rows = rows,
    number = number }, metatable)
end

-- Figures ------------------------------------------------------------------

-- A row in the place of those whose owner these values are: what all rows share is
-- among them.
local function view_of(part, names, owner)
  local row = {}
  for i, name in ipairs(names) do row[name] = owner[i] end
  local view = part.cell.view
  view:open { rows = { row } }
  view:at(1)
  return view
end

local function exact_of(low, carry, floats)
  return { low = low, carry = carry, floats = floats }
end

-- A figure of one group by the kind of its adding, from what C says of it.
local STATES <const> = {}

function STATES.count(_, _, count) return { rows = count } end

function STATES.sum(part, group, _, low, carry, floats)
  local state = part.states[group] or kinds.sum.new()
  kinds.sum.merge(state, { parts = { [part.cell.unit] = exact_of(low, carry, floats) } })
  return state
end

function STATES.mean(part, _, count, low, carry, floats)
  return { parts = { [part.cell.unit] = exact_of(low, carry, floats) }, count = count }
end

local function with_values(part, ...)
  local state = part.cell.adding.new()
  for i = 1, 2 do
    local value = (select(i, ...))
    if value ~= nil then part.cell.adding.add(state, value, part.cell) end
  end
  return state
end

function STATES.max(part, _, _, integer, real) return with_values(part, integer, real) end

STATES.min = STATES.max

function STATES.single(part, _, count, integer, real)
  local state = with_values(part, integer, real)
  state.count = count
  return state
end

-- Of different things and of readings C keeps one list for all groups.
local LISTS <const> = {}

function LISTS.distinct(part, states)
  local fold, i = part.folded.fold, 1
  local group, value = fold:different(part.rule, part.number, i)
  while group do
    local state = states[group] or kinds.distinct.new()
    kinds.distinct.add(state, value)
    states[group], i = state, i + 1
    group, value = fold:different(part.rule, part.number, i)
  end
end

function LISTS.quantile(part, states)
  local fold, i = part.folded.fold, 1
  local group, value = fold:value(part.rule, part.number, i)
  while group do
    local state = states[group] or part.cell.adding.new()
    part.cell.adding.add(state, value, part.cell)
    states[group], i = state, i + 1
    group, value = fold:value(part.rule, part.number, i)
  end
end

-- Nothing is added here but whose the figures are: 0, or a reading.
function LISTS.sum(part, states, wanted)
  local fold, owner, i, adding = part.folded.fold, {}, 1, part.cell.adding
  local group, value = fold:reading(part.rule, part.number, i, owner)
  while group do
    if not wanted or wanted[group] then
      local state = states[group] or adding.new()
      view_of(part, part.slot.names, owner)
      adding.add(state, value or 0, part.cell)
      states[group] = state
    end
    i = i + 1
    group, value = fold:reading(part.rule, part.number, i, owner)
  end
end

LISTS.last = LISTS.sum

-- One slot of one rule, and how its figures are made; of the groups `wanted`, or all.
local function part_of(self, rule, j, cell, wanted)
  local slot = self.rules[rule].slots[j]
  if not cell or slot.adding == "none" then return false end
  local part = { folded = self, rule = rule, number = j, slot = slot, cell = cell,
    make = STATES[slot.adding], states = {} }
  local list = LISTS[slot.adding]
  if list and (slot.adding ~= "sum" or #slot.names > 0) then list(part, part.states, wanted) end
  return part
end

local function figure_of(part, group, count, is_negative, ...)
  if not count then return nil end
  local state = part.make and part.make(part, group, count, ...) or part.states[group]
  return { state = state, negative = is_negative or nil }
end

---Figures of some groups.
---@param plan usagelua.plan
---@param cells table[]
---@param j integer slot
---@param wanted table<integer, true> groups
---@return table<integer, usagelua.figure> figures by group
function methods:some_figures(plan, cells, j, wanted)
  local rule, figures = self.number[plan], {}
  local part = part_of(self, rule, j, cells[j], wanted)
  for group in pairs(part and wanted or {}) do
    figures[group] = figure_of(part, group, self.fold:figure(rule, j, group))
  end
  return figures
end

local function figures_of(self, parts, rule, group)
  local figures = {}
  for j, part in ipairs(parts) do
    if part then
      figures[j] = figure_of(part, group, self.fold:figure(rule, j, group))
    end
  end
  return figures
end

-- What functions gave stands there by its number.
local function key_of(self, rule, group)
  local key = self.fold:key(rule, group, {})
  for i, values in pairs(self.target.given and self.target.given[rule] or {}) do
    key[i] = values[key[i]]
  end
  return key
end

---Iterates over the groups of a rule: the key, and the figures by slot.
---@param plan usagelua.plan
---@param cells table[] what is the same for all rows, by slot
---@return fun(): table?, table<integer, usagelua.figure>?
function methods:groups(plan, cells)
  local rule, parts, group = self.number[plan], {}, 0
  for j in ipairs(plan.slots) do parts[j] = part_of(self, rule, j, cells[j]) end
  local count = self.fold:counts(rule)
  return function()
    group = group + 1
    if group > count then return nil end
    return key_of(self, rule, group), figures_of(self, parts, rule, group)
  end
end

-- One group for all of a rule's.
local function without_groups(self, rule)
  return { columns = self.target.columns, each = {},
    rules = { { group_by = {}, conditions = {}, slots = self.rules[rule].slots } } }
end

---The figures of several groups as those of one.
---@param plan usagelua.plan
---@param cells table[]
---@param view usagelua.core.rows.view on the rows of its groups
---@param first integer the first of them in there
---@return table<integer, usagelua.figure>
function methods:joined(plan, cells, view, first)
  local rule = self.number[plan]
  local fold <close> = core.fold(without_groups(self, rule), function() end)
  fold:merge(1, self.fold, rule, view, first)
  local one = folded.new({ plan }, fold, self.target, { self.rules[rule] }, 0)
  local _, figures = one:groups(plan, cells)()
  return figures
end

-- Conditions ---------------------------------------------------------------

local WORDS <const> = { ["true"] = true, ["false"] = false }

local function values_of(list, more, kind)
  local values = { set = {}, count = #list, more = more }
  for _, value in ipairs(list) do
    if kind == "boolean" then value = WORDS[value] end
    values.set[value] = true
  end
  return values
end

---What the conditions of a rule met, as usagelua.where.matches merges it.
---@param plan usagelua.plan
---@return table
function methods:matches(plan)
  local rule, of = self.number[plan], {}
  local _, seen, taken = self.fold:counts(rule)
  for i, c in ipairs(plan.where.conditions) do
    local kind = self.target.columns[self.target.index[c.column]].kind
    local met, hits, all, all_more, beside, beside_more = self.fold:condition(rule, i)
    of[i] = { met = met, hits = hits, all = values_of(all, all_more, kind),
      beside = values_of(beside, beside_more, kind) }
  end
  return { seen = seen, taken = taken, of = of }
end

---Somebody needs the groups later.
function methods:hold()
  self.holders = (self.holders or 0) + 1
end

---Somebody needs them no more; the last one gives their memory back.
function methods:let_go()
  self.holders = self.holders - 1
  if self.holders == 0 then self.fold:close() end
end

return folded
