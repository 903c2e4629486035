-- Rows of two frames side by side, found by the columns that they share: usage and
-- the heads that used it, this month and the one before. Marks come along; where a
-- row has no partner, and the partner's source failed, its figures are unknown.

local derive = require "usagelua.aggregate.derive"
local errors = require "usagelua.errors"
local groups = require "usagelua.aggregate.groups"
local marks = require "usagelua.marks"
local rule = require "usagelua.rule"
local schema = require "usagelua.rule.schema"

local join = {}

local KEYS <const> = { "on", "rows", "derive" }
local ROWS <const> = { "left", "all" }
local WHAT <const> = "join"

---@class usagelua.join
---@field left usagelua.frame
---@field right usagelua.frame
---@field on string[]
---@field rows "left"|"all" with the right's rows that have no partner?
---@field columns usagelua.result_column[]
---@field right_names table<string, string> the right's columns, and their names here
---@field derive table[]
---@field translate (fun(name: string, value: any): any)? of the right's values in `on`
---@field right_dataset (fun(name: string): string)? tells its datasets from the left's of that name
---@field only_certain boolean? without the right's rows that may not be there

-- Describing ---------------------------------------------------------------

local function has(list, name)
  for _, known in ipairs(list) do
    if known == name then return true end
  end
  return false
end

local function check_keys(options)
  if type(options) ~= "table" then
    errors.raise_usage("%s takes a frame and { on = { \"team\" } }", WHAT)
  end
  for key in pairs(options) do
    if not has(KEYS, key) then errors.raise_usage("%s: %s", WHAT, errors.unknown("key", key, KEYS)) end
  end
  if options.rows ~= nil and not has(ROWS, options.rows) then
    errors.raise_usage("%s: %s", WHAT, errors.unknown("rows", options.rows, ROWS))
  end
end

local function check_on(frame, name)
  local column = schema.index(frame:schema()):need(name)
  if column.measure then
    errors.raise_usage("%s on '%s': it is a measure; rows meet on columns", WHAT, name)
  end
end

local function on_of(left, right, options)
  local on = type(options.on) == "string" and { options.on } or options.on
  if type(on) ~= "table" or #on == 0 then
    errors.raise_usage("%s needs the columns on which rows meet: on = { \"team\" }", WHAT)
  end
  for _, name in ipairs(on) do
    check_on(left, name)
    check_on(right, name)
  end
  return table.move(on, 1, #on, 1, {})
end

-- Is there one row at most for each value of `on`?
local function is_single(frame, on)
  local plan = frame:made_by()
  if not plan then return false end
  for _, group in ipairs(plan.group_by) do
    if not has(on, group.name) then return false end
  end
  return true
end

local function renamed(column, name, keeps_kind)
  local copy = {}
  for key, value in pairs(column) do copy[key] = value end
  copy.name = name
  if copy.measure and not keeps_kind then copy.kind = "unknown" end
  return copy
end

local function add_column(columns, taken, column)
  if taken[column.name] then
    errors.raise_usage("%s: both frames have a column '%s'; give one another name in its rule "
      .. "(as = …), or join on it", WHAT, column.name)
  end
  taken[column.name] = true
  columns[#columns + 1] = column
end

-- A figure of the right that several rows of the left repeat adds up no more.
local function columns_of(spec)
  local columns, taken = {}, {}
  for _, column in ipairs(spec.left:columns()) do add_column(columns, taken, column) end
  local keeps_kind = is_single(spec.left, spec.on)
  for _, column in ipairs(spec.right:columns()) do
    if not has(spec.on, column.name) then
      add_column(columns, taken,
        renamed(column, spec.right_names[column.name] or column.name, keeps_kind))
    end
  end
  for _, one in ipairs(spec.derive) do
    add_column(columns, taken,
      { name = one.name, type = "number", measure = true, kind = "derived", negative = true })
  end
  return columns
end

local function own_measures(dataset, names, by_name)
  local own = {}
  for name, measure in pairs(dataset.measures) do
    local copy, shown = {}, names[name] or name
    for key, value in pairs(measure) do copy[key] = value end
    local column = by_name[shown]
    if column and column.kind == "unknown" then copy.kind, copy.negative = "unknown", true end
    own[shown] = copy
  end
  return own
end

local function same_name(name) return name end

local function add_datasets(datasets, frame, names, spec, by_name, dataset_name)
  for _, dataset in ipairs(schema.index(frame:schema()).datasets) do
    local own = own_measures(dataset, names, by_name)
    for _, one in ipairs(spec.derive) do
      own[one.name] = { unit = "1", kind = "derived", negative = true, counted = true }
    end
    local copy = {}
    for key, value in pairs(dataset) do copy[key] = value end
    copy.name, copy.columns, copy.measures = dataset_name(dataset.name), by_name.dimensions, own
    copy.closed, copy.mixed = true, true
    datasets[#datasets + 1] = copy
  end
end

local function schema_of(spec)
  local by_name, datasets = { dimensions = {} }, {}
  for _, column in ipairs(spec.columns) do
    if column.measure then
      by_name[column.name] = column
    else
      by_name.dimensions[#by_name.dimensions + 1] = { name = column.name, type = column.type }
    end
  end
  add_datasets(datasets, spec.left, {}, spec, by_name, same_name)
  add_datasets(datasets, spec.right, spec.right_names, spec, by_name, spec.right_dataset or same_name)
  return { datasets = datasets }
end

-- Joining ------------------------------------------------------------------

local function key_of(row, spec, translate)
  local key = {}
  for i, name in ipairs(spec.on) do
    local value = row[name]
    if translate then value = translate(name, value) end
    key[i] = value
  end
  return key
end

local function told(key, on)
  local parts = {}
  for i, name in ipairs(on) do parts[i] = ("%s '%s'"):format(name, tostring(key[i])) end
  return table.concat(parts, ", ")
end

-- The right's rows, found by their key.
local function indexed(result, spec)
  local tree = groups.new(#spec.on)
  for index, row in ipairs(result.rows) do
    local key = key_of(row, spec, spec.translate)
    local node = tree:at(key)
    if node.index then
      errors.raise_usage("%s: two rows of the second frame have %s; group it by %s", WHAT,
        told(key, spec.on), table.concat(spec.on, ", "))
    end
    node.index = index
  end
  return tree
end

local function agrees(const, key, spec, translate)
  for i, name in ipairs(spec.on) do
    local value = const[name]
    if value ~= nil and translate then value = translate(name, value) end
    if value ~= nil and value ~= key[i] then return false end
  end
  return true
end

-- Why a row that is not there may be missing only.
local function doubts_of(taints, key, spec, translate)
  local reasons
  for _, taint in ipairs(taints) do
    if agrees(taint.const, key, spec, translate) then reasons = marks.with(reasons, taint.reason) end
  end
  return reasons
end

local function take(entry, result, index, names)
  for name, value in pairs(result.rows[index]) do entry.row[names[name] or name] = value end
  for name, mark in pairs(result.marks[index] or {}) do entry.marks[names[name] or name] = mark end
end

local function mark_all(entry, columns, names, on, reasons)
  if not reasons then return end
  for _, column in ipairs(columns) do
    if column.measure and not has(on, column.name) then
      entry.marks[names[column.name] or column.name] = marks.unknown(reasons)
    end
  end
end

local NO_NAMES <const> = {}

local function left_entries(left, right, tree, spec)
  local entries, met = {}, {}
  for index, row in ipairs(left.rows) do
    local entry, key = { row = {}, marks = {}, doubt = left.doubts[index] }, key_of(row, spec)
    local partner = tree:at(key).index
    if partner then
      met[partner] = true
      take(entry, right, partner, spec.right_names)
    else
      mark_all(entry, right.columns, spec.right_names, spec.on,
        doubts_of(right.taints, key, spec, spec.translate))
    end
    take(entry, left, index, NO_NAMES)
    entries[index] = entry
  end
  return entries, met
end

local function add_right(entries, left, right, met, spec)
  for index, row in ipairs(right.rows) do
    if not (met[index] or spec.only_certain and right.doubts[index]) then
      local entry, key = { row = {}, marks = {}, doubt = right.doubts[index] },
        key_of(row, spec, spec.translate)
      take(entry, right, index, spec.right_names)
      for i, name in ipairs(spec.on) do entry.row[name] = key[i] end
      mark_all(entry, left.columns, NO_NAMES, spec.on, doubts_of(left.taints, key, spec))
      entries[#entries + 1] = entry
    end
  end
end

-- What is certain of the right's missing rows, as far as a row here shows it.
local function shown_taint(taint, spec)
  local renamed_dataset, dataset = spec.right_dataset or same_name, taint.const.dataset
  local const = { dataset = dataset and renamed_dataset(dataset) }
  for _, name in ipairs(spec.on) do
    local value = taint.const[name]
    if value ~= nil and spec.translate then value = spec.translate(name, value) end
    const[name] = value
  end
  return { const = const, reason = taint.reason }
end

local function taints_of(left, right, spec)
  local list = table.move(left.taints, 1, #left.taints, 1, {})
  for _, taint in ipairs(right.taints) do list[#list + 1] = shown_taint(taint, spec) end
  return list
end

local function both(a, b)
  return table.move(b, 1, #b, #a + 1, table.move(a, 1, #a, 1, {}))
end

local function union(a, b)
  local all = {}
  for _, map in ipairs { a, b } do
    for key, value in pairs(map) do all[key] = value end
  end
  return all
end

-- Columns as they came: of records more may be there than was known, and of what
-- type figures are is seen in them.
local function came_columns(spec, left, right)
  local came = {}
  for _, column in ipairs(left.columns) do came[column.name] = column end
  for _, column in ipairs(right.columns) do
    if not has(spec.on, column.name) then
      came[spec.right_names[column.name] or column.name] = column
    end
  end
  local columns = {}
  for i, column in ipairs(spec.columns) do
    columns[i] = renamed(column, column.name, true)
    if came[column.name] then columns[i].type = came[column.name].type end
  end
  return columns
end

-- What a derived figure may be made of: no other derived one of this join.
local function readable(spec)
  local is_derived, columns = {}, {}
  for _, one in ipairs(spec.derive) do is_derived[one.name] = true end
  for _, column in ipairs(spec.columns) do
    if not is_derived[column.name] then columns[#columns + 1] = column end
  end
  return schema.of_columns(columns)
end

local function result_of(spec)
  local left, right = spec.left:result(), spec.right:result()
  local tree = indexed(right, spec)
  local entries, met = left_entries(left, right, tree, spec)
  if spec.rows == "all" then add_right(entries, left, right, met, spec) end
  derive.add(entries, { derive = spec.derive, group_index = readable(spec) })
  local rows, of_rows, doubts, taints = {}, {}, {}, taints_of(left, right, spec)
  for i, entry in ipairs(entries) do
    rows[i], doubts[i] = entry.row, entry.doubt
    if next(entry.marks) then of_rows[i] = entry.marks end
  end
  return {
    columns = came_columns(spec, left, right), rows = rows, marks = of_rows, doubts = doubts,
    notes = both(left.notes, right.notes), unmatched = both(left.unmatched, right.unmatched),
    counts = union(left.counts, right.counts), left_out = left.left_out,
    complete = next(of_rows) == nil and #taints == 0 and left.complete, taints = taints,
    taken = #rows,
  }
end

-- Making -------------------------------------------------------------------

local function other_period(frame, move, id)
  return frame:has_periods() and frame:again(move, id) or frame
end

local function again_of(spec, options)
  if not (spec.left:has_periods() or spec.right:has_periods()) then return nil end
  return function(move, id)
    return other_period(spec.left, move, id):join(other_period(spec.right, move, id), options)
  end
end

---A frame of both frames' columns.
---@param spec table left, right, on, rows, derive (a list), right_names, translate
---@param again function?
---@return usagelua.frame
function join.make(spec, again)
  local frame = require "usagelua.frame"
  spec.right_names = spec.right_names or {}
  spec.columns = spec.columns or columns_of(spec)
  return frame.compose {
    schema = schema_of(spec), columns = spec.columns, parents = { spec.left, spec.right },
    make = function() return result_of(spec) end, again = again,
  }
end

---Each row of the left frame with the figures of the right's row that has the same
---values in `on`; the right has one row at most for each. `rows = "all"` keeps the
---right's rows without partner too. `derive` makes figures of both.
---@param left usagelua.frame
---@param right usagelua.frame
---@param options { on: string|string[], rows: "left"|"all"?, derive: table? }
---@return usagelua.frame
---Raises usage errors: unknown columns, names that both frames have.
function join.new(left, right, options)
  if not require("usagelua.frame").is(right) then
    errors.raise_usage("%s takes a frame first, not a %s; a usage.csv table gives one with "
      .. ":records()", WHAT, type(right))
  end
  check_keys(options)
  local spec = {
    left = left, right = right, on = on_of(left, right, options), rows = options.rows or "left",
    derive = rule.derivations(options), right_names = {},
  }
  return join.make(spec, again_of(spec, options))
end

return join
