-- What the reading of answers does for a frame that keeps its records: to it, this
-- is a folding (usagelua.aggregate.folding) with no rules, and what comes out is
-- the rows themselves.

local column_rows = require "usagelua.rows.columns"
local folding = require "usagelua.aggregate.folding"
local order = require "usagelua.order"

local keeping = {}

---@class usagelua.keeping
local methods = {}
local metatable = { __name = "usagelua.keeping", __index = methods }

methods.keeps = true

---@return usagelua.keeping
function keeping.new()
  return setmetatable({ folding = folding.new {}, columns = {} }, metatable)
end

local function column_names(self, dataset, const)
  local names = {}
  for name in pairs(self.folding:all_columns(dataset)) do names[name] = true end
  for name in pairs(const) do names[name] = true end
  return names
end

---All that the dataset describes, and what its parts say of all their rows: the
---same table for the same columns.
---@param dataset table
---@param const table<string, any>
---@return table<string, true>
function methods:all_columns(dataset, const)
  local of_dataset = self.columns[dataset] or {}
  self.columns[dataset] = of_dataset
  local id = table.concat(order.keys(const), "\0")
  of_dataset[id] = of_dataset[id] or column_names(self, dataset, const)
  return of_dataset[id]
end

---@param target usagelua.fold_target
---@return table[]? rules none
---@return string? why the rows cannot be kept as columns
function methods:rules(target)
  return self.folding:rules(target)
end

-- Nobody is asked about anything.
function methods.judge()
  return function() end
end

-- There are no functions but those of the dataset itself.
function methods.functions()
  return {}
end

---@param fold usagelua.core.fold.object
---@param target usagelua.fold_target
---@return usagelua.column_rows
function methods.result(_, fold, target)
  local names, kinds = {}, {}
  for i, column in ipairs(target.columns) do names[i], kinds[i] = column.name, column.kind end
  return column_rows.new(fold:kept(), names, kinds, target.units, target.const)
end

return keeping
