-- The forecast against what the same queries really take, in virtual time.
local collect = require "usagelua.collect"
local forecast = require "usagelua.flow.forecast"
local run = require "usagelua.run"
local simulator = require "usagelua.transport.simulator"
local tmp = require "support.tmp"

local ACME <const> = [[
return {
  name = "acme", version = 1, base_url = "https://api.acme.test/v1",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  rate = %s,
  datasets = {
    usage = {
      status = "assumed",
      params = { team = { %s }, fan_out = { "team" },
      window = { max_days = 7, cut = "may_differ", ends = "inclusive", format = "%%Y-%%m-%%d" },
      request = { path = "/usage", query = { team = "{team}", first = "{from}", last = "{to}" } },
      rows = "data[]", fields = { user_id = "email", tests = "tests" },
    },
    batches = {
      params = { team = { list = true }, ids = { list = true } }, fan_out = { "team" },
      request = { path = "/b", query = { team = "{team}", ["ids[]"] = { "{ids}" } } },
      batch = { param = "ids", most = 10 }, rows = "data[]", fields = { tests = "tests" },
    },
    months = {
      window = { max_months = 1, whole = "month", parts = { "year", "month", m = "%%-m" } },
      request = { path = "/{year}", query = { a = "{m}", m = "{month}" }, json = { y = "{year}" } },
      rows = "data[]", fields = { user_id = "email", tests = "tests" },
    },
    pages = {
      window = { zone = "UTC" },
      request = { path = "/pages", query = { since = "{from_utc}", ["until"] = "{to_utc}" } },
      pages = { kind = "page", size = 2 },
      rows = "data[]", fields = { user_id = "email", tests = "tests" },
    },
  },
}]]

local folder

local function new_run(rate, team)
  folder = tmp.folder()
  folder:write("acme.lua", ACME:format(rate, team or 'list = true, default = { "a" } }'))
  local transport = simulator.new { latency_s = { 0.001, 0.002 },
    answer = function() return { body = '{"data":[]}' } end }
  local made = run.new {
    transport = transport, clock = transport.clock, log = function() end,
    loader = require("usagelua.vendor.loader").new { folders = folder.path,
      kit = require "usagelua.vendor.kit" },
    options = { period = "2026-03" },
  }
  made.needs_credentials = function() return false end
  return made, transport
end

describe("forecast.of", function()
  it("takes a function's calls for one or more", function()
    local acme = require "support.acme"
    local function flow() end
    for _, more in ipairs { {}, { request = { path = "/u" }, rows = "data[]" } } do
      more.window, more.flow = { max_days = 10 }, flow
      local made = forecast.of { acme.plan(acme.vendor(more), {}, {
        period = require("usagelua.time.period").parse("2026-06", require("usagelua.time.zone").parse "UTC") }) }
      assert.are.same({ least = 3, exact = false }, made.calls)
      assert.is_true(made.queries[1].by_function)
    end
  end)

  for _, case in ipairs {
    { "{ burst = 5, per_minute = 15, in_flight = 4 }", { "a", "b", "c", "d" } },
    { "{ per_minute = 600, in_flight = 2 }", { "a" } },
    { "{ burst = 100, per_minute = 15, in_flight = 4 }", { "a", "b" } },
    { "{ gap_s = 3, in_flight = 4 }", { "a", "b" } },
    { "{ burst = 5, per_minute = 15, gap_s = 7.5, in_flight = 4 }", { "a" } },
  } do
    it("names the time that the queries really take under " .. case[1], function()
      local made, transport = new_run(case[1])
      local frame = collect.new(made, { { "acme.usage", team = case[2] } })
      local expected = forecast.of(made.queries)
      local start = transport.clock.monotonic()
      frame:ask "script"
      local took_s = transport.clock.monotonic() - start
      assert.are.equal(expected.calls.least, transport.requests)
      assert.is_true(expected.calls.exact)
      assert.is_true(took_s >= expected.least_s, took_s)
      assert.is_true(took_s <= expected.least_s * 1.1 + 0.1, took_s)
      made:close(true)
    end)
  end

  it("counts batches with every part, and the time that they take", function()
    local made, transport = new_run "{ burst = 2, per_minute = 60, in_flight = 2 }"
    local ids = {}
    for id = 1, 45 do ids[id] = id end
    local frame = collect.new(made, { { "acme.batches", ids = ids, team = { "a", "b" } } })
    local expected = forecast.of(made.queries)
    assert.are.same({ least = 10, exact = false }, expected.calls)
    local start = transport.clock.monotonic()
    frame:ask "script"
    local took_s = transport.clock.monotonic() - start
    assert.are.equal(10, transport.requests)
    assert.is_true(took_s >= expected.least_s and took_s <= expected.least_s * 1.1 + 0.1, took_s)
    made:close(true)
  end)

  it("gives edges as they are sent, fan-out and what is in doubt", function()
    local made = new_run "{ in_flight = 3 }"
    collect.new(made, { { "acme.usage", team = { "a", "b" }, account = "emea" } })
    local query = forecast.of(made.queries).queries[1]
    assert.are.same({ "2026-03-01", "2026-03-07" }, { query.windows[1].sent[1][2],
      query.windows[1].sent[2][2] })
    assert.are.equal("first", query.windows[1].sent[1][1])
    assert.are.equal("last", query.windows[1].sent[2][1])
    assert.are.equal(5, #query.windows)
    assert.are.same({ { name = "team", values = { "a", "b" } } }, query.fan_out)
    assert.are.same({ least = 10, exact = true }, query.calls)
    assert.are.equal("acme:emea", query.lane)
    assert.is_true(query.may_differ)
    assert.truthy(query.unverified[1]:find("acme.usage is assumed", 1, true))
  end)

  it("gives the parts of a date as they are sent", function()
    local made = new_run "{ in_flight = 3 }"
    collect.new(made, { { "acme.months" } })
    assert.are.same({ { "y", "2026", place = 3 }, { "m", "03", place = 4 }, { "a", "3", place = 10 } },
      forecast.of(made.queries).queries[1].windows[1].sent)
  end)

  it("knows no value of a fan-out that is not given", function()
    local made = new_run("{ in_flight = 3 }", "list = true }")
    collect.new(made, { { "acme.usage" } })
    local query = forecast.of(made.queries).queries[1]
    assert.are.same({}, query.fan_out)
    assert.are.same({ least = 5, exact = true }, query.calls)
  end)

  it("adds queries of one credential up, and says where there may be more calls", function()
    local made = new_run "{ burst = 2, per_minute = 60, in_flight = 3 }"
    collect.new(made, { { "acme.usage" }, { "acme.pages" } })
    collect.new(made, { { "acme.pages", account = "b" } })
    local all = forecast.of(made.queries)
    assert.are.same({ "acme:b", "acme:default" }, { all.lanes[1].name, all.lanes[2].name })
    assert.are.same({ least = 6, exact = false }, all.lanes[2].calls)
    assert.are.equal(2, all.lanes[2].rounds)
    assert.are.same({ least = 7, exact = false }, all.calls)
    assert.is_true(math.abs(all.least_s - 4) < 0.01)
    assert.are.equal("since", all.queries[2].windows[1].sent[1][1])
  end)
end)
