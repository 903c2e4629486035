-- Report jobs in a flow function's hands, over the simulator's vendor of queued reports.
local acme = require "support.acme"
local collect = require "usagelua.collect"
local errors = require "usagelua.errors"
local simulated_jobs = require "support.simulated_jobs"
local simulated_run = require "support.simulated_run"
local weather = require "usagelua.transport.weather"

local STEPS = { "POST /v1/reports", "GET /v1/reports/job-1/status", "GET /v1/reports/job-1/status",
  "GET /v1/reports/job-1/status", "GET /v1/reports/job-1", "DELETE /v1/reports/job-1" }

-- A run whose one dataset, described as a job, is asked by the function; `no_job`: the function
-- says itself what is created.
local function world(flow, options)
  options = options or {}
  local jobs = simulated_jobs.new(options)
  local dataset = simulated_jobs.dataset(nil, { flow = flow })
  if options.no_job then dataset.job, dataset.rows = nil, nil end
  local vendor = simulated_jobs.vendor(dataset)
  local run = simulated_run.new { loader = acme.loader(vendor), seed = options.seed,
    weather = options.weather, answer = function(request, now) return jobs:answer(request, now) end }
  return run, jobs
end

local function records(run, spec)
  local one = { "acme.usage", period = run:read_period "2026-06" }
  for key, value in pairs(spec or {}) do one[key] = value end
  return collect.new(run, { one })
end

local function by_job(ask, _, emit)
  local report <close> = ask:job()
  for user in report:items() do emit(user) end
end

local function reason_of(frame)
  local entry = frame:coverage()[1]
  assert.are.equal(1, entry.failed)
  return entry.reasons[1]
end

describe("ask:job", function()
  it("creates, waits, hands out the whole result and deletes", function()
    local run, jobs = world(by_job)
    assert.are.equal(simulated_jobs.TOTAL, (records(run):value "tests"))
    assert.are.same(STEPS, jobs.asked)
    assert.are.equal('{"endDate":"2026-06-30","startDate":"2026-06-01"}', jobs.jobs[1].body)
  end)

  it("deletes what the function did not close", function()
    local seen
    local run, jobs = world(function(ask, _, emit)
      local report = ask:job()
      seen = report:id()
      for user in report:items() do emit(user) end
    end)
    assert.are.equal(simulated_jobs.TOTAL, (records(run):value "tests"))
    assert.are.same({ "job-1", 0 }, { seen, jobs:alive() })
  end)

  it("deletes when the function fails, and nothing of it counts", function()
    for _, stumble in ipairs { function() error "stumbled" end, function(ask) ask:get "/nothing" end } do
      local run, jobs = world(function(ask, _, emit)
        local report <close> = ask:job()
        for user in report:items() do emit(user) end
        stumble(ask)
      end)
      local frame = records(run)
      assert.are.equal(1, frame:coverage()[1].failed)
      assert.are.same({ 0, 0 }, { #frame, jobs:alive() })
    end
  end)

  it("takes a job in the function's own words, with values of its own", function()
    local run, jobs = world(function(ask, _, emit)
      local report <close> = ask:job({
        create = { path = "/reports", json = { since = "{from}", kind = "{kind}" } }, id = "data.job_id",
        status = { path = "/reports/{job_id}/status" }, state = "status", done = { "completed" },
        result = { path = "/reports/{job_id}" }, delete = { path = "/reports/{job_id}" },
      }, "data.users[]", { kind = "all{x}" })
      for user in report:items() do emit(user) end
    end, { no_job = true })
    assert.are.equal(simulated_jobs.TOTAL, (records(run):value "tests"))
    assert.are.equal('{"kind":"all{x}","since":"2026-06-01"}', jobs.jobs[1].body)
    assert.are.equal(0, jobs:alive())
  end)

  for name, case in pairs {
    ["an unknown name"] = { { create = { path = "/reports", json = { a = "{kind}" } } },
      "ask:job.create: {kind} is no parameter" },
    ["an unknown key"] = { { creat = {} }, "did you mean 'create'" },
    ["no way to its id"] = { { id = false }, "where the job's id is found" },
    ["nothing"] = { nil, "ask:job: say what is created" },
  } do
    it("refuses " .. name .. " before anything is sent", function()
      local described = { create = { path = "/reports" }, id = "data.job_id",
        result = { path = "/reports/{job_id}" }, not_ready = { status = { 404 } } }
      for key, value in pairs(case[1] or {}) do described[key] = value or nil end
      local run, jobs = world(function(ask) ask:job(case[1] and described, "data.users[]") end,
        { no_job = true })
      local reason = reason_of(records(run))
      assert.truthy(reason:find(case[2], 1, true), reason)
      assert.are.same({}, jobs.asked)
    end)
  end

  it("hands out its items once, and none behind the function's end", function()
    local kept
    local run = world(function(ask)
      kept = ask:job()
      kept:items()
      kept:items()
    end)
    assert.matches("the items of a job are handed out once", reason_of(records(run)))
    local ok, err = pcall(kept.items)
    assert.is_false(ok)
    assert.matches("the function has ended", err.message)
  end)

  it("has several jobs at once, as many as the credential may", function()
    local run, jobs = world(function(ask, _, emit)
      ask:all({ 1, 2, 3, 4, 5, 6 }, function()
        local report <close> = ask:job()
        for user in report:items() do emit(user) end
      end)
    end)
    assert.are.equal(6 * simulated_jobs.TOTAL, (records(run):value "tests"))
    assert.is_true(jobs.most_alive > 1 and jobs.most_alive <= 4, tostring(jobs.most_alive))
    assert.are.equal(0, jobs:alive())
  end)
end)

describe("the jobs of a flow", function()
  -- How often the run says that a job is left, or that one more may be there: a creation whose
  -- answer was lost is repeated once, and what is said of both stands there once.
  local function named(run)
    local count = 0
    for _, text in ipairs(run.notes) do
      if text:find "is left at the vendor" or text:find "outcome unknown" then count = count + 1 end
    end
    return count
  end

  -- A page of a proxy that answers a deletion with 200 cannot be told from the vendor's yes.
  local function weather_but_for_deletions()
    local draw_fault = weather.random(0.3)
    return function(request, ...)
      if request.method ~= "DELETE" then return draw_fault(request, ...) end
    end
  end

  it("are exact or marked in 30 % weather, and left behind only where it is said", function()
    local whole = 0
    for seed = 1, 60 do
      local run, jobs = world(by_job, { seed = seed, weather = weather_but_for_deletions() })
      local value, _, state = records(run):value "tests"
      if state == nil then
        assert.are.equal(simulated_jobs.TOTAL, value)
        whole = whole + 1
      else
        assert.are.equal("unknown", state)
      end
      assert.is_true(jobs:alive() <= 2 * named(run),
        ("seed %d: %d left; %s"):format(seed, jobs:alive(), table.concat(run.notes, "; ")))
    end
    assert.is_true(whole > 40, tostring(whole))
  end)

  it("are deleted when the run is stopped at any moment, and leave no rows", function()
    local stopped = 0
    for seed = 1, 60 do
      local run, jobs = world(by_job, { seed = seed })
      run.scheduler:spawn(function()
        run.scheduler:sleep(seed * 0.15)
        run.scheduler:cancel_all(errors.new { kind = "cancelled", message = "stopped" })
      end)
      local ok = pcall(function() return records(run):coverage() end)
      if not ok then stopped = stopped + 1 end
      assert.are.equal(0, jobs:alive(), "seed " .. seed)
      assert.are.equal(0, run.transport.in_flight)
    end
    assert.is_true(stopped > 10 and stopped < 60, tostring(stopped))
  end)
end)
