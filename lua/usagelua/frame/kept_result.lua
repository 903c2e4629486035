-- Records that were kept, as a result: their columns with types, the rows in one
-- order, whatever order they came in. Rows in columns stay there, and tables join
-- them; all become tables where a column would hold values of two kinds.

local column_rows = require "usagelua.rows.columns"
local marks = require "usagelua.marks"
local measures = require "usagelua.measures"
local order = require "usagelua.order"
local record = require "usagelua.rows.record"
local row_list = require "usagelua.rows.list"

local kept_result = {}

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

-- As tables ----------------------------------------------------------------

local function add_entries(entries, batch, index, present)
  local view = record.view(index)
  view:open(batch)
  for i = 1, #batch.rows do entries[#entries + 1] = entry_at(view, i, present) end
end

local function table_rows(kept)
  local present, entries = { columns = {}, measures = {} }, {}
  for _, batch in ipairs(kept.batches) do add_entries(entries, batch, kept.index, present) end
  for _, own in ipairs(kept.columns) do
    for batch in own:batches() do add_entries(entries, batch, kept.index, present) end
  end
  local columns = columns_of(kept.index, present)
  sort(entries, columns)
  return columns, rows_of(entries)
end

-- As columns ---------------------------------------------------------------

-- Of what a row's marks are spelled, to sort by them; no column has this name.
local MARKS <const> = "\0marks"

-- The tables as rows of columns, and the marks by the number of the row; nil where
-- they fit no columns.
local function marked_columns(kept, present)
  local entries, rows, of_rows = {}, {}, {}
  for _, batch in ipairs(kept.batches) do add_entries(entries, batch, kept.index, present) end
  for i, entry in ipairs(entries) do
    rows[i] = entry.row
    if entry.marks and next(entry.marks) then
      of_rows[i], entry.row[MARKS] = entry.marks, marks.spelled(entry.marks)
    end
  end
  return column_rows.of { rows = rows }, of_rows
end

-- Rows of several datasets, figures in the measures' units.
local function joined(kept, first)
  for _, own in ipairs(kept.columns) do
    if not first then
      first = own:converted(kept.index)
    elseif not first:append(own:converted(kept.index)) then
      return nil
    end
  end
  return first
end

local function note_types(present, index, types)
  for name, kind in pairs(types) do
    local value = kind ~= "text" and kind ~= "boolean" and 0 or nil
    note_type(is_measure(index, name, value) and present.measures or present.columns, name, kind)
  end
end

-- All rows in one table of columns, with the index in whose units its figures are
-- still to be given; nil where they fit none.
local function one_table(kept, present)
  if #kept.batches == 0 and #kept.columns == 1 then return kept.columns[1], {}, kept.index end
  local first, of_rows = nil, {}
  if #kept.batches > 0 then
    first, of_rows = marked_columns(kept, present)
    if not first then return nil end
  end
  return joined(kept, first), of_rows
end

-- The names to sort by: all, and the marks behind them.
local function sorted_view(rows, names, index)
  local keys, shown = {}, table.move(names, 1, #names, 1, {})
  if rows.index[MARKS] then shown[#shown + 1] = MARKS end
  for i in ipairs(shown) do keys[i] = { i } end
  local view = rows:view(shown, index)
  view:sort(keys)
  return view
end

local function marks_by_place(view, of_rows)
  local by_place = {}
  if not next(of_rows) then return by_place end
  for number, place in pairs(view:places(of_rows)) do by_place[place] = of_rows[number] end
  return by_place
end

local function column_rows_of(kept)
  local present = { columns = {}, measures = {} }
  local rows, of_rows, index = one_table(kept, present)
  if not rows then return nil end
  local types = rows:types(index)
  types[MARKS] = nil
  note_types(present, kept.index, types)
  local columns, names = columns_of(kept.index, present), {}
  for i, column in ipairs(columns) do names[i] = column.name end
  local view = sorted_view(rows, names, index)
  return columns, row_list.new(view, names), marks_by_place(view, of_rows)
end

---@param kept usagelua.kept
---@return usagelua.result
function kept_result.make(kept)
  local columns, rows, of_rows
  if kept:count() > kept.few then columns, rows, of_rows = column_rows_of(kept) end
  if not columns then columns, rows, of_rows = table_rows(kept) end
  return {
    columns = columns, rows = rows, marks = of_rows, doubts = {},
    notes = notes_of(kept.taints), unmatched = {},
    counts = counts_of(kept.index), left_out = 0, taken = #rows, taints = kept.taints,
    complete = next(of_rows) == nil and #kept.taints == 0,
  }
end

return kept_result
