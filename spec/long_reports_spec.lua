-- The memory of a run does not grow with the report. The long one has as many users as LONG_REPORT
-- says; docs/promises.md tells what came of 1,500,000.
local cjson = require "cjson"
local browserstack = require "support.browserstack"
local nginx = require "support.nginx"
local peak = require "support.peak"
local tmp = require "support.tmp"

local SHORT <const>, LARGE <const> = 1000, 40000
local LONG <const> = math.tointeger(tonumber(os.getenv "LONG_REPORT" or 150000))
local CREDENTIALS <const> = { WORKATO_API_TOKEN = "token-of-the-specs-1", BROWSERSTACK_USERNAME = "user of the specs",
  BROWSERSTACK_ACCESS_KEY = "key-of-the-specs-1" }

-- An answer beyond a megabyte has a second thread with buffers of its own, and keeps what tells its
-- first items from those that follow: some 1.6 MB, and from there on the same. What two threads hold at
-- a time depends on how they run, by some 0.3 MB.
local LARGE_KB <const>, GROWTH_KB <const>, PEAK_KB <const> = 3072, 1024, 20 * 1024
-- Workato's rows say their period, which Lua looks at: what it leaves is collected, in its own time.
local ROWS_GROWTH_KB <const>, ROWS_PEAK_KB <const> = 4096, 24 * 1024
local FEW_ROWS <const>, MANY_ROWS <const> = 2000, math.min(LONG, 60000)
local IS_MEASURED <const> = not os.getenv "ASAN_OPTIONS" -- sanitizers hold freed memory back

-- The sum of i % n for i from 1 to count.
local function sum_of(count, n)
  local rest = count % n
  return count // n * (n * (n - 1) // 2) + rest * (rest + 1) // 2
end

describe("the most memory of a run", function()
  local server, folder, measured

  setup(function()
    server, folder, measured = nginx.start { tls = false, vendors = {} }, tmp.folder(), peak.new()
    folder:write("browserstack.lua", browserstack.description())
  end)

  teardown(function()
    server:stop()
    folder:remove()
    measured:close()
  end)

  local function environment(count)
    local env = { USAGELUA_VENDORS = folder.path, USAGELUA_STATE = folder.path .. "/state",
      USAGELUA_BROWSERSTACK_URL = ("%s/long/browserstack/%d"):format(server.url, count),
      USAGELUA_WORKATO_URL = ("%s/long/workato/%d"):format(server.url, count) }
    for name, value in pairs(CREDENTIALS) do env[name] = value end
    return env
  end

  local function run(count, more)
    local found = measured:run({ "fetch", "browserstack.users", "--period", "2026-06", "-f", "json",
      "--group-by", "product", "--measures", "tests,duration_s,cypress_runs", table.unpack(more) },
      environment(count))
    assert.are.equal(0, found.status, found.stderr)
    return found, cjson.decode(found.stdout).records
  end

  -- Each user has two products, and both have tests.
  local function check_totals(count, records)
    local by_product = {}
    for _, record in ipairs(records) do by_product[record.product] = record end
    local live, automate = by_product.live_testing, by_product.automate
    assert.are.equal(sum_of(count, 100), live.tests)
    assert.are.equal(60 * sum_of(count, 60), live.duration_s)
    assert.are.equal(sum_of(count, 90), automate.tests)
    assert.are.equal(sum_of(count, 7), automate.cypress_runs)
  end

  local function peak_of(count, more, check)
    local found, records = run(count, more)
    check(count, records)
    return found.peak_kb, found.cpu_s
  end

  local function compare(more, check)
    local short, large = peak_of(SHORT, more, check), peak_of(LARGE, more, check)
    local long, cpu_s = peak_of(LONG, more, check)
    if not IS_MEASURED then return end
    local told = ("%d KB of %d users, %d KB of %d, %d KB of %d"):format(short, SHORT, large, LARGE, long, LONG)
    if os.getenv "LONG_REPORT" then print("\n" .. told .. (", %.2f s of CPU"):format(cpu_s)) end
    assert.is_true(long - large <= GROWTH_KB, told)
    assert.is_true(long - short <= LARGE_KB, told)
    assert.is_true(long < PEAK_KB, told)
  end

  it("is the same for a large report and any larger one, and under 20 MB", function()
    compare({}, check_totals)
  end)

  local function workspaces()
    local ids = {}
    for id = 1, 100 do ids[id] = tostring(id) end
    return "workspace_ids=" .. table.concat(ids, ",")
  end

  local function run_workato(count)
    local found = measured:run({ "fetch", "workato.usage", "--period", "2026-06", "-f", "json", "--set",
      workspaces(), "--group-by", "workspace_id", "--measures", "tasks,jobs_failed" }, environment(count))
    assert.are.equal(0, found.status, found.stderr)
    local tasks, failed = 0, 0
    for _, record in ipairs(cjson.decode(found.stdout).records) do
      tasks, failed = tasks + record.tasks, failed + record.jobs_failed
    end
    assert.are.same({ sum_of(count, 100), sum_of(count, 7) }, { tasks, failed })
    return found.peak_kb
  end

  it("does not grow with the rows of Workato's answer either", function()
    local few, many = run_workato(FEW_ROWS), run_workato(MANY_ROWS)
    if not IS_MEASURED then return end
    local told = ("%d KB of %d rows, %d KB of %d"):format(few, FEW_ROWS, many, MANY_ROWS)
    if os.getenv "LONG_REPORT" then print("\n" .. told) end
    assert.is_true(many - few <= ROWS_GROWTH_KB, told)
    assert.is_true(many < ROWS_PEAK_KB, told)
  end)

  it("is so with a condition on each row", function()
    compare({ "--where", "team=Team 7" }, function(count, records)
      local tests = 0
      for i = 7, count, 50 do tests = tests + i % 90 end
      for _, record in ipairs(records) do
        if record.product == "automate" then assert.are.equal(tests, record.tests) end
      end
    end)
  end)
end)
