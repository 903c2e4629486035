-- `usagelua check` against the test vendor and two vendors of a user's own.
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local KEY <const> = "acme-token-0123456789"

local ACME <const> = [[
return {
  name = "acme", version = 1, base_url = "%s",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  %s
  datasets = { usage = {
    %s
    request = { path = "/usage" }, rows = "data[]", fields = { user_id = "email", tests = "tests" },
  } },
}]]

local server, env, folder

local function check(arguments, changes)
  local own = {}
  for name, value in pairs(env) do own[name] = value end
  for name, value in pairs(changes or {}) do own[name] = value end
  return shell.run({ shell.usagelua(), "check", table.unpack(arguments) }, { env = own })
end

local function write_acme(check_key, params)
  folder:write("acme.lua", ACME:format(server.url, check_key or "", params or ""))
end

setup(function()
  server = nginx.start { vendors = { "testmu" } }
  env = server:environment()
  folder = tmp.folder()
  env.USAGELUA_VENDORS = folder.path
end)

teardown(function() server:stop() end)

before_each(function()
  server:reset()
  os.remove(folder.path .. "/acme.lua")
end)

local function paths()
  local list = {}
  for index, request in ipairs(server:log()) do list[index] = request.path end
  return list
end

describe("usagelua check VENDOR", function()
  it("asks one cheap call and tells where the key was found", function()
    local file = folder:write("key", env.LT_ACCESS_KEY .. "\n")
    local result = check({ "testmu" }, { LT_ACCESS_KEY = false, LT_ACCESS_KEY_FILE = file })
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find("testmu  accepted and allowed", 1, true), result.stdout)
    assert.truthy(result.stdout:find(("LT_USERNAME (variable), LT_ACCESS_KEY (file %s)")
      :format(file), 1, true), result.stdout)
    assert.truthy(result.stdout:find("host        " .. server.url, 1, true), result.stdout)
    assert.are.equal(1, #paths())
    assert.is_nil((result.stdout .. result.stderr):find(env.LT_ACCESS_KEY, 1, true))
  end)

  for _, case in ipairs {
    { "not accepted", { LT_ACCESS_KEY = "wrong-key-0123456789" }, "was not accepted" },
    { "accepted, not allowed", { LT_USERNAME = "mia", LT_ACCESS_KEY = "LT_mia-key-0123456789" },
      "not an admin" },
    { "accepted, not allowed", { LT_USERNAME = "uma", LT_ACCESS_KEY = "LT_uma-key-0123456789" },
      "analytics:admin" },
    { "unreachable", { USAGELUA_TESTMU_URL = "http://127.0.0.1:1" }, "refused the connection" },
  } do
    it("tells a credential that is " .. case[1] .. " (" .. case[3] .. ")", function()
      local result = check({ "testmu" }, case[2])
      assert.are.equal(5, result.status, result.stderr)
      assert.truthy(result.stdout:find("testmu  " .. case[1] .. "\n", 1, true), result.stdout)
      assert.truthy(result.stdout:find(case[3], 1, true), result.stdout)
    end)
  end

  it("takes no page of a proxy for an answer", function()
    server:control("/faults", { rules = { { path = "summary", status = 200, body = "<html>",
      type = "text/html" } } })
    local result = check { "testmu" }
    assert.are.equal(5, result.status)
    assert.truthy(result.stdout:find("testmu  failed", 1, true), result.stdout)
  end)

  it("names all that is missing at once and sends nothing", function()
    write_acme()
    local result = check({ "testmu", "acme" }, { LT_USERNAME = false })
    assert.are.equal(2, result.status)
    assert.truthy(result.stderr:find("LT_USERNAME is not set", 1, true), result.stderr)
    assert.truthy(result.stderr:find("ACME_TOKEN is not set", 1, true), result.stderr)
    assert.truthy(result.stdout:find("LT_ACCESS_KEY (variable)", 1, true), result.stdout)
    assert.are.same({}, paths())
  end)

  for text, expected in pairs {
    ["https://u:pw-0123456@a.test"] = "is no usable URL: it holds a user name",
    ["http://127.0.0.1:"] = "is no usable URL: its port",
    ["gateway.test"] = "is no usable URL: it does not begin with https://",
    ["http://gateway.test"] = "leads to http://gateway.test; credentials go by https",
    ["https://gateway.test/x?y=1"] = "is no base URL: it holds a '?'",
    ["https://gateway.test#x"] = "is no base URL: it holds a '#'",
  } do
    it("refuses the base URL " .. text .. ", naming the variable", function()
      write_acme()
      for vendor, changes in pairs {
        testmu = { USAGELUA_TESTMU_URL = text },
        acme = { USAGELUA_ACME_URL = text, ACME_TOKEN = KEY },
      } do
        local result = check({ vendor }, changes)
        assert.are.equal(2, result.status, result.stdout)
        assert.truthy(result.stderr:find(("USAGELUA_%s_URL %s"):format(vendor:upper(), expected), 1, true),
          result.stderr)
        assert.is_nil(result.stderr:find("pw-0123456", 1, true))
      end
      assert.are.same({}, paths())
    end)
  end

  it("is 4 where some are accepted and others not", function()
    write_acme()
    local result = check({ "testmu", "acme" }, { ACME_TOKEN = KEY })
    assert.are.equal(4, result.status, result.stdout)
    assert.truthy(result.stdout:find("testmu  accepted and allowed", 1, true))
    assert.truthy(result.stdout:find("acme  failed", 1, true), result.stdout)
    assert.is_nil((result.stdout .. result.stderr):find(KEY, 1, true))
  end)

  it("asks the request that a description names", function()
    write_acme('check = { request = { path = "/_control/counts", query = { q = "1" } } },')
    local result = check({ "acme" }, { ACME_TOKEN = KEY })
    assert.are.equal(0, result.status, result.stdout)
    assert.truthy(result.stdout:find("asks        GET /_control/counts", 1, true))
  end)

  it("says where there is nothing to be tried", function()
    write_acme(nil, "params = { team = { required = true } },")
    local result = check({ "acme" }, { ACME_TOKEN = KEY })
    assert.are.equal(5, result.status)
    assert.truthy(result.stdout:find("acme  there, and not tried", 1, true), result.stdout)
    assert.truthy(result.stdout:find("name a call in it: check = {", 1, true), result.stdout)
  end)

  -- A vendor that says this of itself, whose /usage answers with the body.
  local function check_answer(says, body, type)
    write_acme(nil, says)
    server:control("/faults", { rules = { { path = "/usage", status = 200, body = body, type = type } } })
    return check({ "acme", "--now", "2026-07-15T22:30:00Z", "--zone", "Europe/Berlin" }, { ACME_TOKEN = KEY })
  end

  it("asks for a period that the dates can say, in the vendor's own zone", function()
    for window, expected in pairs {
      ['whole = "month", max_months = 1, format = "%Y-%m-%d"'] = { "2026-06-01", "2026-07-01" },
      ['whole = "week", format = "%Y-%m-%d"'] = { "2026-07-06", "2026-07-13" },
      ['format = "%Y-%m-%d", zone = "America/New_York"'] = { "2026-07-14", "2026-07-15" },
      ['format = "%Y-%m-%d", zone = "report"'] = { "2026-07-15", "2026-07-16" },
    } do
      server:reset()
      local result = check_answer(([[window = { %s },
        request = { path = "/usage", query = { from = "{from}", to = "{to}" } }, rows = "data[]",
        fields = { tests = "tests" } }, visits = {]]):format(window), '{"data":[]}')
      assert.are.equal(0, result.status, result.stderr .. result.stdout)
      assert.are.same({ from = expected[1], to = expected[2] }, server:log()[1].args)
    end
  end)

  it("reads what it was answered as the dataset does", function()
    for _, case in ipairs {
      { 0, "", '{"data":[{"email":"a","tests":1}]}' },
      { 5, "", '{"error":"expired"}' },
      { 5, "ok = { success = true },", '{"success":false,"data":[]}' },
    } do
      local result = check_answer(case[2], case[3])
      assert.are.equal(case[1], result.status, result.stdout .. result.stderr)
    end
    local result = check_answer([[request = { path = "/usage" }, format = "csv",
      fields = { tests = "tests" } }, visits = {]], "tests\n1\n", "text/csv")
    assert.are.equal(0, result.status, result.stdout .. result.stderr)
  end)

  it("checks an account", function()
    local result = check({ "testmu", "--set", "account=emea", "-f", "json" },
      { LT_USERNAME__EMEA = "emil", LT_ACCESS_KEY__EMEA = "LT_emil-key-0123456789" })
    assert.are.equal(0, result.status, result.stderr)
    local found = cjson.decode(result.stdout).checks[1]
    assert.are.equal("emea", found.account)
    assert.are.equal("accepted", found.outcome)
    assert.are.equal("LT_USERNAME__EMEA", found.credentials[1].name)
  end)

  for name, case in pairs {
    ["a misspelt vendor"] = { "did you mean 'testmu'?", "tesmu" },
    ["another choice"] = { "did you mean 'account'?", "testmu", "--set", "acount=x" },
    ["a cassette"] = { "leave --replay away", "testmu", "--replay", "x.har" },
    ["an unknown region"] = { "known: eu, us", "testmu", "--set", "region=mars" },
  } do
    it("refuses " .. name, function()
      local result = check { table.unpack(case, 2) }
      assert.are.equal(2, result.status)
      assert.truthy(result.stderr:find(case[1], 1, true), result.stderr)
      assert.are.same({}, paths())
    end)
  end
end)

describe("usagelua check", function()
  it("checks what is set up and names the rest", function()
    write_acme()
    local result = check {}
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find("testmu  accepted and allowed", 1, true))
    assert.truthy(result.stdout:find("acme  not set up", 1, true), result.stdout)
  end)

  it("names everything where nothing is set up", function()
    local result = check({}, { LT_USERNAME = false, LT_ACCESS_KEY = false })
    assert.are.equal(2, result.status)
    assert.truthy(result.stderr:find("LT_ACCESS_KEY is not set", 1, true), result.stderr)
  end)
end)

describe("usagelua check SCRIPT", function()
  it("checks each account of a script and the script's own credentials", function()
    local script = folder:write("report.lua", [[
      local usage = require "usagelua"
      local own = usage.secret "JIRA_TOKEN"
      return usage.collect { { "testmu.summary" }, { "testmu.users" },
        { "testmu.summary", account = "emea" } }]])
    local result = check { script }
    assert.are.equal(2, result.status)
    for _, name in ipairs { "LT_USERNAME__EMEA", "LT_ACCESS_KEY__EMEA", "JIRA_TOKEN" } do
      assert.truthy(result.stderr:find(name, 1, true), result.stderr)
    end
    assert.are.same({}, paths())
    result = check({ script, "-f", "json" }, { JIRA_TOKEN = "jira-0123456789",
      LT_USERNAME__EMEA = "emil", LT_ACCESS_KEY__EMEA = "LT_emil-key-wrong" })
    assert.are.equal(4, result.status, result.stderr)
    local document = cjson.decode(result.stdout)
    assert.are.equal(2, #document.checks)
    assert.are.equal("refused", document.checks[2].outcome)
    assert.is_true(document.own[1].found)
    assert.are.equal(2, #paths())
  end)
end)
