-- What stands behind the variables of a vendor's auth; each case in a process of its own, since it
-- is about the environment.
local child = require "support.child"
local credentials = require "usagelua.vendor.credentials"

local TESTMU = [[
  local one = require("usagelua.vendor.loader").new { kit = require "usagelua.vendor.kit" }
  local query = require "usagelua.flow.query"
  local credentials = require "usagelua.vendor.credentials"
  local june = require("usagelua.time.period").parse("2026-06", "UTC")
  local function plan(spec)
    spec[1] = spec[1] or "testmu.summary"
    return query.plan(spec, { loader = one, period = june })
  end
  local function resolve(...)
    local ok, err = pcall(credentials.resolve_all, { ... })
    if ok then return end
    io.write(err.kind, "\n", tostring(err))
    os.exit(0)
  end
]]

-- A user's vendor: its description stands in a table, the file is not needed.
local ACME = [[
  package.path = "spec/?.lua;" .. package.path
  local acme = require "support.acme"
  local credentials = require "usagelua.vendor.credentials"
  local function plan(variable, base_url)
    local vendor = acme.vendor({}, { auth = { kind = "header", header = "X-Key", value_env = variable,
      prefix = "Token " }, base_url = base_url })
    vendor.origin = "user"
    return acme.plan(vendor)
  end
  local function resolve(...)
    local ok, err = pcall(credentials.resolve_all, { ... })
    if ok then return end
    io.write(err.kind, "\n", tostring(err))
    os.exit(0)
  end
]]

local KEY, OTHER = "key-of-the-tests-1", "key-of-the-tests-2"

local function printed(env, code, before)
  local out, status, err = child.run(env, (before or TESTMU) .. code)
  assert.are.equal(0, status, err)
  assert.is_nil(out:find(KEY, 1, true))
  return out
end

local function assert_prints(expected, env, code, before)
  assert.are.equal(expected, printed(env, code, before))
end

local function assert_says(parts, env, code, before)
  local out = printed(env, code, before)
  for _, part in ipairs(parts) do assert.truthy(out:find(part, 1, true), out) end
  return out
end

describe("credentials.variable", function()
  it("names the variable of an account", function()
    assert.are.equal("LT_ACCESS_KEY", credentials.variable("LT_ACCESS_KEY"))
    assert.are.equal("LT_ACCESS_KEY__EMEA", credentials.variable("LT_ACCESS_KEY", "emea"))
    assert.are.equal("LT_ACCESS_KEY__BIG_CORP_2", credentials.variable("LT_ACCESS_KEY", "big-corp_2"))
  end)
end)

describe("the credentials of a query", function()
  it("come from its vendor's variables, bound to its hosts", function()
    assert_prints("basic LT_USERNAME LT_ACCESS_KEY api.lambdatest.com",
      { LT_USERNAME = "ada", LT_ACCESS_KEY = KEY }, [[
      local planned = plan {}
      resolve(planned)
      local auth = planned.auth
      local hosts = table.concat(auth.password:hosts(), " ")
      io.write(auth.kind, " ", auth.username:name(), " ", auth.password:name(), " ",
        hosts:match "api.lambdatest.com")]])
  end)

  it("come from the account's own variables", function()
    assert_prints("LT_USERNAME__EMEA LT_ACCESS_KEY__EMEA", { LT_USERNAME = "ada", LT_ACCESS_KEY = KEY,
      LT_USERNAME__EMEA = "eve", LT_ACCESS_KEY__EMEA = OTHER }, [[
      local planned = plan { account = "emea" }
      resolve(planned)
      io.write(planned.auth.username:name(), " ", planned.auth.password:name())]])
  end)

  it("are never another account's", function()
    assert_says({ "credential", "LT_USERNAME__EMEA", "LT_ACCESS_KEY__EMEA" },
      { LT_USERNAME = "ada", LT_ACCESS_KEY = KEY }, [[resolve(plan { account = "emea" })]])
  end)

  it("go to the gateway that takes the vendor's place", function()
    assert_prints("http://127.0.0.1:9000/x http://127.0.0.1:9000",
      { LT_USERNAME = "ada", LT_ACCESS_KEY = KEY, USAGELUA_TESTMU_URL = "http://127.0.0.1:9000/x/" }, [[
      local planned = plan { region = "eu" }
      resolve(planned)
      io.write(planned.base_url, " ", table.concat(planned.auth.password:hosts(), " "))]])
    assert_prints("https://gate.acme.test/t",
      { USAGELUA_LAMBDATEST_URL = "https://gate.acme.test/t", USAGELUA_TESTMU_URL = "" },
      [[io.write(plan({}).base_url)]])
  end)
end)

describe("what is missing", function()
  it("is named all at once, each thing once", function()
    local out = assert_says({ "credential\n", "LT_USERNAME", "LT_ACCESS_KEY", "LT_ACCESS_KEY__EMEA",
      "nothing was sent" }, {},
      [[resolve(plan {}, plan { "testmu.users" }, plan { account = "emea" }, plan {})]])
    assert.are.equal(4, select(2, out:gsub("\n", "\n")))
  end)

  it("is an empty or a short one, too", function()
    assert_says({ "LT_USERNAME", "LT_ACCESS_KEY" }, { LT_USERNAME = "", LT_ACCESS_KEY = "short" },
      [[resolve(plan {})]])
  end)

  it("is a gateway that no credential can go to", function()
    local code = [[
      local _, err = pcall(plan, {})
      io.write(err.kind, " ", err.message)]]
    assert_says({ "usage USAGELUA_TESTMU_URL leads to http://api.lambdatest.com; credentials go by https" },
      { LT_USERNAME = "ada", LT_ACCESS_KEY = KEY,
        USAGELUA_TESTMU_URL = "http://api.lambdatest.com/x" }, code)
    assert_says({ "usage USAGELUA_TESTMU_URL is no usable URL" }, { LT_USERNAME = "ada",
      LT_ACCESS_KEY = KEY, USAGELUA_TESTMU_URL = "nonsense" }, code)
  end)
end)

describe("a user's vendor", function()
  it("has its own variable bound to its own host", function()
    assert_prints("header X-Key Token api.acme.test", { ACME_KEY = KEY }, [[
      local planned = plan "ACME_KEY"
      resolve(planned)
      local auth = planned.auth
      io.write(auth.kind, " ", auth.name, " ", auth.prefix, table.concat(auth.value:hosts(), " "))]], ACME)
  end)

  it("that was granted a built-in one cannot send it to its host", function()
    local out = assert_says({ "credential", "LT_ACCESS_KEY", "api.acme.test", "api.lambdatest.com" },
      { LT_ACCESS_KEY = KEY, USAGELUA_GRANT = "acme:LT_ACCESS_KEY" },
      [[resolve(plan "LT_ACCESS_KEY")]], ACME)
    assert.is_nil(out:find("attempt to", 1, true), out)
  end)

  it("may ask the built-in vendor's host with what it was granted", function()
    assert_prints("api.lambdatest.com", { LT_ACCESS_KEY = KEY }, [[
      local planned = plan("LT_ACCESS_KEY", "https://api.lambdatest.com/other")
      resolve(planned)
      io.write(table.concat(planned.auth.value:hosts(), " "))]], ACME)
  end)

  it("has its gateway as well", function()
    assert_prints("https://gate.test:8443",
      { ACME_KEY = KEY, USAGELUA_ACME_URL = "https://gate.test:8443/a" }, [[
      local planned = plan "ACME_KEY"
      resolve(planned)
      io.write(table.concat(planned.auth.value:hosts(), " "))]], ACME)
    assert_says({ "usage USAGELUA_ACME_URL leads to http://gate.test; credentials go by https" },
      { ACME_KEY = KEY, USAGELUA_ACME_URL = "http://gate.test/a" }, [[
      local _, err = pcall(plan, "ACME_KEY")
      io.write(err.kind, " ", err.message)]], ACME)
  end)
end)

describe("a run of several collects", function()
  local COLLECT = [[
    package.path = "spec/?.lua;" .. package.path
    local asked = 0
    local simulated = require "support.simulated" { answer = function() asked = asked + 1 return {} end }
    local one = require("usagelua.run").new { client = simulated.client, scheduler = simulated.scheduler,
      clock = simulated.clock, transport = simulated.transport, log = {} }
    local collect = require "usagelua.collect"
    local a = collect.new(one, { { "testmu.summary" } })
    local b = collect.new(one, { { "testmu.summary", account = "emea" } })
    local ok, err = pcall(one.ask_together, one, { a, b }, "script")
    io.write(tostring(ok), " ", err.kind, " ", asked, "\n", err.message)
  ]]

  it("names all that is missing before anything is sent", function()
    local out = printed({ LT_USERNAME = "ada" }, COLLECT, "")
    assert.truthy(out:find("^false credential 0\n"), out)
    for _, name in ipairs { "LT_ACCESS_KEY ", "LT_USERNAME__EMEA", "LT_ACCESS_KEY__EMEA" } do
      assert.truthy(out:find(name, 1, true), out)
    end
  end)
end)
