-- A row as machine formats hold it: every column of the contract, then
-- `complete` (is every figure known and whole?) and `marks`.

local figures = require "usagelua.report.figures"
local gaps = require "usagelua.report.gaps"
local json_text = require "usagelua.formats.json_text"
local measures = require "usagelua.measures"

local record = {}

---@class usagelua.record_mark
---@field name string measure; "period" if the vendor did not confirm it, "rows" if all are missing
---@field state "unknown"|"at_least"|"assumed"
---@field reason string

local function names_it(row, entry)
  return (row.dataset == nil or row.dataset == entry.dataset)
    and (row.vendor == nil or row.vendor == entry.dataset:match "^[^.]*")
    and (row.account == nil or entry.account == nil or row.account == entry.account)
end

-- The query whose assumed period this row may stand on.
local function assumed_entry(row, coverage)
  for _, entry in ipairs(coverage) do
    if entry.period == "assumed" and names_it(row, entry) then return entry end
  end
end

local function period_mark(entry)
  return { name = "period", state = "assumed", reason = gaps.assumption(entry) }
end

-- The values of a row by column, and the marks of those that have one.
local function read_cells(result, index)
  local values, marks = {}, {}
  for i, column in ipairs(result.columns) do
    local value, state, reason = figures.at(result, index, column.name)
    values[i] = value
    if state then marks[#marks + 1] = { name = column.name, state = state, reason = reason } end
  end
  return values, marks
end

local function plain_values(row, columns)
  local values = {}
  for i, column in ipairs(columns) do values[i] = row[column.name] end
  return values
end

---A function that reads the rows of a table by their number: the values by
---column, the marks in the order of the columns, whether it is complete. Rows
---without a mark of their own share a list of marks: it stays as it is.
---@param section usagelua.evaluated_section
---@return fun(index: integer): any[], usagelua.record_mark[], boolean
function record.reader(section)
  local result, coverage = section.result, section.coverage or {}
  local may_be_marked, unmarked, shared = figures.marker(result), {}, {}
  return function(index)
    local row = result.rows[index]
    local entry = assumed_entry(row, coverage)
    if may_be_marked(index, row) then
      local values, marks = read_cells(result, index)
      local complete = #marks == 0
      marks[#marks + 1] = entry and period_mark(entry)
      return values, marks, complete
    end
    if entry then shared[entry] = shared[entry] or { period_mark(entry) } end
    return plain_values(row, result.columns), entry and shared[entry] or unmarked, true
  end
end

local function agrees(row, const)
  for name, value in pairs(const) do
    if row[name] ~= nil and row[name] ~= value then return false end
  end
  return true
end

-- Is there a marked row that stands for what this window would have brought?
local function is_shown(result, const)
  for index in pairs(result.marks or {}) do
    if agrees(result.rows[index], const) then return true end
  end
  return false
end

local function missing_row(const, reason)
  return { row = const, mark = { name = "rows", state = "unknown", reason = reason } }
end

---@class usagelua.missing_row stands for rows that are missing since their source failed
---@field row table what is certain of them: the window's constant columns
---@field mark usagelua.record_mark

---What formats of rows alone write behind the rows, so that nobody takes a table
---for whole of which a source failed.
---@param section usagelua.evaluated_section
---@return usagelua.missing_row[]
function record.missing(section)
  local list, result = {}, section.result
  for _, taint in ipairs(result.taints or {}) do
    if not is_shown(result, taint.const) then
      list[#list + 1] = missing_row(taint.const, taint.reason)
    end
  end
  if #list == 0 and section.empty and not gaps.is_whole(section.coverage) then
    list[1] = missing_row({}, section.empty)
  end
  return list
end

-- Of records without a row nothing is known but what their windows say.
local function columns_of_missing(missing)
  local present, columns = {}, {}
  for _, one in ipairs(missing) do
    for name in pairs(one.row) do present[name] = true end
  end
  for i, name in ipairs(measures.order_columns(present)) do
    columns[i] = { name = name, type = "text", measure = false }
  end
  return columns
end

---The columns of formats of rows alone.
---@param section usagelua.evaluated_section
---@return usagelua.result_column[]
function record.columns(section)
  if #section.result.columns > 0 then return section.result.columns end
  return columns_of_missing(record.missing(section))
end

local function marks_object(marks)
  local members = {}
  for i, mark in ipairs(marks) do
    members[i] = { mark.name, json_text.object(json_text.members(mark, "state reason")) }
  end
  return json_text.object(members)
end

local function closed(members, complete, marks)
  members[#members + 1] = { "complete", complete }
  members[#members + 1] = { "marks", marks_object(marks) }
  return members
end

---A function that gives the row of a number as members of an object, in order.
---@param section usagelua.evaluated_section
---@return fun(index: integer): { [1]: string, [2]: any }[]
function record.members(section)
  local read = record.reader(section)
  return function(index)
    local members = {}
    local values, marks, complete = read(index)
    for i, column in ipairs(section.result.columns) do members[i] = { column.name, values[i] } end
    return closed(members, complete, marks)
  end
end

---The same for rows which are missing.
---@param columns usagelua.result_column[]
---@param one usagelua.missing_row
---@return { [1]: string, [2]: any }[]
function record.missing_members(columns, one)
  local members = {}
  for i, column in ipairs(columns) do members[i] = { column.name, one.row[column.name] } end
  return closed(members, false, { one.mark })
end

return record
