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

---Raises a usage error where the rule would count the same usage twice.
---@param slots usagelua.slot[]
---@param group_by table[] entries with `name` and `fn`
---@param datasets table[] those that the rule's where lets in
function same_usage.check(slots, group_by, datasets)
  for i, a in ipairs(datasets) do
    for j = i + 1, #datasets do check_pair(a, datasets[j], slots, group_by) end
  end
end

return same_usage
