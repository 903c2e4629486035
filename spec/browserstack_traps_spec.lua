-- What is easy to get wrong about BrowserStack, over real HTTP. Each trap of the vendor's
-- documentation and where it is tested; without a file: here.
--
--   two base URLs                           "the enterprise address"
--   api.browserstack.co, a typo             "the misprinted domain", spec/transfer_spec.lua,
--                                           spec/secret_spec.lua, spec/vendor/consistency_spec.lua
--   plan.json on another host               spec/flow/query_spec.lua, spec/browserstack_spec.lua
--   dates and products, nowhere described   spec/browserstack_spec.lua "a period", "products"
--   team reports and dates                  spec/browserstack_spec.lua "a period"
--   team's report and delete under /user/   "the paths of a team's job"
--   a user's report in a team's place       "the paths of a team's job"
--   200, not 202; status beside no data     "the documented answers"
--   success: text or boolean                "the documented answers"
--   states that nobody documents            "a job"
--   done and not there yet                  "a job"
--   a failed job, a lost answer, a full queue  "a job"
--   deletes that are refused                "a job"
--   no job left, however a run ends         "a run that ends", spec/browserstack_spec.lua
--   one report, other scopes                "who asks"
--   5 at once, then one in 4 s              spec/browserstack_spec.lua
--   429 without Retry-After                 "being too fast"
--   403 that means too fast                 "being too fast"
--   401 as text, unknown paths as HTML      "what the vendor refuses"
--   403: role, plan, not enabled            "what the vendor refuses"
--   max_parallels_used: object or integer   "the documented answers", "peaks that are objects"
--   last_test of teams, tests of app_automate  "the documented answers"
--   "Acme Inc. (Org)", teams of type org    "the documented answers"
--   access now, usage then                  "the documented answers"
--   missing is not zero                     "the documented answers", spec/browserstack_spec.lua
--   last_test is ever, not of the period    spec/browserstack_spec.lua "idle"
--   parallels: the team's, on each member   "the documented answers", spec/browserstack_spec.lua
--   the organisation's pool                 "parallels"
--   users and teams count the same          spec/browserstack_spec.lua "before anything is sent"
--   the organisation's row and the others   "team rows"
local asking = require "support.asking"
local browserstack = require "support.browserstack"
local cjson = require "cjson"

local by = asking.by
local NULL <const> = cjson.null
local world

setup(function() world = browserstack.start() end)
teardown(function() world:stop() end)
before_each(function() world:begin() end)

local function fetch(dataset, ...)
  return world:fetch { "browserstack." .. dataset, "--period", "2026-06", ... }
end

local function assert_ends(expected, result)
  assert.are.equal(expected, result.status, result.stderr .. result.stdout:sub(1, 2000))
end

local function assert_said(expected, text)
  local flat = text:gsub("%s+", " ")
  assert.truthy(flat:find(expected, 1, true), text:sub(1, 2000))
end

local function assert_no_job_left()
  assert.are.equal(0, world:control("queue").alive)
end

local function reasons(document)
  return table.concat(document.coverage[1].reasons, "\n")
end

-- The samples of the page, as they stand there.

local USERS <const> = [[
{
"success": true,
"message": "Success",
"data": {
"users": [
{
"name": "Steve",
"email": "steve@example.com",
"role": "Owner",
"team": "Acme Inc. (Org)",
"product_access": {
"live_testing": true,
"automate": false,
"app_live_testing": true,
"app_automate": false
},
"usage": {
"last_activity": "2023-06-30T11:33:40+00:00",
"last_test": "2023-06-30T11:33:40+00:00",
"product_data": {
"live_testing": {
"tests_run": 10,
"minutes_used": 180
},
"app_live_testing": {
"tests_run": 10,
"minutes_used": 120
},
"automate": {
"tests_run": 10,
"cypress_executions_run": 5,
"current_parallels_allocated": 5,
"max_parallels_used": 2,
"parallel_consumption_type": "org"
},
"app_automate": {
"tests_run": 10,
"current_parallels_allocated": 3,
"max_parallels_used": 2,
"parallel_consumption_type": "team"
}
}
}
}
]
}
}
]]

local TEAMS <const> = [[
{
"success": true,
"message": "Success",
"data": {
"teams": [
{
"name": "Acme team",
"user_count": 10,
"type": "org",
"product_access": {
"live_testing": false,
"automate": true,
"app_live_testing": false,
"app_automate": true
},
"usage": {
"last_test": "2023-06-30T11:33:40+00:00",
"product_data": {
"live_testing": {
"minutes_used": 180
},
"app_live_testing": {
"minutes_used": 120
},
"automate": {
"current_parallels_allocated": 5,
"max_parallels_used": 2,
"parallel_consumption_type": "team"
},
"app_automate": {
"current_parallels_allocated": 3,
"max_parallels_used": 2,
"parallel_consumption_type": "team"
}
}
}
}
]
}
}
]]

local JOB <const> = "aabe52c63dg624c8744ab5h9"

-- All four calls answer as the page shows them.
local function as_documented(kind, report)
  local path = "/reports/usage/v1/" .. kind
  world:faults(
    { method = "POST", path = path .. "$", body = '{"success": true, "message": "Report is '
      .. 'successfully queued.", "data": {"job_id": "' .. JOB .. '"}}' },
    { method = "DELETE", path = path .. "/" .. JOB .. "/status$", body = '{"success" :true, '
      .. '"message": "Report is successfully removed from queue."}' },
    { path = "/status$", nth = 1, body = '{"success": true, "status": "enqueued", "message": '
      .. '"Request enqueued successfully"}' },
    { path = "/status$", body = '{"success": true, "status": "completed"}' },
    { path = path .. "/" .. JOB .. "$", body = report })
end

describe("the documented answers", function()
  it("of users give one record a product", function()
    as_documented("user", USERS)
    local document, result = fetch "users"
    assert_ends(0, result)
    assert.are.equal(4, #document.records)
    local rows = by(document.records, "product")
    for product, row in pairs(rows) do
      assert.are.same({ "steve@example.com", "Steve", "Owner", "Acme Inc. (Org)", 10 },
        { row.user_id, row.user_name, row.role, row.team, row.tests }, product)
      assert.are.equal("2023-06-30T11:33:40+00:00", row.last_activity)
      assert.are.equal("2023-06-30T11:33:40+00:00", row.last_test)
    end
    local function figures(row)
      return { row.has_access, row.duration_s, row.cypress_runs, row.parallels_allocated,
        row.parallels_peak, row.parallels_from }
    end
    assert.are.same({ true, 10800, NULL, NULL, NULL, NULL }, figures(rows.live_testing))
    assert.are.same({ true, 7200, NULL, NULL, NULL, NULL }, figures(rows.app_live_testing))
    assert.are.same({ false, NULL, 5, 5, 2, "org" }, figures(rows.automate))
    assert.are.same({ false, NULL, NULL, 3, 2, "team" }, figures(rows.app_automate))
    local calls = {}
    for i, request in ipairs(world.server:log()) do
      calls[i] = request.method .. " " .. request.path:match "v1(.*)$"
    end
    assert.are.same({ "POST /user", "GET /user/" .. JOB .. "/status", "GET /user/" .. JOB
      .. "/status", "GET /user/" .. JOB, "DELETE /user/" .. JOB .. "/status" }, calls)
  end)

  it("of teams give one record a product", function()
    as_documented("team", TEAMS)
    local document, result = fetch "teams"
    assert_ends(0, result)
    local rows = by(document.records, "product")
    for _, row in pairs(rows) do
      assert.are.same({ "Acme team", "org", 10, "2023-06-30T11:33:40+00:00", NULL },
        { row.team, row.team_type, row.members, row.last_test, row.last_activity or NULL })
    end
    local function figures(row)
      return { row.has_access, row.duration_s, row.parallels_allocated, row.parallels_peak }
    end
    assert.are.same({ false, 10800, NULL, NULL }, figures(rows.live_testing))
    assert.are.same({ false, 7200, NULL, NULL }, figures(rows.app_live_testing))
    assert.are.same({ true, NULL, 5, 2 }, figures(rows.automate))
    assert.are.same({ true, NULL, 3, 2 }, figures(rows.app_automate))
    document = fetch("teams", "--group-by", "team", "--measures", "members,duration_s")
    assert.are.same({ 10, 18000 }, { document.records[1].members, document.records[1].duration_s })
  end)

  it("may say success in a text, and not that there is none", function()
    as_documented("user", (USERS:gsub('"success": true', '"success": "true"')))
    assert_ends(0, select(2, fetch "users"))
    as_documented("user", (USERS:gsub('"success": true', '"success": false')))
    local document, result = fetch "users"
    assert_ends(5, result)
    assert_said("success: expected true or 'true', got false", reasons(document))
  end)

  it("keep products and figures that nobody knows, and refuse what is none", function()
    as_documented("user", (USERS:gsub('"tests_run": 10,\n"cypress', '"tests_run": 10,\n"flaky": 7,'
      .. '"cypress'):gsub('"live_testing": true', '"live_testing": true, "percy": true', 1)))
    local document, result = fetch "users"
    assert_ends(0, result)
    local rows = by(document.records, "product")
    assert.are.equal(7, rows.automate.flaky)
    assert.is_true(rows.percy.has_access)
    assert.are.equal(NULL, rows.percy.tests)
    for wrong, expected in pairs {
      ['"minutes_used": -3'] = "minutes_used: expected an integer of zero or more, got -3",
      ['"minutes_used": "180"'] = "minutes_used: expected an integer of zero or more, got '180'",
      ['"minutes_used": null'] = "minutes_used: expected an integer of zero or more, got null",
    } do
      as_documented("user", (USERS:gsub('"minutes_used": 180', wrong)))
      document, result = fetch "users"
      assert_ends(5, result)
      assert_said(expected, reasons(document))
    end
  end)

  it("hold seats that name no product", function()
    as_documented("user", [[{"success":true,"data":{"users":[
      {"name":"A","email":"A@Example.com","role":"User","team":"T","product_access":{},
       "usage":{"last_activity":null,"last_test":null,"product_data":{}}},
      {"name":"B","email":"b@example.com","role":"User","team":"T"}]}}]])
    local document, result = fetch "users"
    assert_ends(0, result)
    assert.are.equal(2, #document.records)
    assert.are.equal("a@example.com", document.records[1].user_id)
    assert.are.equal(NULL, document.records[1].last_test or NULL)
    document = fetch("users", "--group-by", "team", "--measures", "tests")
    assert.are.same({}, document.records)
  end)
end)

describe("peaks that are objects", function()
  it("are unknown with their reason, and nothing else is", function()
    world:set { parallels_as_object = true }
    local document, result = fetch("users", "--group-by", "product", "--measures",
      "tests,parallels_peak")
    assert_ends(4, result)
    local row = by(document.records, "product").automate
    assert.are.equal(world:control("total", { startDate = "2026-06-01", endDate = "2026-06-30" })
      .products.automate.tests_run, row.tests)
    assert.are.equal(NULL, row.parallels_peak)
    assert.are.equal("unknown", row.marks.parallels_peak.state)
    assert_said("max_parallels_used: expected an integer of zero or more, got an object",
      row.marks.parallels_peak.reason)
    assert_ends(0, select(2, fetch("users", "--group-by", "product", "--measures", "tests")))
  end)
end)

describe("parallels", function()
  local function allocated(more, where)
    local document, result = world:script(([[
      return require("usagelua").collect { { "browserstack.users" } }:aggregate {
        where = { product = "automate"%s }, measures = { { "parallels_allocated"%s } } }]]):format(
      where or "", more or ""), { "--period", "2026-06" })
    local row = document.sections[1].rows[1]
    return row.parallels_allocated, row.marks.parallels_allocated, result
  end

  it("are added over teams only where the rule says so and none is of the pool", function()
    local right, total = world:control("parallels", { startDate = "2026-06-01",
      endDate = "2026-06-30" }), 0
    for _, one in ipairs(right) do
      if one.product == "automate" and one.from == "team" then total = total + one.allocated end
    end
    local value, mark, result = allocated()
    assert.are.equal(NULL, value)
    assert_said('say over = "team"', mark.reason)
    assert_ends(4, result)
    value, mark = allocated(', over = "team"')
    assert.are.equal(NULL, value)
    assert_said("of a shared pool (parallels_from = org) is not added over teams", mark.reason)
    assert.are.equal(total, (allocated(', over = "team"', ', parallels_from = "team"')))
  end)

  it("are unknown where a team has two values", function()
    local bent = USERS:gsub('"users": %[(.*)%]\n}\n}', function(user)
      return '"users": [' .. user .. "," .. user:gsub("steve@", "eve@"):gsub(
        '"current_parallels_allocated": 5', '"current_parallels_allocated": 6') .. "]}}"
    end)
    as_documented("user", bent)
    local document, result = fetch("users", "--group-by", "team,product", "--measures",
      "parallels_allocated")
    assert_ends(4, result)
    local rows = by(document.records, "product")
    assert.are.equal(3, rows.app_automate.parallels_allocated)
    assert_said("different values for one team", rows.automate.marks.parallels_allocated.reason)
  end)
end)

describe("team rows", function()
  local function minutes(where)
    local document = world:script(([[
      return require("usagelua").collect { { "browserstack.teams" } }:aggregate {
        where = { product = "live_testing"%s }, measures = { { "duration_s", over = "team" } } }]])
      :format(where or ""), { "--period", "2026-06" })
    return document.sections[1].rows[1]
  end

  for _, org_row in ipairs { "own", "all" } do
    it("are added to no row that may hold them, whether it does: " .. org_row, function()
      world:set { org_row = org_row }
      local row = minutes()
      assert.are.equal(NULL, row.duration_s)
      assert_said("may contain that of the others", row.marks.duration_s.reason)
      local document = fetch("teams", "--group-by", "team,team_type,product", "--measures",
        "duration_s", "--where", "product=live_testing")
      local total = 0
      for _, team in ipairs(document.records) do
        if team.team_type == "team" then total = total + team.duration_s end
      end
      assert.are.equal(total, minutes(', team_type = "team"').duration_s)
    end)
  end
end)

describe("the enterprise address", function()
  it("is chosen by region, and told in every record", function()
    local document, result = fetch("users", "--set", "region=enterprise")
    assert_ends(0, result)
    assert.are.equal("enterprise", document.records[1].region)
    local loader = require("usagelua.vendor.loader").new { kit = require "usagelua.vendor.kit" }
    local planned = require("usagelua.flow.query").plan({ "browserstack.users",
      region = "enterprise" }, { loader = loader,
      period = require("usagelua.time.period").parse("2026-06", "UTC") })
    assert.are.equal("https://api-enterprise.browserstack.com", planned.base_url)
  end)
end)

describe("the misprinted domain", function()
  local TYPO <const> = "typo in BrowserStack's documentation"
  local UNSET <const> = { USAGELUA_BROWSERSTACK_URL = false, USAGELUA_VENDORS = "" }

  local function assert_refused(status, result)
    assert_ends(status, result)
    assert_said(TYPO, result.stderr .. result.stdout)
    assert_said("api.browserstack.co", result.stderr .. result.stdout)
    assert.is_nil((result.stdout .. result.stderr):find("BS_ada", 1, true))
  end

  it("is refused in a setting", function()
    for _, words in ipairs { { "fetch", "browserstack.users" }, { "check", "browserstack" },
      { "get", "browserstack", "/x" }, { "plan", "fetch", "browserstack.users" } } do
      assert_refused(2, world:run(words, { env = {
        USAGELUA_BROWSERSTACK_URL = "https://api.browserstack.co" } }))
    end
  end)

  it("is refused to a script, with a credential and without one", function()
    for _, auth in ipairs { "", ', { auth = { kind = "basic", username = "ada", password = '
      .. 'require("usagelua").secret "BROWSERSTACK_ACCESS_KEY" } }' } do
      local _, result = world:script(([[
        local answer, err = require("usagelua").http.get("https://api.browserstack.co/x"%s)
        assert(answer == nil and err.kind == "refused")
        error(err)]]):format(auth), nil, { env = UNSET })
      assert_refused(1, result)
    end
    local _, result = world:script([[
      require("usagelua").secret "BROWSERSTACK_ACCESS_KEY":bind "api.browserstack.co"]], nil,
      { env = UNSET })
    assert.are_not.equal(0, result.status)
    assert_said(TYPO, result.stderr)
  end)

  it("is refused as a raw call", function()
    assert_refused(2, world:run({ "get", "browserstack",
      "https://api.browserstack.co/reports/usage/v1/user/x/status" }, { env = UNSET }))
  end)

  it("is refused as a user's vendor's", function()
    world:describe { { 'base_url = "https://api.browserstack.com"',
      'base_url = "https://api.browserstack.co"' } }
    finally(function() world:describe() end)
    local result = world:run({ "fetch", "browserstack.users" },
      { env = { USAGELUA_BROWSERSTACK_URL = false } })
    assert_refused(2, result)
  end)

  it("is refused in a redirect", function()
    world:faults { method = "GET", path = "/status$", status = 302,
      headers = { Location = "https://api.browserstack.co/reports/usage/v1/user/x/status" } }
    local document, result = fetch "users"
    assert_ends(5, result)
    assert_said(TYPO, reasons(document))
    assert_no_job_left()
  end)
end)

describe("the paths of a team's job", function()
  local function asked(method, kind)
    local count = 0
    for _, request in ipairs(world:asked("/reports/usage/v1/" .. kind .. "/")) do
      local is_status = request.path:find "/status$" ~= nil
      if request.method == method and (method == "DELETE" or not is_status) then count = count + 1 end
    end
    return count
  end

  it("are its own first, then once the user's, for report and delete by itself", function()
    for _, case in ipairs { { "team", "team", 0, 0 }, { "user", "team", 1, 0 }, { "team", "user", 0, 1 },
      { "user", "user", 1, 1 } } do
      world:begin { team_report = case[1], team_delete = case[2] }
      local document, result = fetch "teams"
      assert_ends(0, result)
      assert.are.equal("Acme Inc.", by(document.records, "team_type").org.team)
      assert.are.same({ 1, 1, case[3], case[4] }, { asked("GET", "team"), asked("DELETE", "team"),
        asked("GET", "user"), asked("DELETE", "user") })
      assert_no_job_left()
    end
  end)

  it("bring no user's report in a team's place", function()
    world:set { team_report = "users" }
    local document, result = fetch "teams"
    assert_ends(5, result)
    assert_said("no data.teams[] in the answer", reasons(document))
    assert_no_job_left()
  end)

  it("bring no team's report in a user's place", function()
    as_documented("user", TEAMS)
    local document, result = fetch "users"
    assert_ends(5, result)
    assert_said("no data.users[] in the answer", reasons(document))
  end)
end)

describe("a job", function()
  local function assert_exact(document, result)
    assert_ends(0, result)
    local right = world:control("total", { startDate = "2026-06-01", endDate = "2026-06-30" })
    local tests = 0
    for _, row in ipairs(document.records) do
      tests = tests + (row.product == "automate" and row.tests ~= NULL and row.tests or 0)
    end
    assert.are.equal(right.products.automate.tests_run, tests)
    assert_no_job_left()
  end

  it("is waited for through words that nobody documents", function()
    world:set { states = { { state = "enqueued", polls = 1 }, { state = "in_progress", polls = 1 },
      { state = "Compiling…", polls = 1 }, { state = "completed" } } }
    assert_exact(fetch "users")
  end)

  for _, status in ipairs { 404, 409 } do
    it("may be done and its report not there yet: " .. status, function()
      world:set { states = { { state = "completed" } }, not_ready = { status = status, fetches = 2 } }
      assert_exact(fetch "users")
      assert.are.equal(1, world:control("queue").created)
      assert_ends(0, select(2, fetch "teams"))
      assert_no_job_left()
    end)
  end

  it("whose path nobody knows is not waited for", function()
    world:faults { method = "GET", path = "/user/%w+$", status = 404, type = "text/html",
      body = "<html>\r\n<head><title>404 Not Found</title></head></html>" }
    local document, result = fetch "users"
    assert_ends(5, result)
    assert_said("the vendor knows no such path: answered 404 (text/html", reasons(document))
    assert_no_job_left()
  end)

  it("that fails is created once more, and no third time", function()
    local FAILED <const> = { { state = "enqueued", polls = 1 }, { state = "failed" } }
    world:set { plans = { { kind = "user", nth = 1, states = FAILED } } }
    assert_exact(fetch "users")
    assert.are.equal(2, world:control("queue").created)
    world:begin { states = FAILED }
    local document, result = fetch "users"
    assert_ends(5, result)
    assert_said("failed ('failed')", reasons(document))
    assert.are.equal(2, world:control("queue").created)
    assert_no_job_left()
  end)

  it("waits where the queue is full", function()
    world:set { queue = { limit = 1, status = 422, counts_completed = true } }
    local document, result = fetch("users", "browserstack.teams")
    assert_ends(0, result)
    assert.are.equal(2, world:control("queue").created)
    assert.are.equal(2, #document.coverage)
    assert_no_job_left()
  end)

  it("is created once more where the answer was lost, and the run says so", function()
    world:faults { method = "POST", path = "/user$", nth = 1, quirks = { status = 502,
      body = "<html>Bad Gateway</html>" } }
    local document, result = fetch "users"
    assert_ends(0, result)
    assert.are.equal(2, world:control("queue").created)
    assert.are.equal(1, world:control("queue").alive)
    assert_said("outcome unknown, perhaps one job more", cjson.encode(document))
    local shown = world:run { "fetch", "browserstack.users", "--period", "2026-06", "--measures",
      "tests" }
    assert.are.equal(0, shown.status)
    assert.is_nil(shown.stdout:find("outcome unknown", 1, true))
  end)

  it("whose creation is refused is not created again", function()
    world:faults { method = "POST", status = 422, body = '{"success":false,"message":"bad dates"}' }
    local document, result = fetch "users"
    assert_ends(5, result)
    assert_said("try --period vendor", reasons(document))
    assert.are.equal(1, #world.server:log())
  end)

  for _, status in ipairs { 404, 409, 410, 422 } do
    it("whose deletion answers " .. status .. " is a warning", function()
      world:faults { method = "DELETE", status = status, body = '{"success":false}' }
      local document, result = fetch "users"
      assert_ends(0, result)
      assert_said("deleting the report job", cjson.encode(document))
      assert.are.equal(1, world:control("queue").alive)
      assert.is_true(#document.records > 60)
    end)
  end

  it("whose deletion is answered by 200 and success that is false is left, named, and deleted by the next run", function()
    world:faults { method = "DELETE", nth = 1, status = 200,
      body = '{"success":false,"message":"Report could not be removed from queue."}' }
    local document, result = fetch "users"
    assert_ends(0, result)
    assert_said("is left at the vendor: browserstack.users 2026-06, delete: answered 200, but not that it is "
      .. "deleted: Report could not be removed from queue.; `usagelua ledger --delete` deletes it", cjson.encode(document))
    assert.are.equal(1, world:control("queue").alive)
    assert_ends(0, (world:run { "ledger", "--delete" }))
    assert_no_job_left()
  end)

  it("whose deletion a page of HTML claims is deleted", function()
    world:faults { method = "DELETE", nth = 1, status = 200, type = "text/html", body = "<html>ok" }
    local _, result = fetch "users"
    assert_ends(0, result)
    assert_no_job_left()
  end)

  it("tells in the vendor's words why there is none, or why it says no state", function()
    world:faults { method = "POST", body = '{"success":false,"message":"Reports are not enabled"}' }
    local document, result = fetch "users"
    assert_ends(5, result)
    assert_said('got nothing (200, application/json, \'{"success":false,"message":"Reports are not enabled"}\')',
      reasons(document))
    world:begin()
    world:faults { path = "/status$", method = "GET", body = '{"success":false,"message":"Job was purged"}' }
    document, result = fetch("users", "--deadline", "6s")
    assert_ends(5, result)
    assert_said('no status in the answer about it (application/json, \'{"success":false,"message":"Job was purged"}\')',
      reasons(document))
    assert_no_job_left()
  end)

  it("with an id that is none is refused", function()
    for _, id in ipairs { '"../../x"', '"a b"', '""', "null", '"' .. ("x"):rep(129) .. '"' } do
      world:begin()
      world:faults { method = "POST", body = '{"success":true,"data":{"job_id":' .. id .. "}}" }
      local document, result = fetch "users"
      assert_ends(5, result)
      assert_said("expected a job id", reasons(document))
    end
  end)
end)

describe("who asks", function()
  local LENA <const> = { BROWSERSTACK_USERNAME__LENA = "lena_bs",
    BROWSERSTACK_ACCESS_KEY__LENA = "BS_lena-key-0123456789" }

  it("sees everybody, or the own team alone, and the vendor's page says which", function()
    local document, result = world:fetch({ "browserstack.users", "--period", "2026-06", "--set",
      "account=lena" }, { env = LENA })
    assert_ends(0, result)
    local teams = by(document.records, "team")
    assert.are.equal("Team 02", (next(teams)))
    assert.is_nil(next(teams, "Team 02"))
    assert.are.equal("lena", document.records[1].account)
    assert_said("a team admin's only the own team", world:run({ "vendors", "browserstack.users" }).stdout)
  end)
end)

describe("being too fast", function()
  it("is waited out, whether said as 429 or as 403, without Retry-After", function()
    for _, answer in ipairs { { status = 429, body = "Too Many Requests" },
      { status = 403, body = "403 Forbidden (Rate Limit Exceeded)\n" } } do
      world:begin()
      world:faults({ path = "/user$", nth = 1, status = answer.status, body = answer.body,
        type = "text/html" }, { path = "/status$", nth = 2, status = answer.status,
        body = answer.body, type = "text/html" })
      local document, result = fetch("users", "--measures", "tests")
      assert_ends(0, result)
      assert.are.equal("number", type(document.records[1].tests))
      assert.are.equal(1, world:control("queue").created)
      assert_no_job_left()
    end
  end)
end)

describe("what the vendor refuses", function()
  local CASES <const> = {
    { "ada_bs", "BS_wrong-key-0123", "the user name or access key was not accepted: answered 401 "
      .. "(text/html", "BROWSERSTACK_ACCESS_KEY" },
    { "mia_bs", "BS_mia-key-0123456789", "the credential is not allowed to ask this: answered 403",
      "the role Owner or Admin" },
    { "uma_bs", "BS_uma-key-0123456789", "the credential is not allowed to ask this: answered 403",
      "BrowserStack Support to enable them" },
  }
  for _, case in ipairs(CASES) do
    it("is said with what to do, asked once: " .. case[1], function()
      local document, result = world:fetch({ "browserstack.users", "--period", "2026-06" },
        { env = { BROWSERSTACK_USERNAME = case[1], BROWSERSTACK_ACCESS_KEY = case[2] } })
      assert_ends(5, result)
      assert_said(case[3], reasons(document))
      assert_said(case[4], reasons(document))
      assert.are.equal(1, #world.server:log())
      assert.is_nil((result.stdout .. result.stderr):find(case[2], 1, true))
    end)
  end
end)

describe("a run that ends", function()
  local STUCK <const> = { { state = "enqueued" } }
  local BOTH <const> = { "fetch", "browserstack.users", "browserstack.teams", "--period", "2026-06" }

  local function both_live(polls)
    return world:until_so(function()
      local jobs, live = world:control "jobs", 0
      for _, job in ipairs(jobs) do
        if job.alive and job.polls >= polls then live = live + 1 end
      end
      return live == 2
    end)
  end

  -- At the vendor's own pace, 15 requests a minute: the built-in description.
  for name, status in pairs { INT = 130, TERM = 143 } do
    it("by SIG" .. name .. " deletes its two jobs within 5 s", function()
      world.server:control("/browserstack/settings", { states = STUCK })
      local own = world.env.USAGELUA_VENDORS
      world.env.USAGELUA_VENDORS = false
      finally(function() world.env.USAGELUA_VENDORS = own end)
      local run <close> = world:launch(BOTH)
      both_live(1)
      run:signal(name)
      local result = assert(run:wait(60), "it still runs")
      assert.are.equal(status, result.status, result.stderr)
      -- After five seconds the watchdog ends it, and says so.
      assert.is_nil(result.stderr:find("ended: ", 1, true), result.stderr)
      assert_no_job_left()
      assert.are.equal(2, world:control("queue").deleted)
      assert.are.equal(0, world:control("rate").limited)
      assert.are.equal("", (io.popen("ls " .. world.state.path .. "/jobs"):read "a"))
    end)
  end

  it("by a deadline deletes its jobs", function()
    world:set { states = STUCK }
    local document, result = world:fetch { table.unpack(BOTH, 2), "--deadline", "6s" }
    assert_ends(5, result)
    assert_said("it is still 'enqueued'", reasons(document))
    assert_no_job_left()
  end)

  it("by a mistake in the script deletes its job", function()
    local _, result = world:script([[
      return require("usagelua").collect { { "browserstack.users" } }:aggregate {
        where = function(row) return row.team.x.y end, measures = { "tests" } }]],
      { "--period", "2026-06" })
    assert_ends(1, result)
    assert.are.equal(1, world:control("queue").created)
    assert_no_job_left()
  end)

  it("by SIGKILL leaves jobs that the next run takes up, or deletes", function()
    world:set { states = STUCK }
    for round, words in ipairs { BOTH, { "fetch", "browserstack.users", "--period", "2026-05" } } do
      local run <close> = world:launch(BOTH)
      both_live(1)
      run:signal "KILL"
      run:wait(60)
      world.server:control("/browserstack/change", { states = { { state = "completed" } } })
      for _, job in ipairs(world:control "jobs") do
        world.server:control("/browserstack/job", { id = job.id, states = { { state = "completed" } } })
      end
      local before = world:control("queue").created
      local result = world:run(words)
      assert_ends(0, result)
      assert.are.equal(round - 1, world:control("queue").created - before)
      assert_no_job_left()
      world.server:control("/browserstack/change", { states = STUCK })
    end
  end)

  it("by SIGKILL while it creates one is told by the next run", function()
    world:faults { method = "POST", wire = "stall_first", stall_s = 60, times = 1 }
    local run <close> = world:launch { "fetch", "browserstack.users", "--period", "2026-06" }
    world:until_so(function() return world:control("queue").created == 1 end)
    run:signal "KILL"
    run:wait(60)
    local document, result = fetch "users"
    assert_ends(0, result)
    assert_said("perhaps one job more at the vendor", cjson.encode(document))
    assert.are.equal(1, world:control("queue").alive)
    document = fetch "users"
    assert.is_nil(cjson.encode(document):find("earlier run", 1, true))
  end)
end)
