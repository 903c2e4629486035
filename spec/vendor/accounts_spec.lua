-- Which credential a user's vendor is asked with, and where: kinds, accounts, regions, rocks.
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local VENDOR <const> = [[
return { name = "acme", version = 1, base_url = "https://api.acme.test/v1",
  regions = { eu = "https://eu.acme.test/v1", us = "https://us.acme.test/v1" }, auth = %s,
  datasets = { usage = { request = { path = "/_json", query = { items = "3" } }, rows = "data[]",
    fields = { user_id = "email", tests = "tests" } } } }]]

local BEARER <const> = '{ kind = "bearer", token_env = "ACME_TOKEN" }'
local BASIC <const> = '{ kind = "basic", username_env = "ACME_USER", password_env = "ACME_KEY" }'
local OAUTH <const> = [[{ kind = "client_credentials", token_url = "https://login.acme.test/kinds/token",
  client_id_env = "ACME_ID", client_secret_env = "ACME_SECRET" }]]
local EITHER <const> = ("{ %s, %s }"):format(BEARER, BASIC)

local TOKEN <const>, KEY <const> = "acme-token-0123456789", "acme-key-0123456789"

local server, folder

setup(function()
  server = nginx.start { vendors = { "kinds" }, tls = false }
  folder = tmp.folder()
  shell.output { "mkdir", "-p", folder.path .. "/vendors", folder.path .. "/rock/usagelua/vendors" }
end)

teardown(function() server:stop() end)

before_each(function() server:reset() end)

local UNSET <const> = { "LT_USERNAME", "LT_ACCESS_KEY", "BROWSERSTACK_USERNAME",
  "BROWSERSTACK_ACCESS_KEY", "USAGELUA_GRANT", "LUA_PATH", "https_proxy", "USAGELUA_ACME_URL" }

-- Runs it with the vendor in a folder of USAGELUA_VENDORS, and with the test server in the place
-- of acme's hosts unless `env` says otherwise.
local function run(auth, words, env)
  folder:write("vendors/acme.lua", VENDOR:format(auth))
  local all = { USAGELUA_VENDORS = folder.path .. "/vendors", USAGELUA_STATE = folder.path }
  for _, name in ipairs(UNSET) do all[name] = false end
  all.USAGELUA_ACME_URL = server.url
  for name, value in pairs(env or {}) do all[name] = value end
  return shell.run({ shell.usagelua(), table.unpack(words) }, { env = all })
end

local function authorization(auth, words, env)
  server:reset()
  local result = run(auth, words, env)
  assert.equal(0, result.status, result.stderr)
  local log = server:log()
  return log[#log].authorization
end

local FETCH <const> = { "fetch", "acme.usage", "-q" }

local function assert_says(status, parts, result)
  assert.equal(status, result.status, result.stderr)
  for _, part in ipairs(parts) do
    assert(result.stderr:find(part, 1, true), ("'%s' in '%s'"):format(part, result.stderr))
  end
end

describe("of several kinds", function()
  it("the first that is complete is used", function()
    local both = { ACME_TOKEN = TOKEN, ACME_USER = "ada", ACME_KEY = KEY }
    assert.equal("bearer", authorization(EITHER, FETCH, both))
    assert.equal("basic ada", authorization(EITHER, FETCH, { ACME_USER = "ada", ACME_KEY = KEY }))
    assert.equal("basic ada", authorization(EITHER, FETCH,
      { ACME_TOKEN = "", ACME_USER = "ada", ACME_KEY_FILE = folder:write("key", KEY) }))
    assert.equal("basic ada", authorization(("{ %s, %s }"):format(BASIC, BEARER), FETCH, both))
  end)

  it("none that is complete names all ways at once, and what is there", function()
    assert_says(2, { "no credential of acme is complete; set ACME_TOKEN (bearer), or ACME_USER and "
      .. "ACME_KEY (basic); there is only ACME_USER" }, run(EITHER, FETCH, { ACME_USER = "ada" }))
    local words = { "fetch", "acme.usage", "-q", "--set", "account=emea" }
    assert_says(2, { "set ACME_TOKEN__EMEA (bearer), or ACME_USER__EMEA and ACME_KEY__EMEA (basic)" },
      run(EITHER, words, { ACME_TOKEN = TOKEN }))
    assert.same({}, server:log())
  end)

  it("check tells which it is, and what is missing of all", function()
    local result = run(EITHER, { "check", "acme" }, { ACME_USER = "ada", ACME_KEY = KEY })
    assert.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find("ACME_USER (variable), ACME_KEY (variable)", 1, true), result.stdout)
    assert.is_nil(result.stdout:find("ACME_TOKEN", 1, true))
    result = run(EITHER, { "check", "acme", "-f", "json" })
    assert_says(2, { "ACME_TOKEN (bearer), or ACME_USER and ACME_KEY (basic)" }, result)
    local names = {}
    for index, one in ipairs(cjson.decode(result.stdout).checks[1].credentials) do names[index] = one.name end
    assert.same({ "ACME_TOKEN", "ACME_USER", "ACME_KEY" }, names)
  end)

  it("vendors names all kinds", function()
    local result = run(EITHER, { "vendors", "acme" })
    assert.truthy(result.stdout:find("ACME_TOKEN, ACME_USER, ACME_KEY (bearer or basic)", 1, true),
      result.stdout)
  end)
end)

describe("an account", function()
  it("has variables of its own, for every variable of every kind", function()
    local emea = { "fetch", "acme.usage", "-q", "--set", "account=emea" }
    assert.equal("basic eve", authorization(BASIC, emea, { ACME_USER = "ada", ACME_KEY = KEY,
      ACME_USER__EMEA = "eve", ACME_KEY__EMEA = KEY }))
    assert_says(2, { "ACME_KEY__EMEA is not set" },
      run(BASIC, emea, { ACME_USER = "ada", ACME_KEY = KEY, ACME_USER__EMEA = "eve" }))
    local headers = '{ kind = "header", headers = { ["X-A"] = "ACME_A", ["X-B"] = "ACME_B" } }'
    assert_says(2, { "ACME_A__EMEA is not set", "ACME_B__EMEA is not set" },
      run(headers, emea, { ACME_A = KEY, ACME_B = KEY }))
  end)

  it("has a token of its own", function()
    server:control("/kinds/settings", { oauth = { client_id = "one", client_secret = KEY } })
    local words = { "check", "acme" }
    local env = { ACME_ID = "one", ACME_SECRET = KEY, ACME_ID__EMEA = "two", ACME_SECRET__EMEA = KEY }
    assert.equal(0, run(OAUTH, words, env).status)
    local result = run(OAUTH, { "check", "acme", "--set", "account=emea" }, env)
    assert.equal(5, result.status)
    assert.truthy(result.stdout:find("the token endpoint refused the credential", 1, true), result.stdout)
  end)
end)

describe("a region", function()
  it("has a URL of its own, to which alone the credential goes", function()
    for region, host in pairs { eu = "eu.acme.test", us = "us.acme.test" } do
      local result = run(BEARER, { "check", "acme", "--set", "region=" .. region, "-f", "json",
        "--deadline", "20s" }, { ACME_TOKEN = TOKEN, USAGELUA_ACME_URL = false,
        https_proxy = "http://127.0.0.1:1" })
      local check = cjson.decode(result.stdout).checks[1]
      assert.same({ host, region, "unreachable" }, { check.host, check.region, check.outcome })
    end
    assert_says(2, { "unknown region 'ue'", "known: eu, us" },
      run(BEARER, { "fetch", "acme.usage", "--set", "region=ue" }, { ACME_TOKEN = TOKEN }))
  end)
end)

describe("a user's vendor", function()
  it("may name its own variables only, of every kind", function()
    local cases = {
      '{ kind = "basic", username_env = "BROWSERSTACK_USERNAME", password_env = "ACME_KEY" }',
      '{ kind = "basic", username_env = "ACME_USER", password_env = "BROWSERSTACK_ACCESS_KEY" }',
      '{ kind = "bearer", token_env = "BROWSERSTACK_ACCESS_KEY" }',
      '{ kind = "header", header = "X-A", value_env = "BROWSERSTACK_ACCESS_KEY" }',
      '{ kind = "header", headers = { ["X-A"] = "ACME_KEY", ["X-B"] = "BROWSERSTACK_ACCESS_KEY" } }',
      '{ kind = "query", parameter = "k", value_env = "BROWSERSTACK_ACCESS_KEY" }',
      '{ kind = "query", parameters = { k = "BROWSERSTACK_ACCESS_KEY" } }',
      OAUTH:gsub("ACME_SECRET", "BROWSERSTACK_ACCESS_KEY"),
      OAUTH:gsub("ACME_ID", "BROWSERSTACK_USERNAME"),
      OAUTH:gsub("client_credentials", "refresh")
        :gsub("}$", ', refresh_token_env = "BROWSERSTACK_ACCESS_KEY" }'),
      ('{ %s, { kind = "bearer", token_env = "BROWSERSTACK_ACCESS_KEY" } }'):format(BASIC),
    }
    local env = { BROWSERSTACK_ACCESS_KEY = KEY, BROWSERSTACK_USERNAME = "ada", ACME_KEY = KEY }
    for _, auth in ipairs(cases) do
      assert_says(2, { "vendor acme may name only variables that begin with ACME_, not BROWSERSTACK_",
        "USAGELUA_GRANT=acme:BROWSERSTACK_" }, run(auth, FETCH, env))
    end
    assert.same({}, server:log())
  end)

  it("gets what the user grants, and sends a built-in one to its vendor's hosts all the same", function()
    local auth = '{ kind = "bearer", token_env = "%s" }'
    assert.equal("bearer", authorization(auth:format "COMPANY_TOKEN", FETCH,
      { COMPANY_TOKEN = TOKEN, USAGELUA_GRANT = "other:COMPANY_TOKEN,acme:COMPANY_TOKEN" }))
    local result = run(auth:format "BROWSERSTACK_ACCESS_KEY", FETCH,
      { BROWSERSTACK_ACCESS_KEY = KEY, USAGELUA_GRANT = "acme:BROWSERSTACK_ACCESS_KEY" })
    assert_says(2, { "the credential BROWSERSTACK_ACCESS_KEY goes to api.browserstack.com" }, result)
  end)

  it("leaves its variables to no child", function()
    folder:write("report.lua", [[
      local usage = require "usagelua"
      usage.collect { { "acme.usage", account = "emea" } }
      io.popen("env > " .. arg[1]):close()
      print(os.getenv "ACME_TOKEN", usage.secret "ACME_TOKEN")
      os.exit(0)]])
    local result = run(BEARER, { folder.path .. "/report.lua", folder.path .. "/child" },
      { ACME_TOKEN = TOKEN, ACME_TOKEN__EMEA = TOKEN .. "2", ACME_OTHER = "kept" })
    assert.equal("nil\t***\n", result.stdout, result.stderr)
    local child = folder:read "child"
    assert.is_nil(child:find(TOKEN, 1, true))
    assert.truthy(child:find("ACME_OTHER=kept", 1, true))
  end)

  it("in a rock is found on Lua's path, by the same rules", function()
    folder:write("rock/usagelua/vendors/acme.lua", VENDOR:format(BEARER))
    local env = { USAGELUA_VENDORS = false, LUA_PATH = folder.path .. "/rock/?.lua;;", ACME_TOKEN = TOKEN }
    server:reset()
    local result = run(BEARER, { "fetch", "acme.usage" }, env)
    assert.equal(0, result.status, result.stderr)
    assert.truthy(result.stderr:find(folder.path .. "/rock/usagelua/vendors/acme.lua", 1, true),
      result.stderr)
    assert.equal("bearer", server:log()[1].authorization)
    folder:write("rock/usagelua/vendors/acme.lua",
      VENDOR:format '{ kind = "bearer", token_env = "BROWSERSTACK_ACCESS_KEY" }')
    assert_says(2, { "may name only variables that begin with ACME_" },
      run(BEARER, FETCH, env))
  end)

  it("has its token endpoint below the URL that takes the place of its hosts", function()
    server:control("/kinds/settings", { oauth = { client_id = "one", client_secret = KEY } })
    local env = { ACME_ID = "one", ACME_SECRET = KEY }
    assert.equal("bearer", authorization(OAUTH, FETCH, env))
    assert.same({ "/kinds/token", "/_json" }, { server:log()[1].path, server:log()[2].path })
    local direct = run(OAUTH, { "check", "acme" }, { ACME_ID = "one", ACME_SECRET = KEY,
      USAGELUA_ACME_URL = false, https_proxy = "http://127.0.0.1:1" })
    assert.truthy(direct.stdout:find("api.acme.test, with a token of login.acme.test", 1, true),
      direct.stdout)
  end)
end)
