-- `usagelua plan`: nothing is sent, no credentials are needed.
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local server, env, folder

local function plan(...)
  return shell.run({ shell.usagelua(), "plan", ... }, { env = env })
end

setup(function()
  server = nginx.start { vendors = { "testmu" } }
  env = server:environment()
  env.LT_USERNAME, env.LT_ACCESS_KEY = false, false
  folder = tmp.folder()
end)

teardown(function() server:stop() end)

after_each(function() assert.are.equal(0, #server:log()) end)

local REPORT <const> = [[
local usage = require "usagelua"
local token = usage.secret "ACME_TOKEN":bind "api.acme.test"
print "of the script"
local args = usage.args { team = { help = "a team" } }
local records = usage.collect { { "testmu.summary" } }
local by_product = records:aggregate { group_by = "product", measures = "tests" }
%s
return usage.report { title = "x" .. (args.team or ""), usage.table { by_product } }
]]

local function script(middle)
  return folder:write("report.lua", REPORT:format(middle or ""))
end

describe("usagelua plan fetch", function()
  it("shows windows as sent, fan-out, calls and time", function()
    local result = plan("fetch", "testmu.summary", "--period", "2026-02-01..2026-06-15")
    assert.are.equal(0, result.status, result.stderr)
    for _, line in ipairs { "from=2026-02-01 00:00:00  to=2026-05-01 23:59:59  timezone=+00:00",
      "from=2026-05-02 00:00:00  to=2026-06-15 23:59:59  timezone=+00:00",
      "type: account-user, service-user", "4 calls, on testmu:default", "nothing was sent" } do
      assert.truthy(result.stdout:find(line, 1, true), result.stdout)
    end
  end)

  it("says of pages that there may be more calls", function()
    local result = plan("fetch", "testmu.users", "--set", "type=account-user", "--set",
      "product=automation")
    assert.truthy(result.stdout:find("1 call or more, on testmu:default", 1, true), result.stdout)
  end)

  it("is one JSON object with -f json", function()
    local document = cjson.decode(plan("fetch", "testmu.summary", "--period", "2026-06", "--set",
      "account=emea", "-f", "json").stdout)
    assert.are.equal(1, document.schema)
    assert.are.equal("2026-06-01 00:00:00", document.queries[1].windows[1].sent.from)
    assert.are.equal("testmu:emea", document.lanes[1].name)
    assert.are.same({ least = 2, exact = true }, document.calls)
    assert.is_true(document.complete)
  end)

  for name, case in pairs {
    ["a dataset alone"] = { "write: usagelua plan fetch testmu.summary", "testmu.summary" },
    ["a misspelt dataset"] = { "did you mean 'testmu.summary'?", "fetch", "testmu.sumary" },
    ["a wrong parameter"] = { "did you mean 'type'?", "fetch", "testmu.summary", "--set", "typ=x" },
    ["another format"] = { "known: json, text", "fetch", "testmu.summary", "-f", "csv" },
    ["a file"] = { "prints to stdout: > x.json", "fetch", "testmu.summary", "-o", "x.json" },
    ["nothing"] = { "plan takes a report script, or fetch" },
    ["code"] = { "takes a script's file, not -e or -i", "-e", "print(1)" },
    ["a rule for a script"] = { "belongs to `usagelua fetch`", "report.lua", "--sort", "tests" },
  } do
    it("refuses " .. name, function()
      local result = plan(table.unpack(case, 2))
      assert.are.equal(2, result.status)
      assert.are.equal("", result.stdout)
      assert.truthy(result.stderr:find(case[1], 1, true), result.stderr)
    end)
  end
end)

describe("usagelua plan SCRIPT", function()
  it("tells a dataset's note and its help", function()
    local result = plan("fetch", "testmu.concurrency", "--period", "2026-07-10..2026-07-25", "--now",
      "2026-07-15T00:00:00Z")
    assert.truthy(result.stdout:find("  note        ", 1, true), result.stdout)
    assert.truthy(plan("--help").stdout:find("usagelua plan fetch testmu.summary", 1, true))
  end)

  it("follows a script to its end without credentials", function()
    local result = plan(script(), "--period", "2026-06", "--team", "qa")
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find("2 calls, on testmu:default", 1, true), result.stdout)
    assert.is_nil(result.stdout:find("not known", 1, true))
    assert.is_nil(result.stdout:find("of the script", 1, true))
    assert.truthy(result.stderr:find("of the script", 1, true))
  end)

  for what, line in pairs {
    ["reads a figure"] = "print(by_product:value('tests')) usage.collect { { 'testmu.users' } }",
    ["sends a request"] = "usage.http.get('https://api.acme.test/', "
      .. "{ auth = { kind = 'bearer', token = token } })",
  } do
    it("stops where a script " .. what .. ", and says so", function()
      local result = plan(script(line), "--period", "2026-06")
      assert.are.equal(0, result.status, result.stderr)
      assert.truthy(result.stdout:find("report.lua:7 " .. what, 1, true), result.stdout)
      assert.truthy(result.stdout:find("testmu.summary  2026-06", 1, true), result.stdout)
      assert.is_nil(result.stdout:find("testmu.users", 1, true))
      local document = cjson.decode(plan(folder.path .. "/report.lua", "-f", "json").stdout)
      assert.is_false(document.complete)
    end)
  end

  it("leaves out what no rule can use, as the run itself does", function()
    local path = folder:write("report.lua", [[
      local usage = require "usagelua"
      local users = usage.collect { { "testmu.users", product = "automation,realtime" } }
      local unread = usage.collect { { "testmu.summary" } }
      return users:aggregate { where = { product = "realtime", user_type = "account-user" },
        group_by = "product", measures = "tests" }]])
    local document = cjson.decode(plan(path, "-f", "json").stdout)
    assert.are.same({ 1, 0 }, { document.queries[1].calls.least, document.queries[2].calls.least })
    local result = plan("fetch", "testmu.users", "--group-by", "product", "--measures", "tests",
      "--where", "product=realtime")
    assert.truthy(result.stdout:find("2 calls or more, on testmu:default", 1, true), result.stdout)
    assert.truthy(plan(path).stdout:find("none: no rule can use its records", 1, true))
  end)

  it("tells of queries that nothing is made of", function()
    local result = plan(folder:write("report.lua", [[
      require "usagelua".collect { { "testmu.users" } }]]))
    assert.are.equal(2, result.status)
    assert.truthy(result.stderr:find("describes queries but returns nothing", 1, true), result.stderr)
  end)

  it("tells a script's own mistake as one", function()
    local result = plan(script "error 'oops'")
    assert.are.equal(1, result.status)
    assert.truthy(result.stderr:find("report.lua:7: oops", 1, true), result.stderr)
    assert.are.equal(2, plan(folder.path .. "/missing.lua").status)
  end)
end)
