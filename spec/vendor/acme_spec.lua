-- The worked example of docs/vendor-description.md, as a user's own script: pages, minutes, seats
-- per team, nested products.
local acme = require "support.acme"
local collect = require "usagelua.collect"
local json = require "usagelua.json"
local kit = require "usagelua.vendor.kit"
local loader = require "usagelua.vendor.loader"
local simulated_run = require "support.simulated_run"

local QA, DEV = { name = "QA", seats = 10 }, { name = "Dev", seats = 4 }
local USAGE = {
  { id = 1, email = "Ann@Acme.Test", team = QA, tests_run = 5, minutes = 1.5, retries = 2 },
  { id = 2, email = "bob@acme.test", team = QA, tests_run = 7, minutes = 60 },
  { id = 3, email = "cy@acme.test", team = DEV, tests_run = 0, minutes = 0 },
}

local function usage(args)
  local rows, limit = json.array {}, tonumber(args.limit)
  local first = (tonumber(args.page) - 1) * limit + 1
  for index = first, math.min(first + limit - 1, #USAGE) do rows[#rows + 1] = USAGE[index] end
  return acme.answer { meta = { total = #USAGE, from = args.from, to = args.to }, data = rows }
end

local USERS = {
  { id = 1, email = "ann@acme.test", product_access = { live = true, app = false },
    usage = { last_test = "2026-05-01T00:00:00Z", product_data = { live = { tests_run = 4, flaky = 1 } } } },
  { id = 2, product_access = json.null, usage = { product_data = { automate = { tests_run = 9 } } } },
  { id = 3, email = "cy@acme.test" },
}

local function world(answer)
  local asked = {}
  local run = simulated_run.new {
    loader = loader.new { folders = "examples/vendors", kit = kit },
    answer = function(request)
      local args = acme.arguments(request.url)
      asked[#asked + 1] = args
      if answer then return answer(args, #asked) end
      if request.url:find("/users", 1, true) then return acme.answer { data = { users = USERS } } end
      return usage(args)
    end,
  }
  return run, asked
end

local function records(run, dataset, spec)
  local one = { dataset, period = run:read_period(spec and spec.period or "2026-06") }
  for key, value in pairs(spec or {}) do
    if key ~= "period" then one[key] = value end
  end
  return collect.new(run, { one })
end

describe("acme.usage", function()
  it("reads all pages of a day-wise window", function()
    local run, asked = world()
    local frame = records(run, "acme.usage")
    assert.are.equal(12, (frame:value "tests"))
    assert.are.equal(2, #asked)
    assert.are.same({ from = "2026-06-01", to = "2026-06-30", page = "1", limit = "2" }, asked[1])
    assert.are.equal("echoed", frame:coverage()[1].period)
  end)

  it("converts minutes, fractions too", function()
    local frame = records(world(), "acme.usage")
    assert.are.equal(3690, (frame:value "duration_s"))
    local hours = frame:aggregate { measures = { { "duration_s", as = "hours", unit = "h" } } }
    assert.are.equal(1.025, (hours:value "hours"))
  end)

  it("counts a team's seats once, however many users repeat them", function()
    local by_team = records(world(), "acme.usage"):aggregate { group_by = "team",
      measures = { { "licences", kind = "last" } } }
    local seats = {}
    for row in by_team:rows() do seats[row.team] = row.licences end
    assert.are.same({ QA = 10, Dev = 4 }, seats)
    local all = records(world(), "acme.usage"):aggregate {
      measures = { { "licences", over = "team" } } }
    assert.are.equal(14, (all:value "licences"))
  end)

  it("gives constants and lower-case ids, and keeps numbers that it does not know", function()
    local first
    for row in records(world(), "acme.usage"):rows() do
      if row.user_id == "ann@acme.test" then first = row end
    end
    assert.are.same({ "acme-cloud", 2 }, { first.product, first.retries })
  end)

  it("sends a parameter that is set, and no other", function()
    local run, asked = world()
    local _ = records(run, "acme.usage", { team = "qa1" }):value "tests"
    assert.are.equal("qa1", asked[1].team)
    run = world()
    assert.has_error(function() records(run, "acme.usage", { team = "q a" }) end)
  end)

  it("takes days in UTC only", function()
    local run = world()
    run.options.zone = "Europe/Berlin"
    local ok, err = pcall(records, run, "acme.usage")
    assert.is_false(ok)
    assert.truthy(err.message:find("takes whole days in UTC", 1, true), err.message)
  end)

  it("is asked in windows of 31 days", function()
    local run, asked = world()
    local _ = records(run, "acme.usage", { period = "2026-05-01..2026-06-30" }):coverage()
    local spans = {}
    for _, args in ipairs(asked) do
      if args.page == "1" then spans[#spans + 1] = args.from .. " " .. args.to end
    end
    table.sort(spans)
    assert.are.same({ "2026-05-01 2026-05-31", "2026-06-01 2026-06-30" }, spans)
  end)

  it("takes a 403 about the quota for a throttle", function()
    local run = world(function(args, count)
      if count > 1 then return usage(args) end
      return { status = 403, headers = {}, body = "Quota exceeded" }
    end)
    assert.are.equal(12, (records(run, "acme.usage"):value "tests"))
    assert.is_true(run.clock.monotonic() >= 60)
  end)

  it("is at its region's address", function()
    local run = world()
    local one = { "acme.usage", region = "eu", period = run:read_period "2026-06" }
    local _ = collect.new(run, { one }):value "tests"
    assert.are.equal("https://api.eu.acme.test/v1", run.queries[1].base_url)
  end)
end)

describe("acme.access", function()
  it("has a record for every product that a user has or used, and one for who has none", function()
    local seen = {}
    for row in records(world(), "acme.access"):rows() do
      seen[#seen + 1] = { row.user_id, row.product or "-", row.has_access, row.tests or false, row.flaky }
    end
    assert.are.same({
      { "cy@acme.test", "-", nil, false },
      { "ann@acme.test", "app", false, false },
      { "2", "automate", nil, 9 },
      { "ann@acme.test", "live", true, 4, 1 },
    }, seen)
  end)

  it("is asked by seconds since 1970", function()
    local run, asked = world()
    local _ = #records(run, "acme.access")
    assert.are.same({ since = "1780272000", ["until"] = "1782864000" }, asked[1])
  end)
end)
