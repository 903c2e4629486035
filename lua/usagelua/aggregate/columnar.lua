-- The result of groups that C holds, without a Lua value for each: rows stay
-- columns there. What only Lua can say of a figure, why it is unknown, is said
-- of those that need it.

local core = require "usagelua.core"
local derive = require "usagelua.aggregate.derive"
local held_marks = require "usagelua.aggregate.held_marks"
local others = require "usagelua.rule.others"
local result = require "usagelua.aggregate.result"
local row_list = require "usagelua.rows.list"

local columnar = {}

local NOTHING <const> = {}

-- Of all columns, and of those that are not derived.
local function names_of(plan)
  local names, added = {}, {}
  for i, column in ipairs(plan.columns) do names[i] = column.name end
  return names, table.move(names, 1, #names - #plan.derive, 1, added)
end

-- `names` are the rows' columns.
local function view_of(plan, rows, names, of_rows)
  local columns, number = {}, {}
  for i, name in ipairs(names) do number[name] = i end
  for i, column in ipairs(plan.columns) do columns[i] = { column = number[column.name] } end
  local view = core.rows.view(rows, columns)
  if #plan.slots > 0 then view:leave_out_absent(#plan.group_by + 1, of_rows) end
  return view
end

-- Derived figures ----------------------------------------------------------

-- Rows of a piece; as many as C makes at once.
local PIECE_ROWS <const> = 4096

-- The derived figures of the present row, and their marks into its own.
local function derived_row(entry, plan, of_rows, number)
  local made, own = {}, nil
  entry.marks = of_rows[number] or NOTHING
  for _, derived in ipairs(plan.derive) do
    local value, mark = derive.value(entry, derived, plan.group_index)
    made[derived.name] = value
    if mark then
      own = own or held_marks.own(of_rows[number])
      own[derived.name], of_rows[number] = mark, own
    end
  end
  return made
end

-- Where pieces end as those of the rows do, of which the last ones from `behind` on
-- came later.
local function ends_of_pieces(count, behind)
  local ends = {}
  for _, part in ipairs { { 0, behind }, { behind, count } } do
    for first = part[1], part[2] - 1, PIECE_ROWS do
      ends[#ends + 1] = math.min(first + PIECE_ROWS, part[2])
    end
  end
  return ends
end

-- Pieces of rows one after another; nil where values fit no columns.
local function joined_pieces(make, ends)
  local all
  for i, last in ipairs(ends) do
    local list = {}
    for number = (ends[i - 1] or 0) + 1, last do list[#list + 1] = make(number) end
    local piece = require("usagelua.rows.columns").of { rows = list }
    if not piece or all and not all:append(piece) then return nil end
    all = all or piece
  end
  return all
end

-- Puts the derived figures beside the others; nil where they fit no columns. The
-- names of all columns.
local function attach_derived(plan, rows, names, of_rows, behind)
  if #plan.derive == 0 or #rows == 0 then return names end
  local view <close> = view_of(plan, rows, names, of_rows)
  local entry, i = { row = {} }, 1
  local own = joined_pieces(function(number)
    if i > #view or view:number(i) ~= number then return {} end
    view:row(i, names, entry.row)
    i = i + 1
    return derived_row(entry, plan, of_rows, number)
  end, ends_of_pieces(#rows, behind))
  if not own then return nil end
  rows:attach(own.rows)
  return table.move(own.names, 1, #own.names, #names + 1, table.move(names, 1, #names, 1, {}))
end

-- Rows that stand for what failed windows may have brought -------------------

-- Puts them behind the others, with their marks, and gives the doubts about them by
-- number; nil where they fit no columns.
local function append_missing(plan, rows, names, entries, of_rows)
  local doubts, list, count = {}, {}, #rows
  for i, entry in ipairs(entries) do
    if not next(entry.row) then return nil end
    list[i], of_rows[count + i], doubts[count + i] = entry.row, entry.marks, entry.doubt
  end
  if #list == 0 then return doubts end
  local column_rows = require "usagelua.rows.columns"
  local more = column_rows.of { rows = list }
  local all = column_rows.new(rows, table.move(names, 1, #plan.group_by, 1, {}), rows:kinds())
  return more and all:append(more) and doubts or nil
end

-- The rows that are shown ---------------------------------------------------

-- Each row in turn, in one table.
local function choose(view, names, plan)
  local entry = { row = {}, marks = NOTHING }
  view:choose(function(i)
    view:row(i, names, entry.row)
    return result.having_verdict(entry, plan)
  end)
end

local function sort(view, plan, place)
  local keys = {}
  for i, key in ipairs(plan.sort) do
    keys[i] = { place[key.name], descending = key.descending, absent_last = true }
  end
  for i in ipairs(plan.group_by) do keys[#keys + 1] = { i } end
  view:sort(keys)
end

local function hangs_on_marks(plan, of_rows)
  for _, key in ipairs(plan.sort) do
    for _, of_row in pairs(of_rows) do
      if of_row[key.name] then return true end
    end
  end
  return false
end

-- What is said of rows by their numbers, by where they stand.
local function by_place(view, of_rows)
  local placed = {}
  if next(of_rows) then
    for number, place in pairs(view:places(of_rows)) do placed[place] = of_rows[number] end
  end
  return placed
end

local function as_tables(view, names)
  local rows = {}
  for i = 1, #view do rows[i] = view:row(i, names) end
  return rows
end

-- What the groups beyond the limit have in common, and the name that they bear.
local function others_texts(plan, view, place, first)
  return others.texts(plan, function(name) return view:is_one_value(place[name], first) end,
    function(name) return view:value(first, place[name]) end)
end

-- The row that stands for the groups beyond the limit; nil where they have no
-- figure together.
local function others_entry(acc, view, place)
  local plan = acc.plan
  local first = plan.limit + 1
  local entry = result.entry_of({ key = {}, figures = acc.held:joined(view, first), is_real = true }, plan)
  if not entry then return nil end
  for name, value in pairs(others_texts(plan, view, place, first)) do entry.row[name] = value end
  derive.add({ entry }, plan)
  return entry
end

-- The rows that are shown, with marks by place, and how many there are in all.
local function shown_rows(acc, view, names, place, of_rows, few, beneath)
  local plan, count = acc.plan, #view
  local rest = plan.others and count > plan.limit and others_entry(acc, view, place)
  view:cut(plan.limit or count)
  local placed = by_place(view, of_rows)
  if not rest and #view > few then return row_list.new(view, names, beneath), placed, count end
  local rows = as_tables(view, names)
  if rest then
    rows[#rows + 1] = rest.row
    placed[#rows] = next(rest.marks) and rest.marks or nil
    count = #rows
  end
  return rows, placed, count
end

---Whether the groups are all in C, and nothing is asked of each but what C can say.
---@param acc usagelua.accumulator
---@return boolean
function columnar.can(acc)
  local is_plain = #acc.plan.slots > 0 and not acc.plan.others
  return acc.held ~= nil and #acc.groups.list == 0 and not acc.plan.period_places
    and (is_plain or #acc.taints.list == 0)
end

local function has_having(plan)
  return plan.having.fn ~= nil or #plan.having.conditions > 0
end

---@param acc usagelua.accumulator
---@param few integer up to so many rows become tables
---@param doubt fun(group: usagelua.group, taint: usagelua.taint)
---@return usagelua.result? nil where the groups have to become Lua values
function columnar.make(acc, few, doubt)
  local plan = acc.plan
  local rows, odd, seen, signs, touched = acc.held:rows(held_marks.tainted(acc))
  local of_rows, place, count = held_marks.of(acc, odd, signs), {}, #rows
  local names, added = names_of(plan)
  local doubts = append_missing(plan, rows, added, held_marks.missing(acc, touched, doubt), of_rows)
  if not doubts then return nil end
  local all = attach_derived(plan, rows, added, of_rows, count)
  if not all or has_having(plan) and next(of_rows) then return nil end
  for i, name in ipairs(names) do place[name] = i end
  for j, slot in ipairs(plan.slots) do
    if seen[j] and slot.source then acc.seen[slot.source] = true end
  end
  local view = view_of(plan, rows, all, of_rows)
  local complete = next(of_rows) == nil and #acc.taints.list == 0
  if has_having(plan) then choose(view, names, plan) end
  sort(view, plan, place)
  local shown, placed, in_all = shown_rows(acc, view, names, place, of_rows, few,
    #plan.derive == 0 and rows or nil)
  local types = row_list.is(shown) and view:types()
  return result.assemble(acc, {
    columns = result.typed_columns(plan, shown, types), rows = shown, marks = placed,
    doubts = by_place(view, doubts),
    left_out = in_all - #shown, complete = complete, hangs_on_marks = hangs_on_marks(plan, of_rows),
  })
end

return columnar
