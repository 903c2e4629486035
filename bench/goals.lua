-- What a row aims at, judged on the medians of what was measured. A goal is
-- one of
--
--   { to = NAME, at_most = 1.2 }    times the time of that program
--   { to = NAME, at_least = 9 }     times as fast as that program
--   { peak_mb = 20 }                of memory
--   { flat = 1.2 }                  dearest to cheapest point of a curve, by CPU
--   { growth_mb = 1 }               of memory along a curve
local shown = require "shown"
local statistics = require "statistics"

local goals = {}

---@class bench.verdict
---@field goal string in words
---@field found string
---@field by_cpu string the same by seconds of CPU, where time is judged
---@field is_met boolean? nil where it could not be judged
---@field reason string? why not

local function by_name(row, name)
  for _, result in ipairs(row.results) do
    if result.program.name == name then return result end
  end
end

local function problem_of(results)
  for _, result in ipairs(results) do
    if result.problem then return result.problem end
  end
end

-- The ratio that a goal speaks of: our time to theirs, or theirs to ours.
local function judge_ratio(row, goal, is_met, turn)
  local own, other = row.results[1], by_name(row, goal.to)
  local reason = problem_of { own, other }
  if reason then return { found = "–", by_cpu = "–", reason = reason } end
  local above, below = own, other
  if turn then above, below = other, own end
  local found = statistics.ratio(above.samples, below.samples, row.measure or "wall")
  local by_cpu = statistics.ratio(above.samples, below.samples, "cpu")
  return { found = shown.ratio(found), by_cpu = shown.ratio(by_cpu), is_met = is_met(found.median) }
end

local function title_of(row, goal)
  return by_name(row, goal.to).program.title
end

local function peak_mb(result)
  return statistics.of(result.samples, "peak_kb").most / 1024
end

-- The least and the most of something over the points behind the first.
local function extent(row, value)
  local least, most = math.huge, 0
  for place = 2, #row.results do
    local found = value(row.results[place])
    least, most = math.min(least, found), math.max(most, found)
  end
  return least, most
end

local KINDS <const> = {
  at_most = function(row, goal)
    local verdict = judge_ratio(row, goal, function(found) return found <= goal.at_most end)
    verdict.goal = ("≤ %g × the time of %s"):format(goal.at_most, title_of(row, goal))
    return verdict
  end,

  at_least = function(row, goal)
    local verdict = judge_ratio(row, goal, function(found) return found >= goal.at_least end, true)
    verdict.goal = ("≥ %g × as fast as %s"):format(goal.at_least, title_of(row, goal))
    return verdict
  end,

  peak_mb = function(row, goal)
    local verdict = { goal = ("peak memory ≤ %g MB"):format(goal.peak_mb), found = "–", by_cpu = "–" }
    local own = row.curve and row.results or { row.results[1] }
    verdict.reason = problem_of(own)
    if verdict.reason then return verdict end
    local most = 0
    for _, result in ipairs(own) do most = math.max(most, peak_mb(result)) end
    verdict.found, verdict.is_met = ("%.1f MB"):format(most), most <= goal.peak_mb
    return verdict
  end,

  growth_mb = function(row, goal)
    local verdict = { goal = ("peak memory grows by ≤ %g MB"):format(goal.growth_mb), found = "–",
      by_cpu = "–" }
    verdict.reason = problem_of(row.results)
    if verdict.reason then return verdict end
    local least, most = extent(row, peak_mb)
    verdict.found, verdict.is_met = ("%.1f MB"):format(most - least), most - least <= goal.growth_mb
    return verdict
  end,

  flat = function(row, goal)
    local words = "cost per %s flat within %.0f %% (by CPU)"
    local verdict = { goal = words:format(row.curve, goal.flat * 100 - 100), found = "–", by_cpu = "–" }
    verdict.reason = problem_of(row.results)
    if verdict.reason then return verdict end
    local function spread_of(measure)
      local least, most = extent(row, function(result)
        return statistics.unit_cost(result, row.results[1], measure).median
      end)
      return most / least
    end
    local by_cpu = spread_of "cpu"
    verdict.found, verdict.by_cpu = ("%.2f"):format(spread_of "wall"), ("%.2f"):format(by_cpu)
    verdict.is_met = by_cpu <= goal.flat
    return verdict
  end,
}

---Judges each goal of a row.
---@param row bench.measurement with its results
---@return bench.verdict[]
function goals.judge(row)
  local verdicts = {}
  for place, goal in ipairs(row.goals) do
    for kind, judge in pairs(KINDS) do
      if goal[kind] then verdicts[place] = judge(row, goal) end
    end
  end
  return verdicts
end

return goals
