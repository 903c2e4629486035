-- `usagelua get` against the test vendor, and a vendor of a user's own.
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local KEY <const> = "acme-token+0123456789"

local ACME <const> = [[
return {
  name = "acme", version = 1, base_url = "%s",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  errors = { { status = 422, body = "bad team", kind = "vendor", message = "no such team",
    hint = "ask for another" } },
  datasets = { usage = { request = { path = "/usage" }, rows = "data[]",
    fields = { tests = "tests" } } },
}]]

local server, env, folder

local function get(arguments, changes)
  local own = {}
  for name, value in pairs(env) do own[name] = value end
  for name, value in pairs(changes or {}) do own[name] = value end
  return shell.run({ shell.usagelua(), "get", table.unpack(arguments) }, { env = own })
end

setup(function()
  server = nginx.start { vendors = { "testmu" } }
  folder = tmp.folder()
  folder:write("acme.lua", ACME:format(server.url))
  env = server:environment()
  env.USAGELUA_VENDORS, env.ACME_TOKEN = folder.path, KEY
end)

teardown(function() server:stop() end)

before_each(function() server:reset() end)

describe("usagelua get", function()
  it("gives the answer as it came, and its status beside it", function()
    local result = get { "testmu", "/usage-report/summary", "--set", "type=account-user", "--set",
      "from=2026-06-01 00:00:00", "--set", "to=2026-06-30 23:59:59" }
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal("account-user", cjson.decode(result.stdout).data.metadata.type)
    assert.truthy(result.stderr:find("200, application/json, " .. #result.stdout .. " bytes", 1, true),
      result.stderr)
    assert.are.equal("", get({ "testmu", "/usage-report/summary?type=account-user&"
      .. "from=2026-06-01%2000:00:00&to=2026-06-02%2000:00:00", "-q" }).stderr)
  end)

  it("sends parameters under any name, exactly encoded", function()
    local result = get { "acme", "_echo?a=1", "--set", "filter[from]=a b&c", "--set", "x-y=+" }
    assert.are.equal("a=1&filter%5Bfrom%5D=a%20b%26c&x-y=%2B", cjson.decode(result.stdout).query)
  end)

  it("masks a credential that the answer repeats", function()
    local result = get { "acme", "/_echo" }
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find('"authorization":"Bearer ***"', 1, true), result.stdout)
    assert.is_nil((result.stdout .. result.stderr):find(KEY, 1, true))
  end)

  it("streams a body byte by byte", function()
    local result = get { "acme", "/_bytes?n=300000&framing=chunked" }
    assert.are.equal(300000, #result.stdout)
    assert.are.equal(("0123456789"):rep(30000), result.stdout)
  end)

  it("ends with 1 and the vendor's message where the status is none of 2xx", function()
    local result = get { "acme", "/_answer", "--set", "status=422", "--set", "body=bad team 7" }
    assert.are.equal(1, result.status)
    assert.are.equal("bad team 7", result.stdout)
    assert.truthy(result.stderr:find("acme: no such team: answered 422", 1, true), result.stderr)
    assert.truthy(result.stderr:find("ask for another", 1, true), result.stderr)
    local refused = get({ "testmu", "/usage-report/summary" }, { LT_ACCESS_KEY = "wrong-0123456789" })
    assert.are.equal(1, refused.status)
    assert.truthy(refused.stderr:find("was not accepted", 1, true), refused.stderr)
  end)

  it("follows no redirect elsewhere", function()
    local result = get { "acme", "/_answer", "--set", "status=302", "--set",
      "header=Location:https://example.com/steal" }
    assert.are.equal(5, result.status)
    assert.truthy(result.stderr:find("example.com", 1, true), result.stderr)
  end)

  it("ends with 5 where no answer comes", function()
    local result = get({ "testmu", "/x" }, { USAGELUA_TESTMU_URL = "http://127.0.0.1:1" })
    assert.are.equal(5, result.status)
    assert.truthy(result.stderr:find("refused the connection", 1, true), result.stderr)
  end)

  it("asks as the account and where the region says", function()
    local result = get({ "testmu", "/x", "--set", "account=emea" })
    assert.are.equal(2, result.status)
    assert.truthy(result.stderr:find("LT_USERNAME__EMEA", 1, true), result.stderr)
    assert.truthy(get({ "testmu", "/x", "--set", "region=mars" }).stderr:find("known: eu, us", 1, true))
  end)

  for name, case in pairs {
    ["another host"] = { "leads to example.com", "testmu", "https://example.com/x" },
    ["a way out"] = { "leads out of", "testmu", "/../x" },
    ["a misspelt vendor"] = { "did you mean 'acme'?", "acne", "/x" },
    ["a missing path"] = { "get takes a vendor and a path", "testmu" },
    ["a format"] = { "leave -f and -o away", "testmu", "/x", "-f", "json" },
    ["what is no pair"] = { "'x' is not NAME=VALUE", "testmu", "/x", "--set", "x" },
  } do
    it("refuses " .. name .. " before anything is sent", function()
      local result = get { table.unpack(case, 2) }
      assert.are.equal(2, result.status)
      assert.truthy(result.stderr:find(case[1], 1, true), result.stderr)
      assert.are.same({}, server:log())
    end)
  end
end)
