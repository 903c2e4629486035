-- Real runs stopped at points drawn from seeds (support/stops.lua): SIGINT, SIGTERM and SIGHUP in turn, then
-- kill -9 and the run after it.
--
--     lua5.4 spec/long/stops.lua [STOPS=200] [KILLS=200] [FIRST=1]
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;" .. package.path
package.cpath = "build/lib/?.so;" .. package.cpath

local measure = require "long.measure"

local stops = require "support.stops"

local say = measure.say
local options = measure.options(arg, { STOPS = 200, KILLS = 200, FIRST = 1 })

local function replay(seed, is_kill)
  return ("play it again with make stops STOPS=%d KILLS=%d FIRST=%d"):format(is_kill and 0 or 1, is_kill and 1 or 0,
    seed)
end

local function play(world, name, runs, is_kill)
  local start, broken, left, longest, wrote, ended = measure.now(), 0, 0, 0, 0, 0
  for seed = options.FIRST, options.FIRST + runs - 1 do
    local ok, stop = pcall(world.play, world, seed, { is_kill = is_kill, replay = replay(seed, is_kill) })
    if ok then
      left, longest = left + stop.left, math.max(longest, stop.seconds)
      if stop.wrote then wrote = wrote + 1 end
      if stop.status == 0 then ended = ended + 1 end
    else
      broken = broken + 1
      say("%s: %s", name, stop)
    end
  end
  say("%s: %d, %d broke a promise, %d had written their files, %d had ended, longest %.1f s, %d jobs left that were "
    .. "told of, %s", name, runs, broken, wrote, ended, longest, left, measure.since(start))
  return broken
end

local world = stops.start()
say("%d points in a run of %.1f s", world.points, world.seconds)
local broken = play(world, "signals", options.STOPS, false) + play(world, "kills", options.KILLS, true)
world:stop()
say("stops: %s", broken == 0 and "nothing was left, and no file was half" or broken .. " broke a promise")
measure.exit(broken)
