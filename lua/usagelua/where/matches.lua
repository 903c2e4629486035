-- What the conditions of a rule met: how many rows each took, and which values
-- there were instead. A condition that matches nothing is told, not passed over.

local order = require "usagelua.order"

local matches = {}

---@class usagelua.unmatched a condition, or one value of it, that no row met
---@field column string
---@field value any? nil where the condition is no list of values
---@field known any[] values that exist there, sorted; the first 20
---@field more boolean are there others?

local MOST_VALUES <const> = 20

local methods = {}
local metatable = { __name = "usagelua.matches", __index = methods }

local function new_values()
  return { set = {}, count = 0, more = false }
end

local function last_of(values, compare)
  local last
  for value in pairs(values.set) do
    if last == nil or compare(value, last) > 0 then last = value end
  end
  return last
end

-- Keeps the first ones in order, whatever order they come in.
local function note_value(values, value, compare)
  if values.set[value] then return end
  values.set[value], values.count = true, values.count + 1
  if values.count <= MOST_VALUES then return end
  values.set[last_of(values, compare)] = nil
  values.count, values.more = MOST_VALUES, true
end

local function merge_values(values, others, compare)
  for value in pairs(others.set) do note_value(values, value, compare) end
  values.more = values.more or others.more
end

---@param where usagelua.where
---@return table matches
function matches.new(where)
  local self = {
    where = where, compare = order.comparer(), seen = 0, taken = 0, of = {}, verdicts = {},
  }
  for i in ipairs(where.conditions) do
    self.of[i] = { met = 0, hits = {}, all = new_values(), beside = new_values() }
  end
  return setmetatable(self, metatable)
end

local function note_condition(self, i, value, verdict, others_hold)
  local of, c = self.of[i], self.where.conditions[i]
  if verdict ~= false then
    of.met = of.met + 1
    local hit = c.which and value ~= nil and c.which(value)
    if hit then of.hits[hit] = true end
  end
  if c.lists and value ~= nil then
    note_value(of.all, value, self.compare)
    if others_hold then note_value(of.beside, value, self.compare) end
  end
end

-- How many conditions fail, and which one if it is one.
local function failures(verdicts, n)
  local count, which = 0, nil
  for i = 1, n do
    if verdicts[i] == false then count, which = count + 1, i end
  end
  return count, which
end

---@param view usagelua.record_view
---@return boolean? verdict
---@return string? reason
function methods:judge(view)
  self.seen = self.seen + 1
  local verdict, reason
  if self.where.fn then
    verdict, reason = view:ask(self.where.fn)
  else
    verdict, reason = self:judge_conditions(view)
  end
  if verdict ~= false then self.taken = self.taken + 1 end
  return verdict, reason
end

function methods:judge_conditions(view)
  local conditions, verdicts, reason = self.where.conditions, self.verdicts, nil
  local verdict = true
  for i, c in ipairs(conditions) do
    local answer, why = c.test(view:get(c.column))
    verdicts[i] = answer
    if answer == nil then verdict, reason = nil, reason or why end
  end
  local failed, which = failures(verdicts, #conditions)
  for i, c in ipairs(conditions) do
    local others_hold = failed == 0 or (failed == 1 and which == i)
    note_condition(self, i, view:get(c.column), verdicts[i], others_hold)
  end
  if failed > 0 then return false end
  return verdict, reason
end

-- Whether the columns that are known let the other conditions hold.
local function others_may_hold(conditions, which, const)
  for i, c in ipairs(conditions) do
    local value = const[c.column]
    if i ~= which and value ~= nil and c.test(value) == false then return false end
  end
  return true
end

---Rows that were not asked for, since no rule could use them: which values
---exist is known of their constant columns all the same.
---@param const table
function methods:skip(const)
  local conditions = self.where.conditions
  for i, c in ipairs(conditions) do
    local value = const[c.column]
    if value ~= nil then
      note_condition(self, i, value, (c.test(value)), others_may_hold(conditions, i, const))
    end
  end
end

---@param other table
function methods:merge(other)
  self.seen, self.taken = self.seen + other.seen, self.taken + other.taken
  for i, theirs in ipairs(other.of) do
    local mine = self.of[i]
    mine.met = mine.met + theirs.met
    for hit in pairs(theirs.hits) do mine.hits[hit] = true end
    merge_values(mine.all, theirs.all, self.compare)
    merge_values(mine.beside, theirs.beside, self.compare)
  end
end

local function unmatched_of(c, of, value)
  local values = of.beside.count > 0 and of.beside or of.all
  return { column = c.column, value = value, known = order.keys(values.set), more = values.more }
end

local function unmatched_values(list, c, of)
  for i, value in ipairs(c.wanted) do
    if not of.hits[i] then list[#list + 1] = unmatched_of(c, of, value) end
  end
end

---The conditions, or values of one, that no row met.
---@return usagelua.unmatched[]
function methods:unmatched()
  local list = {}
  for i, c in ipairs(self.where.conditions) do
    local of = self.of[i]
    if c.wanted and not (of.met > 0 and next(of.hits) == nil) then
      unmatched_values(list, c, of)
    elseif of.met == 0 then
      list[#list + 1] = unmatched_of(c, of)
    end
  end
  if #list == 0 and self.taken == 0 then return self:unmatched_together() end
  return list
end

-- Each condition was met, but never all by one row.
function methods:unmatched_together()
  local list = {}
  for i, c in ipairs(self.where.conditions) do
    if self.of[i].beside.count > 0 then
      list[#list + 1] = unmatched_of(c, self.of[i])
      list[#list].together = true
    end
  end
  return list
end

local function values_text(found)
  if #found.known == 0 then return "there are none" end
  local texts = {}
  for i, value in ipairs(found.known) do texts[i] = tostring(value) end
  return ("there are %s%s"):format(table.concat(texts, ", "), found.more and ", …" or "")
end

---One sentence about a condition that no row met.
---@param found usagelua.unmatched
---@return string
function matches.describe(found)
  if found.value ~= nil then
    local value, values = tostring(found.value), values_text(found)
    return ("no row has %s = %s; %s"):format(found.column, value, values)
  end
  if found.together then
    return ("no row meets all conditions; where the others hold, the values of %s: %s"):format(
      found.column, values_text(found))
  end
  return ("no row meets the condition on %s; %s"):format(found.column, values_text(found))
end

return matches
