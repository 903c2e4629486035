-- Rows that C keeps as columns go through a rule there, without becoming Lua
-- tables: all but those that only Lua can judge.

local core = require "usagelua.core"
local folding = require "usagelua.aggregate.folding"
local order = require "usagelua.order"

local column_feed = {}

local function add_all(names, more)
  for _, name in ipairs(more) do names[name] = true end
end

-- The names that a plan reads; all where a function may read any.
local function names_read(self, plan)
  local names = {}
  add_all(names, plan.fields and order.keys(plan.fields) or self.names)
  add_all(names, plan.where.columns)
  for _, group in ipairs(plan.group_by) do names[group.name] = not group.fn or names[group.name] end
  for _, slot in ipairs(plan.slots) do add_all(names, { slot.source }) end
  return order.keys(names)
end

-- The columns as a rule's target has them; `from` says which of these rows' each
-- is.
local function target_of(self, plan)
  local target = { columns = {}, index = {}, const = self.const, units = self.units, from = {} }
  for place, name in ipairs(names_read(self, plan)) do
    local number = self.index[name]
    target.columns[place] = { name = name, kind = number and self.kinds[number] or "text",
      is_given = not number or nil }
    target.index[name], target.from[place] = place, number or 0
  end
  return target
end

local function places_of(target)
  local from = {}
  for i in ipairs(target.columns) do from[i] = target.from[i] or 0 end
  return from
end

-- Whether things are told apart by a figure: columns of those are only added up.
local function is_told_by_figures(rule, target)
  local function has_figure(numbers)
    for _, number in ipairs(numbers) do
      if target.columns[number].kind == "number" then return true end
    end
  end
  for _, slot in ipairs(rule.slots) do
    if has_figure(slot.of) then return true end
  end
  return has_figure(rule.group_by)
end

-- Adds the rows up in C; those that a condition or a function has doubts about
-- come out as rows.
local function add_up(self, plan)
  local one = folding.new { plan }
  local target = target_of(self, plan)
  local rules = one:rules(target)
  if not rules or is_told_by_figures(rules[1], target) then return nil end
  local fold = core.fold({ columns = target.columns, each = {}, rules = rules }, one:judge(target))
  fold:functions(one:functions(target, fold))
  local doubtful = fold:add(self.rows, places_of(target), self.chosen)
  local batch = self:batch(doubtful)
  batch.folded = one:result(fold, target, rules, fold:finish())
  return batch
end

---Gives the rows to an accumulator: added up, or, where its rule cannot be said in
---columns, as tables.
---@param self usagelua.column_rows
---@param accumulator usagelua.accumulator
---@param plan usagelua.plan the accumulator's
function column_feed.give(self, accumulator, plan)
  local batch = add_up(self, plan)
  if batch then
    batch.folded:hold()
    accumulator:add(batch)
    return batch.folded:let_go()
  end
  for rows in self:batches() do accumulator:add(rows) end
end

return column_feed
