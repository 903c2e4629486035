-- The memory of a run does not grow with the report. The long one has as many users as LONG_REPORT
-- says; docs/promises.md tells what came of 1,500,000.
local cjson = require "cjson"
local browserstack = require "support.browserstack"
local nginx = require "support.nginx"
local peak = require "support.peak"
local tmp = require "support.tmp"

local SHORT <const> = 1000
local LONG <const> = math.tointeger(tonumber(os.getenv "LONG_REPORT" or 150000))
local CREDENTIALS <const> = { BROWSERSTACK_USERNAME = "user of the specs",
  BROWSERSTACK_ACCESS_KEY = "key-of-the-specs-1" }

local GROWTH_KB <const>, PEAK_KB <const> = 1024, 20 * 1024
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
      USAGELUA_BROWSERSTACK_URL = ("%s/long/browserstack/%d"):format(server.url, count) }
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

  local function compare(more, check)
    local short, few = run(SHORT, more)
    local long, many = run(LONG, more)
    check(SHORT, few)
    check(LONG, many)
    local told = ("%d KB of %d users, %d KB of %d"):format(short.peak_kb, SHORT, long.peak_kb, LONG)
    if not IS_MEASURED then return end
    if os.getenv "LONG_REPORT" then print("\n" .. told .. (", %.2f s of CPU"):format(long.cpu_s)) end
    assert.is_true(long.peak_kb - short.peak_kb <= GROWTH_KB, told)
    assert.is_true(long.peak_kb < PEAK_KB, told)
  end

  it("is the same for 1,000 users and any more, and under 20 MB", function()
    compare({}, check_totals)
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
