-- From groups to rows: figures are read with their marks, derived ones computed,
-- groups chosen by `having`, sorted and limited.

local derive = require "usagelua.aggregate.derive"
local errors = require "usagelua.errors"
local kinds = require "usagelua.aggregate.kinds"
local marks = require "usagelua.marks"
local matches = require "usagelua.where.matches"
local order = require "usagelua.order"
local others = require "usagelua.rule.others"

local result = {}

---@class usagelua.result
---@field columns usagelua.result_column[]
---@field rows table[] by column; nil is "not reported", or unknown where marked
---@field marks table<integer, table<string, usagelua.mark>> by row number, then by measure
---@field doubts table<integer, string> rows that may not be there at all, and why
---@field notes string[] for readers: conditions that met nothing, rows that may be missing
---@field unmatched usagelua.unmatched[]
---@field counts table<string, string> dataset to the label of the usage it counts
---@field left_out integer rows that `limit` cut off
---@field complete boolean is every figure known, those cut off included?
---@field taints { const: table, reason: string }[] for a rule over this result
---@field taken integer rows that the conditions let in

---A figure's value, and its mark.
---@param figure usagelua.figure
---@param slot usagelua.slot
---@return number? value
---@return usagelua.mark?
function result.read(figure, slot)
  local adding = kinds[slot.adding]
  local value, why
  if figure.state then value, why = adding.read(figure.state, slot) end
  if why then return nil, marks.unknown(marks.with(marks.union(nil, figure.reasons), why)) end
  if not figure.reasons then return value end
  local grows = adding.grows and not slot.negative and not figure.negative
  local mark = marks.doubted(value, figure.reasons, grows)
  return mark.state == "at_least" and value or nil, mark
end

local function any_reason(of_row)
  local reasons = {}
  for _, mark in pairs(of_row) do reasons[mark.reason] = true end
  return marks.told(reasons)
end

---One group as a row with marks, or nil where it has none of the rule's figures.
---@param group usagelua.group
---@param plan usagelua.plan
---@return usagelua.group_row?
function result.entry_of(group, plan)
  local entry, has_figure = { row = {}, marks = {}, group = group }, #plan.slots == 0
  for i, column in ipairs(plan.group_by) do entry.row[column.name] = group.key[i] end
  for j, slot in ipairs(plan.slots) do
    local figure = group.figures[j]
    if figure then
      local value, mark = result.read(figure, slot)
      entry.row[slot.name], entry.marks[slot.name] = value, mark
      has_figure = has_figure or value ~= nil or mark ~= nil
    end
  end
  if not group.is_real then entry.doubt = any_reason(entry.marks) end
  return has_figure and entry or nil
end

-- Whether such a group belongs here is not known, so none of its figures is.
local function make_doubtful(entry, plan, reason)
  entry.doubt = reason
  for _, column in ipairs(plan.columns) do
    if column.measure then
      entry.row[column.name] = nil
      entry.marks[column.name] = marks.unknown { ["it may not belong here: " .. reason] = true }
    end
  end
end

---Whether a group stays; nil where nobody knows, and why.
---@param entry usagelua.group_row
---@param plan usagelua.plan
---@return boolean?
---@return string? reason
function result.having_verdict(entry, plan)
  local having = plan.having
  if not having.fn then return having.test(entry.row, entry.marks) end
  local group, seen = derive.watched(entry, plan.result_index)
  local ok, answer = errors.try(having.fn, group)
  if seen.mark then return nil, seen.mark.reason end
  if not ok then error(answer, 0) end
  return not not answer
end

local function having(entries, plan)
  local kept = {}
  for _, entry in ipairs(entries) do
    local verdict, reason = result.having_verdict(entry, plan)
    if verdict == nil then make_doubtful(entry, plan, reason) end
    if verdict ~= false then kept[#kept + 1] = entry end
  end
  return kept
end

-- What a row is sorted by in a column: periods go by time.
local function sort_value(row, name, plan)
  local value = row[name]
  if name ~= "period" or not plan.period_places then return value end
  return plan.period_places[value] or value
end

local function by_groups(plan, compare)
  return function(a, b)
    for _, group in ipairs(plan.group_by) do
      local x, y = sort_value(a, group.name, plan), sort_value(b, group.name, plan)
      if x ~= y then return compare(x, y) < 0 end
    end
    return false
  end
end

-- By the rule's own sorting first; what has no value there comes last. Among
-- equals the text columns decide.
local function sorted(entries, plan)
  local compare = order.comparer()
  local by_text = by_groups(plan, compare)
  table.sort(entries, function(a, b)
    for _, key in ipairs(plan.sort) do
      local x, y = sort_value(a.row, key.name, plan), sort_value(b.row, key.name, plan)
      local sign = compare(x, y)
      if sign ~= 0 and (x == nil or y == nil) then return y == nil end
      if sign ~= 0 then return (sign < 0) ~= key.descending end
    end
    return by_text(a.row, b.row)
  end)
  return entries
end

local function is_complete(entries, acc)
  if #acc.taints.list > 0 then return false end
  for _, entry in ipairs(entries) do
    if next(entry.marks) then return false end
  end
  return true
end

local function column_type(rows, name, otherwise)
  local kind
  for _, row in ipairs(rows) do
    local value = row[name]
    local is = math.type(value) == "integer" and "integer" or type(value)
    if is == "float" or is == "number" then return "number" end
    if value ~= nil then kind = (is == "string" and "text") or is end
  end
  return kind or otherwise
end

---Counts and sums of integers are integers, one double makes a column of numbers.
---@param plan usagelua.plan
---@param rows table[]
---@param types (string|false)[]|false|nil of the values by column, where they are known
---@return usagelua.result_column[]
function result.typed_columns(plan, rows, types)
  local columns = {}
  for i, column in ipairs(plan.columns) do
    columns[i] = {}
    for key, value in pairs(column) do columns[i][key] = value end
    if column.measure or column.type == "any" then
      local otherwise = column.measure and "number" or "text"
      columns[i].type = types and (types[i] or otherwise)
        or column_type(rows, column.name, otherwise)
    end
  end
  return columns
end

local function never_seen(acc)
  local notes = {}
  for _, slot in ipairs(acc.plan.slots) do
    if slot.source and not acc.plan.scope:column(slot.source) and not acc.seen[slot.source] then
      local known = acc.plan.scope:names()
      notes[#notes + 1] = "measure: " .. errors.unknown("field", slot.source, known)
    end
  end
  return notes
end

local function sort_hangs_on_marks(entries, plan)
  for _, key in ipairs(plan.sort) do
    for _, entry in ipairs(entries) do
      if entry.marks[key.name] then return true end
    end
  end
  return false
end

-- Names that the rule's functions have read and no row had.
local function add_missed(acc, notes)
  local missed = acc.plan.missed or {}
  for _, name in ipairs(order.keys(missed)) do
    if missed[name] then
      notes[#notes + 1] = "a function of the rule reads an "
        .. errors.unknown("column", name, acc.plan.scope:names())
    end
  end
end

local function notes_of(acc, hangs_on_marks, unmatched)
  local notes = never_seen(acc)
  add_missed(acc, notes)
  for _, found in ipairs(unmatched) do notes[#notes + 1] = matches.describe(found) end
  for _, reason in ipairs(acc.taints:missing()) do
    notes[#notes + 1] = "rows may be missing: " .. reason
  end
  if hangs_on_marks then
    notes[#notes + 1] = "the order hangs on figures that are not complete"
  end
  return notes
end

local function counts_of(scope)
  local counts = {}
  for _, dataset in ipairs(scope.datasets) do
    counts[dataset.name] = dataset.counts or dataset.name
  end
  return counts
end

local function split(entries, limit)
  local rows, of_rows, doubts = {}, {}, {}
  for i = 1, math.min(#entries, limit or #entries) do
    rows[i], doubts[i] = entries[i].row, entries[i].doubt
    if next(entries[i].marks) then of_rows[i] = entries[i].marks end
  end
  return rows, of_rows, doubts
end

-- The figures of a group that stands for several; one that may not belong here
-- makes them doubtful and is not added.
local function join_figures(joined, entry, plan)
  for j, slot in ipairs(plan.slots) do
    local figure = entry.group.figures[j]
    if figure then
      local into = joined.figures[j] or {}
      joined.figures[j] = into
      into.reasons = marks.union(into.reasons, figure.reasons)
      if entry.doubt then
        into.reasons = marks.with(into.reasons, entry.doubt)
      elseif figure.state then
        into.state = into.state or kinds[slot.adding].new()
        kinds[slot.adding].merge(into.state, figure.state)
        into.negative = into.negative or figure.negative
      end
    end
  end
end

-- Rows that a failed window may have brought belong to the rest, if they are
-- none of those shown.
local function doubt_others(joined, acc)
  for _, taint in ipairs(acc.taints.list) do
    for j, slot in ipairs(taint.is_full and {} or acc.plan.slots) do
      local figure = joined.figures[j]
      if figure and not (slot.source and acc.plan.index:lacks(taint.dataset, slot.source)) then
        figure.reasons = marks.with(figure.reasons, taint.reason)
      end
    end
  end
end

-- The groups beyond the limit as one row behind it.
local function with_others(entries, acc)
  local plan = acc.plan
  if not plan.others or #entries <= plan.limit then return entries, plan.limit end
  local joined = { key = {}, figures = {}, is_real = true }
  local shown = table.move(entries, 1, plan.limit, 1, {})
  for i = plan.limit + 1, #entries do join_figures(joined, entries[i], plan) end
  doubt_others(joined, acc)
  local entry = result.entry_of(joined, plan)
  if not entry then return entries, plan.limit end
  for name, value in pairs(others.row(plan, entries, plan.limit + 1)) do entry.row[name] = value end
  derive.add({ entry }, plan)
  shown[#shown + 1] = entry
  return shown, #shown
end

local function entries_of(acc)
  local entries = {}
  for _, group in ipairs(acc.groups.list) do entries[#entries + 1] = result.entry_of(group, acc.plan) end
  return entries
end

local function taints_of(acc)
  local list = {}
  for i, taint in ipairs(acc.taints.list) do
    list[i] = { const = taint.const, reason = taint.reason }
  end
  return list
end

---What is the same of all results, whatever their rows are.
---@param acc usagelua.accumulator
---@param made table columns, rows, marks, doubts, left_out, complete, hangs_on_marks
---@return usagelua.result
function result.assemble(acc, made)
  local unmatched = acc.matches:unmatched()
  return {
    columns = made.columns, rows = made.rows, marks = made.marks, doubts = made.doubts,
    notes = notes_of(acc, made.hangs_on_marks, unmatched), unmatched = unmatched,
    counts = counts_of(acc.plan.scope), left_out = made.left_out, complete = made.complete,
    taints = taints_of(acc), taken = acc.matches.taken,
  }
end

---@param acc usagelua.accumulator with its taints applied
---@return usagelua.result
function result.make(acc)
  local plan, entries = acc.plan, entries_of(acc)
  derive.add(entries, plan)
  local complete = is_complete(entries, acc)
  entries = sorted(having(entries, plan), plan)
  local shown, limit = with_others(entries, acc)
  local rows, of_rows, doubts = split(shown, limit)
  return result.assemble(acc, {
    columns = result.typed_columns(plan, rows), rows = rows, marks = of_rows, doubts = doubts,
    left_out = #shown - #rows, complete = complete,
    hangs_on_marks = sort_hangs_on_marks(entries, plan),
  })
end

return result
