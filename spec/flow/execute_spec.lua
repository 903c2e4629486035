local acme = require "support.acme"
local collect = require "usagelua.collect"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local simulated_run = require "support.simulated_run"

local DATASET = {
  params = { team = { list = true, default = { "qa", "dev" } } }, fan_out = { "team" },
  window = { max_days = 31, format = "%Y-%m-%d" },
  request = { path = "/usage", query = { team = "{team}", from = "{from}", to = "{to}" } },
  partial = "meta.partial", answer = "whole",
  fields = { team = { param = "team" }, user_id = "email", account = "$.meta.org", tests = "n",
    screenshots = "shots" },
}
local PAGES = { kind = "page", size_send = "limit", size = 2, total = "meta.total", unique = "email" }

local function row(email, n)
  return { email = email, n = n, shots = 1 }
end

local function document(rows, meta)
  local about = { org = "Acme" }
  for name, value in pairs(meta or {}) do about[name] = value end
  return acme.answer { data = json.array(rows), meta = about }
end

local ROWS = { qa = { row("a", 1), row("b", 2) }, dev = { row("c", 4) } }

-- A run over a vendor whose answers the function gives; `asked` lists what it was asked.
local function world(answer, changes, options)
  local described, asked = {}, {}
  for key, value in pairs(DATASET) do described[key] = value end
  for key, value in pairs(changes or {}) do described[key] = value end
  local settings = { loader = acme.loader(acme.vendor(described)), answer = function(request, now)
    local args = acme.arguments(request.url)
    asked[#asked + 1] = args
    return answer and answer(args, #asked, now) or document(ROWS[args.team])
  end }
  for key, value in pairs(options or {}) do settings[key] = value end
  return simulated_run.new(settings), asked
end

local function records(run, spec)
  local one = { "acme.usage", period = run:read_period "2026-06" }
  for key, value in pairs(spec or {}) do one[key] = value end
  return collect.new(run, { one })
end

local function total(frame, measure)
  return frame:value(measure or "tests")
end

local function names(asked, key)
  local list = {}
  for index, args in ipairs(asked) do list[index] = args[key] end
  table.sort(list)
  return list
end

describe("a query", function()
  it("adds up what all its parts bring", function()
    local run, asked = world()
    local frame = records(run)
    assert.are.equal(7, (total(frame)))
    assert.are.same({ "dev", "qa" }, names(asked, "team"))
    local entry = frame:coverage()[1]
    assert.are.same({ 2, 2, 0, 0 }, { entry.asked, entry.answered, entry.partial, entry.failed })
    assert.are.equal("Acme", entry.account)
    assert.are.equal("assumed", entry.period)
    assert.are.equal("2026-06-01T00:00:00Z", entry.period_start)
  end)

  it("is asked once, whatever reads it", function()
    local run, asked = world()
    local frame = records(run)
    assert.are.same({ 7, 3, 3 }, { (total(frame)), #frame, (total(frame, "screenshots")) })
    assert.are.equal(2, #asked)
  end)

  it("keeps to the cap of its credential, and to a higher one where told", function()
    local function most(spec, count)
      local run = world(function() return nil end, { params = { team = { list = true } } })
      local teams = {}
      for place = 1, count or 10 do teams[place] = tostring(place) end
      spec.team = teams
      ROWS["1"] = {}
      local _ = records(run, spec):coverage()
      return run.transport.most_in_flight
    end
    assert.are.equal(4, most {})
    assert.are.equal(10, most { in_flight = 10 })
    assert.are.equal(1, most { in_flight = 1 })
    assert.are.equal(300, most({ in_flight = 300 }, 310))
  end)

  it("marks a part that failed, and says why", function()
    local run = world(function(args) return args.team == "dev" and acme.answer({}, 403) end)
    local frame = records(run)
    local value, reason, state = total(frame)
    assert.are.same({ 3, "at_least" }, { value, state })
    assert.truthy(reason:find("acme.usage 2026-06 dev: answered 403", 1, true), reason)
    local entry = frame:coverage()[1]
    assert.are.same({ 2, 1, 0, 1 }, { entry.asked, entry.answered, entry.partial, entry.failed })
    assert.are.equal(2, #frame)
  end)

  it("marks only groups that the failed part could have filled", function()
    local run = world(function(args) return args.team == "dev" and acme.answer({}, 403) end)
    local by_team = records(run):aggregate { group_by = "team", measures = "tests" }
    local seen = {}
    for one, marks in by_team:each_marked() do seen[one.team] = { one.tests, marks and marks.tests.state } end
    assert.are.same({ qa = { 3 }, dev = { nil, "unknown" } }, seen)
  end)

  it("ends with the mistake of a script, and leaves nothing running", function()
    local run = world(nil, { record = function() error "a mistake" end })
    local ok, err = pcall(total, records(run))
    assert.is_false(ok)
    assert.truthy(tostring(err):find("a mistake", 1, true), tostring(err))
    assert.are.equal(0, run.transport.in_flight)
  end)

  it("warns once of figures that the description doubts, in our units", function()
    local run = world(nil, {
      params = { team = DATASET.params.team, unit = { one_of = { "ms", "min" }, default = "min" } },
      fields = { team = { param = "team" }, duration_s = { "n", unit = "{unit}" } },
      check = function(record, params)
        if record.duration_s >= 60 then return "long, read in " .. params.unit end
      end })
    local _ = total(records(run), "duration_s")
    assert.are.same({ "acme.usage: long, read in min" }, run.notes)
  end)
end)

describe("a partial answer", function()
  local function partial_until(nth)
    return function(args, count)
      if args.team == "dev" and count < nth then
        return document({ row("c", 0), row("d", 5) }, { partial = true })
      end
    end
  end

  it("is asked for again, and good where it is whole then", function()
    local run, asked = world(partial_until(3))
    local frame = records(run, { team = "dev" })
    assert.are.equal(4, (total(frame)))
    assert.are.equal(3, #asked)
    assert.are.equal(1, frame:coverage()[1].answered)
  end)

  it("is taken as it is where it stays partial", function()
    local run, asked = world(partial_until(1000))
    local frame = records(run, { team = "dev" })
    local value, _, state = total(frame)
    assert.are.same({ 5, "at_least" }, { value, state })
    assert.are.equal(3, #asked)
    local entry = frame:coverage()[1]
    assert.are.same({ 1, 0, 1, 0 }, { entry.asked, entry.answered, entry.partial, entry.failed })
    assert.truthy(entry.reasons[1]:find("partial, in 3 tries", 1, true))
  end)

  it("is better than none where asking again fails", function()
    local run = world(function(_, count)
      if count == 1 then return document({ row("c", 0), row("d", 5) }, { partial = true }) end
      return acme.answer({}, 403)
    end)
    local frame = records(run, { team = "dev" })
    local value, _, state = total(frame)
    assert.are.same({ 5, "at_least" }, { value, state })
    assert.are.equal(1, frame:coverage()[1].partial)
  end)

  it("waits before it asks again", function()
    local run = world(partial_until(1000))
    local _ = total(records(run, { team = "dev" }))
    assert.is_true(run.clock.monotonic() > 1.5)
  end)
end)

describe("pages", function()
  -- The rows of some pages; what the function returns takes the place of a page.
  local function paged(pages, bend)
    local stated = 0
    for _, rows in ipairs(pages) do stated = stated + #rows end
    return world(function(args, count)
      local page = tonumber(args.page)
      return bend and bend(page, count) or document(pages[page] or {}, { total = stated })
    end, { pages = PAGES })
  end
  local THREE = { { row("a", 1), row("b", 2) }, { row("c", 4), row("d", 8) }, { row("e", 16) } }

  it("are read to the stated total", function()
    local run, asked = paged(THREE)
    assert.are.equal(31, (total(records(run, { team = "qa" }))))
    assert.are.same({ "1", "2", "3" }, names(asked, "page"))
    assert.are.equal("2", asked[1].limit)
  end)

  it("are read again from the first where a row came twice, once", function()
    local run, asked = paged(THREE, function(page, count)
      if page == 2 and count < 4 then return document({ row("b", 2), row("c", 4) }, { total = 5 }) end
    end)
    local frame = records(run, { team = "qa" })
    assert.are.equal(31, (total(frame)))
    assert.are.same({ "1", "1", "2", "2", "3" }, names(asked, "page"))
    assert.are.equal(5, #frame)
  end)

  it("are read again where the stated total changed on the way", function()
    local run, asked = paged(THREE, function(page, count)
      if page == 2 and count < 4 then return document({ row("d", 8), row("e", 16) }, { total = 4 }) end
    end)
    assert.are.equal(31, (total(records(run, { team = "qa" }))))
    assert.are.equal(5, #asked)
  end)

  local FAULTS = {
    { "email 'b' came twice", 2, function()
      return document({ row("b", 2), row("c", 4) }, { total = 5 }) end },
    { "meta.total was 5 and is 4 on a later page", 2, function()
      return document({ row("c", 4), row("d", 8) }, { total = 4 }) end },
    { "meta.total says 5 rows, 4 came", 3, function() return document({}, { total = 5 }) end },
  }
  for _, fault in ipairs(FAULTS) do
    it("have failed where it happens again: " .. fault[1], function()
      local run, asked = paged(THREE, function(page) return page == fault[2] and fault[3]() end)
      local frame = records(run, { team = "qa" })
      local value, reason, state = total(frame)
      assert.are.same({ nil, "unknown" }, { value, state == "at_least" and "at_least" or "unknown" })
      assert.truthy(reason:find(fault[1], 1, true), reason)
      assert.are.equal(2 * fault[2], #asked)
      assert.are.equal(0, #frame)
    end)
  end

  it("are of an echoed period only where every one of them says so", function()
    for silent = 1, 3 do
      local run = world(function(args)
        local page = tonumber(args.page)
        local from = page ~= silent and args.from or nil
        return document(THREE[page], { total = 5, from = from, to = from and args.to })
      end, { pages = PAGES, echo = { from = "meta.from", to = "meta.to" },
        request = { path = "/usage", query = { from = "{from}", to = "{to}" } } })
      assert.are.equal("assumed", records(run, { team = "qa" }):coverage()[1].period)
    end
  end)

  it("are not read again for another shape", function()
    local run, asked = paged(THREE, function(page)
      return page == 2 and document({ row("c", -1), row("d", 8) }, { total = 5 })
    end)
    local _ = total(records(run, { team = "qa" }))
    assert.are.equal(2, #asked)
  end)

  it("may be shorter than asked for, where the vendor says how many rows there are", function()
    local run, asked = paged { { row("a", 1) }, { row("b", 2) }, { row("c", 4) } }
    assert.are.equal(7, (total(records(run, { team = "qa" }))))
    assert.are.equal(3, #asked)
  end)

  it("count what came where a later one stays partial", function()
    local run = paged(THREE, function(page)
      return page == 2 and document({}, { partial = true, total = 0 })
    end)
    local frame = records(run, { team = "qa" })
    local value, _, state = total(frame)
    assert.are.same({ 3, "at_least" }, { value, state })
    assert.are.equal(1, frame:coverage()[1].partial)
  end)
end)

describe("a partial page", function()
  it("leaves its query partial, though whole ones follow", function()
    local pages = { { row("a", 1), row("b", 2) }, { row("c", 4) } }
    local run = world(function(args)
      local page = tonumber(args.page)
      return document(pages[page] or {}, { total = 3, partial = page == 1 or nil })
    end, { pages = PAGES })
    local frame = records(run, { team = "qa" })
    local value, _, state = total(frame)
    assert.are.same({ 7, "at_least" }, { value, state })
    local entry = frame:coverage()[1]
    assert.are.same({ 1, 0, 1, 0 }, { entry.asked, entry.answered, entry.partial, entry.failed })
  end)
end)

describe("what no rule can use", function()
  it("is not asked for", function()
    local run, asked = world()
    local frame = records(run)
    local qa = frame:aggregate { where = { team = "qa" }, measures = "tests" }
    frame:aggregate { where = { team = { "qa", "ops" } }, group_by = "team", measures = "tests" }
    run:ask_together({ qa }, "report")
    assert.are.same({ "qa" }, names(asked, "team"))
    local entry = frame:coverage()[1]
    assert.are.same({ 1, 1 }, { entry.asked, entry.answered })
  end)

  it("is asked for as soon as one rule can", function()
    local run, asked = world()
    local frame = records(run)
    local qa = frame:aggregate { where = { team = "qa" }, measures = "tests" }
    frame:aggregate { measures = "tests" }
    run:ask_together({ qa }, "report")
    assert.are.equal(2, #asked)
  end)

  it("still tells a condition that nothing matches which values there are", function()
    local run, asked = world()
    local none = records(run):aggregate { where = { team = "ops" }, measures = "tests" }
    run:ask_together({ none }, "report")
    assert.are.same({}, asked)
    local found = none:result().unmatched[1]
    assert.are.same({ "team", { "dev", "qa" } }, { found.column, found.known })
    assert.are.same({}, none:coverage())
  end)

  it("says of several wanted values only those that nothing has", function()
    local run = world()
    local some = records(run):aggregate { where = { team = { "qa", "ops" } }, measures = "tests" }
    run:ask_together({ some }, "report")
    local unmatched = some:result().unmatched
    assert.are.same({ 1, "ops" }, { #unmatched, unmatched[1].value })
    assert.are.same({ "dev", "qa" }, unmatched[1].known)
  end)

  it("is not read out of the answers", function()
    local run = world(function() return document { { email = "a", n = 1, shots = -1 } } end)
    local frame = records(run)
    local tests = frame:aggregate { measures = "tests" }
    run:ask_together({ tests }, "report")
    assert.are.equal(2, (tests:value "tests"))
    local whole = world(function() return document { { email = "a", n = 1, shots = -1 } } end)
    assert.is_nil((total(records(whole))))
  end)
end)

describe("frames of one report", function()
  local SLOW_S = 0.3

  local function slow()
    return world(function(args)
      local answer = document(ROWS[args.team])
      answer.delay_s = SLOW_S
      return answer
    end, nil, { latency_s = { 0, 0 } })
  end

  it("are asked at the same time", function()
    local run = slow()
    local one, other = records(run, { team = "qa" }), records(run, { team = "dev" })
    local began = run.clock.monotonic()
    run:ask_together({ one, other }, "script")
    local passed = run.clock.monotonic() - began
    assert.is_true(passed >= SLOW_S and passed < 1.5 * SLOW_S, tostring(passed))
    assert.are.same({ 3, 4 }, { (total(one)), (total(other)) })
    assert.are.equal(passed, run.clock.monotonic() - began)
  end)

  it("are asked once where they come from the same records", function()
    local run, asked = slow()
    local frame = records(run)
    local a = frame:aggregate { measures = "tests" }
    local b = frame:aggregate { group_by = "team", measures = "tests" }
    run:ask_together({ a, b, frame, a }, "report")
    run:ask_together({ a }, "report")
    assert.are.equal(2, #asked)
    assert.are.equal(3, #frame)
  end)

  it("end together with the mistake of one of them", function()
    local run = world(nil, { record = function(record) error("a mistake in " .. record.team) end })
    local ok, err = pcall(run.ask_together, run, { records(run, { team = "qa" }),
      records(run, { team = "dev" }) }, "report")
    assert.is_false(ok)
    assert.truthy(tostring(err):find("a mistake in", 1, true))
    assert.are.equal(0, run.transport.in_flight)
  end)

  it("are asked together by a report", function()
    local run = slow()
    local report, section = require "usagelua.report", require "usagelua.report.section"
    local began = run.clock.monotonic()
    local made = report.new({
      section.table { records(run, { team = "qa" }), name = "a" },
      section.table { records(run, { team = "dev" }), name = "b" },
    }, run:for_report())
    assert.are.equal(0, made:status())
    assert.is_true(run.clock.monotonic() - began < 1.5 * SLOW_S)
  end)
end)

describe("the end of the time", function()
  local function late(seconds)
    local run = world(function(args)
      local answer = document(ROWS[args.team])
      answer.delay_s = args.team == "dev" and 1000 or 0
      return answer
    end)
    run.scheduler:deadline_at(run.clock.monotonic() + seconds)
    return run
  end

  it("marks what has not come, and keeps what has", function()
    local run = late(10)
    local frame = records(run)
    local value, reason, state = total(frame)
    assert.are.same({ 3, "at_least" }, { value, state })
    assert.truthy(reason:find("--deadline", 1, true), reason)
    local entry = frame:coverage()[1]
    assert.are.same({ 2, 1, 0, 1 }, { entry.asked, entry.answered, entry.partial, entry.failed })
  end)

  it("marks also what had no time to begin", function()
    local run = late(10)
    local first, second = records(run), records(run, { period = run:read_period "2026-05" })
    local _ = total(first)
    local value, reason, state = total(second)
    assert.is_nil(value)
    assert.are.equal("unknown", state)
    assert.truthy(reason:find("--deadline", 1, true), reason)
    local entry = second:coverage()[1]
    assert.are.same({ 2, 0, 0, 2 }, { entry.asked, entry.answered, entry.partial, entry.failed })
  end)

  it("marks all frames that are asked together", function()
    local run = late(10)
    local one, other = records(run), records(run, { team = "dev" })
    run:ask_together({ one, other }, "script")
    assert.are.equal(3, (total(one)))
    assert.are.equal(1, other:coverage()[1].failed)
    assert.is_nil(other:coverage()[1].period)
  end)

  it("is no other stop, which ends the run", function()
    local run = late(1000)
    run.scheduler:spawn(function()
      run.scheduler:sleep(1)
      run.scheduler:cancel_all(errors.new { kind = "cancelled", message = "stopped by SIGINT" })
    end)
    local ok, err = pcall(total, records(run))
    assert.is_false(ok)
    assert.are.equal("cancelled", errors.from(err).kind)
  end)
end)
