-- Two datasets may count the same usage, and one dataset may be asked for periods
-- that overlap. A total over both would count it twice, so it is refused, with the
-- way out.

local errors = require "usagelua.errors"
local order = require "usagelua.order"

local same_usage = {}

-- What names the dataset itself, not a part of its usage.
local NAMES_ONLY <const> = { vendor = true, dataset = true }

local function are_apart(a, b)
  for name, value in pairs(a.identity) do
    if not NAMES_ONLY[name] and b.identity[name] ~= nil and b.identity[name] ~= value then
      return true
    end
  end
  return false
end

local function span(period)
  return period.from or period[1], period.to or period[2]
end

-- A vendor's own period has no dates, and may be any.
local function do_overlap(a, b)
  local from, to = span(a)
  local other_from, other_to = span(b)
  if not (from and to and other_from and other_to) then return true end
  return from < other_to and other_from < to
end

local function are_equal(a, b)
  local from, to = span(a)
  local other_from, other_to = span(b)
  return from == other_from and to == other_to
end

local function any_pair(a, b, holds)
  if #a.periods == 0 or #b.periods == 0 then return true end
  for _, mine in ipairs(a.periods) do
    for _, theirs in ipairs(b.periods) do
      if holds(mine, theirs) then return true end
    end
  end
  return false
end

local function counts_of(dataset)
  return dataset.counts or dataset.name
end

local function both_supply(slots, a, b)
  for _, slot in ipairs(slots) do
    if slot.own then return slot.name end -- its functions see the rows of both
    local mine, theirs = a.measures[slot.source], b.measures[slot.source]
    if mine and theirs and slot.kind ~= "count" and not (mine.counted and theirs.counted) then
      return slot.source
    end
  end
end

local function period_label(dataset)
  local period = dataset.periods[1]
  return period and period.label or "its period"
end

local function refuse_datasets(measure, a, b)
  local names = order.sorted { a.name, b.name }
  errors.raise_usage("%s of %s and %s count the same usage and are not added: "
    .. "name one of them in where (where = { dataset = \"%s\" }), or put \"dataset\" in group_by",
    measure, names[1], names[2], names[1])
end

local function refuse_periods(measure, a, b)
  errors.raise_usage("%s of %s is asked for over overlapping periods (%s and %s), and would be "
    .. "counted twice: group by \"period\", or collect the two in frames of their own",
    measure, a.name, period_label(a), period_label(b))
end

-- Nobody says whether the host that is asked without a region has other usage.
local function refuse_regions(measure, a, b)
  errors.raise_usage("%s of %s is asked for with the region %s and without one, and may be counted "
    .. "twice: name the region of both, or put \"region\" in group_by",
    measure, a.name, a.identity.region or b.identity.region)
end

local function has(list, name)
  for _, entry in ipairs(list) do
    if entry.name == name and not entry.fn then return true end
  end
  return false
end

local function tells_periods_apart(group_by)
  return has(group_by, "period") or has(group_by, "period_start") and has(group_by, "period_end")
end

local function check_one_dataset(measure, a, b, group_by)
  local meet = tells_periods_apart(group_by) and are_equal or do_overlap
  if not any_pair(a, b, meet) then return end
  if a.identity.region == b.identity.region then refuse_periods(measure, a, b) end
  if not has(group_by, "region") then refuse_regions(measure, a, b) end
end

local function check_pair(a, b, slots, group_by)
  if counts_of(a) ~= counts_of(b) or are_apart(a, b) then return end
  local measure = both_supply(slots, a, b)
  if not measure then return end
  if a.name == b.name then return check_one_dataset(measure, a, b, group_by) end
  if not has(group_by, "dataset") and any_pair(a, b, do_overlap) then
    refuse_datasets(measure, a, b)
  end
end

-- Which of many could meet ---------------------------------------------------

-- Names that the identities of all have in common.
local function common_names(datasets)
  local names = {}
  for name in pairs(datasets[1].identity) do names[name] = not NAMES_ONLY[name] or nil end
  for _, dataset in ipairs(datasets) do
    for name in pairs(names) do
      if dataset.identity[name] == nil then names[name] = nil end
    end
  end
  return order.keys(names)
end

-- Lists of those whose identities have the same values there.
local function alike_in(datasets, names)
  local tree, lists = {}, {}
  for _, dataset in ipairs(datasets) do
    local at = tree
    for _, name in ipairs(names) do
      local value = dataset.identity[name]
      at[value] = at[value] or {}
      at = at[value]
    end
    if #at == 0 then lists[#lists + 1] = at end
    at[#at + 1] = dataset
  end
  return lists
end

local function by_counts(datasets)
  local lists, of = {}, {}
  for _, dataset in ipairs(datasets) do
    local counts = counts_of(dataset)
    if not of[counts] then
      of[counts] = {}
      lists[#lists + 1] = of[counts]
    end
    table.insert(of[counts], dataset)
  end
  return lists
end

-- All spans in the order of their beginnings; nil where one has no dates.
local function dated_spans(datasets)
  local spans = {}
  for _, dataset in ipairs(datasets) do
    if #dataset.periods == 0 then return nil end
    for _, period in ipairs(dataset.periods) do
      local from, to = span(period)
      if not (from and to) then return nil end
      spans[#spans + 1] = { from, to }
    end
  end
  table.sort(spans, function(a, b) return a[1] < b[1] end)
  return spans
end

-- Whether any two of their periods may overlap.
local function may_overlap(datasets)
  local spans = dated_spans(datasets)
  if not spans then return true end
  local farthest = spans[1]
  for i = 2, #spans do
    if do_overlap(farthest, spans[i]) then return true end
    if spans[i][2] > farthest[2] then farthest = spans[i] end
  end
  return false
end

-- Of each that may meet another the list in which they are, and its place there:
-- a look that thousands can be given.
local function doubtful(datasets)
  local found = {}
  for _, same in ipairs(by_counts(datasets)) do
    for _, list in ipairs(alike_in(same, common_names(same))) do
      if #list > 1 and may_overlap(list) then
        for place, dataset in ipairs(list) do found[dataset] = { list = list, place = place } end
      end
    end
  end
  return found
end

-- Rows are counted, and nothing of theirs is added.
local function counts_only(slots)
  for _, slot in ipairs(slots) do
    if slot.own or slot.kind ~= "count" then return false end
  end
  return true
end

---Raises a usage error where the rule would count the same usage twice.
---@param slots usagelua.slot[]
---@param group_by table[] entries with `name` and `fn`
---@param datasets table[] those that the rule's where lets in
function same_usage.check(slots, group_by, datasets)
  if counts_only(slots) then return end
  local found = doubtful(datasets)
  for _, a in ipairs(datasets) do
    local list, place = found[a] and found[a].list or {}, found[a] and found[a].place or 0
    for i = place + 1, #list do check_pair(a, list[i], slots, group_by) end
  end
end

return same_usage
