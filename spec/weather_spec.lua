-- The law of support/weather_case.lua over real HTTP: what goes wrong on the wire is asked again or ends
-- its call with the reason, and runs over all three vendors in 30 % of it are exact or marked. LAW_RUNS
-- plays more of them, from LAW_SEED on; `make weather` plays a hundred and tells the figures.
local weather_kinds = require "support.weather_kinds"
local weather_server = require "support.weather_server"

local RUNS = tonumber(os.getenv "LAW_RUNS") or 2
local FIRST_SEED = tonumber(os.getenv "LAW_SEED") or 1

local world
setup(function() world = weather_server.start() end)
teardown(function() world:stop() end)

-- Of twenty tries again that a vendor has, each kind takes one.
local BATCH <const> = 10

local function batches(kinds)
  local list = {}
  for i = 1, #kinds, BATCH do list[#list + 1] = table.move(kinds, i, i + BATCH - 1, 1, {}) end
  return list
end

-- A run of as many calls as there are kinds: each of these is met by one of the first requests.
local function meet(kinds)
  return world:play(0, { probability = 0, each = kinds, count = #kinds, has_lasting = true, deadline = "200s" })
end

describe("an answer over HTTP", function()
  for number, kinds in ipairs(batches(weather_kinds.passing)) do
    it("is asked for again where it is broken, ten kinds of it: " .. number, function()
      local case = meet(kinds)
      assert.is_true(case.whole, case.text)
      for _, kind in ipairs(kinds) do assert.are.equal(1, case.met[kind.name], kind.name) end
      assert.are.equal(2 * #kinds, case.requests.testmu)
    end)
  end

  it("ends its call where asking again does not help, with the reason", function()
    local kinds = weather_kinds.lasting
    local case = meet(kinds)
    assert.are.equal(5, case.status)
    for _, kind in ipairs(kinds) do
      assert.truthy(case.text:find(kind.reason), kind.name .. ": " .. case.text)
      assert.are.equal(1, case.met[kind.name], kind.name)
    end
    assert.are.equal(#kinds, case.requests.testmu)
  end)
end)

describe("three vendors over broken connections", function()
  for seed = FIRST_SEED, FIRST_SEED + RUNS - 1 do
    local replay = "play it again with LAW_RUNS=1 LAW_SEED=" .. seed

    it("are exact in 30 % weather, seed " .. seed, function()
      local case = world:play(seed, { probability = 0.3, replay = replay })
      for _, query in ipairs(case.queries) do
        if not query.dataset.is_job then assert.is_true(case.by_dataset[query.dataset.name], case.text) end
      end
    end)

    it("are exact or marked where some of it does not pass, seed " .. seed, function()
      world:play(seed + 1000, { probability = 0.3, has_lasting = true, replay = replay })
    end)
  end

  it("are marked where the weather is too bad", function()
    assert.is_false(world:play(99, { probability = 0.9, deadline = "5s" }).whole)
  end)
end)
