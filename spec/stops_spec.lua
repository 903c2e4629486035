-- A sample of support/stops.lua: real runs stopped at points drawn from a seed leave no job that nobody
-- knows and no half file, and the run after a kill is exact. `make stops` plays hundreds.
local stops = require "support.stops"

local FIRST_SEED = tonumber(os.getenv "LAW_SEED") or 1
local RUNS = tonumber(os.getenv "LAW_RUNS") or 2

local world
setup(function() world = stops.start() end)
teardown(function() world:stop() end)

local function play(seed, is_kill)
  return world:play(seed, { is_kill = is_kill, replay = "play it again with LAW_RUNS=1 LAW_SEED=" .. seed })
end

describe("a run that is stopped at any point", function()
  for seed = FIRST_SEED, FIRST_SEED + RUNS - 1 do
    it("by a signal ends clean, seed " .. seed, function()
      assert.is_true(play(seed, false).seconds < 30)
    end)

    it("by kill -9 is made good by the next run, seed " .. seed, function()
      play(seed + 100, true)
    end)
  end
end)
