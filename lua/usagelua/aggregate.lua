-- The accumulator of a rule: rows go in by batches, in any order and through any
-- stages, and only the groups stay. What a failed window would have added to is
-- tainted; the result then says so on each figure.

local errors = require "usagelua.errors"
local groups = require "usagelua.aggregate.groups"
local held = require "usagelua.aggregate.held"
local kinds = require "usagelua.aggregate.kinds"
local marks = require "usagelua.marks"
local matches = require "usagelua.where.matches"
local record = require "usagelua.rows.record"
local result = require "usagelua.aggregate.result"
local taints = require "usagelua.aggregate.taints"
local units = require "usagelua.units"

local aggregate = {}

---@class usagelua.accumulator
local methods = {}
local metatable = { __name = "usagelua.accumulator", __index = methods }

---@class usagelua.figure one figure of one group, in the making
---@field state table? of its kind; nil where nothing known came
---@field reasons table<string, true>? why something may be missing
---@field negative boolean? a value below zero came

-- Fewer rows of a result are tables rather than columns.
local FEW_ROWS <const> = 256

---@param plan usagelua.plan
---@param few integer? up to so many rows of its result are tables
---@return usagelua.accumulator
function aggregate.new(plan, few)
  local view = record.view(plan.index, plan.fields)
  view.missed = plan.missed
  return setmetatable({
    plan = plan, few = few or FEW_ROWS, groups = groups.new(#plan.group_by), taints = taints.new(plan),
    matches = matches.new(plan.where), view = view, seen = {},
  }, metatable)
end

---An empty one of the same plan, to be merged or dropped.
---@return usagelua.accumulator
function methods:stage()
  return aggregate.new(self.plan, self.few)
end

local function figure_at(group, j)
  local figure = group.figures[j]
  if not figure then
    figure = {}
    group.figures[j] = figure
  end
  return figure
end

local function doubt(group, j, reason)
  local figure = figure_at(group, j)
  figure.reasons = marks.with(figure.reasons, reason)
end

local function doubt_all(self, group, dataset, reason)
  for j, slot in ipairs(self.plan.slots) do
    if taints.reach(self.plan, slot, dataset) then doubt(group, j, reason) end
  end
end

local function has_part(cell)
  if not cell.slot.source then return true end
  local value, mark = cell.view:raw(cell.slot.source)
  return value ~= nil or mark ~= nil
end

-- Of a row that may not belong here: what it has would have been added.
local function doubt_row(group, cells, reason)
  for j, cell in ipairs(cells) do
    if cell and has_part(cell) then doubt(group, j, reason) end
  end
end

local function is_number(value)
  return type(value) == "number" and value == value and value ~= math.huge and value ~= -math.huge
end

local function add_value(group, j, value, cell)
  local figure = figure_at(group, j)
  figure.state = figure.state or cell.adding.new()
  cell.adding.add(figure.state, value, cell)
  if cell.adding.numeric and value < 0 then figure.negative = true end
end

-- A name for the value that is shown is enough; the rest of a long text is not.
local function not_a_number(slot, value)
  return ("%s is not a number: '%s'"):format(slot.source, tostring(value):sub(1, 40))
end

local function add_cell(self, group, j, cell)
  local source = cell.slot.source
  if not source then return add_value(group, j, true, cell) end
  local value, mark = cell.view:raw(source)
  if mark then doubt(group, j, mark.reason) end
  if value == nil then return end
  self.seen[source] = true
  if cell.adding.numeric and not is_number(value) then
    return doubt(group, j, not_a_number(cell.slot, value))
  end
  add_value(group, j, value, cell)
end

local GROUP_TYPES <const> = { ["nil"] = true, string = true, number = true, boolean = true }

---What a function of `group_by` has given, as the group's value. Raises a usage
---error for what is none.
---@param group table
---@param value any
---@return string|number|boolean|nil
function aggregate.group_value(group, value)
  if not GROUP_TYPES[type(value)] or value ~= value then
    errors.raise_usage("group_by '%s': the function gives a text, a number, a boolean or nil, "
      .. "not %s", group.name, value ~= value and "nan" or "a " .. type(value))
  end
  return type(value) == "number" and units.plain(value) or value
end

-- The row's group columns; a function that read an unknown figure leaves its
-- column open, and then the group is not known.
local function key_of(self)
  local key, view, open = {}, self.view, nil
  for i, group in ipairs(self.plan.group_by) do
    if group.fn then
      local value, mark = view:call(group.fn)
      open = marks.worse(open, mark)
      if not mark then key[i] = aggregate.group_value(group, value) end
    else
      key[i] = view:raw(group.name)
    end
  end
  return key, open
end

-- The row may belong to any group that its certain columns allow.
local function taint_by_row(self, key, reason)
  local const = { dataset = self.view.const.dataset, vendor = self.view.const.vendor }
  for i, group in ipairs(self.plan.group_by) do
    if not group.fn then const[group.name] = key[i] end
  end
  self.taints:add(const, reason)
end

local function add_row(self, cells, doubted)
  local verdict, reason = self.matches:judge(self.view)
  if verdict == false then return end
  if doubted then verdict, reason = nil, doubted end
  local key, open = key_of(self)
  if open then return taint_by_row(self, key, open.reason) end
  local group = self.groups:at(key)
  if verdict == nil then return doubt_row(group, cells, reason) end
  group.is_real = true
  for j, cell in ipairs(cells) do
    if cell then add_cell(self, group, j, cell) end
  end
end

---What is the same for all rows of a batch: how a slot reads them. False where
---the batch's dataset has another measure under the same name.
---@param plan usagelua.plan
---@param view usagelua.record_view on the batch
---@param slot usagelua.slot
---@return table|false
function aggregate.cell(plan, view, slot)
  local index, source = plan.index, slot.source
  if source and slot.own_kind ~= "dimension" and index:lacks(view.const.dataset, source) then
    return false
  end
  return {
    slot = slot, view = view, adding = kinds[slot.adding],
    unit = source and view:unit(source) or "1",
    of = source and index:of(view.const.dataset, source),
    may_contain = source and index:may_contain(view.const.dataset),
  }
end

local function cells_of(self)
  local cells = {}
  for j, slot in ipairs(self.plan.slots) do
    cells[j] = aggregate.cell(self.plan, self.view, slot)
  end
  return cells
end

local function merge_figure(mine, theirs, adding)
  mine.reasons = marks.union(mine.reasons, theirs.reasons)
  mine.negative = mine.negative or theirs.negative
  if mine.state and theirs.state then
    adding.merge(mine.state, theirs.state)
  else
    mine.state = mine.state or theirs.state
  end
end

-- Groups that stand for rows which nobody has seen.
local function add_groups(self, iterate)
  for key, figures in iterate do
    local group = self.groups:at(key)
    group.is_real = true
    for j, slot in ipairs(self.plan.slots) do
      if figures[j] then
        merge_figure(figure_at(group, j), figures[j], kinds[slot.adding])
        if slot.source then self.seen[slot.source] = true end
      end
    end
  end
end

-- Groups stay in C as long as all of them can.
local function take_held(self, more)
  if not self.held then
    self.held = more
  elseif not self.held:merge(more) then
    add_groups(self, more:groups())
    more:drop()
  end
end

local function add_folded(self, cells, folded)
  self.matches:merge(folded:matches(self.plan))
  local more = held.new(self.plan, cells, folded)
  if more then return take_held(self, more) end
  add_groups(self, folded:groups(self.plan, cells))
end

---@param batch usagelua.batch
function methods:add(batch)
  assert(not self.result, "the accumulator is finished")
  self.view:open(batch)
  local cells = cells_of(self)
  for i = 1, #batch.rows do
    self.view:at(i)
    add_row(self, cells, batch.doubts and batch.doubts[i])
  end
  if batch.folded then add_folded(self, cells, batch.folded) end
end

local function merge_groups(self, other)
  for _, theirs in ipairs(other.list) do
    local mine = self.groups:at(theirs.key)
    mine.is_real = mine.is_real or theirs.is_real
    for j, slot in ipairs(self.plan.slots) do
      if theirs.figures[j] then
        merge_figure(figure_at(mine, j), theirs.figures[j], kinds[slot.adding])
      end
    end
  end
end

---Takes over what a stage of the same plan holds; the stage is spent.
---@param other usagelua.accumulator
function methods:merge(other)
  assert(other.plan == self.plan, "an accumulator merges stages of its own plan")
  assert(not self.result, "the accumulator is finished")
  if #self.groups.list == 0 then
    self.groups = other.groups
  else
    merge_groups(self, other.groups)
  end
  if other.held then take_held(self, other.held) end
  other.held = nil
  self.taints:merge(other.taints)
  self.matches:merge(other.matches)
  for source in pairs(other.seen) do self.seen[source] = true end
  other:drop()
end

---Leaves it empty.
function methods:drop()
  if self.held then self.held:drop() end
  self.held = nil
  self.groups, self.taints = groups.new(#self.plan.group_by), taints.new(self.plan)
  self.matches, self.seen = matches.new(self.plan.where), {}
end

---A window failed: what it would have added to is incomplete from now on.
---@param const table the window's constant columns, `dataset` among them
---@param reason string
function methods:taint(const, reason)
  if not self.plan.where.contradicts(const) then self.taints:add(const, reason) end
end

---A window was not asked for, since no rule could use its rows.
---@param const table its constant columns
function methods:skip(const)
  self.matches:skip(const)
end

local function tainting(self)
  return function(group, taint) doubt_all(self, group, taint.dataset, taint.reason) end
end

local function finish_held(self)
  local columnar = require "usagelua.aggregate.columnar"
  if columnar.can(self) then self.result = columnar.make(self, self.few, tainting(self)) end
  if not self.result then add_groups(self, self.held:groups()) end
  self.held:drop()
  self.held = nil
end

---The result; nothing can be added after it.
---@return usagelua.result
function methods:finish()
  if self.held then finish_held(self) end
  if self.result then return self.result end
  self.taints:apply(self.groups, tainting(self))
  self.result = result.make(self)
  return self.result
end

return aggregate
