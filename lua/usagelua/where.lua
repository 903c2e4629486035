-- Which rows a rule takes: conditions on columns, or a function of the row. The
-- answer has three values, since a row may hang on a figure that nobody knows.

local errors = require "usagelua.errors"
local order = require "usagelua.order"
local record = require "usagelua.rows.record"
local schema = require "usagelua.rule.schema"

local where = {}

---@class usagelua.where
---@field conditions usagelua.condition[] sorted by column; none where it is a function
---@field fn (fun(row: table): any)?
---@field columns string[] that the conditions read
---@field index usagelua.schema_index
local methods = {}
local metatable = { __name = "usagelua.where", __index = methods }

local function compile_conditions(wanted, index)
  local conditions, columns = {}, order.keys(wanted)
  for i, name in ipairs(columns) do
    if type(name) ~= "string" then
      errors.raise_usage("where is a table of columns: { product = \"automation\" }, not a list")
    end
    conditions[i] = require("usagelua.where.condition").compile(index:need(name), wanted[name])
  end
  return conditions, columns
end

-- An index, a schema, or the columns of a result.
local function index_of(s)
  if s.datasets and s.by_name then return s end
  if s.datasets then return schema.index(s) end
  return schema.of_columns(s.columns)
end

---@param wanted table|function|nil nil takes every row
---@param s usagelua.schema|usagelua.schema_index|{ columns: usagelua.result_column[] }
---@return usagelua.where
---Raises a usage error for an unknown column or a condition that cannot be meant.
function where.compile(wanted, s)
  if wanted ~= nil and type(wanted) ~= "table" and type(wanted) ~= "function" then
    errors.raise_usage("where is a table of conditions or a function of the row, not a %s",
      type(wanted))
  end
  local index = index_of(s)
  local self = { conditions = {}, columns = {}, index = index }
  if type(wanted) == "table" then
    self.conditions, self.columns = compile_conditions(wanted, index)
  else
    self.fn = wanted
  end
  setmetatable(self, metatable)
  self.test = function(row, marks) return self:judge_row(row, marks) end
  self.contradicts = function(const) return self:excludes(const) end
  return self
end

---Does a row of plain values pass?
---@param row table
---@param row_marks table<string, usagelua.mark>?
---@return boolean? verdict nil: it hangs on an unknown figure
---@return string? reason of that
function methods:judge_row(row, row_marks)
  if self.fn then
    local view = record.view(self.index)
    view.missed = {}
    view:open { rows = { row }, marks = { row_marks }, const = {}, units = {} }
    view:at(1)
    return view:ask(self.fn)
  end
  local verdict, reason = true, nil
  for _, c in ipairs(self.conditions) do
    local answer, why = c.test(row[c.column], row_marks and row_marks[c.column])
    if answer == false then return false end
    if answer == nil then verdict, reason = nil, reason or why end
  end
  return verdict, reason
end

-- What is certain of a column; in a row of several datasets none lacks anything.
local function told(index, const, column)
  local is_mixed = index:mixes(const.dataset)
  if is_mixed and column == "dataset" then return nil, false end
  local value = const[column]
  return value, value ~= nil or not is_mixed and index:lacks(const.dataset, column)
end

---Is it certain from a window's constant columns that none of its rows pass? A
---function is never certain.
---@param const table with `dataset`
---@return boolean
function methods:excludes(const)
  for _, c in ipairs(self.conditions) do
    local value, is_told = told(self.index, const, c.column)
    if is_told and c.test(value) == false then return true end
  end
  return false
end

return where
