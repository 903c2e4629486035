-- What `vendors`, `plan` and `check` say of datasets that are asked for as report jobs.
local cjson = require "cjson"
local queue_vendor = require "support.queue_vendor"

local world
setup(function() world = queue_vendor.start() end)
teardown(function() world:stop() end)

local function run(...)
  return world.command:run { ... }
end

local function has(text, part)
  assert.truthy(text:find(part, 1, true), text)
end

describe("usagelua vendors", function()
  it("says that a dataset is asked for as a job, and how", function()
    world:case()
    has(run("vendors", "acme.users").stdout,
      "a report job (POST /reports/usage/v1/user): 4 at a time, 900 s each at most, deleted on every")
    local dataset = cjson.decode(run("vendors", "acme.users", "-f", "json").stdout).vendors[1].datasets[1]
    assert.are.same({ create = "POST /reports/usage/v1/user", live = 4, time_s = 900, deleted = true,
      hosts = {} }, dataset.job)
  end)
end)

describe("usagelua plan", function()
  it("counts a job's calls, and sends nothing", function()
    world:case { rate = { burst = 5, per_minute = 15 } }
    local result = run("plan", "fetch", "acme.users", "acme.teams", "--period", "2026-06", "-f", "json")
    assert.are.equal(0, result.status, result.stderr)
    local plan = cjson.decode(result.stdout)
    assert.are.same({ least = 8, exact = false }, plan.calls)
    assert.is_true(math.abs(plan.least_s - 12) < 0.1)
    assert.are.same({ startDate = "2026-06-01", endDate = "2026-06-30" },
      plan.queries[1].windows[1].sent)
    assert.are.same({ 0, {} }, { #world.server:log(), world:files() })
  end)
end)

describe("usagelua check", function()
  it("creates a job only where nothing else can be asked, and deletes it", function()
    world:case { states = { { state = "enqueued" } } }
    local result = run("check", "acme")
    assert.are.equal(0, result.status, result.stderr)
    has(result.stdout, "accepted and allowed")
    has(result.stdout, "a report job, deleted at once")
    assert.are.same({ 1, 0 }, { world:queue().created, world:queue().alive })
    assert.are.same({}, world:files())
  end)

  it("asks what the vendor names instead", function()
    world:case()
    local text = world.command.folder:read "acme.lua"
    world.command.folder:write("acme.lua", (text:gsub("datasets = {",
      'check = { request = { path = "/automate/plan.json" } },\n  %0')))
    local result = run("check", "acme")
    assert.are.equal(0, result.status, result.stderr .. result.stdout)
    has(result.stdout, "GET /automate/plan.json")
    assert.are.equal(0, world:queue().created)
  end)

  it("tells a refusal", function()
    world:case()
    local result = world.command:run({ "check", "acme" }, { env = { ACME_KEY = "another-key" } })
    assert.are.equal(5, result.status)
    has(result.stdout, "not accepted")
    assert.are.same({}, world:files())
  end)
end)
