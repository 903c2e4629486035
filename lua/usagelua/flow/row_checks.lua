-- What a dataset itself wants to know of rows that are added up in C: what they
-- are about (`expect`), and what is doubtful about their figures (`check`). For
-- C both are rules, of which nobody sees a result.

local folding = require "usagelua.aggregate.folding"
local measures = require "usagelua.measures"

local row_checks = {}

---@class usagelua.row_checks
---@field rules table[] as core.fold takes them, behind those of the user
---@field warnings string[] what `check` said, each once
local methods = {}
local metatable = { __name = "usagelua.row_checks", __index = methods }

local function add_expect(self, plan)
  if #plan.expects == 0 then return end
  local numbers = {}
  for i, name in ipairs(plan.expects) do numbers[i] = plan.index[name] end
  self.rules[#self.rules + 1] = { group_by = numbers, conditions = {}, slots = {} }
  self.expect_rule, self.expects = self.first + #self.rules, plan.expects
end

-- One that lets nothing in.
local function add_check(self, dataset)
  if not dataset.check then return end
  self.rules[#self.rules + 1] = { group_by = {}, conditions = {}, slots = {}, filter = true }
  self.check_rule, self.check = self.first + #self.rules, dataset.check
end

---@param dataset table
---@param plan usagelua.column_plan
---@param rules integer how many rules of others stand before them
---@param params table<string, any> that `check` gets
---@return usagelua.row_checks
function row_checks.new(dataset, plan, rules, params)
  local self = setmetatable({ rules = {}, first = rules, params = params, warnings = {}, said = {} },
    metatable)
  add_expect(self, plan)
  add_check(self, dataset)
  return self
end

local function warn(self, text)
  if not text or self.said[text] then return end
  self.said[text] = true
  self.warnings[#self.warnings + 1] = text
end

-- A schema of the figures that are not in their own unit.
local function index_of(units)
  return { unit = function() end, measures = setmetatable({}, { __index = function(_, name)
    return units[name] and measures.resolve(name)
  end }) }
end

---Sets what is asked about rows.
---@param functions table[] by rule, for core.fold
---@param target usagelua.fold_target
---@param fold table of core.fold
function methods:add_functions(functions, target, fold)
  if not self.check then return end
  local row = folding.row({ index = index_of(target.units) }, target, fold)
  functions[self.check_rule] = { row = row, groups = {}, where = function(record)
    warn(self, self.check(record, self.params))
    return false
  end }
end

---What the rows are about: for each of the different things one row, of the
---columns that the dataset expects values in.
---@param fold table of core.fold, finished
---@return table[]
function methods:about(fold)
  local rows = {}
  for group = 1, self.expects and fold:counts(self.expect_rule) or 0 do
    local key, row = fold:key(self.expect_rule, group, {}), {}
    for i, name in ipairs(self.expects) do row[name] = key[i] end
    rows[group] = row
  end
  return rows
end

return row_checks
