-- TestMu end to end: the binary against the test vendor over real HTTP.
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local server, env, binary

local function usagelua(arguments, options)
  options = options or {}
  local words = { binary, table.unpack(arguments) }
  local environment = {}
  for name, value in pairs(env) do environment[name] = value end
  for name, value in pairs(options.env or {}) do environment[name] = value end
  return shell.run(words, { env = environment, timeout_s = 300, cwd = options.cwd })
end

local function fetch(dataset, ...)
  local result = usagelua { "fetch", dataset, "-f", "json", ... }
  local ok, document = pcall(cjson.decode, result.stdout)
  return ok and document or nil, result
end

local function by(records, column, extra)
  local found = {}
  for _, record in ipairs(records) do
    local key = record[column]
    if key ~= cjson.null and key ~= nil and (not extra or extra(record)) then found[key] = record end
  end
  return found
end

local function asked(path)
  local list = {}
  for _, request in ipairs(server:log()) do
    if request.path:find(path, 1, true) then list[#list + 1] = request end
  end
  return list
end

local function epoch(text)
  return tonumber((shell.output { "date", "-u", "-d", text, "+%s" }))
end

local function sum(records, measure)
  local total = 0
  for _, record in ipairs(records) do
    if record[measure] and record[measure] ~= cjson.null then total = total + record[measure] end
  end
  return total
end

setup(function()
  server = nginx.start { vendors = { "testmu" } }
  env = server:environment()
  binary = shell.usagelua()
end)

teardown(function() server:stop() end)

before_each(function()
  server:reset()
  server:control("/testmu/settings", {})
end)

describe("testmu.summary", function()
  it("gives the figures of the documented sample", function()
    server:control("/testmu/settings", { sample = true })
    local document, result = fetch("testmu.summary", "--period", "2026-06-23", "--set",
      "type=account-user")
    assert.are.equal(0, result.status, result.stderr)
    local product = by(document.records, "product")
    assert.are.equal(8450, product.automation.tests)
    assert.are.equal(312.54, product.automation.duration_s)
    assert.are.equal(6800, product.smartui.screenshots)
    assert.are.equal(cjson.null, product.smartui.tests)
    assert.are.equal("Acme Corp", product.automation.account)
    local users
    for _, record in ipairs(document.records) do
      if record.users ~= cjson.null then users = record end
    end
    assert.are.equal(12, users.users)
    assert.are.equal(cjson.null, users.product)
  end)

  it("reads durations as seconds where told so, and warns of both units in doubt", function()
    server:control("/testmu/settings", { sample = true })
    local document = fetch("testmu.summary", "--period", "2026-06-23", "--set", "duration_unit=s",
      "--set", "type=account-user")
    assert.are.equal(312540, by(document.records, "product").automation.duration_s)
    local result = usagelua { "fetch", "testmu.summary", "--period", "2026-06-23" }
    assert.truthy(result.stdout:find("under one second per test", 1, true), result.stdout)
  end)

  for _, zone in ipairs { "UTC", "+05:30", "Europe/Berlin" } do
    it("adds up 135 days in " .. zone .. " to the unit, in windows that tile", function()
      local document, result = fetch("testmu.summary", "--period", "2026-02-01..2026-06-15",
        "--zone", zone)
      assert.are.equal(0, result.status, result.stderr)
      local from = epoch(shell.output({ "date", "-d", "2026-02-01 00:00:00", "+%F %T%:z" },
        { env = { TZ = zone == "+05:30" and "<+0530>-05:30" or zone } }))
      local to = epoch(shell.output({ "date", "-d", "2026-06-16 00:00:00", "+%F %T%:z" },
        { env = { TZ = zone == "+05:30" and "<+0530>-05:30" or zone } }))
      local right = server:control(("/testmu/total?from_epoch=%d&to_epoch=%d"):format(from, to))
      assert.are.equal(right.tests, sum(document.records, "tests"))
      assert.are.equal(right.screenshots, sum(document.records, "screenshots"))
      assert.are.equal(right.duration_ms,
        math.floor(sum(document.records, "duration_s") * 1000 + 0.5))
      local windows = {}
      for _, request in ipairs(asked "/summary") do
        if request.args.type == "account-user" then windows[#windows + 1] = request.args end
      end
      table.sort(windows, function(a, b) return a.from < b.from end)
      local reached = from
      for _, window in ipairs(windows) do
        local first = epoch(window.from .. window.timezone)
        local last = epoch(window.to .. window.timezone)
        assert.are.equal(reached, first)
        assert.is_true(last + 1 - first <= 90 * 86400)
        reached = last + 1
      end
      assert.are.equal(to, reached)
    end)
  end

  it("gives each window's users, and no sum of them", function()
    local _, alone = fetch("testmu.summary", "--period", "2026-02-01..2026-06-15")
    assert.are.equal(0, alone.status, alone.stderr)
    local document, result = fetch("testmu.summary", "--period", "2026-02-01..2026-06-15",
      "--set", "type=account-user", "--group-by", "user_type", "--measures", "users")
    assert.are.equal(4, result.status)
    assert.are.equal(cjson.null, document.records[1].users)
    assert.are.equal("unknown", document.records[1].marks.users.state)
    local known, one = fetch("testmu.summary", "--period", "2026-06", "--set", "type=account-user",
      "--group-by", "user_type", "--measures", "users")
    assert.are.equal(0, one.status, one.stderr)
    assert.are.equal(
      server:control(("/testmu/total?from_epoch=%d&to_epoch=%d&type=account-user"):format(
        epoch "2026-06-01", epoch "2026-07-01")).users, known.records[1].users)
  end)

  it("marks the zeros of an answer that stays partial, in every format", function()
    server:control("/faults", { rules = { { path = "summary", quirks = { partial = "smartui" } } } })
    local document, result = fetch("testmu.summary", "--period", "2026-06")
    assert.are.equal(4, result.status)
    local smartui = by(document.records, "product").smartui
    assert.are.equal(cjson.null, smartui.screenshots)
    assert.are.equal("unknown", smartui.marks.screenshots.state)
    assert.is_false(smartui.complete)
    assert.are.equal(6, #asked "/summary")
    for format, expected in pairs { text = "?", csv = "screenshots:unknown",
      ndjson = '"state":"unknown"' } do
      local shown = usagelua { "fetch", "testmu.summary", "--period", "2026-06", "-f", format }
      assert.truthy(shown.stdout:find(expected, 1, true), format .. "\n" .. shown.stdout)
    end
    assert.are.equal(0,
      usagelua({ "fetch", "testmu.summary", "--period", "2026-06", "--allow-partial" }).status)
  end)

  it("sees the partial flag behind the products as before them", function()
    server:control("/faults", { rules = { { path = "summary",
      quirks = { partial = "automation", reverse = { "data" } } } } })
    local document, result = fetch("testmu.summary", "--period", "2026-06")
    assert.are.equal(4, result.status)
    assert.are.equal(cjson.null, by(document.records, "product").automation.tests)
  end)

  it("asks a partial answer again", function()
    server:control("/faults", { rules = { { path = "summary", nth = 1,
      quirks = { partial = "smartui" } } } })
    local document, result = fetch("testmu.summary", "--period", "2026-06", "--set",
      "type=account-user")
    assert.are.equal(0, result.status, result.stderr)
    assert.is_true(by(document.records, "product").smartui.complete)
    assert.are.equal(2, #asked "/summary")
  end)

  it("keeps products that it does not know", function()
    server:control("/faults", { rules = { { path = "summary", quirks = { literals = {
      ["data.products.kaneai"] = '{"totalTests":7,"totalDuration":9000}' } } } } })
    local document, result = fetch("testmu.summary", "--period", "2026-06", "--set",
      "type=account-user")
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(7, by(document.records, "product").kaneai.tests)
  end)
end)

describe("testmu.users", function()
  it("reads all pages of all products", function()
    server:control("/testmu/settings", { ledger = { users = 250 } })
    local document, result = fetch("testmu.users", "--period", "2026-06", "--set",
      "type=account-user", "--set", "product=automation")
    assert.are.equal(0, result.status, result.stderr)
    local right = server:control(("/testmu/total?from_epoch=%d&to_epoch=%d&type=account-user"
      .. "&product=automation"):format(epoch "2026-06-01", epoch "2026-07-01"))
    assert.are.equal(right.tests, sum(document.records, "tests"))
    assert.are.equal(right.users, #document.records)
    for _, request in ipairs(asked "/drilldown") do assert.are.equal("100", request.args.limit) end
  end)

  it("is unknown where the answer is partial and empty", function()
    server:control("/faults", { rules = { { path = "drilldown", args = { product = "automation" },
      quirks = { partial = "automation" } } } })
    local document, result = fetch("testmu.users", "--period", "2026-06", "--set",
      "type=account-user", "--group-by", "product", "--measures", "tests")
    assert.are.equal(4, result.status)
    local product = by(document.records, "product")
    assert.are.equal(cjson.null, product.automation.tests)
    assert.are.equal("unknown", product.automation.marks.tests.state)
    assert.is_true(product.hyperexecute.complete)
  end)
end)

describe("testmu.concurrency", function()
  it("gives the peak of a period longer than one request may ask for", function()
    server:control("/testmu/settings", { now = epoch "2026-09-01" })
    local document, result = fetch("testmu.concurrency", "--period", "2026-05-01..2026-07-15",
      "--set", "product=automation", "--group-by", "product", "--measures",
      "sessions_peak,queued_peak")
    assert.are.equal(0, result.status, result.stderr)
    local right = server:control(("/testmu/concurrency?from_epoch=%d&to_epoch=%d&product=automation")
      :format(epoch "2026-05-01", epoch "2026-07-16"))
    assert.are.equal(right.max_concurrency, document.records[1].sessions_peak)
    assert.are.equal(right.max_queued, document.records[1].queued_peak)
  end)
end)

describe("what TestMu refuses", function()
  local CASES = {
    { "mia", "LT_mia-key-0123456789", "use the credentials of an organisation admin" },
    { "uma", "LT_uma-key-0123456789", "analytics:admin" },
    { "ada", "LT_wrong-key-0123456789", "was not accepted" },
  }
  for _, case in ipairs(CASES) do
    it("is said with what to do: " .. case[3], function()
      local result = usagelua({ "fetch", "testmu.summary", "--period", "2026-06" },
        { env = { LT_USERNAME = case[1], LT_ACCESS_KEY = case[2] } })
      assert.are.equal(5, result.status)
      local said = (result.stdout .. result.stderr):gsub("%s+", " ") -- it is wrapped
      assert.truthy(said:find(case[3], 1, true), said)
      assert.is_nil(said:find(case[2], 1, true))
      assert.are.equal(2, #asked "/summary")
    end)
  end

  local TESTS = "data.products.automation.totalTests"
  local SHAPES = {
    { "an echoed type that differs", { ["data.metadata.type"] = '"service-user"' },
      "data.metadata.type: asked for 'account-user', the answer is about 'service-user'" },
    { "an echoed period that differs", { ["data.metadata.from"] = '"2020-01-01 00:00:00"' },
      "data.metadata.from: asked for '2026-06-01 00:00:00'" },
    { "an echoed zone that differs", { ["data.metadata.timezone"] = '"-05:00"' },
      "data.metadata.timezone: asked for '+00:00'" },
    { "a negative count", { [TESTS] = "-1" }, TESTS .. ": expected an integer of zero or more, got -1" },
    { "a fraction", { [TESTS] = "1.5" }, "got 1.5" },
    { "a number in a string", { [TESTS] = '"12"' }, "got '12'" },
    { "null in a count", { [TESTS] = "null" }, "got null" },
    { "a count beyond 64 bits", { [TESTS] = "9223372036854775808" }, "out of range" },
    { "another status word", { status = '"failed"' }, "status: expected 'success', got 'failed'" },
    { "products that are no object", { ["data.products"] = "17" }, "data.products" },
  }
  for _, case in ipairs(SHAPES) do
    it("refuses " .. case[1], function()
      server:control("/faults", { rules = { { path = "summary", quirks = { literals = case[2] } } } })
      local document, result = fetch("testmu.summary", "--period", "2026-06", "--set",
        "type=account-user")
      assert.are.equal(5, result.status, result.stdout .. result.stderr)
      local reason = document.coverage[1].reasons[1]
      assert.truthy(reason:find(case[3], 1, true), reason)
      assert.are.equal(1, #asked "/summary")
    end)
  end

  it("refuses a product that stands there twice", function()
    server:control("/faults", { rules = { { path = "summary",
      quirks = { duplicate = { ["data.products.automation"] = true } } } } })
    local result = usagelua { "fetch", "testmu.summary", "--period", "2026-06" }
    assert.are.equal(5, result.status)
    assert.truthy((result.stdout .. result.stderr):find("automation", 1, true))
  end)
end)

describe("before anything is sent", function()
  local CASES = {
    { "LT_ACCESS_KEY", { "fetch", "testmu.summary" }, { LT_ACCESS_KEY = false } },
    { "LT_USERNAME", { "fetch", "testmu.summary" }, { LT_USERNAME = "" } },
    { "did you mean 'account-user'?", { "fetch", "testmu.summary", "--set", "type=acount-user" } },
    { "did you mean 'testmu.summary'?", { "fetch", "testmu.sumary" } },
    { "did you mean 'testmu'?", { "fetch", "testmo.summary" } },
    { "2026-02-30", { "fetch", "testmu.summary", "--period", "2026-02-30" } },
    { "did you mean 'tests'?", { "fetch", "testmu.summary", "--group-by", "product", "--measures",
      "tets" } },
    { "testmu.users", { "fetch", "testmu.summary", "testmu.users", "--group-by", "product",
      "--measures", "tests" } },
    { "http", { "fetch", "testmu.summary" }, { USAGELUA_TESTMU_URL = "http://api.lambdatest.com/x" } },
  }
  for _, case in ipairs(CASES) do
    it("names the mistake: " .. case[1] .. " in " .. table.concat(case[2], " "), function()
      local result = usagelua(case[2], { env = case[3] })
      assert.are.equal(2, result.status, result.stdout .. result.stderr)
      assert.truthy(result.stderr:find(case[1], 1, true), result.stderr)
      assert.are.same({}, server:log())
    end)
  end
end)

describe("a report script", function()
  local folder
  before_each(function() folder = tmp.folder() end)

  local function run(text, ...)
    folder:write("report.lua", text)
    return usagelua({ folder.path .. "/report.lua", "--period", "2026-06", ... })
  end

  local BUDGET = [[
    local usage = require "usagelua"
    local records = usage.collect { { "testmu.summary" } }
    local totals = records:aggregate { group_by = { "vendor" }, measures = { "tests" } }
    return usage.report { title = "T", usage.table { totals },
      usage.budget { totals, name = "b", measure = "tests", %s } }]]

  it("ends with the status of its budgets", function()
    assert.are.equal(0, run(BUDGET:format "max = 100000000").status)
    assert.are.equal(3, run(BUDGET:format "max = 1").status)
    local undecided = run(BUDGET:format "where = { vendor = 'nobody' }, max = 1")
    assert.are.equal(4, undecided.status)
    assert.truthy(undecided.stdout:find("testmu", 1, true), undecided.stdout)
  end)

  it("says what is missing where it describes and returns nothing", function()
    local result = run [[require("usagelua").collect { { "testmu.summary" } }]]
    assert.are.equal(2, result.status)
    assert.truthy(result.stderr:find("return usage.report", 1, true), result.stderr)
    assert.are.same({}, server:log())
  end)

  it("may return a frame, and read figures while it runs", function()
    local result = run([[
      local usage = require "usagelua"
      local records = usage.collect { { "testmu.summary" } }
      local total = records:aggregate { measures = { "tests" } }
      assert(math.type(total:value "tests") == "integer")
      assert(#records > 10)
      return records:aggregate { group_by = { "product" }, measures = { "tests" } }]], "-f", "csv")
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find("automation,", 1, true))
    assert.are.equal(2, #asked "/summary")
  end)

  it("sends the credential nowhere else", function()
    local result = run([[
      local usage = require "usagelua"
      local key = usage.secret "LT_ACCESS_KEY"
      local answer, err = usage.http.get("https://example.com/",
        { auth = { kind = "basic", username = "ada", password = key } })
      assert(not answer and err.kind == "refused")
      print(err.message, tostring(key), #tostring(key))
      print(pcall(function() return key:bind "example.com" end))]])
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find("example.com", 1, true))
    assert.is_nil(result.stdout:find("LT_ada-key", 1, true))
  end)

  it("asks 16 queries at once where the cap is raised", function()
    server:control("/faults", { rules = { { path = "summary", at_once = 16 } } })
    local result = run([[
      local usage = require "usagelua"
      local spec = { in_flight = 16 }
      for month = 1, 8 do
        spec[month] = { "testmu.summary", period = ("2025-%02d"):format(month) }
      end
      local total = usage.collect(spec):aggregate { measures = { "tests" } }
      print(math.type(total:value "tests"))]])
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal("integer\n", result.stdout)
    assert.are.equal(16, #asked "/summary")
    assert.are.equal(16, server:control("/counts").peak.testmu)
  end)
end)
