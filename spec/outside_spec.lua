-- Vendors from outside, written as a user writes them (support/outside/, at most 60 lines each),
-- over real HTTP against the small test vendors: every total is the ledger's, whatever the weather.
local asking = require "support.asking"
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local FOLDER <const> = "spec/support/outside"
local API_KEY <const>, APP_KEY <const> = "kinds-api-key/with+odd=chars&%", "kinds-app-key-0123456789"
local BEARER <const> = "kinds-token/with+odd=chars&%"
local JUNE <const> = "?from_epoch=1780272000&to_epoch=1782864000"
local YEAR <const> = "?from_epoch=1767225600&to_epoch=1798761600"

local server, binary, env

setup(function()
  server, binary = nginx.start { tls = false, vendors = { "kinds" } }, shell.usagelua()
  env = server:environment()
  local folder = shell.output { "realpath", FOLDER }
  env.USAGELUA_VENDORS = folder:gsub("\n$", "")
  for _, name in ipairs { "TELEPHONY", "METRICS", "PIPELINES", "GRAPH" } do
    env[("USAGELUA_%s_URL"):format(name)] = server:vendor_url "kinds"
  end
  env.TELEPHONY_ACCOUNT_SID, env.TELEPHONY_AUTH_TOKEN = "AC0123", "telephony-token-0123456789"
  env.METRICS_API_KEY, env.METRICS_APP_KEY = API_KEY, APP_KEY
  env.PIPELINES_TOKEN, env.GRAPH_TOKEN = BEARER, BEARER
end)

teardown(function() server:stop() end)

local state

before_each(function()
  server:reset()
  server:control("/kinds/settings", {})
  state = tmp.folder()
  env.USAGELUA_STATE = state.path
end)

after_each(function() state:remove() end)

local function set(settings)
  server:control("/kinds/settings", settings)
end

local function run(words, more)
  local environment = {}
  for name, value in pairs(env) do environment[name] = value end
  for name, value in pairs(more or {}) do environment[name] = value end
  return shell.run({ binary, table.unpack(words) }, { env = environment, timeout_s = 300 })
end

local function fetch(dataset, period, more)
  local result = run({ "fetch", dataset, "--period", period or "2026-06", "-f", "json" }, more)
  local ok, document = pcall(cjson.decode, result.stdout)
  return ok and document.records or {}, result, ok and document
end

local function total(query)
  return server:control("/kinds/total" .. (query or ""))
end

-- Why the query of the document is not whole.
local function reasons(document)
  return table.concat(document.coverage[1].reasons, "\n")
end

-- Sums of the records, in the ledger's unit.
local function sums_of(records)
  return { tests = asking.sum(records, "tests"), minutes = asking.sum(records, "duration_s") / 60 }
end

local function assert_total(expected, records, result)
  assert.are.equal(0, result.status, result.stderr)
  local sums = sums_of(records)
  assert.are.equal(expected.tests, sums.tests)
  assert.are.equal(expected.minutes, sums.minutes)
end

-- Trouble for three requests in ten.
local function weather(seed, method)
  local rules = {}
  for index, rule in ipairs { { wire = "reset" }, { wire = "cut_body" }, { status = 503, body = "busy" },
    { status = 429, retry_after = "0", body = "slow" },
    { status = 200, body = "<!doctype html>", type = "text/html" } } do
    rule.vendor, rule.method, rule.probability = "kinds", method, 0.07
    rules[index] = rule
  end
  server:control("/faults", { seed = seed, rules = rules })
end

describe("a vendor from outside", function()
  for _, name in ipairs { "telephony", "metrics", "pipelines", "graph" } do
    it("takes at most 60 lines: " .. name, function()
      local count = 0
      for _ in io.lines(("%s/%s.lua"):format(FOLDER, name)) do count = count + 1 end
      assert.is_true(count <= 60, tostring(count))
      local result = run { "vendors", name }
      assert.are.equal(0, result.status, result.stderr)
    end)
  end
end)

describe("telephony: next links in the body, figures in strings", function()
  local function as_basic()
    set { credentials = { { username = "AC0123", key = "telephony-token-0123456789" } } }
  end

  it("is read to its last page", function()
    as_basic()
    local records, result = fetch "telephony.usage"
    local right = total()
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(right.tests, asking.sum(records, "tests"))
    -- every row has half a minute more than the ledger's whole ones
    assert.are.equal(right.minutes * 60 + right.items * 30, asking.sum(records, "duration_s"))
    assert.are.equal(3, #server:log())
  end)

  it("does not follow a link to another host", function()
    as_basic()
    local elsewhere = ("http://127.0.0.1:%d/kinds/strings"):format(server.ports.other)
    server:control("/faults", { rules = { { path = "/strings",
      quirks = { literals = { next_page_uri = cjson.encode(elsewhere) } } } } })
    local records, result, document = fetch "telephony.usage"
    assert.are.same({ 5, 0 }, { result.status, #records })
    assert.truthy(reasons(document):find("127.0.0.1:" .. server.ports.other, 1, true), reasons(document))
  end)

  it("is exact in bad weather", function()
    as_basic()
    weather(3)
    local records, result = fetch "telephony.usage"
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(total().tests, asking.sum(records, "tests"))
  end)
end)

describe("metrics: two key headers, bracketed names, cursors, measurements in rows", function()
  it("is read by table and by function alike", function()
    for _, period in ipairs { { "2026-06", JUNE }, { "2026", YEAR } } do
      local right = total(period[2])
      local by_table, first = fetch("metrics.usage", period[1])
      local by_flow, second = fetch("metrics.usage_by_flow", period[1])
      assert_total(right, by_table, first)
      assert_total(right, by_flow, second)
    end
  end)

  it("asks the same of the vendor either way", function()
    local function asked(dataset)
      server:reset()
      fetch(dataset, "2026")
      local list = {}
      for index, request in ipairs(server:log()) do list[index] = request.query end
      table.sort(list)
      return list
    end
    local by_table = asked "metrics.usage"
    assert.is_true(#by_table > 5)
    assert.matches("filter%%5Btimestamp%%5D%%5Bstart%%5D=2026%-01%-01T00%%3A00%%3A00Z&", by_table[1])
    assert.are.same(by_table, asked "metrics.usage_by_flow")
  end)

  it("is exact in bad weather either way", function()
    local right = total(YEAR)
    for _, dataset in ipairs { "metrics.usage", "metrics.usage_by_flow" } do
      weather(11)
      assert_total(right, fetch(dataset, "2026"))
    end
  end)

  it("is never added to what counts the same usage", function()
    local result = run { "fetch", "metrics.usage", "metrics.usage_by_flow", "--period", "2026-06",
      "--measures", "tests" }
    assert.are_not.equal(0, result.status)
    assert.matches("metrics.usage and metrics.usage_by_flow count the same usage", result.stderr)
  end)

  it("says in plan and list who asks", function()
    local planned = run { "plan", "fetch", "metrics.usage_by_flow", "--period", "2026" }
    assert.matches("5 calls or more, asked by its own function", planned.stdout)
    assert.matches("asked by%s+its own function", run({ "vendors", "metrics.usage_by_flow" }).stdout)
    assert.is_nil(run({ "vendors", "metrics.usage" }).stdout:find("its own function", 1, true))
  end)
end)

describe("pipelines: an export job with CSV files on another host", function()
  local function with_files_elsewhere()
    set { file_origin = "http://localhost:" .. server.ports.other, export = { files = 3 },
      text = { gzip = "coding" } }
  end

  it("is created, polled, fetched without credentials and deleted", function()
    with_files_elsewhere()
    local records, result = fetch "pipelines.usage"
    assert_total(total(), records, result)
    local files = server:control "/kinds/files"
    assert.are.equal(3, #files)
    for _, file in ipairs(files) do
      assert.are.same({ server.ports.other, false, false, false },
        { file.port, file.authorization, file.cookie, file.keys })
    end
    local jobs = server:control "/kinds/jobs"
    assert.are.same({ 1, false }, { #jobs, jobs[1].alive })
  end)

  it("is exact in bad weather, and leaves no job", function()
    with_files_elsewhere()
    weather(7, "GET")
    assert_total(total(), fetch "pipelines.usage")
    for _, job in ipairs(server:control "/kinds/jobs") do assert.is_false(job.alive) end
  end)

  -- The same dataset, its job asked for by a function; the function closes nothing itself.
  local function by_function(folder)
    local file <close> = assert(io.open(FOLDER .. "/pipelines.lua"))
    local text = file:read "a":gsub('format = "csv",', [[%0
      flow = function(ask, _, emit)
        for row in ask:job():items() do emit(row) end
      end,]])
    folder:write("pipelines.lua", text)
    return { USAGELUA_VENDORS = folder.path }
  end

  it("is the same by a function", function()
    with_files_elsewhere()
    local folder <close> = tmp.folder()
    local records, result = fetch("pipelines.usage", nil, by_function(folder))
    assert_total(total(), records, result)
    local jobs = server:control "/kinds/jobs"
    assert.are.same({ 1, false }, { #jobs, jobs[1].alive })
  end)

  for way, more in pairs { table = function() return {} end, ["function"] = by_function } do
    it("is deleted on a signal, by " .. way, function()
      set { export = { states = { { state = "processing", polls = 1000000 } } } }
      local folder <close>, environment = tmp.folder(), {}
      for _, values in ipairs { env, more(folder) } do
        for name, value in pairs(values) do environment[name] = value end
      end
      local process <close> = shell.start({ binary, "fetch", "pipelines.usage", "--period", "2026-06" },
        { env = environment })
      repeat shell.run("sleep 0.1") until #server:control "/kinds/jobs" > 0
      process:signal "INT"
      assert.are.equal(130, process:wait(60).status)
      assert.is_false(server:control("/kinds/jobs")[1].alive)
    end)
  end

  it("shows at least so much where a file may have been cut", function()
    set { file_origin = "http://localhost:" .. server.ports.other }
    local result = run { "fetch", "pipelines.usage", "--period", "2026-06", "--measures", "tests", "-f", "json" }
    local document = cjson.decode(result.stdout)
    assert.are.equal(4, result.status)
    assert.are.equal(total().tests, document.records[1].tests)
    assert.are.equal("at_least", document.records[1].marks.tests.state)
    assert.are.equal(1, document.coverage[1].partial)
  end)

  it("does not fetch a file from a host that it does not name", function()
    set { file_origin = "http://files.evil.test" }
    local records, result, document = fetch "pipelines.usage"
    assert.are.same({ 5, 0, 0 }, { result.status, #records, #server:control "/kinds/files" })
    assert.matches("files.evil.test", reasons(document))
    assert.is_false(server:control("/kinds/jobs")[1].alive)
  end)
end)

describe("graph: GraphQL, a cursor in the variables, errors inside 200", function()
  it("is read to its last page", function()
    local records, result = fetch "graph.usage"
    assert_total(total(), records, result)
    assert.are.equal(3, #server:log())
  end)

  it("waits where it is throttled inside 200, and repeats in bad weather", function()
    set { graphql_throttles = 2 }
    weather(2)
    assert_total(total(), fetch "graph.usage")
  end)

  it("refuses errors beside data, and says what the vendor says", function()
    for _, case in ipairs { { "partial", "some could not be read" }, { "all", "the token may not read usage" } } do
      set { graphql = case[1] }
      local records, result, document = fetch "graph.usage"
      assert.are.same({ 5, 0 }, { result.status, #records })
      assert.truthy(reasons(document):find(case[2], 1, true), reasons(document))
    end
  end)
end)

describe("a vendor of a user's own", function()
  local folder

  before_each(function() folder = tmp.folder() end)
  after_each(function() folder:remove() end)

  local function text_of(name)
    local file <close> = assert(io.open(("%s/%s.lua"):format(FOLDER, name)))
    return file:read "a"
  end

  for _, variable in ipairs { "BROWSERSTACK_ACCESS_KEY", "LT_ACCESS_KEY", "WORKATO_API_TOKEN" } do
    it("that names " .. variable .. " is refused, and nothing is sent", function()
      folder:write("graph.lua", (text_of("graph"):gsub("GRAPH_TOKEN", variable)))
      local records, result = fetch("graph.usage", nil, { USAGELUA_VENDORS = folder.path,
        [variable] = "a-key-of-somebody-else-0123456789" })
      assert.are.same({ 2, 0, 0 }, { result.status, #records, #server:log() })
      assert.truthy(result.stderr:find(("may name only variables that begin with GRAPH_, not %s"):format(variable),
        1, true), result.stderr)
      assert.is_nil((result.stderr .. result.stdout):find("somebody", 1, true))
    end)
  end

  it("works from a rock on Lua's path", function()
    os.execute(("mkdir -p '%s/share/usagelua/vendors'"):format(folder.path))
    folder:write("share/usagelua/vendors/graph.lua", text_of "graph")
    local records, result = fetch("graph.usage", nil, { USAGELUA_VENDORS = false,
      LUA_PATH = folder.path .. "/share/?.lua;;" })
    assert_total(total(), records, result)
    assert.truthy(result.stderr:find(folder.path .. "/share/usagelua/vendors/graph.lua", 1, true), result.stderr)
  end)

  it("passes its conformance run on a recording of a job that was asked about twice", function()
    set { file_origin = "http://localhost:" .. server.ports.other, text = { gzip = "coding" },
      export = { files = 1, states = { { state = "processing", polls = 2 }, { state = "completed" } } } }
    for _, way in ipairs { "", [[flow = function(ask, _, emit)
        for row in ask:job():items() do emit(row) end
      end,]] } do
      local script = folder:write("pipelines.lua", (text_of("pipelines"):gsub('format = "csv",', "%0 " .. way)))
      local recorded = run({ "fetch", "pipelines.usage", "--period", "2026-06", "--record",
        folder.path .. "/pipelines.har" }, { USAGELUA_VENDORS = folder.path })
      local result = run { "test", script, "--period", "2026-06" }
      assert.are.equal(0, result.status, recorded.stderr .. result.stdout)
      assert.matches("shapes are required %(answers broken: 5", result.stdout)
    end
  end)

  it("passes its conformance run on a recording", function()
    for _, name in ipairs { "graph", "metrics" } do
      local script = folder:write(name .. ".lua", text_of(name))
      for _, dataset in ipairs(name == "graph" and { "usage" } or { "usage", "usage_by_flow" }) do
        local recorded = run({ "fetch", name .. "." .. dataset, "--period", "2026-06", "--record",
          ("%s/%s.har"):format(folder.path, name) }, { USAGELUA_VENDORS = folder.path })
        assert.are.equal(0, recorded.status, recorded.stderr)
        local result = run { "test", script, "--period", "2026-06" }
        for line in result.stdout:gmatch "[^\n]+" do
          if line:find(("%s.%s:"):format(name, dataset), 1, true) then
            assert.is_nil(line:find "^FAILED", line)
          end
        end
      end
    end
  end)
end)
