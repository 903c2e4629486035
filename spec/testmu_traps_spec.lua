-- What is easy to get wrong about TestMu, over real HTTP. Each trap of the vendor's documentation
-- and where it is tested; without a file: here.
--
--   hosts by region, EU                     spec/flow/query_spec.lua, spec/vendor/summary_spec.lua
--   Basic auth, organisation admins         spec/testmu_spec.lua "what TestMu refuses"
--   drilldown: pages from 1, 100 at most    spec/testmu_spec.lua, "the users of a product"
--   concurrency: RFC 3339, ±HH:MM, 31 days  "the dates that are sent"
--   concurrency: nothing in the future      "the dates that are sent", spec/flow/query_spec.lua
--   two calls for both types of users       "both types of users"
--   products are case-sensitive             "before anything is sent"
--   90 days, in seconds and in dates        "the dates that are sent"
--   the plus sign of the offset             "the dates that are sent"
--   offset changes, Berlin and others       "the dates that are sent", spec/flow/law_spec.lua
--   the end counts                          spec/testmu_spec.lua "135 days", spec/flow/law_spec.lua
--   echo of another question                "an answer to another question"
--   organisation's id in a string           "the account"
--   distinct users, windows and types       spec/testmu_spec.lua, "both types of users"
--   partial before and after the products   spec/testmu_spec.lua
--   which product failed is not said        spec/testmu_spec.lua, spec/flow/answer_spec.lua
--   integers to 2^63-1                      "figures"
--   smartui has screenshots only            "figures"
--   unit of totalDuration                   spec/testmu_spec.lua
--   metadata totals are not the rows' sum   "the users of a product"
--   totalTestsRun and totalTests            "the users of a product"
--   partial with an empty list              spec/testmu_spec.lua
--   rows that move between pages            "the users of a product", spec/flow/execute_spec.lua
--   three error envelopes, HTML bodies      "errors"
--   401, 403 and the like not retried       "errors", spec/testmu_spec.lua
--   429 without Retry-After, 5xx            "errors"
--   unknown products and fields             "figures", spec/testmu_spec.lua
--   datasets that count the same usage      spec/testmu_spec.lua "before anything is sent"
--   same input, same bytes                  "the same answers"
local asking = require "support.asking"
local calendar = require "vendors.calendar"
local cjson = require "cjson"

local by, sum = asking.by, asking.sum
local JUNE = { "--period", "2026-06" }
local world

setup(function() world = asking.start "testmu" end)
teardown(function() world:stop() end)
before_each(function() world:reset() end)

local function words(first, more)
  local list = table.move(first, 1, #first, 1, {})
  return table.move(more or {}, 1, #(more or {}), #list + 1, list)
end

local function fetch(dataset, more, options)
  return world:fetch(words({ dataset }, more or JUNE), options)
end

local function summary(more)
  return fetch("testmu.summary", words(words(JUNE, { "--set", "type=account-user" }), more))
end

local function users(product, more)
  return fetch("testmu.users", words(words(JUNE, { "--set", "type=account-user", "--set",
    "product=" .. product }), more))
end

local function literals(path, values)
  return { path = path, quirks = { literals = values } }
end

local function reasons(document)
  return table.concat(document.coverage[1].reasons, "\n")
end

local function assert_reason(expected, document)
  assert.truthy(reasons(document):find(expected, 1, true), reasons(document))
end

local function total(query)
  return world.server:control("/testmu/total?" .. query)
end

local function june(query)
  return total(("from_epoch=%d&to_epoch=%d&%s"):format(calendar.epoch(2026, 6, 1, 0, 0, 0),
    calendar.epoch(2026, 7, 1, 0, 0, 0), query))
end

describe("both types of users", function()
  it("are asked for by themselves, and their tests add up", function()
    local document, result = fetch("testmu.summary", words(JUNE, { "--measures", "tests" }))
    assert.are.equal(0, result.status, result.stderr)
    local kinds = {}
    for _, request in ipairs(world:asked "/summary") do kinds[#kinds + 1] = request.args.type end
    table.sort(kinds)
    assert.are.same({ "account-user", "service-user" }, kinds)
    assert.are.equal(june "".tests, document.records[1].tests)
  end)

  it("are no users to be added", function()
    local document, result = fetch("testmu.summary", words(JUNE, { "--measures", "users" }))
    assert.are.equal(4, result.status)
    assert.are.equal(cjson.null, document.records[1].users)
    document = fetch("testmu.summary", words(JUNE, { "--group-by", "user_type", "--measures", "users" }))
    for _, record in ipairs(document.records) do
      assert.are.equal(june("type=" .. record.user_type).users, record.users)
    end
  end)

  it("are asked for only where a rule reads them", function()
    local document = fetch("testmu.summary", words(JUNE, { "--group-by", "product", "--measures",
      "tests", "--where", "user_type=service-user" }))
    assert.are.equal(june("type=service-user&product=automation").tests,
      by(document.records, "product").automation.tests)
    assert.are.equal(1, #world:asked "/summary")
  end)
end)

-- The instants that a request of the usage report names.
local function wall_clock(text, timezone)
  local sign, hours, minutes = timezone:match "^([+-])(%d%d):(%d%d)$"
  local offset_s = (tonumber(hours) * 60 + tonumber(minutes)) * (sign == "-" and -60 or 60)
  return calendar.parse_wall_clock(text) - offset_s
end

describe("the dates that are sent", function()
  local DAY_S = 86400

  local function windows(period, zone)
    local _, result = fetch("testmu.summary", { "--period", period, "--zone", zone, "--set",
      "type=account-user" })
    assert.are.equal(0, result.status, result.stderr .. result.stdout)
    local list = world:asked "/summary"
    table.sort(list, function(a, b) return a.args.from < b.args.from end)
    return list
  end

  local function dates_touched(args)
    local first, last = calendar.parse_wall_clock(args.from), calendar.parse_wall_clock(args.to)
    return last // DAY_S - first // DAY_S + 1
  end

  it("span 90 days at most, in seconds and, where they are whole days, in dates", function()
    for _, case in ipairs {
      { "2026-06-01..2026-08-29", 1, 90 }, { "2026-06-01..2026-08-30", 2, 90 },
      { "2026-06-01T12:00:00..2026-08-30T12:00:00", 1, 91 },
      { "2026-06-01T12:00:00..2026-08-30T12:00:01", 2, 90 },
    } do
      world:reset()
      local asked = windows(case[1], "UTC")
      assert.are.equal(case[2], #asked, case[1])
      for _, request in ipairs(asked) do
        local args = request.args
        assert.is_true(calendar.parse_wall_clock(args.to) - calendar.parse_wall_clock(args.from)
          <= 90 * DAY_S - 1)
        assert.is_true(dates_touched(args) <= case[3], args.from .. " " .. args.to)
      end
    end
  end)

  it("have one offset a request, and meet where it changes", function()
    for zone, expected in pairs {
      ["Europe/Berlin"] = { "+01:00 2026-03-01 00:00:00 2026-03-29 01:59:59",
        "+02:00 2026-03-29 03:00:00 2026-03-31 23:59:59" },
      ["America/New_York"] = { "-05:00 2026-03-01 00:00:00 2026-03-08 01:59:59",
        "-04:00 2026-03-08 03:00:00 2026-03-31 23:59:59" },
    } do
      world:reset()
      local asked, shown = windows("2026-03", zone), {}
      for i, request in ipairs(asked) do
        local args = request.args
        shown[i] = args.timezone .. " " .. args.from .. " " .. args.to
      end
      assert.are.same(expected, shown)
      assert.are.equal(wall_clock(asked[1].args.to, asked[1].args.timezone) + 1,
        wall_clock(asked[2].args.from, asked[2].args.timezone))
    end
  end)

  it("add up to the month that they were cut from", function()
    local document, result = fetch("testmu.summary", { "--period", "2026-Q1", "--zone", "Europe/Berlin",
      "--grain", "month", "--group-by", "period", "--measures", "tests,users", "--set", "type=account-user" })
    assert.are.equal(4, result.status, result.stderr)
    local months = by(document.records, "period")
    for month = 1, 3 do
      local one = months[("2026-%02d"):format(month)]
      local right = total(("from_epoch=%d&to_epoch=%d&type=account-user"):format(
        calendar.epoch(2026, month, 1, 0, 0, 0) - 3600,
        calendar.epoch(2026, month + 1, 1, 0, 0, 0) - (month == 3 and 7200 or 3600)))
      assert.are.equal(right.tests, one.tests)
      assert.are.equal(month == 3, one.users == cjson.null)
    end
    assert.are.equal(3, #document.records)
  end)

  it("have a plus sign that arrives as one", function()
    windows("2026-06", "+05:30")
    local request = world:asked("/summary")[1]
    assert.truthy(request.query:find("timezone=%2B05%3A30", 1, true), request.query)
    assert.are.equal("+05:30", request.args.timezone)
  end)

  it("are RFC 3339 at UTC for the concurrency, with the offset beside", function()
    world.server:control("/testmu/settings", { now = calendar.epoch(2026, 9, 1, 0, 0, 0) })
    local _, result = fetch("testmu.concurrency", { "--period", "2026-03", "--zone", "Europe/Berlin",
      "--set", "product=automation" })
    assert.are.equal(0, result.status, result.stdout .. result.stderr)
    local shown = {}
    for i, request in ipairs(world:asked "/concurrency") do
      local args = request.args
      shown[i] = args.from_timestamp .. " " .. args.to_timestamp .. " " .. args.timezone
    end
    table.sort(shown)
    assert.are.same({ "2026-02-28T23:00:00Z 2026-03-29T01:00:00Z +01:00",
      "2026-03-29T01:00:00Z 2026-03-31T22:00:00Z +02:00" }, shown)
  end)

  it("end now where the concurrency's period has not ended, and the report says so", function()
    world.server:control("/testmu/settings", { now = calendar.epoch(2026, 6, 18, 10, 0, 0) })
    local document, result = fetch("testmu.concurrency", { "--period", "this month", "--now",
      "2026-06-18T10:00:00Z", "--set", "product=automation" })
    assert.are.equal(0, result.status, result.stdout .. result.stderr)
    assert.are.equal("2026-06-18T10:00:00Z", world:asked("/concurrency")[1].args.to_timestamp)
    assert.truthy(table.concat(document.provenance.notes, "\n"):find(
      "'2026-06' has not ended, asked as far as now", 1, true))
    local _, future = fetch("testmu.concurrency", { "--period", "2027", "--now", "2026-06-18T10:00:00Z" })
    assert.are.equal(2, future.status)
  end)
end)

describe("an answer to another question", function()
  local METADATA = {
    { "summary", "type", '"service-user"', "asked for 'account-user', the answer is about 'service-user'" },
    { "summary", "to", '"2026-06-30 00:00:00"', "asked for '2026-06-30 23:59:59'" },
    { "drilldown", "type", '"service-user"', "asked for 'account-user'" },
    { "drilldown", "product", '"smartui"', "asked for 'automation', the answer is about 'smartui'" },
    { "drilldown", "from", '"2026-06-02 00:00:00"', "asked for '2026-06-01 00:00:00'" },
    { "drilldown", "timezone", '"+01:00"', "asked for '+00:00'" },
  }
  for _, case in ipairs(METADATA) do
    it(("is refused: %s, %s"):format(case[1], case[2]), function()
      world:faults(literals(case[1], { ["data.metadata." .. case[2]] = case[3] }))
      local document, result
      if case[1] == "summary" then document, result = summary() else document, result = users "automation" end
      assert.are.equal(5, result.status)
      assert_reason(("data.metadata.%s: %s"):format(case[2], case[4]), document)
      assert.are.equal(1, #world:asked("/" .. case[1]))
    end)
  end

  it("is refused for the service users too", function()
    world:faults({ path = "summary", args = { type = "service-user" },
      quirks = { literals = { ["data.metadata.type"] = '"account-user"' } } })
    local document, result = fetch("testmu.summary", words(JUNE, { "--group-by", "user_type",
      "--measures", "tests" }))
    assert.are.equal(4, result.status)
    local kinds = by(document.records, "user_type")
    assert.are.equal(june("type=account-user").tests, kinds["account-user"].tests)
    assert.are.equal("unknown", kinds["service-user"].marks.tests.state)
  end)

  it("is the period of the answer where nothing is echoed: assumed", function()
    world:faults({ path = "summary", quirks = { drop = { "data.metadata.from" } } })
    assert.are.equal("assumed", summary().coverage[1].period)
    world:reset()
    assert.are.equal("echoed", summary().coverage[1].period)
  end)
end)

describe("the account", function()
  it("is the organisation's name, else its id", function()
    assert.are.equal("Acme Corp", summary().records[1].account)
    world:faults({ path = "summary", quirks = { drop = { "data.metadata.organization.name" } } })
    local document = summary()
    assert.are.same({ "12345", "12345" }, { document.records[1].account, document.coverage[1].account })
    world:faults({ path = "summary", quirks = { drop = { "data.metadata.organization.name" },
      literals = { ["data.metadata.organization.id"] = "12345" } } })
    assert.are.equal("12345", summary().records[1].account)
    world:faults({ path = "summary", quirks = { drop = { "data.metadata.organization" } } })
    assert.are.equal(cjson.null, summary().records[1].account or cjson.null)
  end)

  it("of a second one has its own variables and figures", function()
    local document, result = fetch("testmu.summary", words(JUNE, { "--set", "account=emea" }),
      { env = { LT_USERNAME__EMEA = "emil", LT_ACCESS_KEY__EMEA = "LT_emil-key-0123456789" } })
    assert.are.equal(0, result.status, result.stderr)
    assert.are.same({ "Acme EMEA", "Acme EMEA" },
      { document.records[1].account, document.coverage[1].account })
    assert.are.equal(june("username=emil").tests, sum(document.records, "tests"))
    local failed = fetch("testmu.summary", words(JUNE, { "--set", "account=emea" }),
      { env = { LT_USERNAME__EMEA = "mia", LT_ACCESS_KEY__EMEA = "LT_mia-key-0123456789" } })
    assert.are.equal("emea", failed.coverage[1].account)
  end)
end)

describe("figures", function()
  local TESTS = "data.products.automation.totalTests"

  it("are exact to 2^63-1, and unknown beyond it", function()
    world:faults(literals("summary", { [TESTS] = "9223372036854775807" }))
    local _, result = summary()
    assert.truthy(result.stdout:find('"tests":%s*9223372036854775807'), result.stdout)
    local document, added = summary { "--measures", "tests" }
    assert.are.equal(4, added.status)
    assert.are.equal("unknown", document.records[1].marks.tests.state)
  end)

  it("that are not there are not zero", function()
    world:faults({ path = "summary", quirks = { drop = { TESTS } } })
    local document, result = summary()
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(cjson.null, by(document.records, "product").automation.tests)
  end)

  it("of smartui are screenshots only", function()
    local smartui = by(summary().records, "product").smartui
    assert.are.same({ cjson.null, cjson.null }, { smartui.tests, smartui.duration_s })
    assert.are.equal(june("type=account-user&product=smartui").screenshots, smartui.screenshots)
    local document = users "smartui"
    assert.are.equal(smartui.screenshots, sum(document.records, "screenshots"))
    assert.is_nil(document.records[1].tests)
  end)

  it("that nobody named are kept", function()
    world:faults(literals("summary", { ["data.products.automation.totalRetries"] = "17",
      ["data.products.automation.tests"] = "18" }))
    local automation = by(summary().records, "product").automation
    assert.are.same({ 17, 18 }, { automation.totalRetries, automation.raw_tests })
  end)

  it("of a product that is null or no object are refused", function()
    for text, shown in pairs { ["null"] = "null", ["12"] = "12", ["[]"] = "" } do
      world:faults(literals("summary", { ["data.products.automation"] = text }))
      local document, result = summary()
      if shown ~= "" then
        assert.are.equal(5, result.status)
        assert_reason("data.products.automation: expected an object, got " .. shown, document)
      end
    end
  end)

  it("of users are refused as those of products", function()
    for text, shown in pairs { ["-1"] = "-1", ["1.5"] = "1.5", ['"12"'] = "'12'", ["null"] = "null" } do
      world:faults(literals("drilldown", { ["data.users.1.totalTestsRun"] = text }))
      local document, result = users "automation"
      assert.are.equal(5, result.status)
      assert_reason("data.users[].totalTestsRun: expected an integer of zero or more, got " .. shown,
        document)
    end
  end)
end)

describe("the users of a product", function()
  local function automation(more)
    return users("automation", more)
  end

  it("add up to what they did, whatever the metadata says of the organisation", function()
    local right = june("type=account-user&product=automation")
    local both = june("product=automation")
    assert.is_true(both.tests > right.tests)
    assert.are.equal(right.tests, sum(automation().records, "tests"))
    world:faults(literals("drilldown", { ["data.metadata.totalTests"] = "1",
      ["data.metadata.totalDuration"] = "-5" }))
    local document, result = automation()
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(right.tests, sum(document.records, "tests"))
    assert.are.equal(right.duration_ms, math.floor(sum(document.records, "duration_s") * 1000 + 0.5))
  end)

  it("have ids in small letters, else the vendor's", function()
    world:faults(literals("drilldown", { ["data.users.1.email"] = '"Ann.Oe@Example.COM"',
      ["data.users.2.email"] = '""', ["data.users.2.id"] = '"77"' }))
    local found = by(automation().records, "user_id")
    assert.truthy(found["ann.oe@example.com"])
    assert.are.equal("77", found["77"].external_id)
  end)

  it("without an id, or with one twice, are refused", function()
    world:faults({ path = "drilldown", quirks = { drop = { "data.users.1.id" } } })
    assert_reason("data.users[].id: expected text or an integer, got nothing", automation())
    world:faults(literals("drilldown", { ["data.users.1.id"] = '"1"', ["data.users.2.id"] = '"1"' }))
    assert_reason("id '1' came twice", automation())
    world:faults({ path = "drilldown", quirks = { duplicate = { ["data.users.1.id"] = '"2"' } } })
    assert_reason("duplicate key", automation())
  end)

  it("are read again where the stated number is not what came, then refused", function()
    world:faults(literals("drilldown", { ["data.metadata.pagination.total"] = "3" }))
    local document = automation()
    assert_reason("data.metadata.pagination.total says 3 rows", document)
    assert.are.equal(2, #world:asked "/drilldown")
  end)

  it("are read again where they moved between pages", function()
    world.server:control("/testmu/settings", { ledger = { users = 400 } })
    world:faults({ path = "drilldown", args = { page = 2 }, times = 1,
      quirks = { literals = { ["data.users.1.id"] = '"moved"' } } },
      { path = "drilldown", args = { page = 1 }, times = 1,
        quirks = { literals = { ["data.users.1.id"] = '"moved"' } } })
    local document, result = automation()
    assert.are.equal(0, result.status, result.stdout)
    assert.are.equal(june("type=account-user&product=automation").tests, sum(document.records, "tests"))
    local firsts = 0
    for _, request in ipairs(world:asked "/drilldown") do
      if request.args.page == "1" then firsts = firsts + 1 end
    end
    assert.are.equal(2, firsts)
  end)

  it("count nobody twice where their number is asked for", function()
    local document = automation { "--group-by", "product", "--measures", "tests" }
    assert.are.equal(1, #document.records)
    assert.are.equal(june("type=account-user&product=automation").tests, document.records[1].tests)
  end)
end)

describe("errors", function()
  local ENVELOPES = {
    { '{"status":"error","message":"admin access required"}', 403, "not an admin of the organisation" },
    { '{"error":"x analytics:admin x","status":"failed"}', 403, "lacks the permission analytics:admin" },
    { '{"message":"Authorization token missing."}', 403, "came without credentials" },
    { '{"message":"Invalid Token"}', 401, "was not accepted" },
    { '{"status":"error","message":"date range exceeds maximum allowed span of 90 days"}', 400,
      "refused the length of the period" },
    { '{"status":"error","message":"invalid timezone format: IST (expected +HH:MM)"}', 400,
      "try --zone UTC" },
    { '{"error":"from is required","status":"failed"}', 400, "from is required" },
    { "<html><head><title>404 Not Found</title></head></html>", 404, "404 Not Found" },
    { "", 405, "empty" },
    { '{"status":"error"}', 422, "answered 422" },
    { "gone", 410, "answered 410" },
  }
  for _, case in ipairs(ENVELOPES) do
    it(("of status %d are said in words, and not asked again: %s"):format(case[2], case[3]), function()
      world:faults({ path = "summary", status = case[2], body = case[1] })
      local document, result = summary()
      assert.are.equal(5, result.status)
      assert_reason(case[3], document)
      assert_reason(tostring(case[2]), document)
      assert.are.equal(1, #world:asked "/summary")
    end)
  end

  for _, status in ipairs { 408, 425, 429, 500, 502, 503, 504 } do
    it(("of status %d are asked again"):format(status), function()
      world:faults({ path = "summary", nth = 1, status = status, body = "<html>Sorry</html>",
        type = "text/html" })
      local document, result = summary()
      assert.are.equal(0, result.status, result.stderr)
      assert.are.equal(2, #world:asked "/summary")
      assert.are.equal(june("type=account-user").tests, sum(document.records, "tests"))
    end)
  end

  it("that the vendor documents for its own failure are asked again", function()
    world:faults({ path = "summary", nth = 1, status = 500,
      body = '{"status":"error","message":"failed to resolve org users"}' })
    assert.are.equal(0, select(2, summary()).status)
    assert.are.equal(2, #world:asked "/summary")
  end)

  local BODIES = {
    { '{"status":"success","data":{"users":[]}}', "no data.products{} in the answer" },
    { '{"status":"success","data":null}', "no data.products{} in the answer, null stands there" },
    { '{"status":"success","data":{"products":null}}', "no data.products{} in the answer, null" },
    { '{"status":"success","data":{"products":[]}}', "expected an object, found an array" },
    { '{"status":"error","message":"x","data":{"products":{}}}', "status: expected 'success', got 'error'" },
    { "[]", "expected an object, found an array" },
    { '{"hello":"world"}', "status: expected 'success'" },
  }
  for _, case in ipairs(BODIES) do
    it("of another shape with status 200 are refused at once: " .. case[1], function()
      world:faults({ path = "summary", status = 200, body = case[1], type = "application/json" })
      local document, result = summary()
      assert.are.equal(5, result.status)
      assert_reason("testmu.summary 2026-06 account-user: ", document)
      assert_reason(case[2], document)
      assert.are.equal(1, #world:asked "/summary")
    end)
  end

  it("that are no JSON with status 200 are quoted, and asked again", function()
    world:faults({ path = "summary", nth = 1, status = 200, type = "text/html",
      body = "<html>\27[31mlog in" .. ("!"):rep(200) .. "</html>" })
    assert.are.equal(0, select(2, summary()).status)
    assert.are.equal(2, #world:asked "/summary")
    world:faults({ path = "summary", status = 200, type = "text/html", body = "<html>\27[31mlog in</html>" })
    local document, result = summary { "--deadline", "8s" }
    assert.are.equal(5, result.status)
    assert_reason("text/html, '<html> [31mlog in</html>'", document)
  end)
end)

describe("before anything is sent", function()
  for expected, more in pairs {
    ["did you mean 'automation'?"] = { "--set", "product=Automation" },
    ["names 'smartui' twice"] = { "--set", "product=smartui,smartui" },
    ["is an empty list"] = { "--set", "product=" },
    ["is after"] = { "--period", "2026-06-30..2026-06-01" },
    ["there is no day 30, February 2026 has 28 days"] = { "--period", "2026-02-30" },
    ["did you mean 'duration_unit'?"] = { "--set", "duration_unt=s" },
    ["unknown value of 'duration_unit' 'h'"] = { "--set", "duration_unit=h" },
    ["can be asked by total, year, quarter, month, week, day, hour"] = { "--grain", "mnth" },
    ["no period of its own"] = { "--period", "vendor" },
  } do
    it("it is refused: " .. expected, function()
      local _, result = fetch("testmu.users", words(more, {}))
      assert.are.equal(2, result.status, result.stdout .. result.stderr)
      assert.truthy(result.stderr:find(expected, 1, true), result.stderr)
      assert.are.same({}, world.server:log())
    end)
  end
end)

describe("the same answers", function()
  it("give the same bytes, whatever the locale, the zone of the machine and the concurrency", function()
    local outputs = {}
    for i, env in ipairs {
      { LC_ALL = "C", TZ = "UTC" }, { LC_ALL = "C.UTF-8", TZ = "Asia/Tokyo" },
      { LC_ALL = "de_DE.UTF-8", TZ = "America/New_York" },
    } do
      world:faults({ path = "drilldown", probability = i / 4, delay_ms = 20 * i })
      local result = world:run(words({ "fetch", "testmu.users", "-f", "csv", "--set",
        "product=automation,smartui" }, JUNE), { env = env })
      assert.are.equal(0, result.status, result.stderr)
      outputs[i] = result.stdout
    end
    assert.is_true(#outputs[1] > 1000)
    assert.are.equal(outputs[1], outputs[2])
    assert.are.equal(outputs[1], outputs[3])
  end)
end)

describe("a condition that matches nothing", function()
  it("is said, with what there is, and nothing is asked", function()
    local result = world:run(words({ "fetch", "testmu.summary", "--group-by", "product", "--measures",
      "tests", "--where", "user_type=robot" }, JUNE))
    assert.truthy(result.stdout:find("account-user, service-user", 1, true), result.stdout)
    assert.are.same({}, world:asked "/summary")
  end)
end)

