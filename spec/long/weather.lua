-- The law of bad weather at length (support/weather_case.lua): runs over all three vendors in 30 % of it,
-- in the simulator and over real HTTP.
--
--     lua5.4 spec/long/weather.lua [SEEDS=100] [SIMULATED=10000] [FIRST=1] [WORLDS=4]
--
-- SEEDS are played over HTTP, on so many servers at a time, SIMULATED in the simulator, both from seed
-- FIRST on. A line of figures for each way; what breaks the law is told with its seed, and the status is 1.
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;" .. package.path
package.cpath = "build/lib/?.so;" .. package.cpath

local measure = require "long.measure"

local tmp = require "support.tmp"
local weather_run = require "support.weather_run"
local weather_server = require "support.weather_server"

local say = measure.say
local options = measure.options(arg, { SEEDS = 100, SIMULATED = 10000, FIRST = 1, WORLDS = 4 })

local function new_count(name)
  return { name = name, runs = 0, exact = 0, marked = 0, wrong = 0, passing = 0, passing_exact = 0,
    start = measure.now() }
end

local function add(count, seed, ok, case)
  count.runs = count.runs + 1
  if not ok then
    count.wrong = count.wrong + 1
    say("%s: %s", count.name, tostring(case))
    return
  end
  local name = case.whole and "exact" or "marked"
  count[name] = count[name] + 1
  if seed % 2 == 0 then return end
  count.passing = count.passing + 1
  if case.whole then count.passing_exact = count.passing_exact + 1 end
end

local function tell(count)
  say("%s: %d seeds, %d exact, %d marked, %d wrong, %s; of %d with faults that pass %d were exact", count.name,
    count.runs, count.exact, count.marked, count.wrong, measure.since(count.start), count.passing,
    count.passing_exact)
end

-- In the simulator ------------------------------------------------------------

local function replay(seed, seeds, simulated)
  return ("play it again with make weather SEEDS=%d SIMULATED=%d FIRST=%d"):format(seeds, simulated, seed)
end

-- Each other seed with faults that last.
local function simulate()
  local folder <close> = tmp.in_memory()
  local count = new_count "simulator"
  for seed = options.FIRST, options.FIRST + options.SIMULATED - 1 do
    add(count, seed, pcall(weather_run.play, seed, { probability = 0.3, has_lasting = seed % 2 == 0,
      folder = folder.path, replay = replay(seed, 0, 1) }))
  end
  tell(count)
  return count.wrong
end

-- Over HTTP -------------------------------------------------------------------

-- Of calls that may be repeated and faults that pass, nothing may be missing.
local function check_exact(case)
  for _, query in ipairs(case.queries) do
    if not case.has_lasting and not query.dataset.is_job and not case.by_dataset[query.dataset.name] then
      error(("seed %d: %s is marked; %s"):format(case.seed, query.dataset.name, case.replay), 0)
    end
  end
  return case
end

local function judged(world, case, result)
  return check_exact(world:judge(case, result))
end

-- Each other seed with faults that last, and those that take their time.
local function begin(slot, seed)
  slot.case = slot.world:launch(seed, { probability = 0.3, has_lasting = seed % 2 == 0, has_slow = true,
    deadline = "10m", replay = replay(seed, 1, 0) })
end

local function finish(slot, count)
  local process <close> = slot.case.process
  add(count, slot.case.seed, pcall(judged, slot.world, slot.case, process:wait(1)))
  slot.case = nil
end

-- Keeps all servers busy.
local function serve()
  local count, slots, seed = new_count "HTTP", {}, options.FIRST
  local last, busy = seed + options.SEEDS - 1, 0
  for i = 1, math.min(options.WORLDS, options.SEEDS) do slots[i] = { world = weather_server.start() } end
  repeat
    for _, slot in ipairs(slots) do
      if slot.case and slot.case.process:has_ended() then
        finish(slot, count)
        busy = busy - 1
      end
      if not slot.case and seed <= last then
        begin(slot, seed)
        seed, busy = seed + 1, busy + 1
      end
    end
    measure.sleep(0.05)
  until busy == 0
  for _, slot in ipairs(slots) do slot.world:stop() end
  tell(count)
  return count.wrong
end

-- A vendor that is down costs its calls and 20 requests, over HTTP as in the simulator.
local function check_cost(case, vendor)
  local calls = 0
  for _, query in ipairs(case.queries) do
    if query.dataset.name:find(vendor, 1, true) == 1 then calls = calls + query.parts end
  end
  if case.requests[vendor] > calls + 20 then
    error(("seed %d: %d requests of %d calls"):format(case.seed, case.requests[vendor], calls), 0)
  end
  return ("%d requests of %d calls"):format(case.requests[vendor], calls)
end

local function bury(vendor)
  local world, start = weather_server.start(), measure.now()
  local ok, told = pcall(function()
    return check_cost(world:play(options.FIRST, { probability = 0, dead = vendor, deadline = "10m" }), vendor)
  end)
  world:stop()
  say("HTTP, dead %s: %s; %s", vendor, tostring(told), measure.since(start))
  return ok and 0 or 1
end

local broken = 0
if options.SIMULATED > 0 then broken = broken + simulate() end
if options.SEEDS > 0 then
  broken = broken + serve()
  for _, vendor in ipairs { "testmu", "browserstack", "workato" } do broken = broken + bury(vendor) end
end
say("weather: %s", broken == 0 and "no figure was wrong" or broken .. " runs broke the law")
measure.exit(broken)
