-- What a rule's result has, so that another rule can be made over it. Sums stay
-- sums; what nothing adds stays so.

local outcome = {}

-- What no longer shows which rows are of a shared pool leaves it open of each.
local function shared_of(slot, groups)
  if type(slot.shared) ~= "table" or groups[slot.shared.column] then return slot.shared end
  return true
end

local function containing(condition, groups)
  if type(condition) ~= "table" or groups[next(condition)] then return condition end
  return true
end

local function measure_of(slot, groups)
  local kind = slot.kind == "count" and "sum" or slot.kind
  local of = slot.of and groups[slot.of] and slot.of or nil
  return {
    unit = slot.unit, kind = kind, negative = slot.negative or nil, of = of, per = slot.per,
    part = slot.part,
    shared = kind == "last" and shared_of(slot, groups) or nil,
    single = kind == "last" and not of or nil,
    counted = (slot.own_kind == "rows" or slot.own_kind == "dimension" or slot.counted) or nil,
  }
end

local function may_supply(plan, dataset, source)
  return not source or dataset.measures[source] ~= nil or not plan.index:lacks(dataset.name, source)
end

local function measures_of(plan, dataset, groups)
  local list = {}
  for _, slot in ipairs(plan.slots) do
    if may_supply(plan, dataset, slot.source) then
      list[slot.name] = measure_of(slot, groups)
    end
  end
  for _, derived in ipairs(plan.derive) do
    list[derived.name] = { unit = "1", kind = "derived", negative = true }
  end
  return list
end

local function const_of(dataset, groups)
  local const = {}
  for name, value in pairs(dataset.const) do
    if groups[name] then const[name] = value end
  end
  return const
end

---What the rule's result has, for a rule over it. It keeps the datasets apart, so
---that the same usage is not added at the second step either.
---@param plan usagelua.plan
---@return usagelua.schema
function outcome.schema(plan)
  local groups, columns, datasets = {}, {}, {}
  for i, group in ipairs(plan.group_by) do
    groups[group.name] = not group.fn
    columns[i] = { name = group.name, type = group.type }
  end
  local is_mixed = #plan.scope.datasets > 1 and not groups.dataset
  for i, dataset in ipairs(plan.scope.datasets) do
    datasets[i] = {
      name = dataset.name, counts = dataset.counts, columns = columns, closed = true,
      measures = measures_of(plan, dataset, groups), periods = dataset.periods,
      const = const_of(dataset, groups), identity = dataset.identity,
      may_contain = containing(dataset.may_contain, groups), mixed = dataset.mixed or is_mixed,
    }
  end
  return { datasets = datasets }
end

return outcome
