-- Where the rows of an answer wait until the answer is known to be whole. Page,
-- window and frame are stages of one another: a stage joins its parent as one, or
-- leaves no trace.

local stage = {}

---@class usagelua.stage
---@field rows integer rows that it holds
local methods = {}
local metatable = { __name = "usagelua.stage", __index = methods }

local function make(accumulators, parent)
  local self = { accumulators = accumulators, parent = parent, rows = 0, state = "open" }
  return setmetatable(self, metatable)
end

---The stage at the bottom: what is committed into it is in the accumulators.
---@param accumulators table[] each with add, merge, stage, drop, taint, skip
---@param keep table? one more accumulator, of records
---@return usagelua.stage
function stage.new(accumulators, keep)
  local list = table.move(accumulators, 1, #accumulators, 1, {})
  list[#list + 1] = keep
  return make(list)
end

local function check_open(self)
  if self.state ~= "open" then error("the stage is " .. self.state .. " already", 3) end
end

---@param batch usagelua.batch the stage may keep it
function methods:add(batch)
  check_open(self)
  self.rows = self.rows + #batch.rows + (batch.folded and batch.folded.rows or 0)
    + (batch.kept and #batch.kept or 0)
  if batch.folded then batch.folded:hold() end
  for _, accumulator in ipairs(self.accumulators) do accumulator:add(batch) end
  if batch.folded then batch.folded:let_go() end
end

---A stage above this one. As a `<close>` variable it is dropped unless committed.
---@return usagelua.stage
function methods:stage()
  check_open(self)
  local accumulators = {}
  for i, accumulator in ipairs(self.accumulators) do accumulators[i] = accumulator:stage() end
  return make(accumulators, self)
end

---Joins the parent, as one.
---@return integer rows that joined
function methods:commit()
  check_open(self)
  local parent = assert(self.parent, "the stage at the bottom has nowhere to go")
  check_open(parent)
  for i, accumulator in ipairs(self.accumulators) do parent.accumulators[i]:merge(accumulator) end
  parent.rows = parent.rows + self.rows
  self.state, self.accumulators = "committed", {}
  return self.rows
end

---Leaves no trace. Dropping twice, or after a commit, does nothing.
function methods:drop()
  if self.state ~= "open" then return end
  for _, accumulator in ipairs(self.accumulators) do accumulator:drop() end
  self.state, self.accumulators, self.rows = "dropped", {}, 0
end

metatable.__close = methods.drop

---Marks what a failed window would have added to.
---@param const table its constant columns
---@param reason string
function methods:taint(const, reason)
  check_open(self)
  for _, accumulator in ipairs(self.accumulators) do accumulator:taint(const, reason) end
end

---Says of a window that it was not asked for, since no rule could use its rows.
---@param const table its constant columns
function methods:skip(const)
  check_open(self)
  for _, accumulator in ipairs(self.accumulators) do accumulator:skip(const) end
end

return stage
