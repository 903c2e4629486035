-- Everything at once for a long time: weather over HTTP against the three test vendors, signals and kill -9 with
-- the run after, the vendors' server started anew each minute, and beside it one interpreter that makes run
-- after run (spec/long/resident.lua). A line a minute; a last line of figures; status 1 on any break.
--
--     lua5.4 spec/long/soak.lua [MINUTES=30] [FIRST=1]
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;" .. package.path
package.cpath = "build/lib/?.so;" .. package.cpath

local measure = require "long.measure"

local cjson = require "cjson"
local core = require "usagelua.core"
local shell = require "support.shell"
local stops = require "support.stops"
local tmp = require "support.tmp"
local weather_server = require "support.weather_server"

local say, now = measure.say, measure.now
local options = measure.options(arg, { MINUTES = 30, FIRST = 1 })
local SECONDS <const> = options.MINUTES * 60

-- How much more the resident may use at the end than after its first minutes.
local GROWTH_KB <const> = 2048

local count = { weather = 0, exact = 0, marked = 0, signals = 0, kills = 0, restarts = 0, told = 0, broken = 0,
  longest = 0 }

local function broke(text)
  count.broken = count.broken + 1
  say("broken: %s", tostring(text))
end

-- The resident ------------------------------------------------------------------

local function start_resident()
  local world, folder = weather_server.start(), tmp.folder()
  local env = {}
  for name, value in pairs(world.env) do env[name] = value end
  env.RESIDENT_URL, env.RESIDENT_SECONDS, env.RESIDENT_FIRST = world.server.url, SECONDS, options.FIRST
  env.RESIDENT_OUT, env.USAGELUA_STATE = folder.path .. "/figures", folder.path .. "/state"
  local process = shell.start({ shell.lua(), "spec/long/resident.lua" }, { env = env })
  return { world = world, folder = folder, process = process }
end

local function figures_of(resident)
  local text = resident.folder:read "figures"
  return text and cjson.decode(text) or { runs = 0, peaks = {}, rss = {}, files = {}, threads = {} }
end

local function highest(list, from, to)
  local most = 0
  for i = from, to do most = math.max(most, list[i]) end
  return most
end

-- The peaks of the last third against those of the first one, the first minute aside.
local function check_memory(figures)
  local peaks = figures.peaks
  local third = math.max(1, (#peaks - 1) // 3)
  local early = highest(peaks, math.min(2, #peaks), math.min(1 + third, #peaks))
  local late = highest(peaks, math.max(1, #peaks - third + 1), #peaks)
  if late > early + GROWTH_KB then broke(("the resident's peak grew from %d to %d KiB"):format(early, late)) end
  return early, late
end

local function check_equal(name, list)
  for _, value in ipairs(list) do
    if value ~= list[1] then return broke(("the resident's %s: %d, then %d"):format(name, list[1], value)) end
  end
end

local function end_resident(resident)
  local result = resident.process:wait(180)
  local output = result and result.stdout .. result.stderr or "it does not end"
  if not result or result.status ~= 0 then broke(output) end
  local figures = figures_of(resident)
  local early, late = check_memory(figures)
  check_equal("descriptors", figures.files)
  check_equal("threads", figures.threads)
  if (figures.alive or math.huge) > figures.told then
    broke(("%s jobs are left, %s are told of"):format(figures.alive, figures.told))
  end
  say("resident: %d runs in one process, %d exact, %d marked, %d wrong, peak %.1f MiB after warm-up and %.1f at the end, "
    .. "%d descriptors, %d threads, %d jobs left of %d told of", figures.runs, figures.exact, figures.marked,
    figures.wrong, early / 1024, late / 1024, figures.files[#figures.files], figures.threads[#figures.threads],
    figures.alive, figures.told)
  resident.process:close()
  resident.world:stop()
  resident.folder:remove()
end

-- The others --------------------------------------------------------------------

local function play_weather(world, seed)
  local ok, case = pcall(world.play, world, seed, { probability = 0.3, has_lasting = seed % 2 == 0,
    replay = ("play it again with make weather SEEDS=1 SIMULATED=0 FIRST=%d"):format(seed) })
  if not ok then return broke(case) end
  count.weather = count.weather + 1
  local name = case.whole and "exact" or "marked"
  count[name] = count[name] + 1
end

local function play_stop(world, seed, is_kill)
  local ok, stop = pcall(world.play, world, seed, { is_kill = is_kill,
    replay = ("play it again with make stops STOPS=%d KILLS=%d FIRST=%d"):format(is_kill and 0 or 1,
      is_kill and 1 or 0, seed) })
  if not ok then return broke(stop) end
  local name = is_kill and "kills" or "signals"
  count[name], count.told = count[name] + 1, count.told + stop.left
  count.longest = math.max(count.longest, stop.seconds)
end

local function line(minute, resident)
  local figures = figures_of(resident)
  say("minute %d: %d runs in weather (%d exact, %d marked), %d signals, %d kills, %d restarts; resident %d runs, "
    .. "peak %.1f MiB; %d broken", minute, count.weather, count.exact, count.marked, count.signals, count.kills,
    count.restarts, figures.runs, (figures.peaks[#figures.peaks] or 0) / 1024, count.broken)
end

local function own_descriptors()
  return #core.file.list "/proc/self/fd"
end

local resident, stopping = start_resident(), stops.start()
local world = weather_server.start()
local began, minute, seed = now(), 1, options.FIRST
collectgarbage()
local descriptors = own_descriptors()
while now() - began < SECONDS do
  play_weather(world, seed)
  play_stop(stopping, seed, false)
  play_stop(stopping, seed, true)
  seed = seed + 1
  if now() - began >= minute * 60 then
    line(minute, resident)
    minute = minute + 1
    world:stop()
    world = weather_server.start()
    count.restarts = count.restarts + 1
  end
end
collectgarbage()
collectgarbage()
if own_descriptors() ~= descriptors then broke(("%d descriptors, then %d"):format(descriptors, own_descriptors())) end
world:stop()
stopping:stop()
end_resident(resident)
say("soak: %d minutes, %d runs in weather (%d exact, %d marked), %d signals (longest %.1f s), %d kills, %d restarts, "
  .. "%d jobs left that were told of, %s", options.MINUTES, count.weather, count.exact, count.marked, count.signals,
  count.longest, count.kills, count.restarts, count.told,
  count.broken == 0 and "nothing broke" or count.broken .. " broke")
measure.exit(count.broken)
