-- Whether the items of an answer can be added up in C, without a Lua value of
-- each, and how: the fields as typed columns. Where anything is asked that a
-- table of columns cannot say, it says why not, and the items become Lua tables.

local answers = require "usagelua.flow.answers"
local alone = require "usagelua.flow.alone"
local fields = require "usagelua.flow.fields"
local pages = require "usagelua.flow.pages"
local path = require "usagelua.flow.path"
local records = require "usagelua.flow.records"
local selection = require "usagelua.flow.selection"

local columns = {}

-- Keys of a dataset that say nothing about how an item becomes records, and
-- those that are looked at here. One that is not listed may.
local DATASET_KEYS <const> = {
  name = true, help = true, status = true, sources = true, unverified = true, params = true,
  fan_out = true, window = true, request = true, base_url = true, idempotent = true, job = true,
  ok = true, echo = true, null_rows = true, sample = true, counts = true, of = true,
  may_contain = true, also = true,
  pages = true, answer = true, format = true, packed = true, batch = true, rows = true, each = true,
  each_optional = true, fields = true, partial = true, check = true, must_appear = true, expect = true,
  needs_one_of = true, notes = true, row_period = true, ends = true,
  delimiter = true, columns = true, identity = true,
}

local FIELD_KEYS <const> = {
  true, value = true, param = true, unit = true, kind = true, of = true, per = true, column = true,
  else_path = true, lower = true, null = true, fraction = true, negative = true, text = true,
  when = true, -- settled by the query
  -- What it allows besides is a doubt, which Lua judges.
  other_type = true,
}

-- Whose reader gives items to whoever takes them.
local FORMATS <const> = { json = true, columns = true, graphql = true, lines = true, csv = true }

local function unlisted(described, listed)
  for key, value in pairs(described) do
    if value and not listed[key] then return tostring(key) end
  end
end

-- Nil where the dataset is a plain table.
local function why_not_dataset(dataset)
  local key = unlisted(dataset, DATASET_KEYS)
  if key then return "the dataset says " .. key end
  if not FORMATS[answers.name(dataset)] then return "the answer is " .. answers.describe(dataset) end
  if dataset.partial and dataset.answer ~= "whole" then return "a flag may mark rows that have gone" end
end

-- Sources ------------------------------------------------------------------

local function copy(names)
  return table.move(names, 1, #names, 1, {})
end

-- `alone`: where it is in an item that stands in the place of its members.
local function names_of(place, containers)
  local source, container = copy(place.names), containers[place.container]
  source.container = place.container
  source.alone = container and container.alone and copy(place.names) or nil
  return source
end

-- The whole of an item, or one around it that there is not.
local function is_around(text, place, containers)
  if #place.names == 0 and not place.container then return true end
  return #containers == 0 and select(2, path.names(text))
end

local function source_of(text, containers)
  local has_keys = not (containers[1] and containers[1].list)
  if text == "@key" and has_keys then return { key = true } end
  local place = selection.place(text, containers)
  if not place or place.key_below or is_around(text, place, containers) then
    return nil, ("path %s"):format(text)
  end
  return names_of(place, containers)
end

-- One that is the same for all items, from beside them or from the query.
local function is_constant(field)
  if not field[1] then return true end
  return path.from_root(field[1]) ~= nil
    and (not field.else_path or path.from_root(field.else_path) ~= nil)
end

local function read_options(column, field)
  for _, name in ipairs { "lower", "fraction", "negative", "null", "text" } do
    column[name] = field[name] or nil
  end
  return column
end

-- The column of a field, or nil and why there is none.
local function column_of(name, field, containers)
  local key = unlisted(field, FIELD_KEYS)
  if key then return nil, ("field %s says %s"):format(name, key) end
  local column = { name = name, kind = fields.type(name, field) }
  if is_constant(field) then
    if column.kind == "number" then return nil, ("figure %s is no item's"):format(name) end
    return column
  end
  local err
  column.source, err = source_of(field[1], containers)
  if column.source and field.else_path then
    column.other, err = source_of(field.else_path, containers)
  end
  if err then return nil, ("field %s: %s"):format(name, err) end
  return read_options(column, field)
end

---@class usagelua.column_plan
---@field columns table[] as core.fold takes them, with their names
---@field index table<string, integer> column by name
---@field each usagelua.field_container[]
---@field each_optional boolean?
---@field constants string[] names of the columns that come from beside the items
---@field paths string[] that the reader builds of an item
---@field has_bare boolean are there members of which nothing is named, but what stands there?
---@field unique string[]? names of what tells items apart
---@field distinct string[][]? names of what no two items share
---@field has_loose_key boolean? is that no field's? It may be a number like any that no field names
---@field ends boolean the first and the last item tell pages apart
---@field mark { source: string[], value: any }[]? what the end mark is known by
---@field derive { from: string[], to: string[] }? columns, and those that follow from them
---@field expects string[] columns that show whether rows are about what was asked for

local function is_inside(names, other)
  if #names <= #other then return false end
  for i, name in ipairs(other) do
    if names[i] ~= name then return false end
  end
  return true
end

local function all_sources(plan)
  local list = {}
  local function add(source)
    if source and not source.key then list[#list + 1] = source end
    if source and source.alone then list[#list + 1] = source.alone end
  end
  for _, column in ipairs(plan.columns) do
    add(column.source)
    add(column.other)
  end
  for _, names in ipairs(plan.each) do list[#list + 1] = names end
  for _, test in ipairs(plan.mark or {}) do add(test.source) end
  add(plan.unique)
  for _, source in ipairs(plan.distinct or {}) do add(source) end
  return list
end

-- A value that is read whole has no slots inside.
local function is_nested(plan)
  local sources = all_sources(plan)
  for _, inner in ipairs(sources) do
    for _, outer in ipairs(sources) do
      if inner.container == outer.container and is_inside(inner, outer) then return true end
    end
  end
  return false
end

local function add_column(plan, column)
  plan.columns[#plan.columns + 1] = column
  plan.index[column.name] = #plan.columns
end

local function add_fields(plan, dataset, names)
  for name in pairs(names) do
    local field = dataset.fields[name]
    local column, err = column_of(name, field, plan.each)
    if not column then return err end
    add_column(plan, column)
    column.late = field[1] ~= nil and not column.source
    if column.late then plan.constants[#plan.constants + 1] = name end
  end
end

-- Columns that no item has: constant for a part, or absent.
local function add_others(plan, wanted)
  for name in pairs(wanted) do
    if not plan.index[name] then
      add_column(plan, { name = name, kind = "text", is_given = true })
    end
  end
end

local function is_named(dataset, text)
  for _, field in pairs(dataset.fields) do
    if field[1] == text or field.else_path == text then return true end
  end
  return false
end

-- What tells the items apart, where that is said; or nil and why it is not.
local function add_identity(plan, dataset)
  local described = dataset.pages
  plan.ends = pages.needs_rows(described)
  if not (described and described.unique) then return end
  local source, why = source_of(described.unique, {})
  if source and (source.key or source.container) then why = "path " .. described.unique end
  plan.unique = source
  plan.has_loose_key = not is_named(dataset, described.unique)
  return why
end

-- The values that no two items share; or nil and why they are not to be seen in one.
local function add_distinct(plan, dataset)
  for _, name in ipairs(alone.names(dataset)) do
    local text = dataset.fields[name][1]
    local source, why = source_of(text, {})
    if source and (source.key or source.container) then why = "path " .. text end
    if why then return why end
    plan.distinct = plan.distinct or {}
    plan.distinct[#plan.distinct + 1] = source
  end
end

-- What the end mark is known by; or nil and why that is not to be seen in an item.
local function add_mark(plan, dataset)
  local mark = dataset.ends and dataset.ends.mark
  if not mark then return end
  plan.mark = {}
  for text, value in pairs(mark) do
    local source, why = source_of(text, {})
    if why then return why end
    if source.key or source.container then return "path " .. text end
    plan.mark[#plan.mark + 1] = { source = source, value = value }
  end
end

local function present(plan, list, has)
  local names = {}
  for _, name in ipairs(list) do
    if plan.index[name] and has(name) then names[#names + 1] = name end
  end
  return names
end

-- The period of a row is another one than its fields say, for those who read it.
local function add_derived(plan, dataset, wanted)
  if not dataset.row_period then return end
  local row_period = require "usagelua.flow.row_period"
  plan.derive = {
    from = present(plan, row_period.READ, function(name) return dataset.fields[name] ~= nil end),
    to = present(plan, row_period.COLUMNS, function(name) return wanted[name] end),
  }
  for _, name in ipairs(plan.derive.to) do plan.columns[plan.index[name]].is_given = nil end
  for _, name in ipairs(plan.derive.from) do
    if is_constant(dataset.fields[name]) then return ("%s is no item's"):format(name) end
  end
end

-- The columns that show what a row is about, of those that it has.
local function add_expects(plan, dataset)
  for _, name in pairs(dataset.expect or {}) do
    local number = plan.index[name]
    if number and plan.columns[number].kind == "number" then return ("%s is a figure"):format(name) end
    plan.expects[#plan.expects + 1] = number and dataset.fields[name] and name or nil
  end
  table.sort(plan.expects)
end

-- What is read besides, since the dataset wants to know it.
local function with_expected(dataset, wanted)
  local names = {}
  for name in pairs(wanted) do names[name] = true end
  for _, name in pairs(dataset.expect or {}) do names[name] = dataset.fields[name] and true or names[name] end
  return names
end

-- And what tells the period of a row, where that is compared.
local function with_moments(dataset, wanted)
  local names = {}
  for name in pairs(wanted) do names[name] = true end
  local read = dataset.row_period and require("usagelua.flow.row_period").READ or {}
  for _, name in ipairs(read) do
    names[name] = dataset.fields[name] and true or names[name]
  end
  return names
end

local function has_bare(paths)
  for _, text in ipairs(paths) do
    if text:find "{}$" or text:find "%[%]$" then return true end
  end
  return false
end

local function make_plan(dataset, wanted)
  local why = why_not_dataset(dataset)
  if why then return nil, why end
  local asked_for = with_expected(dataset, wanted)
  wanted = with_moments(dataset, asked_for)
  local selected = records.selected(dataset, wanted)
  if not selected then return nil, "items are read whole" end
  if not selected.named then return nil, "numbers are read that no field names" end
  local plan = { columns = {}, index = {}, each = selection.containers(dataset),
    each_optional = dataset.each_optional, constants = {}, expects = {}, paths = selected.paths,
    has_bare = has_bare(selected.paths) }
  why = add_fields(plan, dataset, selected.fields) or add_identity(plan, dataset)
    or add_distinct(plan, dataset) or add_mark(plan, dataset) or add_expects(plan, dataset)
  if why then return nil, why end
  if is_nested(plan) then return nil, "a field lies inside another" end
  add_others(plan, wanted)
  why = add_derived(plan, dataset, asked_for)
  if why then return nil, why end
  return plan
end

-- The same for all answers that are read for the same columns.
local made = setmetatable({}, { __mode = "k" })

---The columns of a dataset's items, where somebody reads these.
---@param dataset table a checked description, which stays as it is
---@param wanted table<string, true>? it stays as it is
---@return usagelua.column_plan? plan
---@return string? why there is none
function columns.plan(dataset, wanted)
  if not wanted then return nil, "all columns are read" end
  local of_wanted = made[wanted] or setmetatable({}, { __mode = "k" })
  made[wanted] = of_wanted
  of_wanted[dataset] = of_wanted[dataset] or table.pack(make_plan(dataset, wanted))
  return table.unpack(of_wanted[dataset], 1, 2)
end

return columns
