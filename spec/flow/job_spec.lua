local acme = require "support.acme"
local reading = require "usagelua.flow.answer"
local collect = require "usagelua.collect"
local errors = require "usagelua.errors"
local forecast = require "usagelua.flow.forecast"
local simulated_jobs = require "support.simulated_jobs"
local simulated_run = require "support.simulated_run"

-- A run over a vendor of queued reports. options: of that vendor; job, dataset, vendor: changes of
-- the description; weather, seed, deadline_s of the run.
local function world(options)
  options = options or {}
  local jobs = simulated_jobs.new(options)
  local described = simulated_jobs.vendor(simulated_jobs.dataset(options.job, options.dataset),
    options.vendor)
  local run = simulated_run.new { loader = acme.loader(described), seed = options.seed,
    weather = options.weather, answer = function(request, now) return jobs:answer(request, now) end }
  if options.deadline_s then
    run.scheduler:deadline_at(run.clock.monotonic() + options.deadline_s)
  end
  return run, jobs
end

local function records(run, spec)
  local one = { "acme.usage", period = run:read_period "2026-06" }
  for key, value in pairs(spec or {}) do one[key] = value end
  return collect.new(run, { one })
end

local function total(run, spec)
  return (records(run, spec):value "tests")
end

local function count(list, pattern)
  local found = 0
  for _, text in ipairs(list) do
    if text:find(pattern) then found = found + 1 end
  end
  return found
end

local function has_note(run, text)
  assert.truthy(table.concat(run.notes, "\n"):find(text, 1, true), table.concat(run.notes, "\n"))
end

describe("a report job", function()
  it("is created, asked about, fetched and deleted", function()
    local run, jobs = world()
    assert.are.equal(12, total(run))
    assert.are.same({ "POST /v1/reports", "GET /v1/reports/job-1/status",
      "GET /v1/reports/job-1/status", "GET /v1/reports/job-1/status", "GET /v1/reports/job-1",
      "DELETE /v1/reports/job-1" }, jobs.asked)
    assert.are.equal('{"endDate":"2026-06-30","startDate":"2026-06-01"}', jobs.jobs[1].body)
    assert.are.same({}, run.notes)
  end)

  it("has its report added up without a row of it, where tables say all", function()
    local run = world()
    local read, got = reading.read, nil
    finally(function() reading.read = read end)
    reading.read = function(...)
      got = table.pack(read(...))
      return table.unpack(got, 1, got.n)
    end
    local sum = records(run):aggregate { measures = { "tests" } }
    run:ask_together({ sum }, "report")
    assert.are.equal(12, (sum:value "tests"))
    assert.are.same({}, got[1].batch.rows)
    assert.is_true(got[1].batch.folded.rows > 0)
  end)

  it("asks less and less often, at first soon", function()
    local run, jobs = world { polls = 12 }
    local times = {}
    jobs.options.answer = function(_, path, _, now)
      if path:find "status" then times[#times + 1] = now end
    end
    local _ = total(run)
    assert.is_true(times[1] - jobs.jobs[1].created_at < 3)
    assert.is_true(times[12] - times[11] > 20 and times[12] - times[11] < 40)
  end)

  it("takes unknown states for pending", function()
    local run, jobs = world { states = { "archiving?" } }
    jobs.options.answer = function(_, path, all, now)
      if path:find "status" and now - all.jobs[1].created_at > 60 then all.options.states = {} end
    end
    assert.are.equal(12, total(run))
    assert.are.equal(1, #jobs.jobs)
  end)

  it("is not failed by a failed poll", function()
    local run, jobs = world()
    local failing = { acme.answer({}, 500), acme.answer({}, 404), { body = "<html>" },
      acme.answer { nothing = 1 }, acme.answer({}, 503) }
    jobs.options.answer = function(_, path)
      return path:find "status" and table.remove(failing, 1) or nil
    end
    assert.are.equal(12, total(run))
    assert.are.same({ 1, 0 }, { #jobs.jobs, jobs:alive() })
  end)

  it("is not failed by polls that fail for minutes", function()
    local run, jobs = world()
    jobs.options.answer = function(_, path, all, now)
      return path:find "status" and now - all.jobs[1].created_at < 120 and acme.answer({}, 503) or nil
    end
    assert.are.equal(12, total(run))
    assert.are.same({ 1, 0 }, { #jobs.jobs, jobs:alive() })
  end)

  it("is not gone where the vendor knows it every other time", function()
    local run, jobs = world { polls = 6 }
    local asked = 0
    jobs.options.answer = function(_, path)
      asked = asked + (path:find "status" and 1 or 0)
      return path:find "status" and asked % 2 == 1 and acme.answer({}, 404) or nil
    end
    assert.are.equal(12, total(run))
    assert.are.same({ 1, 0 }, { #jobs.jobs, jobs:alive() })
  end)

  it("is done by a word in any case", function()
    local run, jobs = world { job = { done = { "COMPLETED" }, failed = { "Failed" } },
      states = { "FAILED", "Completed" } }
    assert.are.equal(12, total(run))
    assert.are.same({ 2, 0 }, { #jobs.jobs, jobs:alive() })
  end)

  it("ends at once where nothing would be different next time", function()
    local run, jobs = world()
    jobs.options.answer = function(_, path) return path:find "status" and acme.answer({}, 403) end
    local frame = records(run)
    assert.is_nil((frame:value "tests"))
    assert.are.equal(1, count(jobs.asked, "status"))
    assert.are.equal(0, jobs:alive())
  end)

  it("that fails is created once more", function()
    local run, jobs = world { states = { "failed" } }
    assert.are.equal(12, total(run))
    assert.are.same({ 2, 0 }, { #jobs.jobs, jobs:alive() })
    has_note(run, "failed and was created once more")
  end)

  it("that fails twice has failed, with the vendor's reason", function()
    local run, jobs = world { states = { "failed", "failed" } }
    local frame = records(run)
    local value, reason, state = frame:value "tests"
    assert.are.same({ nil, "unknown" }, { value, state })
    assert.truthy(reason:find("job-2 failed ('failed'): 'as it is'", 1, true), reason)
    assert.are.same({ 2, 0 }, { #jobs.jobs, jobs:alive() })
  end)

  it("that the vendor forgets is created once more", function()
    local run, jobs = world()
    jobs.options.answer = function(_, path)
      return path:find "job%-1/status" and acme.answer({}, 404)
    end
    assert.are.equal(12, total(run))
    assert.are.same({ 2, 0 }, { #jobs.jobs, jobs:alive() })
  end)

  it("that is done and not there yet is asked for again", function()
    local run, jobs = world { late = 3 }
    assert.are.equal(12, total(run))
    assert.are.equal(4, jobs.jobs[1].fetches)
  end)

  it("may say by an answer without rows that it is not there yet", function()
    local run, jobs = world { job = { not_ready = { empty = true } } }
    local early = 2
    jobs.options.answer = function(method, path)
      if method ~= "GET" or path:find "status" or early == 0 then return nil end
      early = early - 1
      return acme.answer { data = {} }
    end
    assert.are.equal(12, total(run))
    assert.are.equal(3, count(jobs.asked, "GET /v1/reports/job%-1$"))
  end)

  it("has no result where the vendor refuses it otherwise", function()
    local run, jobs = world { late = 1, job = { not_ready = false } }
    local _, reason = records(run):value "tests"
    assert.truthy(reason:find("answered 404", 1, true), reason)
    assert.are.equal(0, jobs:alive())
  end)

  it("is given up after its time, deleted, and says what it was last", function()
    local run, jobs = world { polls = 1000, job = { time_s = 120 } }
    local _, reason = records(run):value "tests"
    assert.truthy(reason:find("waited for 120 s; it is still 'enqueued'", 1, true), reason)
    assert.are.equal(0, jobs:alive())
    assert.is_true(run.clock.monotonic() < 160)
  end)

  it("is given up where the run has no time left, and deleted before its end", function()
    local run, jobs = world { polls = 1000, deadline_s = 60 }
    local _, reason = records(run):value "tests"
    assert.truthy(reason:find("no time left", 1, true), reason)
    assert.are.equal(0, jobs:alive())
    assert.is_true(run.clock.monotonic() <= 60)
  end)

  it("needs an id that can stand in a path", function()
    for _, id in ipairs { "../x", "..", "a.b", "a/b", "a b", ("x"):rep(129), "", "ä", true } do
      local run, jobs = world()
      jobs.options.answer = function(method)
        return method == "POST" and acme.answer { data = { job_id = id } } or nil
      end
      local _, reason = records(run):value "tests"
      assert.truthy(reason:find("expected a job id", 1, true), reason)
      assert.are.equal(1, #jobs.asked)
      has_note(run, "perhaps one job more")
    end
  end)

  it("takes ids that are numbers, and 128 characters", function()
    for _, id in ipairs { 4711, ("x"):rep(128) } do
      local run, jobs = world()
      jobs.options.answer = function(method, path)
        if method == "POST" then return acme.answer { data = { job_id = id } } end
        if path:find "status" then return acme.answer { status = "Completed" } end
        if method == "GET" then return acme.answer { data = { users = simulated_jobs.ROWS } } end
        return acme.answer {}
      end
      assert.are.equal(12, total(run))
      assert.are.equal("DELETE /v1/reports/" .. id, jobs.asked[4])
    end
  end)
end)

describe("creating a report job", function()
  local function lose(times, also)
    return function(method, _, vendor, now)
      if method ~= "POST" or times == 0 then return nil end
      times = times - 1
      if also then
        vendor.jobs[#vendor.jobs + 1] = { id = "lost", number = #vendor.jobs + 1, created_at = now,
          polls = 0, fetches = 0 }
      end
      return acme.answer({}, 502)
    end
  end

  it("is repeated once after a lost answer, and says that there may be one more", function()
    local run, jobs = world { answer = lose(1, true) }
    local frame = records(run)
    assert.are.equal(12, (frame:value "tests"))
    assert.are.same({ 2, 1 }, { #jobs.jobs, jobs:alive() })
    has_note(run, "outcome unknown, perhaps one job more")
    local entry = frame:coverage()[1]
    assert.are.equal(1, entry.answered)
    assert.truthy(entry.notes[1]:find("perhaps one job more", 1, true))
  end)

  it("is given up after a second lost answer", function()
    local run, jobs = world { answer = lose(5) }
    assert.is_nil((records(run):value "tests"))
    assert.are.equal(2, count(jobs.asked, "POST"))
  end)

  it("is not repeated after an answer that was not read, and says that there may be one more", function()
    for _, fault in ipairs { "bomb", "huge_headers" } do
      local run, jobs = world { weather = function(_, number)
        return number == 1 and fault or nil
      end }
      assert.is_nil((records(run):value "tests"))
      assert.are.same({ 1, 1 }, { count(jobs.asked, "POST"), jobs:alive() })
      has_note(run, "outcome unknown, perhaps one job more")
    end
  end)

  it("is not repeated after a second lost answer, though the queue was full in between", function()
    local answers = { acme.answer({}, 502), acme.answer({ message = "concurrent jobs" }, 422),
      acme.answer({}, 502) }
    local run, jobs = world { answer = function(method)
      return method == "POST" and table.remove(answers, 1) or nil
    end }
    assert.is_nil((records(run):value "tests"))
    assert.are.same({ 3, 0 }, { count(jobs.asked, "POST"), #jobs.jobs })
  end)

  it("is repeated as often as need be where the vendor says that it did nothing", function()
    local times = 4
    local run, jobs = world { answer = function(method)
      if method ~= "POST" or times == 0 then return nil end
      times = times - 1
      return acme.answer({}, 429)
    end }
    assert.are.equal(12, total(run))
    assert.are.equal(5, count(jobs.asked, "POST"))
    assert.are.same({}, run.notes)
  end)

  it("waits for room in a full queue", function()
    local run, jobs = world { limit = 1, polls = 3 }
    assert.are.equal(36, total(run, { team = "a,b,c" }))
    assert.are.same({ 3, 0, 1 }, { #jobs.jobs, jobs:alive(), jobs.most_alive })
    assert.is_true(jobs.refused > 0)
    assert.are.same({}, run.notes)
  end)

  it("gives up a queue that stays full", function()
    local run = world { limit = 0, job = { time_s = 100 } }
    local _, reason = records(run):value "tests"
    assert.truthy(reason:find("waited for 100 s", 1, true), reason)
    assert.truthy(reason:find("answered 422", 1, true), reason)
  end)

  it("keeps to so many live jobs of a credential", function()
    local run, jobs = world { job = { live = 2 }, vendor = { rate = { in_flight = 8 } } }
    assert.are.equal(72, total(run, { team = "a,b,c,d,e,f" }))
    assert.are.equal(2, jobs.most_alive)
  end)

  it("gives its place back where it is refused", function()
    local run, jobs = world { job = { live = 1 } }
    local refused = false
    jobs.options.answer = function(method)
      if method ~= "POST" or refused then return nil end
      refused = true
      return acme.answer({}, 403)
    end
    local frame = records(run, { team = { "a", "b" } })
    assert.are.same({ 12, "at_least" }, { frame:value "tests", (select(3, frame:value "tests")) })
    assert.are.same({ 1, 0 }, { #jobs.jobs, jobs:alive() })
  end)

  it("may be answered with the result itself", function()
    local run, jobs = world { job = { ready_status = 200, id = false, location = true } }
    jobs.options.answer = function(method)
      return method == "POST" and acme.answer { data = { users = simulated_jobs.ROWS } } or nil
    end
    assert.are.equal(12, total(run))
    assert.are.same({ "POST /v1/reports" }, jobs.asked)
  end)

  it("may name the job in a header, or by its address", function()
    for _, way in ipairs { { "id_header", "X-Job", "x-job", "job-1" },
      { "location", true, "location", "/v1/reports/job-1" },
      { "location", true, "location", "https://api.acme.test/elsewhere/job-1/" } } do
      local run, jobs = world { job = { id = false, [way[1]] = way[2] } }
      local answer = jobs.answer
      function jobs:answer(request, now)
        local made = answer(self, request, now)
        if request.method == "POST" then made.headers[way[3]] = way[4] end
        return made
      end
      assert.are.equal(12, total(run))
      assert.are.equal(0, jobs:alive())
    end
  end)

  it("refuses an address that leads to somebody else", function()
    local run, jobs = world { job = { id = false, location = true } }
    jobs.options.answer = function()
      return { status = 202, headers = { location = "https://other.test/v1/reports/job-1" } }
    end
    local _, reason = records(run):value "tests"
    assert.truthy(reason:find("leads away from https://api.acme.test", 1, true), reason)
    assert.are.equal(1, #jobs.asked)
  end)
end)

describe("a call that may stand elsewhere", function()
  it("is asked there once the first place knows nothing", function()
    local run, jobs = world { job = { result = { path = "/team/{job_id}",
      instead = { path = "/reports/{job_id}" } }, delete = { path = "/team/{job_id}",
      instead = { path = "/reports/{job_id}" } } } }
    assert.are.equal(12, total(run))
    assert.are.same({ 1, 1, 1, 1 }, { count(jobs.asked, "GET /v1/team"),
      count(jobs.asked, "GET /v1/reports/job%-1$"), count(jobs.asked, "DELETE /v1/team"),
      count(jobs.asked, "DELETE /v1/reports") })
    assert.are.equal(0, jobs:alive())
    assert.are.same({}, run.notes)
  end)

  it("is not asked there for another reason", function()
    local run, jobs = world { job = { result = { path = "/reports/{job_id}",
      instead = { path = "/user/{job_id}" } } } }
    jobs.options.answer = function(method, path)
      return method == "GET" and path:find "job%-1$" and acme.answer({}, 403) or nil
    end
    assert.is_nil((records(run):value "tests"))
    assert.are.equal(0, count(jobs.asked, "/user/"))
  end)
end)

describe("deleting a report job", function()
  it("that is not there any more, or may not be deleted, is a warning", function()
    for _, status in ipairs { 404, 409, 410, 422 } do
      local run, jobs = world()
      jobs.options.answer = function(method)
        return method == "DELETE" and acme.answer({}, status) or nil
      end
      local frame = records(run)
      assert.are.equal(12, (frame:value "tests"))
      has_note(run, "deleting the report job job-1")
      assert.are.equal(1, frame:coverage()[1].answered)
      assert.are.equal(1, count(jobs.asked, "DELETE"))
    end
  end)

  it("is no warning where only the answer was lost", function()
    local run, jobs = world()
    local lost = true
    local answer = jobs.answer
    function jobs:answer(request, now)
      local made = answer(self, request, now)
      if request.method ~= "DELETE" or not lost then return made end
      lost = false
      return acme.answer({}, 502)
    end
    assert.are.equal(12, total(run))
    assert.are.same({ 2, 0 }, { count(jobs.asked, "DELETE"), jobs:alive() })
    assert.are.same({}, run.notes)
  end)

  it("that cannot be done leaves the figures, and says so", function()
    local run, jobs = world()
    jobs.options.answer = function(method)
      return method == "DELETE" and acme.answer({}, 403) or nil
    end
    assert.are.equal(12, total(run))
    has_note(run, "job-1 is left at the vendor")
    has_note(run, "usagelua ledger --delete")
  end)

  it("is done after a script's own mistake", function()
    local run, jobs = world { dataset = { record = function() error "a mistake" end } }
    local ok, err = pcall(total, run, { team = "a,b,c" })
    assert.is_false(ok)
    assert.truthy(tostring(err):find("a mistake", 1, true), tostring(err))
    assert.is_true(#jobs.jobs > 0)
    assert.are.equal(0, jobs:alive())
  end)
end)

-- At every moment of a run: what is there then is deleted.
describe("a run that is stopped", function()
  local function stop_after(seconds)
    local run, jobs = world { rate = { burst = 5, per_minute = 15 }, polls = 4 }
    local stopped_at
    run.scheduler:spawn(function()
      run.scheduler:sleep(seconds)
      stopped_at = run.clock.monotonic()
      run.scheduler:cancel_all(errors.new { kind = "cancelled", signal = 2, message = "stopped" })
    end)
    local ok, err = pcall(run.scheduler.run, run.scheduler, function()
      return total(run, { team = "a,b" })
    end)
    return jobs, ok, err, stopped_at and run.clock.monotonic() - stopped_at or 0
  end

  it("leaves no job, and has deleted all of them within seconds", function()
    local cancelled = 0
    for tenth = 0, 400 do
      local jobs, ok, err, took = stop_after(tenth / 10)
      assert.are.equal(0, jobs:alive(), ("stopped after %g s"):format(tenth / 10))
      assert.are.equal(0, jobs.limited, ("stopped after %g s"):format(tenth / 10))
      if not ok then
        cancelled = cancelled + 1
        assert.are.equal("stopped", errors.from(err).message)
        assert.is_true(took < 3, ("%g s after stopping at %g s"):format(took, tenth / 10))
      end
    end
    assert.is_true(cancelled > 200)
  end)
end)

describe("polls of several jobs", function()
  it("share the credential's rate: the vendor never has to slow us down", function()
    local run, jobs = world { rate = { burst = 5, per_minute = 15 }, polls = 6 }
    assert.are.equal(48, total(run, { team = "a,b,c,d" }))
    assert.are.equal(0, jobs.limited)
  end)
end)

describe("the forecast of report jobs", function()
  for _, teams in ipairs { "a", "a,b", "a,b,c,d", "a,b,c,d,e,f,g,h" } do
    it("names the calls and the time that jobs of " .. teams .. " take at least", function()
      local run, jobs = world { polls = 0, rate = { burst = 5, per_minute = 15 } }
      local frame = records(run, { team = teams })
      local expected = forecast.of(run.queries)
      local start = run.clock.monotonic()
      local _ = frame:value "tests"
      local took_s = run.clock.monotonic() - start
      assert.are.equal(#jobs.asked, expected.calls.least)
      assert.is_false(expected.calls.exact)
      assert.is_true(took_s >= expected.least_s, ("%g, at least %g"):format(took_s, expected.least_s))
      assert.is_true(took_s <= expected.least_s * 1.1 + 1, ("%g, at least %g"):format(took_s,
        expected.least_s))
    end)
  end

  it("shows what is sent of the period, and a single call where the vendor may answer at once", function()
    local run = world { job = { ready_status = 200 } }
    local _ = records(run)
    local query = forecast.of(run.queries).queries[1]
    assert.are.same({ least = 1, exact = false }, query.calls)
    assert.are.same({ { "startDate", "2026-06-01" }, { "endDate", "2026-06-30" } },
      { { query.windows[1].sent[1][1], query.windows[1].sent[1][2] },
        { query.windows[1].sent[2][1], query.windows[1].sent[2][2] } })
  end)
end)
