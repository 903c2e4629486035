-- Which cases there are, and how one is played.
local failures = require "torture.failures"
local laws = require "torture.laws"
local order = require "usagelua.order"

local cases = {}

---A flow, ready to be played: what it gives where nothing fails.
---@param world table
---@param name string
---@param flow torture.flow
---@return table
function cases.begin(world, name, flow)
  local expected = world:run(flow, "none:0")
  assert(expected.status == 0 or expected.status == 3, name .. " does not work:\n" .. expected.stderr)
  return { world = world, name = name, flow = flow, expected = expected }
end

-- How often each function of a family is called, and in all.
local function count(begun, family)
  local report = begun.world:run(begun.flow, family .. ":0").report
  local counts = {}
  for name in report:gmatch "call (%S+)\n" do counts[name] = (counts[name] or 0) + 1 end
  return counts, math.tointeger(tonumber(report:match "calls (%d+)\n"))
end

local function add(list, more)
  table.move(more, 1, #more, #list + 1, list)
end

-- Whichever function asks for it, memory is memory; so is Lua's.
local IS_ONE <const> = { memory = true, lua = true }

---All plans of a family in a flow.
---@param every integer each so many-th call
---@param first integer from this one on
---@return string[]
function cases.plans(begun, family, every, first)
  local counts, all = count(begun, family)
  local list = {}
  if IS_ONE[family] then
    for n = first, all, every do add(list, failures.plans(family, n)) end
    return list
  end
  for _, name in ipairs(order.keys(counts)) do
    for n = first, counts[name], every do add(list, failures.plans(family, n, name)) end
  end
  return list
end

---Plays one.
---@param plan string
---@return string? law that it breaks
---@return string? what is wrong
---@return torture.result
function cases.play(begun, plan)
  local result = begun.world:run(begun.flow, plan)
  local law, what = laws.broken { flow = begun.flow, plan = plan, family = plan:match "^%a+",
    result = result, expected = begun.expected, world = begun.world }
  return law, what, result
end

return cases
