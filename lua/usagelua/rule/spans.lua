-- The periods that datasets are asked for, in the order of time. Labels stand in the
-- order of their text, as all names do; that is another one where a period cuts
-- weeks in two (2026-06-29..2026-06-30 goes before 2026-W23).

local order = require "usagelua.order"

local spans = {}

local function earlier(compare)
  return function(a, b)
    if a.from ~= b.from then return a.from < b.from end
    return compare(a.label, b.label) < 0
  end
end

---Each label once, the earliest first; a vendor's own period is none.
---@param datasets table[] of a schema
---@return { label: string, from: integer, to: integer }[]
function spans.of(datasets)
  local list, seen = {}, {}
  for _, dataset in ipairs(datasets) do
    for _, span in ipairs(dataset.periods or {}) do
      if span.label and span.from and not seen[span.label] then
        seen[span.label] = true
        list[#list + 1] = span
      end
    end
  end
  table.sort(list, earlier(order.comparer()))
  return list
end

---The same by label.
---@param datasets table[] of a schema
---@return table<string, { from: integer, to: integer }>
function spans.by_label(datasets)
  local map = {}
  for _, span in ipairs(spans.of(datasets)) do map[span.label] = span end
  return map
end

---The place of each label in time, where its text does not tell it.
---@param datasets table[] of a schema
---@return table<string, integer>? places nil where labels stand in the order of time
function spans.places(datasets)
  local list, compare = spans.of(datasets), order.comparer()
  local places, differ = {}, false
  for i, span in ipairs(list) do
    places[span.label] = i
    differ = differ or i > 1 and compare(list[i - 1].label, span.label) > 0
  end
  return differ and places or nil
end

return spans
