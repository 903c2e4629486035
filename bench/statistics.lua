-- Medians and ranges of what was measured, and ratios taken inside a round,
-- where two programs met the same minute of the machine.
local statistics = {}

---@class bench.spread
---@field median number
---@field least number
---@field most number

---@param values number[]
---@return bench.spread? nil of no values
function statistics.spread(values)
  if #values == 0 then return nil end
  local sorted = table.move(values, 1, #values, 1, {})
  table.sort(sorted)
  local middle = (#sorted + 1) // 2
  local median = #sorted % 2 == 1 and sorted[middle] or (sorted[middle] + sorted[middle + 1]) / 2
  return { median = median, least = sorted[1], most = sorted[#sorted] }
end

---@param samples table<integer, bench.sample> by round
---@param measure string
---@return bench.spread?
function statistics.of(samples, measure)
  local values = {}
  for _, sample in pairs(samples) do values[#values + 1] = sample[measure] end
  return statistics.spread(values)
end

---How many times the other's measure the first's is.
---@param samples table<integer, bench.sample> by round
---@param others table<integer, bench.sample>
---@param measure string
---@return bench.spread? nil where they share no round
function statistics.ratio(samples, others, measure)
  local ratios = {}
  for round, sample in pairs(samples) do
    local other = others[round]
    if other and sample[measure] and other[measure] and other[measure] > 0 then
      ratios[#ratios + 1] = sample[measure] / other[measure]
    end
  end
  return statistics.spread(ratios)
end

---What a unit costs above what the first program took in the same round.
---@param result bench.result
---@param first bench.result
---@param measure string
---@return bench.spread?
function statistics.unit_cost(result, first, measure)
  local costs = {}
  local amount = result.program.amount - first.program.amount
  for round, sample in pairs(result.samples) do
    local other = first.samples[round]
    if other then costs[#costs + 1] = (sample[measure] - other[measure]) / amount end
  end
  return statistics.spread(costs)
end

return statistics
