-- The accumulator that keeps the records themselves: for scripts that read them,
-- for rules made afterwards, and for tables of records.

local marks = require "usagelua.marks"
local measures = require "usagelua.measures"
local order = require "usagelua.order"
local record = require "usagelua.frame.record"

local kept = {}

local methods = {}
local metatable = { __name = "usagelua.kept", __index = methods }

---@param index usagelua.schema_index
function kept.new(index)
  return setmetatable({ index = index, batches = {}, taints = {} }, metatable)
end

function methods:stage()
  return kept.new(self.index)
end

---@param batch usagelua.batch kept as it is
function methods:add(batch)
  if #batch.rows > 0 then self.batches[#self.batches + 1] = batch end
end

function methods:merge(other)
  table.move(other.batches, 1, #other.batches, #self.batches + 1, self.batches)
  table.move(other.taints, 1, #other.taints, #self.taints + 1, self.taints)
  other:drop()
end

function methods:drop()
  self.batches, self.taints = {}, {}
end

function methods:taint(const, reason)
  self.taints[#self.taints + 1] = { const = const, reason = tostring(reason) }
end

-- Whoever reads records reads those of every window.
function methods.skip() end

---Gives all that was kept to another accumulator.
---@param accumulator table
function methods:feed(accumulator)
  for _, batch in ipairs(self.batches) do accumulator:add(batch) end
  for _, taint in ipairs(self.taints) do accumulator:taint(taint.const, taint.reason) end
end

-- A number that no dataset lists is a figure of which nobody knows the kind.
local function is_measure(index, name, value)
  return index.measures[name] ~= nil or (type(value) == "number" and index.columns[name] == nil)
end

local TYPE_OF <const> = { string = "text", boolean = "boolean", number = "number" }
local BREADTH <const> = { boolean = 1, integer = 2, number = 3, text = 4 }

-- The type that holds all values of a column, whichever came first.
local function note_type(types, name, kind)
  if BREADTH[kind] > (BREADTH[types[name]] or 0) then types[name] = kind end
end

local function note_column(present, index, name, value)
  local kind = math.type(value) == "integer" and "integer" or TYPE_OF[type(value)]
  note_type(is_measure(index, name, value) and present.measures or present.columns, name, kind)
end

local function note_marks(present, of_row)
  for name in pairs(of_row or {}) do note_type(present.measures, name, "integer") end
end

-- An unlisted name that holds text anywhere is no figure.
local function settle(present, index)
  for name in pairs(present.columns) do
    if present.measures[name] and not index.measures[name] then
      note_type(present.columns, name, present.measures[name])
      present.measures[name] = nil
    end
  end
end

local function entry_at(view, i, present)
  view:at(i)
  local row = {}
  for name in view:each() do
    row[name] = view:get(name)
    if row[name] ~= nil then note_column(present, view.index, name, row[name]) end
  end
  note_marks(present, view.row_marks)
  return { row = row, marks = view.row_marks }
end

local function entries_of(self, present)
  local entries, view = {}, record.view(self.index)
  for _, batch in ipairs(self.batches) do
    view:open(batch)
    for i = 1, #batch.rows do entries[#entries + 1] = entry_at(view, i, present) end
  end
  return entries
end

local function columns_of(index, present)
  local columns = {}
  settle(present, index)
  for _, name in ipairs(measures.order_columns(present.columns)) do
    columns[#columns + 1] = { name = name, type = present.columns[name], measure = false }
  end
  for _, name in ipairs(measures.order_measures(present.measures)) do
    local measure = index.measures[name] or { unit = "1", kind = "unknown", negative = true }
    columns[#columns + 1] = {
      name = name, type = present.measures[name], measure = true,
      unit = measure.unit, kind = measure.kind, negative = measure.negative,
    }
  end
  return columns
end

-- Columns that are the same in all rows decide nothing.
local function deciding(entries, columns)
  local names = {}
  for _, column in ipairs(columns) do
    local name, first = column.name, entries[1] and entries[1].row[column.name]
    for _, entry in ipairs(entries) do
      if entry.row[name] ~= first then
        names[#names + 1] = name
        break
      end
    end
  end
  return names
end

-- By the text columns, then by the figures and their marks: the same records in
-- another order give the same result.
local function sort(entries, columns)
  local by_row, compare = order.rows(deciding(entries, columns)), order.comparer()
  table.sort(entries, function(a, b)
    local sign = by_row(a.row, b.row)
    if sign ~= 0 then return sign < 0 end
    return compare(marks.spelled(a.marks), marks.spelled(b.marks)) < 0
  end)
end

local function counts_of(index)
  local counts = {}
  for _, dataset in ipairs(index.datasets) do
    counts[dataset.name] = dataset.counts or dataset.name
  end
  return counts
end

local function notes_of(taints)
  local reasons, notes = {}, {}
  for _, taint in ipairs(taints) do reasons[taint.reason] = true end
  for i, reason in ipairs(order.keys(reasons)) do notes[i] = "rows may be missing: " .. reason end
  return notes
end

local function rows_of(entries)
  local rows, of_rows = {}, {}
  for i, entry in ipairs(entries) do
    rows[i] = entry.row
    if entry.marks and next(entry.marks) then of_rows[i] = entry.marks end
  end
  return rows, of_rows
end

---The records as a result.
---@return usagelua.result
function methods:finish()
  local present = { columns = {}, measures = {} }
  local entries = entries_of(self, present)
  local columns = columns_of(self.index, present)
  sort(entries, columns)
  local rows, of_rows = rows_of(entries)
  return {
    columns = columns, rows = rows, marks = of_rows, doubts = {},
    notes = notes_of(self.taints), unmatched = {},
    counts = counts_of(self.index), left_out = 0, taken = #rows, taints = self.taints,
    complete = next(of_rows) == nil and #self.taints == 0,
  }
end

return kept
