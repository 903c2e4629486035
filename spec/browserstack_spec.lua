-- BrowserStack end to end: the binary against the test vendor over real HTTP, on
-- a clock that goes fifty times as fast (support/browserstack.lua).
local asking = require "support.asking"
local browserstack = require "support.browserstack"
local cjson = require "cjson"

local by, sum = asking.by, asking.sum
local JUNE <const> = { startDate = "2026-06-01", endDate = "2026-06-30" }
local world

setup(function() world = browserstack.start() end)
teardown(function() world:stop() end)
before_each(function() world:begin() end)

local function words(first, ...)
  local list = table.move(first, 1, #first, 1, {})
  for _, word in ipairs { ... } do list[#list + 1] = word end
  return list
end

local function fetch(dataset, ...)
  return world:fetch(words({ "browserstack." .. dataset, "--period", "2026-06" }, ...))
end

local function assert_ends(expected, result)
  assert.are.equal(expected, result.status, result.stderr .. result.stdout:sub(1, 2000))
end

local function assert_nothing_left()
  local queue = world:control "queue"
  assert.are.equal(0, queue.alive)
  assert.are.equal(queue.created, queue.deleted)
  assert.are.equal(0, world:control("rate").limited)
end

local function rows_of(document, name)
  for _, section in ipairs(document.sections) do
    if section.name == name then return section.rows, section end
  end
end

describe("5,000 users in 20 teams", function()
  local REPORT <const> = [[
    local usage = require "usagelua"
    local records = usage.collect { { "browserstack.users" }, { "browserstack.teams" } }
    local USERS, TEAMS = { dataset = "browserstack.users" }, { dataset = "browserstack.teams" }
    return usage.report { title = "T",
      usage.table { records:aggregate { where = USERS, group_by = { "product" },
        measures = { "tests", { "duration_s", as = "minutes", unit = "min" }, "cypress_runs" } },
        name = "products" },
      usage.table { records:aggregate { where = USERS, group_by = { "product", "team",
        "parallels_from" }, measures = { "parallels_allocated", "parallels_peak" } },
        name = "parallels" },
      usage.table { records:aggregate { where = { dataset = "browserstack.users",
        has_access = true, last_test = { before = usage.period().from, or_absent = true } },
        group_by = { "team" }, measures = { { "user_id", as = "seats", kind = "distinct" } } },
        name = "idle" },
      usage.table { records:aggregate { where = TEAMS, group_by = { "team" },
        measures = { "members", "duration_s" } }, name = "teams" },
    }]]

  local document

  setup(function()
    world:begin { ledger = { users = 5000, teams = 20 } }
    local result
    document, result = world:script(REPORT, { "--period", "2026-06" })
    assert_ends(0, result)
  end)

  before_each(function() world:set { ledger = { users = 5000, teams = 20 } } end)

  it("have exact totals per product", function()
    local right, rows = world:control("total", JUNE), by(rows_of(document, "products"), "product")
    assert.are.equal(5000, right.users)
    for product, expected in pairs(right.products) do
      assert.are.equal(expected.tests_run, rows[product].tests)
      assert.are.equal(expected.minutes_used or cjson.null, rows[product].minutes)
      assert.are.equal(expected.cypress_executions_run or cjson.null, rows[product].cypress_runs)
    end
  end)

  it("have their parallels once a team and product", function()
    local rows, count = {}, 0
    for _, row in ipairs(rows_of(document, "parallels")) do
      if row.parallels_allocated ~= cjson.null then
        rows[row.team .. " " .. row.product], count = row, count + 1
      end
    end
    assert.are.equal(38, count)
    for _, expected in ipairs(world:control("parallels", JUNE)) do
      local row = rows[expected.team .. " " .. expected.product]
      if expected.team == "Team 13" then -- of guests: nothing is reported of it
        row = { parallels_allocated = expected.allocated, parallels_peak = expected.peak,
          parallels_from = expected.from }
      end
      assert.are.equal(expected.allocated, row.parallels_allocated)
      assert.are.equal(expected.peak, row.parallels_peak)
      assert.are.equal(expected.from, row.parallels_from)
    end
  end)

  it("are idle where they have access and no test since", function()
    local right, seats = world:control("idle", JUNE), 0
    for team, row in pairs(by(rows_of(document, "idle"), "team")) do
      assert.are.equal(right.teams[team], row.seats)
      seats = seats + row.seats
    end
    assert.are.equal(right.seats, seats)
  end)

  it("are the members of their teams", function()
    local rows = rows_of(document, "teams")
    assert.are.equal(20, #rows)
    assert.are.equal(5000, sum(rows, "members"))
  end)
end)

describe("users and teams in one run", function()
  it("share the rate, and leave no job", function()
    world:set { states = { { state = "enqueued", polls = 3 }, { state = "completed" } } }
    local document, result = fetch("users", "browserstack.teams")
    assert_ends(0, result)
    assert.are.equal(2, world:control("queue").created)
    assert_nothing_left()
    local periods = by(document.coverage, "dataset")
    assert.are.equal("assumed", periods["browserstack.users"].period)
    assert.are.equal("assumed", periods["browserstack.teams"].period)
  end)

  it("are asked in no less than the plan's time, with its calls", function()
    world:set { states = { { state = "completed" } } }
    local query = { "browserstack.users", "browserstack.teams", "--period", "2026-01..2026-03",
      "--grain", "month" }
    local plan = cjson.decode(world:run(words({ "plan", "fetch", "-f", "json" },
      table.unpack(query))).stdout)
    local _, result = world:fetch(query)
    assert_ends(0, result)
    local log = world.server:log()
    assert.are.equal(24, plan.calls.least)
    assert.are.equal(plan.calls.least, world:control("rate").calls)
    assert.is_true(log[#log].at - log[1].at >= plan.least_s * 0.99)
    assert_nothing_left()
  end)
end)

-- The built-in description itself, in virtual time, against a vendor that keeps
-- the documented rate.
describe("at 15 requests a minute", function()
  local collect = require "usagelua.collect"
  local forecast = require "usagelua.flow.forecast"
  local loader = require "usagelua.vendor.loader"
  local simulated_run = require "support.simulated_run"

  local function reply(body)
    return { status = 200, headers = { ["content-type"] = "application/json" }, body = body }
  end

  local CREATED <const> = '{"success":true,"message":"Report is successfully queued.","data":'
    .. '{"job_id":"job%d"}}'
  local COMPLETED <const> = '{"success":true,"status":"completed","message":"x"}'
  local REPORT <const> = '{"success":true,"data":{"users":[],"teams":[]}}'

  -- Answers as the vendor would whose every report is ready at once.
  local function vendor()
    local told = { calls = 0, limited = 0, level = 5 }
    return told, function(request, now)
      told.level = math.min(5, told.level + (now - (told.at or now)) / 4) - 1
      told.at, told.calls = now, told.calls + 1
      told.first_at, told.last_at = told.first_at or now, now
      if told.level < 0 then told.limited = told.limited + 1 end
      if request.method == "POST" then return reply(CREATED:format(told.calls)) end
      if request.method == "DELETE" then return reply '{"success":true}' end
      return reply(request.url:find "/status$" and COMPLETED or REPORT)
    end
  end

  for _, case in ipairs { { "2026-06", 1 }, { "2026-01..2026-06", 6 } } do
    it(("the plan's least time of %d months is met within a tenth"):format(case[2]), function()
      local told, answer = vendor()
      local run = simulated_run.new { answer = answer,
        loader = loader.new { kit = require "usagelua.vendor.kit" } }
      local period = run:read_period(case[1])
      local records = collect.new(run, { { "browserstack.users", period = period, grain = "month" },
        { "browserstack.teams", period = period, grain = "month" } })
      local plan = forecast.of(run.queries)
      assert.are.equal(0, #records)
      assert.are.equal(8 * case[2], told.calls)
      assert.are.equal(told.calls, plan.calls.least)
      assert.are.equal(0, told.limited)
      local took_s = told.last_at - told.first_at
      assert.is_true(took_s >= plan.least_s * 0.99, took_s .. " of " .. plan.least_s)
      assert.is_true(took_s <= plan.least_s * 1.1, took_s .. " of " .. plan.least_s)
    end)
  end
end)

describe("a period", function()
  it("is sent as days that both count, in a JSON body", function()
    local function tests(period)
      local document, result = world:fetch { "browserstack.users", "--period", period,
        "--measures", "tests" }
      assert_ends(0, result)
      return document.records[1].tests
    end
    local whole = tests "2026-06"
    local job = world:control("jobs")[1]
    assert.are.same({ "2026-06-01", "2026-06-30" }, { job.startDate, job.endDate })
    assert.are.equal(whole, tests "2026-06-01..2026-06-14" + tests "2026-06-15..2026-06-30")
  end)

  it("may be the vendor's own: no dates are sent, and none are claimed", function()
    local document, result = world:fetch { "browserstack.users", "--period", "vendor" }
    assert_ends(0, result)
    local job = world:control("jobs")[1]
    assert.is_nil(job.startDate)
    assert.are.equal("vendor's own", document.coverage[1].period)
    assert.are.equal("vendor", document.records[1].period)
    assert.are.equal(cjson.null, document.records[1].period_start or cjson.null)
    local right = world:control("total").products.automate
    local tests = 0
    for _, record in ipairs(document.records) do
      if record.product == "automate" and record.tests ~= cjson.null then
        tests = tests + record.tests
      end
    end
    assert.are.equal(right.tests_run, tests)
  end)

  it("of teams is doubted in every record and beside every table", function()
    local document, result = fetch("teams")
    assert_ends(0, result)
    local mark = document.records[1].marks.period
    assert.are.equal("assumed", mark.state)
    assert.truthy(mark.reason:find("nothing documents that team reports take dates", 1, true))
    local shown = world:run { "fetch", "browserstack.teams", "--period", "2026-06" }.stdout
    assert.truthy(shown:gsub("%s+", " "):find("nothing documents that team reports take dates", 1, true),
      shown)
    document = world:fetch { "browserstack.teams", "--period", "vendor" }
    assert.is_nil(document.records[1].marks.period)
  end)
end)

describe("products", function()
  local WORDS <const> = { live_testing = "Live", app_live_testing = "App-Live",
    automate = "Automate", app_automate = "App-Automate" }

  it("are asked for in the vendor's words, and what is left out is not zero", function()
    world:set { product_words = WORDS }
    local document, result = fetch("users", "--set", "products=automate,app_live_testing",
      "--group-by", "product", "--measures", "tests")
    assert_ends(0, result)
    assert.are.same({ app_live_testing = true, automate = true }, world:control("jobs")[1].products)
    local right, rows = world:control("total", JUNE).products, by(document.records, "product")
    assert.are.equal(right.automate.tests_run, rows.automate.tests)
    assert.are.equal(right.app_live_testing.tests_run, rows.app_live_testing.tests)
    for _, name in ipairs { "live_testing", "app_automate" } do assert.is_nil(rows[name]) end
    document = fetch("users", "--set", "products=automate", "--group-by", "product", "--measures",
      "tests", "--where", "product=live_testing")
    assert.are.same({}, document.records)
  end)

  it("are all of them where nothing is said", function()
    world:set { product_words = WORDS }
    assert_ends(0, select(2, fetch "users"))
    assert.is_nil(world:control("jobs")[1].products)
  end)
end)

describe("parallels now", function()
  it("come from two addresses, as gauges", function()
    local document, result = fetch("automate_plan", "browserstack.app_automate_plan")
    assert_ends(0, result)
    local rows = by(document.records, "product")
    assert.are.equal("Automate Pro", rows.automate.plan)
    assert.are.equal(3, rows.automate.sessions_running)
    assert.are.equal(25, rows.automate.sessions_allowed)
    assert.are.equal(20, rows.automate.team_sessions_allowed)
    assert.are.equal(1, rows.automate.sessions_queued)
    assert.are.equal(25, rows.automate.queue_limit)
    assert.are.equal(10, rows.app_automate.sessions_allowed)
    assert.are.equal("vendor's own", document.coverage[1].period)
    document, result = fetch("automate_plan", "browserstack.app_automate_plan", "--measures",
      "sessions_allowed")
    assert_ends(4, result)
    assert.are.equal(cjson.null, document.records[1].sessions_allowed)
  end)

  it("are not none where another document came", function()
    for _, body in ipairs { '{"error":"try later"}', "[]", "{}", "null" } do
      world:begin()
      world:faults { path = "/automate/plan%.json", body = body }
      local document, result = fetch("automate_plan", "browserstack.app_automate_plan")
      assert_ends(4, result)
      local reason = document.coverage[2].reasons[1]
      assert.truthy(reason:find("sessions_running", 1, true) or reason:find("expected an object", 1, true), reason)
    end
  end)
end)

describe("usagelua check", function()
  it("takes the cheapest call, and says what it does not show", function()
    local result = world:run { "check", "browserstack" }
    assert_ends(0, result)
    assert.truthy(result.stdout:find("browserstack  accepted\n", 1, true), result.stdout)
    assert.truthy(result.stdout:find("not shown   whether usage reports are allowed", 1, true))
    assert.are.equal(0, world:control("queue").created)
    assert.are.equal(1, #world.server:log())
    assert.are.equal(5, world:run({ "check", "browserstack" },
      { env = { BROWSERSTACK_ACCESS_KEY = "BS_wrong-key-0123" } }).status)
  end)
end)

describe("usagelua get", function()
  it("gives a raw answer", function()
    local result = world:run { "get", "browserstack", "/automate/plan.json" }
    assert_ends(0, result)
    assert.are.equal(3, cjson.decode(result.stdout).parallel_sessions_running)
  end)
end)

describe("before anything is sent", function()
  local CASES <const> = {
    { "did you mean 'automate'?", "users", "--set", "products=automte" },
    { "did you mean 'products'?", "users", "--set", "product=automate" },
    { "names 'automate' twice", "users", "--set", "products=automate,automate" },
    { "is an empty list", "users", "--set", "products=" },
    { "did you mean 'browserstack.users'?", "user" },
    { "did you mean 'browserstack.teams'?", "team" },
    { "did you mean 'enterprise'?", "users", "--set", "region=enterprize" },
    { "leave region away", "app_automate_plan", "--set", "region=enterprise" },
    { "takes whole days in UTC", "users", "--period", "2026-06-01T00:00:00..2026-06-02T12:00:00" },
    { "takes whole days in UTC", "teams", "--zone", "Europe/Berlin" },
    { "this dataset can be asked by total, year", "users", "--grain", "hour" },
    { "the dataset has no periods", "automate_plan", "--grain", "month" },
    { "did you mean 'parallels_peak'?", "users", "--measures", "parallel_peak" },
    { "count the same usage", "users", "browserstack.teams", "--measures", "duration_s" },
    { "its sum means nothing", "script", "parallels_allocated" },
  }
  for _, case in ipairs(CASES) do
    it("names the mistake: " .. table.concat(case, " ", 2), function()
      local result
      if case[2] == "script" then
        result = select(2, world:script(([[return require("usagelua").collect {
          { "browserstack.users" } }:aggregate { measures = { { "%s", kind = "sum" } } }]]):format(
          case[3])))
      else
        result = world:run(words({ "fetch", "browserstack." .. case[2] }, table.unpack(case, 3)))
      end
      assert_ends(2, result)
      assert.truthy(result.stderr:find(case[1], 1, true), result.stderr)
      assert.are.same({}, world.server:log())
    end)
  end

  it("names all that is missing", function()
    local result = world:run({ "fetch", "browserstack.users" },
      { env = { BROWSERSTACK_USERNAME = "", BROWSERSTACK_ACCESS_KEY = false } })
    assert_ends(2, result)
    assert.truthy(result.stderr:find("BROWSERSTACK_USERNAME", 1, true))
    assert.truthy(result.stderr:find("BROWSERSTACK_ACCESS_KEY", 1, true))
  end)
end)

describe("a recorded run", function()
  it("is replayed to the same bytes, asking nobody", function()
    local cassette = world.folder.path .. "/run.har"
    local query <const> = { "fetch", "browserstack.users", "browserstack.teams", "--period",
      "2026-06", "--group-by", "dataset,product", "--measures", "parallels_peak", "-f", "csv" }
    local recorded = world:run(words(query, "--record", cassette))
    assert_ends(0, recorded)
    world.server:reset()
    local replayed = world:run(words(query, "--replay", cassette),
      { env = { BROWSERSTACK_USERNAME = false, BROWSERSTACK_ACCESS_KEY = false } })
    assert_ends(0, replayed)
    assert.are.equal(recorded.stdout, replayed.stdout)
    assert.are.same({}, world.server:log())
  end)
end)

describe("in bad weather", function()
  local MONTHS <const> = { "2026-02", "2026-03", "2026-04", "2026-05", "2026-06" }
  local LAST <const> = { "28", "31", "30", "31", "30" }

  -- Three of ten calls but creations meet trouble; a creation does not, since a
  -- lost one may leave a job.
  local function storm(seed)
    local rules = {}
    for _, trouble in ipairs { { status = 503 }, { wire = "reset" }, { wire = "cut_body" },
      { status = 429 }, { wire = "gzip_cut" }, { body = "<html>busy</html>", type = "text/html" } } do
      for _, method in ipairs { "GET", "DELETE" } do
        local rule = { method = method, probability = 0.05 }
        for key, value in pairs(trouble) do rule[key] = value end
        rules[#rules + 1] = rule
      end
    end
    world.server:control("/faults", { seed = seed, rules = rules })
  end

  it("totals are exact, and no job is left", function()
    world:set { rate = { burst = 1000, per_minute = 60000 } }
    storm(5)
    local runs = {}
    for i, month in ipairs(MONTHS) do
      runs[i] = world:launch { "fetch", "browserstack.users", "--period", month, "--group-by",
        "product", "--measures", "tests", "-f", "json" }
    end
    for i, run in ipairs(runs) do
      local result = run:wait(300)
      assert.is_truthy(result, "still running: " .. MONTHS[i])
      assert_ends(0, result)
      local right = world:control("total", { startDate = MONTHS[i] .. "-01",
        endDate = MONTHS[i] .. "-" .. LAST[i] }).products
      local rows = by(cjson.decode(result.stdout).records, "product")
      for product, expected in pairs(right) do
        assert.are.equal(expected.tests_run, rows[product].tests)
      end
      run:close()
    end
    world.server:reset()
    assert.are.equal(0, world:control("queue").alive)
  end)
end)
