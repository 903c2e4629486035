-- The law of support/weather_case.lua in the simulator: runs over all three vendors in 30 % weather are
-- exact wherever the faulted calls may be repeated, or marked, and never wrong. LAW_RUNS=10000 plays
-- more of them, from LAW_SEED on; `make weather` plays them all and tells the figures.
local tmp = require "support.tmp"
local weather = require "usagelua.transport.weather"
local weather_run = require "support.weather_run"

local RUNS = tonumber(os.getenv "LAW_RUNS") or 40
local FIRST_SEED = tonumber(os.getenv "LAW_SEED") or 1

-- Bringing each line of the ledger to a real disk is not what takes the time here.
local folder
setup(function() folder = tmp.in_memory() end)
teardown(function() folder:remove() end)

local function play(seed, options)
  local given = { probability = 0.3, folder = ("%s/%s"):format(folder.path, options.name or "run"),
    replay = "play it again with LAW_RUNS=1 LAW_SEED=" .. seed }
  for name, value in pairs(options) do given[name] = value end
  return weather_run.play(seed, given)
end

-- Of runs of the seeds, how many were whole.
local function play_all(options)
  local whole = 0
  for seed = FIRST_SEED, FIRST_SEED + RUNS - 1 do
    if play(seed, options).whole then whole = whole + 1 end
  end
  return whole
end

describe("a run over three vendors", function()
  it("is exact in weather that passes, or a limit says why not", function()
    local whole = play_all { name = "passing" }
    assert.is_true(RUNS < 20 or whole > RUNS * 0.8, tostring(whole))
  end)

  it("is exact or marked in weather that does not pass", function()
    local whole = play_all { name = "lasting", has_lasting = true }
    assert.is_true(RUNS < 20 or whole > RUNS / 3 and whole < RUNS, tostring(whole))
  end)

  for _, vendor in ipairs { "testmu", "browserstack", "workato" } do
    it("costs a dead " .. vendor .. " its calls and 20 requests, and the others nothing", function()
      for seed = FIRST_SEED, FIRST_SEED + RUNS // 12 do
        local case = play(seed, { name = vendor, dead = vendor, probability = 0 })
        local calls = 0
        for _, query in ipairs(case.queries) do
          local is_dead = query.dataset.name:find(vendor, 1, true) == 1
          assert.are.equal(not is_dead, case.by_dataset[query.dataset.name], query.dataset.name)
          if is_dead then calls = calls + query.parts end
        end
        assert.are.equal(4, case.status)
        assert.is_true(#case.met <= calls + 20, ("%d requests of %d calls"):format(#case.met, calls))
      end
    end)
  end

  it("is the same for the same seed", function()
    local one, other = play(7, { name = "once" }), play(7, { name = "twice" })
    assert.are.same({ one.met, one.seconds, one.text }, { other.met, other.seconds, other.text })
  end)
end)

-- One query whose first answer meets the fault.
local function meet(fault)
  return play(1, { name = "meet-" .. fault, probability = 0, first = fault, only = "testmu.summary",
    has_lasting = true })
end

describe("the first answer of a query", function()
  for _, fault in ipairs(weather.names) do
    it("is asked for again after " .. fault, function()
      local case = meet(fault)
      assert.is_true(case.whole)
      assert.are.equal(case.queries[1].parts + 1, case.requests)
    end)
  end

  local lasting = {
    unauthorized = "was not accepted: answered 401", forbidden = "answered 403",
    throttled_for_days = "more than the 3600 s that are waited at most",
    other_json = "expected", key_twice = "duplicate key", huge_headers = "the headers are larger",
    bomb = "expands by more than 200 : 1",
    redirect_away = "a redirect to https://usage.example.net, which is not followed",
  }
  for fault, reason in pairs(lasting) do
    it("ends its window, and marks its figures, after " .. fault, function()
      local case = meet(fault)
      assert.is_false(case.whole)
      assert.are.equal(4, case.status)
      assert.truthy(case.text:find(reason, 1, true), case.text)
      assert.are.equal(case.queries[1].parts, case.requests)
    end)
  end

  it("is asked for where a redirect leads back, three times at most", function()
    assert.is_true(meet("redirect_back").whole)
    local case = play(1, { name = "round", probability = 0, first = "redirect_back", times = 4,
      only = "workato.monthly_tasks", has_lasting = true })
    assert.are.equal(5, case.status)
    assert.truthy(case.text:find("at most 3 are followed", 1, true), case.text)
  end)

  it("meets every fault that there is here", function()
    for _, fault in ipairs(weather.lasting) do
      assert.is_true(lasting[fault] ~= nil or fault == "redirect_back", fault)
    end
  end)
end)
