-- What is easy to get wrong about Workato, over real HTTP. Each trap of the vendor's documentation
-- and where it is tested; without a file: here.
--
--   POST, parameters in the body or the query   "how parameters are sent"
--   lists: commas, arrays, brackets             "how parameters are sent"
--   at least one kind of ids, both              "how parameters are sent", "before anything is sent"
--   patterns: three characters, no wildcards    "name patterns", "before anything is sent"
--   patterns exclude lists                      "before anything is sent"
--   many workspaces in one request              spec/workato_spec.lua
--   deleted recipes                             spec/workato_spec.lua, "name patterns"
--   defaults are never sent                     spec/workato_spec.lua "sends only what was asked for"
--   re-allocation when a range is cut           "jobs that are allotted by the query"
--   the end counts, or not                      "the end of the range"
--   the workspace's zone, Z and offsets         "the workspace's zone"
--   days of 23 and 25 hours                     "the workspace's zone"
--   data is null                                spec/workato_spec.lua
--   ids without a row                           spec/workato_spec.lua
--   names of the answer's fields                spec/workato_spec.lua "field names"
--   recipes are no sum                          spec/workato_spec.lua
--   one token, one region; the hosts            "hosts and regions"
--   the errors of this family                   "errors"
--   429, the shared quota                       "errors"
--   40 seconds a request                        "too many workspaces at once"
--   v1: twelve months, no parameters            spec/workato_spec.lua "workato.monthly_tasks"
local asking = require "support.asking"
local calendar = require "vendors.calendar"
local cjson = require "cjson"

local by, sum = asking.by, asking.sum
local USAGE <const> = "/statistics/usage"
local JUNE <const> = { "--period", "2026-06" }
local TWO <const> = { "--set", "workspace_ids=1001,1002" }
local world

setup(function() world = asking.start "workato" end)
teardown(function() world:stop() end)
before_each(function() world:reset() end)

local function words(...)
  local all = {}
  for _, list in ipairs { ... } do table.move(list, 1, #list, #all + 1, all) end
  return all
end

local function set(given)
  world.server:control("/workato/settings", given)
end

local function usage(more, options)
  return world:fetch(words({ "workato.usage" }, more), options)
end

local function total(args)
  local parts = {}
  for key, value in pairs(args) do parts[#parts + 1] = ("%s=%s"):format(key, value) end
  return world.server:control("/workato/total?" .. table.concat(parts, "&"))
end

local function june(args)
  local all = { from_epoch = calendar.epoch(2026, 6, 1, 0, 0, 0),
    to_epoch = calendar.epoch(2026, 7, 1, 0, 0, 0), workspace_ids = "1001,1002" }
  for key, value in pairs(args or {}) do all[key] = value end
  return total(all)
end

local function sent()
  local requests = world.server:control "/workato/requests"
  return requests[#requests].fields
end

local function told(document, key)
  return table.concat(document.coverage[1][key], "\n")
end

local function assert_has(expected, text)
  assert.truthy(text:find(expected, 1, true), text)
end

local function assert_june(document, result, args)
  assert.are.equal(0, result.status, result.stderr)
  assert.are.equal(june(args).tasks, sum(document.records, "tasks"))
end

describe("how parameters are sent", function()
  for _, place in ipairs { "body", "query" } do
    for _, form in ipairs { "commas", "array" } do
      it(("in the %s, lists as %s"):format(place, form), function()
        set { params_in = place, ids_as = form }
        local document, result = usage(words(JUNE, TWO, { "--set", "params_in=" .. place, "--set",
          "ids_as=" .. form }))
        assert_june(document, result)
        local ids = sent().workspace_ids
        assert.are.same(form == "commas" and "1001,1002" or { "1001", "1002" }, ids)
      end)
    end
  end

  it("are the body of JSON, its names and nothing else", function()
    usage(words(JUNE, TWO))
    local request = world:asked(USAGE)[1]
    assert.are.equal("POST", request.method)
    assert.are.equal("application/json", request.headers["content-type"])
  end)

  it("with both kinds of ids in one request", function()
    local document, result = usage(words(JUNE, { "--set", "workspace_ids=1001", "--set",
      "external_ids=customer-2" }))
    assert_june(document, result)
    assert.are.equal(1, #world:asked(USAGE))
  end)

  it("lists of recipes and folders narrow, and leave deleted recipes out", function()
    local document, result = usage(words(JUNE, TWO, { "--set", "recipe_ids=100101,100102" }))
    assert.are.equal(0, result.status, result.stderr)
    assert_has("deleted recipes are not counted", told(document, "notes"))
    assert.are.equal("100101,100102", sent().recipe_ids)
    local by_recipe = june { group_by = "recipe", deleted = "false" }
    local right = 0
    for _, row in ipairs(by_recipe.rows) do
      if row.recipe_id == 100101 or row.recipe_id == 100102 then right = right + row.tasks end
    end
    assert.are.equal(right, sum(document.records, "tasks"))
    usage(words(JUNE, TWO, { "--set", "folder_ids=10011" }))
    assert.are.equal("10011", sent().folder_ids)
  end)
end)

describe("an answer to another question", function()
  it("is refused: a workspace that was not asked for", function()
    world:faults { path = "statistics/usage", quirks = { literals = {
      ["data"] = '[{"workspace_id":77,"workspace_name":"X","external_id":"x","recipe_count":1,'
        .. '"from":"2026-06-01T00:00:00.000Z","to":"2026-06-30T23:59:59.999Z","task_count":5,'
        .. '"job_succeeded_count":1,"job_failed_count":0}]' } } }
    local document, result = usage(words(JUNE, TWO))
    assert.are.equal(5, result.status)
    assert_has("a row is about external_id x, workspace_id 77, which was not asked for",
      told(document, "reasons"))
  end)

  it("is refused: rows of v1 that do not say their month", function()
    local document, result = world:fetch(words({ "workato.monthly_tasks", "--now",
      "2026-07-15T10:00:00Z", "--set", "fields=period_start:-,period_end:-" }, JUNE))
    assert.are.equal(5, result.status)
    assert_has("a row does not say its period", told(document, "reasons"))
  end)

  it("is taken for the query's where rows say no period at all", function()
    set { fields = { from = false, to = false } }
    local document, result = usage(words(JUNE, TWO, { "--set",
      "fields=period_start:-,period_end:-" }))
    assert_june(document, result)
    assert.are.equal("2026-06", document.records[1].period)
    assert.are.equal("assumed", document.coverage[1].period)
  end)
end)

describe("name patterns", function()
  it("are sent as they are, and deleted recipes left out", function()
    local document, result = usage(words(JUNE, TWO, { "--set", "recipe_name_pattern=DeV" }))
    assert_june(document, result, { recipe_name_pattern = "DeV", deleted = "false" })
    assert.are.equal("DeV", sent().recipe_name_pattern)
    assert_has("deleted recipes are not counted", told(document, "notes"))
    assert.is_nil(told(document, "notes"):find("wildcard", 1, true))
  end)

  it("take three characters, not bytes", function()
    local document, result = usage(words(JUNE, TWO, { "--set", "recipe_name_pattern=Täg" }))
    assert_june(document, result, { recipe_name_pattern = "T%C3%A4g", deleted = "false" })
  end)

  it("hold no wildcard: a * is said to be itself", function()
    local document = usage(words(JUNE, TWO, { "--set", "recipe_name_pattern=ice * exp" }))
    assert_has("a * in a name pattern stands for itself", told(document, "notes"))
    assert.are.equal("ice * exp", sent().recipe_name_pattern)
    document = usage(words(JUNE, TWO, { "--set", "folder_name_pattern=[PROD]*" }))
    assert_has("a * in a name pattern stands for itself", told(document, "notes"))
    assert.are.equal(0, #document.records)
  end)
end)

describe("jobs that are allotted by the query", function()
  before_each(function() set { allocation = "retry" } end)

  it("are asked for in one range, however long", function()
    local document, result = usage(words(TWO, { "--period", "2025-07-01..2026-06-30" }))
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(1, #world:asked(USAGE))
    assert.are.equal(total { from_epoch = calendar.epoch(2025, 7, 1, 0, 0, 0),
      to_epoch = calendar.epoch(2026, 7, 1, 0, 0, 0), workspace_ids = "1001,1002" }.tasks,
      sum(document.records, "tasks"))
  end)

  it("are never cut for the grain: the vendor divides", function()
    local document = usage(words(JUNE, TWO, { "--grain", "day" }))
    assert.are.equal(1, #world:asked(USAGE))
    assert.are.equal(june({ interval = "day" }).tasks, sum(document.records, "tasks"))
  end)

  it("may not add up where a range has to be cut, and that is said", function()
    local document, result = usage(words(JUNE, TWO, { "--set", "max_days=10" }))
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(3, #world:asked(USAGE))
    assert.are_not.equal(june().tasks, sum(document.records, "tasks"))
    assert_has("may not add up", told(document, "notes"))
    local text = world:run(words({ "fetch", "workato.usage" }, JUNE, TWO, { "--set", "max_days=10" }))
    assert_has("may not add up", text.stdout)
    document = usage(words(JUNE, TWO, { "--set", "max_days=40" }))
    assert.are.equal(june().tasks, sum(document.records, "tasks"))
    assert.is_nil(told(document, "notes"):find("add up", 1, true))
  end)
end)

describe("the end of the range", function()
  for _, meaning in ipairs { "inclusive", "exclusive" } do
    it(("is the last millisecond, so that it hardly matters that it is %s"):format(meaning), function()
      set { ["end"] = meaning, returned_end = meaning, ledger = { jobs_a_day = 1 } }
      local document, result = usage(words(JUNE, TWO))
      assert.are.equal(0, result.status, result.stderr)
      assert.are.equal("2026-06-30T23:59:59.999Z", sent().to)
      if meaning == "inclusive" then assert_june(document, result) end
    end)
  end

  for _, returned in ipairs { "inclusive", "exclusive" } do
    it(("of a row may be %s"):format(returned), function()
      set { returned_end = returned }
      local document, result = usage(words(JUNE, TWO, { "--grain", "week" }))
      assert_june(document, result, { interval = "week" })
      local weeks = by(document.records, "period")
      assert.are.equal("2026-06-08T00:00:00Z", weeks["2026-W23"].period_end)
      assert.are.equal("echoed", document.coverage[1].period)
    end)
  end
end)

describe("the workspace's zone", function()
  local NEW_YORK <const> = { "--zone", "America/New_York", "--set",
    "workspace_zone=America/New_York" }

  local function in_new_york(period, more)
    return usage(words({ "--period", period, "--set", "workspace_ids=1001" }, NEW_YORK, more or {}))
  end

  for _, heeded in ipairs { "heeded", "ignored" } do
    it(("is right whether the vendor's clock has the offset %s"):format(heeded), function()
      set { zone = "America/New_York", offset = heeded }
      local document, result = in_new_york "2026-06"
      assert.are.equal(0, result.status, result.stderr)
      assert.are.equal("2026-06-01T00:00:00.000-04:00", sent().from)
      assert.are.equal("2026-06-30T23:59:59.999-04:00", sent().to)
      assert.are.equal(total { from_epoch = calendar.epoch(2026, 6, 1, 4, 0, 0),
        to_epoch = calendar.epoch(2026, 7, 1, 4, 0, 0), workspace_ids = "1001" }.tasks,
        sum(document.records, "tasks"))
      assert.are.equal("2026-06-01T00:00:00-04:00", document.records[1].period_start)
      assert.are.equal("2026-07-01T00:00:00-04:00", document.records[1].period_end)
      assert.are.equal("2026-06", document.records[1].period)
    end)
  end

  it("takes an offset of its own at either end of a range", function()
    set { zone = "America/New_York" }
    local document, result = in_new_york "2026-03"
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal("2026-03-01T00:00:00.000-05:00", sent().from)
    assert.are.equal("2026-03-31T23:59:59.999-04:00", sent().to)
    assert.are.equal(1, #document.records)
  end)

  for day, hours in pairs { ["2026-03-08"] = 23, ["2025-11-02"] = 25, ["2026-06-01"] = 24 } do
    for _, returned in ipairs { "offset", "z" } do
      it(("has %d hours on %s, times with %s"):format(hours, day, returned), function()
        set { zone = "America/New_York", returned = returned, empty_rows = true }
        local document, result = in_new_york(day, { "--grain", "hour" })
        assert.are.equal(0, result.status, result.stderr)
        assert.are.equal(hours, #document.records)
        local from = calendar.parse_rfc3339(sent().from:gsub("%.%d+", ""))
        assert.are.equal(total { from_epoch = from, to_epoch = from + hours * 3600,
          workspace_ids = "1001" }.tasks, sum(document.records, "tasks"))
      end)
    end
  end

  it("labels every hour of a day of 25 once, where times have offsets", function()
    set { zone = "America/New_York", empty_rows = true }
    local document = in_new_york("2025-11-02", { "--grain", "hour" })
    local labels, starts = by(document.records, "period"), by(document.records, "period_start")
    assert.truthy(labels["2025-11-02T01-04:00"] and labels["2025-11-02T01-05:00"])
    local count = 0
    for _ in pairs(starts) do count = count + 1 end
    assert.are.equal(25, count)
  end)

  it("reads a Z as the workspace's clock", function()
    set { zone = "America/New_York", returned = "z" }
    local document, result = in_new_york("2026-06", { "--grain", "day" })
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal("2026-06-01T00:00:00-04:00",
      by(document.records, "period")["2026-06-01"].period_start)
  end)

  it("is missed where it is not said: an answer about other times is refused", function()
    set { zone = "America/New_York", offset = "ignored" }
    local document, result = usage(words(JUNE, TWO))
    assert.are.equal(5, result.status)
    assert_has("set the parameter workspace_zone (now UTC)", told(document, "reasons"))
    set { zone = "America/New_York", returned = "z" }
    document, result = usage(words(JUNE, TWO))
    assert.are.equal(5, result.status)
    assert_has("a row is about 2026-05-31T20:00:00.000Z", told(document, "reasons"))
  end)

  it("may be another than the report's", function()
    set { zone = "Europe/Berlin" }
    local document, result = usage(words(JUNE, TWO, { "--set", "workspace_zone=Europe/Berlin" }))
    assert_june(document, result)
    assert.are.equal("2026-06-01T02:00:00.000+02:00", sent().from)
    assert.are.equal("2026-06-01T00:00:00Z", document.records[1].period_start)
  end)
end)

describe("hosts and regions", function()
  for region, host in pairs { us = "www.workato.com", eu = "app.eu.workato.com",
    jp = "app.jp.workato.com", sg = "app.sg.workato.com", au = "app.au.workato.com",
    il = "app.il.workato.com", kr = "app.kr.workato.com", cn = "app.workatoapp.cn",
    trial = "app.trial.workato.com" } do
    it(("has %s at %s, where the token may go"):format(region, host), function()
      local result = world:run({ "check", "workato", "--set", "region=" .. region },
        { env = { USAGELUA_WORKATO_URL = "", https_proxy = "http://127.0.0.1:1",
          HTTPS_PROXY = "http://127.0.0.1:1" } })
      assert_has(("workato, region %s  unreachable"):format(region), result.stdout)
      assert_has(host .. " refused the connection", result.stdout)
      assert.are.same({}, world.server:log())
    end)
  end

  it("refuses an unknown region before anything is sent", function()
    local _, result = usage(words(JUNE, TWO, { "--set", "region=uk" }))
    assert.are.equal(2, result.status)
    assert_has("known: au, cn, eu, il, jp, kr, sg, trial, us", result.stderr)
  end)

  it("takes a token for each account", function()
    local document, result = usage(words(JUNE, { "--set", "workspace_ids=1001", "--set",
      "account=emea" }), { env = { WORKATO_API_TOKEN__EMEA = "wrk_emil-token-0123456789" } })
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(june({ group = "emea", workspace_ids = "1001" }).tasks,
      sum(document.records, "tasks"))
  end)

  it("adds accounts together, and tells them apart", function()
    local script = [[
      local usage = require "usagelua"
      local records = usage.collect { { "workato.usage", workspace_ids = { "1001" } },
        { "workato.usage", workspace_ids = { "1001" }, account = "emea" } }
      return usage.report { title = "Accounts",
        usage.table { records:aggregate { group_by = "account", measures = "tasks" } },
        usage.table { records:aggregate { measures = "tasks" } } }]]
    local result = world:run(words({ "-e", script, "-f", "json" }, JUNE),
      { env = { WORKATO_API_TOKEN__EMEA = "wrk_emil-token-0123456789" } })
    local document = cjson.decode(result.stdout)
    assert.are.equal(0, result.status, result.stderr)
    local own, emea = june { workspace_ids = "1001" }.tasks, june { group = "emea", workspace_ids = "1001" }.tasks
    local rows = by(document.sections[1].rows, "account")
    assert.are.same({ emea, own + emea }, { rows.emea.tasks, document.sections[2].rows[1].tasks })
  end)

  it("names the variable of a missing token, and sends nothing", function()
    local _, result = usage(words(JUNE, TWO), { env = { WORKATO_API_TOKEN = false } })
    assert.are.equal(2, result.status)
    assert_has("WORKATO_API_TOKEN", result.stderr)
    assert.are.same({}, world.server:log())
  end)
end)

describe("errors", function()
  local function failing(fault, env)
    if fault then world:faults(fault) end
    local document, result = usage(words(JUNE, TWO), { env = env })
    assert.are.equal(5, result.status, result.stderr)
    return told(document, "reasons")
  end

  local function answers(status, text)
    return { path = "statistics/usage", status = status, body = text,
      type = "application/json; charset=utf-8" }
  end

  it("400: the vendor does not say why, we say what to try", function()
    assert_has("try --set ids_as=array, --set params_in=query",
      failing(answers(400, '{"message":"Bad request"}')))
    assert.are.equal(1, #world:asked(USAGE))
  end)

  it("401: which token, and that it belongs to a region", function()
    local text = failing(nil, { WORKATO_API_TOKEN = "wrong-token-0123456789" })
    assert_has("WORKATO_API_TOKEN is the token of an API client", text)
    assert.is_nil(text:find("wrong-token", 1, true))
    assert.are.equal(1, #world:asked(USAGE))
  end)

  it("403: the role", function()
    assert_has("the API client may not read customers' usage",
      failing(nil, { WORKATO_API_TOKEN = "wrk_mia-token-0123456789" }))
    assert.are.equal(1, #world:asked(USAGE))
  end)

  it("404: another region, or no Embedded", function()
    assert_has("is the account in another region", failing(answers(404, '{"message":"Not found"}')))
    assert.are.equal(1, #world:asked(USAGE))
  end)

  it("500 once is asked again: the request only reads", function()
    world:faults { path = "statistics/usage", nth = 1, status = 500,
      type = "application/json", body = '{"message":"Server error","id":"0f0e"}' }
    local document, result = usage(words(JUNE, { "--set", "workspace_ids=1001" }))
    assert_june(document, result, { workspace_ids = "1001" })
    assert.are.equal(2, #world:asked(USAGE))
  end)

  it("429 is waited for", function()
    world:faults { path = "statistics/usage", nth = 1, status = 429, retry_after = 1,
      type = "application/json", body = '{"message":"Too many requests"}' }
    local document, result = usage(words(JUNE, TWO))
    assert_june(document, result)
    assert.are.equal(2, #world:asked(USAGE))
  end)
end)

describe("too many workspaces at once", function()
  local function ids(count, prefix)
    local list = {}
    for n = 1, count do list[n] = prefix and prefix .. n or tostring(1000 + n) end
    return table.concat(list, ",")
  end

  local function sizes()
    local list = {}
    for _, request in ipairs(world.server:control "/workato/requests") do
      list[#list + 1] = request.ids
    end
    return list
  end

  for _, status in ipairs { 504, 500 } do
    it(("are halved after %d, and the range is not: all is exact"):format(status), function()
      set { ledger = { workspaces = 500 }, timeout = { above = 130, status = status, hang_s = 0 } }
      local document, result = usage(words(JUNE, { "--set", "workspace_ids=" .. ids(500) }))
      assert_june(document, result, { workspace_ids = ids(500) })
      for _, request in ipairs(world.server:control "/workato/requests") do
        assert.are.equal("2026-06-01T00:00:00.000Z", request.fields.from)
        assert.are.equal("2026-06-30T23:59:59.999Z", request.fields.to)
      end
      local counts = sizes()
      assert.are.same({ 500, 250 }, { counts[1], counts[2] })
      assert.are.equal(0, #document.coverage[1].reasons)
      assert_has("no row for workspace_ids 1007, 1014", told(document, "notes"))
    end)
  end

  it("are halved by external ids too", function()
    set { ledger = { workspaces = 40 }, timeout = { above = 10, status = 504, hang_s = 0 } }
    local document, result = usage(words(JUNE, { "--grain", "day", "--set",
      "external_ids=" .. ids(30, "customer-") }))
    assert.are.equal(0, result.status, result.stderr)
    assert.is_true(sum(document.records, "tasks") > 0)
    assert_has("no row for external_ids customer-12", told(document, "notes"))
  end)

  it("are asked for one by one at the least, then it is said", function()
    set { timeout = { above = 0, status = 504, hang_s = 0 } }
    local document, result = usage(words(JUNE, TWO, { "--deadline", "6s" }))
    assert.are.equal(5, result.status)
    assert_has("the vendor took longer than its 40 seconds", told(document, "reasons"))
    assert.is_nil(told(document, "notes"):find("no row", 1, true))
  end)

  for seed = 1, 4 do
    it("are exact in bad weather, whatever it halves: " .. seed, function()
      set { ledger = { workspaces = 60 }, timeout = { above = 25, status = 504, hang_s = 0 } }
      local path = "statistics/usage"
      world.server:control("/faults", { seed = seed, rules = {
        { path = path, probability = 0.15, status = 504, type = "text/html", body = "<h1>504</h1>" },
        { path = path, probability = 0.15, wire = "reset", at = 40 },
      } })
      local document, result = usage(words(JUNE, { "--grain", "month", "--set",
        "workspace_ids=" .. ids(60) }))
      assert_june(document, result, { workspace_ids = ids(60), interval = "month" })
    end)
  end

  it("are never divided where both kinds of ids may mean the same workspace", function()
    set { timeout = { above = 2, status = 504, hang_s = 0 } }
    local _, refused = usage(words(JUNE, { "--set", "workspace_ids=1001,1002", "--set",
      "external_ids=customer-1,customer-2", "--deadline", "6s" }))
    assert.are.equal(5, refused.status)
    for _, count in ipairs(sizes()) do assert.are.equal(4, count) end
    set {}
    local document, result = usage(words(JUNE, { "--set", "workspace_ids=1001,1002", "--set",
      "external_ids=customer-1,customer-2" }))
    assert_june(document, result)
  end)
end)

describe("before anything is sent", function()
  for expected, more in pairs {
    ["one of these parameters is needed: workspace_ids, external_ids"] = {},
    ["did you mean 'workspace_ids'?"] = { "--set", "workspace_id=1" },
    ["'workspace_ids' is an empty list"] = { "--set", "workspace_ids=" },
    ["'external_ids' is an empty list"] = { "--set", "external_ids=" },
    ["'recipe_ids' is an empty list"] = words(TWO, { "--set", "recipe_ids=" }),
    ["'workspace_ids' does not match %d+: 'x1'"] = { "--set", "workspace_ids=x1" },
    ["names '1001' twice"] = { "--set", "workspace_ids=1001,1001" },
    ["'recipe_name_pattern' must have 3 characters or more: 'äb'"] = words(TWO, { "--set",
      "recipe_name_pattern=äb" }),
    ["'folder_name_pattern' must have 3 characters or more"] = words(TWO, { "--set",
      "folder_name_pattern=ab" }),
    ["'recipe_ids' and 'recipe_name_pattern' exclude one another"] = words(TWO, { "--set",
      "recipe_name_pattern=abc", "--set", "recipe_ids=1" }),
    ["'folder_ids' and 'folder_name_pattern' exclude one another"] = words(TWO, { "--set",
      "folder_name_pattern=abc", "--set", "folder_ids=1" }),
    ["unknown value of 'group_by' 'folder'"] = words(TWO, { "--set", "group_by=folder" }),
    ["did you mean 'recipe'?"] = words(TWO, { "--set", "group_by=recipes" }),
    ["can be asked by total, year, month, week, day, hour"] = words(TWO, { "--grain", "quarter" }),
    ["did you mean 'America/New_York'?"] = words(TWO, { "--set",
      "workspace_zone=America/New_Yrok" }),
    ["unknown value of 'ids_as'"] = words(TWO, { "--set", "ids_as=spaces" }),
    ["did you mean 'tasks'?"] = words(TWO, { "--set", "fields=task:x" }),
    ["'tasks' is not NAME:FIELD"] = words(TWO, { "--set", "fields=tasks" }),
    ["no period of its own"] = words(TWO, { "--period", "vendor" }),
    ["is after"] = words(TWO, { "--period", "2026-06-30..2026-06-01" }),
  } do
    it("it is refused: " .. expected, function()
      local _, result = usage(words(JUNE, more))
      assert.are.equal(2, result.status, result.stdout .. result.stderr)
      assert_has(expected, result.stderr)
      assert.are.same({}, world.server:log())
    end)
  end

  it("a comma in an external id is refused, since it would be two", function()
    local result = world:run { "-e", [[
      local usage = require "usagelua"
      return usage.collect { period = "2026-06", { "workato.usage", external_ids = { "a,b" } } }
    ]] }
    assert.are.equal(2, result.status)
    assert_has("external_ids", result.stderr)
    assert.are.same({}, world.server:log())
  end)

  it("names of fields are not changed where they are documented", function()
    local result = world:run { "fetch", "testmu.summary", "--set", "fields=tests:t" }
    assert.are.equal(2, result.status)
    assert_has("fields", result.stderr)
  end)
end)

describe("the commands", function()
  it("check asks the cheapest call of the token, the twelve months", function()
    local result = world:run { "check", "workato" }
    assert.are.equal(0, result.status, result.stderr .. result.stdout)
    assert_has("WORKATO_API_TOKEN", result.stdout)
    local requests = world.server:log()
    assert.are.equal(1, #requests)
    assert_has("/api/managed_users/usage", requests[1].path)
    result = world:run({ "check", "workato" }, { env = { WORKATO_API_TOKEN =
      "wrk_mia-token-0123456789" } })
    assert_has("not allowed", result.stdout)
  end)

  it("plan tells range, interval and notes, and sends nothing", function()
    local result = world:run(words({ "plan", "fetch", "workato.usage" }, JUNE, TWO, { "--grain",
      "day", "--set", "group_by=recipe" }))
    assert.are.equal(0, result.status, result.stderr)
    for _, expected in ipairs { "from=2026-06-01T00:00:00.000Z", "to=2026-06-30T23:59:59.999Z",
      "interval=day", "1 call or more, on workato:default", "burst of 1000, then 1000 a minute",
      "deleted recipes are not counted", "workato.usage is unverified" } do
      assert_has(expected, result.stdout)
    end
    assert.are.same({}, world.server:log())
  end)

  it("vendors tells what is unverified, and which names are assumed", function()
    local result = world:run { "vendors", "workato.usage" }
    for _, expected in ipairs { "status      unverified", "tasks            task_count",
      "--set fields=NAME:FIELD", "needs one of workspace_ids, external_ids",
      "several windows may not add up", "ids_as: how lists are written (unverified)",
      "deleted recipes are not counted" } do
      assert_has(expected, result.stdout)
    end
  end)

  it("test finds that the description conforms", function()
    local result = world:run { "test", "lua/usagelua/vendors/workato.lua" }
    assert.are.equal(0, result.status, result.stdout)
    assert_has("workato.usage: windows tile", result.stdout)
    assert_has("0 failed", result.stdout)
  end)

  it("get sends one call with the token", function()
    local result = world:run { "get", "workato", "/api/managed_users/usage" }
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(12 * 12, #cjson.decode(result.stdout).result)
  end)
end)
