-- Vendor scripts of the user's own: where they are found, what is said of
-- them, and what they may not name. And what `usagelua vendors` lists.
local cjson = require "cjson"
local command = require "support.command"
local core = require "usagelua.core"
local nginx = require "support.nginx"

local ACME <const> = [[
return {
  name = "%s", version = 1, base_url = "%s",
  auth = { kind = "bearer", token_env = "%s" },
  rate = { in_flight = 4 },
  datasets = {
    usage = {
      window = { max_days = 31, ends = "inclusive", format = "%%Y-%%m-%%d", zone = "UTC" },
      request = { method = "GET", path = "/_json", query = { items = "3", from = "{from}", to = "{to}" } },
      rows = "data[]",
      fields = { user_id = "email", tests = "tests" },
    },
  },
}
]]

local FULL <const> = [[
return {
  name = "acme", version = 1, base_url = "https://api.acme.test/v1",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  rate = { burst = 5, per_minute = 15, in_flight = 2 },
  datasets = { usage = {
    help = "runs \27[31m", status = "unverified",
    sources = { { page = "acme.test/docs", read = "2026-11-01", status = "assumed" } },
    params = { team = { help = "team id", match = "^%d+$" }, size = { help = "page", default = 50 },
      all = { help = "all", default = false }, ids = { help = "ids", list = true, required = true } },
    window = { max_days = 31, format = "%Y-%m-%d", cut = "may_differ" },
    request = { path = "/usage", query = { team = "{team}", from = "{from}", to = "{to}" } }, rows = "data[]",
    fields = { user_id = "email", seats = { "seats", kind = "last", of = "team", unit = "1" } },
  } },
}]]

local server, usagelua

setup(function() server = nginx.start() end)
teardown(function() server:stop() end)

before_each(function()
  server:reset()
  usagelua = command.new(server:environment())
  usagelua.env.ACME_TOKEN = "acme-token-0123456789"
  os.execute(("cd %s && mkdir vendors elsewhere usagelua usagelua/vendors"):format(usagelua.folder.path))
end)

after_each(function() usagelua.folder:remove() end)

local function write(path, name, variable)
  local text = ACME:format(name, server.url, variable or "ACME_TOKEN")
  usagelua.folder:write(path, text)
  return core.digest.sha256(text):sub(1, 16)
end

local function assert_ends(status, result)
  assert.are.equal(status, result.status, result.stdout .. result.stderr)
end

local function assert_said(expected, result)
  assert.truthy(result.stderr:find(expected, 1, true), result.stderr)
end

local function assert_fetches(dataset, expected_sum, options)
  local result = usagelua:run({ "fetch", dataset, "--period", "2026-06", "-f", "json" }, options)
  assert_ends(0, result)
  local sum = 0
  for _, record in ipairs(cjson.decode(result.stdout).records) do sum = sum + record.tests end
  assert.are.equal(expected_sum, sum)
  return result
end

describe("a user's own vendor", function()
  local SCRIPT <const> = [[
    local usage = require "usagelua"
    return usage.collect { { "acme.usage" } } ]]

  it("is found beside the script, and said with path and hash before it is asked", function()
    local hash = write("vendors/acme.lua", "acme")
    local result = usagelua:script(SCRIPT, { "--period", "2026-06", "-f", "csv" })
    assert_ends(0, result)
    assert_said("usagelua: vendor acme is your own script ./vendors/acme.lua (sha256 " .. hash .. ")", result)
    assert.are.equal("bearer", server:log()[1].authorization)
    assert.are.equal("", usagelua:script(SCRIPT, { "--period", "2026-06", "-f", "csv", "-q" }).stderr)
  end)

  it("is found by a script in another folder, and by USAGELUA_VENDORS", function()
    write("elsewhere/acme.lua", "acme")
    usagelua.env.USAGELUA_VENDORS = "none:" .. usagelua.folder.path .. "/elsewhere"
    assert_said("your own script " .. usagelua.folder.path .. "/elsewhere/acme.lua",
      assert_fetches("acme.usage", 6))
  end)

  it("is nothing that happens to lie in the current folder", function()
    write("usagelua/vendors/acme.lua", "acme")
    write("acme.lua", "acme")
    write("vendors/acme.lua", "acme")
    local result = usagelua:run { "fetch", "acme.usage" }
    assert_ends(2, result)
    assert_said("unknown vendor 'acme'", result)
    assert_said("there is vendors/acme.lua: set USAGELUA_VENDORS=vendors to have it asked", result)
    usagelua.env.USAGELUA_VENDORS = "vendors"
    assert_fetches("acme.usage", 6)
  end)

  it("may stand in the place of a built-in one, which is said", function()
    local text = ACME:format("testmu", server.url, "TESTMU_TOKEN")
      :gsub("datasets = {\n    usage", "datasets = {\n    summary")
    usagelua.folder:write("elsewhere/testmu.lua", text)
    usagelua.env.USAGELUA_VENDORS = usagelua.folder.path .. "/elsewhere"
    usagelua.env.TESTMU_TOKEN = "testmu-token-0123456789"
    usagelua.env.USAGELUA_TESTMU_URL = false
    assert_said("in place of the built-in one", assert_fetches("testmu.summary", 6))
  end)

  it("gets no credential of a built-in vendor", function()
    for _, name in ipairs { "LT_ACCESS_KEY", "WORKATO_API_TOKEN" } do
      write("vendors/acme.lua", "acme", name)
      local words = { "--period", "2026-06" }
      local result = usagelua:script(SCRIPT, words)
      assert_ends(2, result)
      assert_said("vendor acme may name only variables that begin with ACME_, not " .. name, result)
      local granted = usagelua:script(SCRIPT, words, { env = { USAGELUA_GRANT = "acme:" .. name,
        WORKATO_API_TOKEN = "workato-token-0123456789", USAGELUA_TESTMU_URL = false } })
      assert.are_not.equal(0, granted.status)
      assert.truthy((granted.stderr .. granted.stdout):find("127.0.0.1", 1, true), granted.stderr)
    end
    assert.are.equal(0, #server:log())
  end)

  it("may name another variable where the user grants it", function()
    write("vendors/acme.lua", "acme", "OTHER_TOKEN")
    usagelua.env.OTHER_TOKEN = "other-token-0123456789"
    assert_ends(2, usagelua:script(SCRIPT, { "--period", "2026-06" }))
    usagelua.env.USAGELUA_GRANT = "acme:OTHER_TOKEN"
    assert_ends(0, usagelua:script(SCRIPT, { "--period", "2026-06" }))
  end)

  it("that is broken is told by its file and line", function()
    usagelua.folder:write("vendors/acme.lua", "return {\n  name = 'acme'\n  version = 1 }")
    local result = usagelua:script(SCRIPT)
    assert_ends(1, result)
    assert_said("vendors/acme.lua:3: '}' expected", result)
    usagelua.folder:write("vendors/acme.lua", "return { name = 'acme', version = 1, basurl = 'x' }")
    assert_said("basurl", usagelua:script(SCRIPT))
    usagelua.folder:write("vendors/acme.lua", "os.execute 'touch trap'")
    assert_said("acme.lua:1: ", usagelua:script(SCRIPT))
    assert.is_nil(usagelua.folder:read "trap")
  end)
end)

describe("usagelua vendors", function()
  it("lists vendors and their datasets, the user's own with the path", function()
    write("elsewhere/acme.lua", "acme")
    usagelua.env.USAGELUA_VENDORS = usagelua.folder.path .. "/elsewhere"
    local result = usagelua:run { "vendors" }
    assert_ends(0, result)
    for _, expected in ipairs { "testmu", "testmu.summary", "LT_ACCESS_KEY", "acme.usage", "ACME_TOKEN",
      usagelua.folder.path .. "/elsewhere/acme.lua" } do
      assert.truthy(result.stdout:find(expected, 1, true), expected .. "\n" .. result.stdout)
    end
  end)

  it("shows a dataset's parameters, measures and sources; lambdatest is testmu", function()
    local one = usagelua:run { "vendors", "testmu.summary" }
    for _, expected in ipairs { "duration_unit", "tests", "kind sum", "users", "kind distinct",
      "www.testmuai.com" } do
      assert.truthy(one.stdout:find(expected, 1, true), expected .. "\n" .. one.stdout)
    end
    assert.are.equal(one.stdout, usagelua:run({ "vendors", "lambdatest.summary" }).stdout)
  end)

  it("tells words that are sent, other addresses and doubts about dates", function()
    local text = usagelua:run({ "vendors", "browserstack" }).stdout
    for _, expected in ipairs { "sent as Live, App-Live, Automate, App-Automate; not sent unless given",
      "asked at    https://api-cloud.browserstack.com", "region      enterprise https://api-enterprise",
      "dates: nothing documents that team reports take dates",
      "whether the last day counts) is not documented", "burst of 5, 15 a minute" } do
      assert.truthy(text:find(expected, 1, true), expected .. "\n" .. text)
    end
  end)

  it("names the nearest", function()
    assert_said("did you mean 'testmu'?", usagelua:run { "vendors", "testmo" })
    assert_said("did you mean 'testmu.users'?", usagelua:run { "vendors", "testmu.user" })
    assert_said("vendors takes one name at most", usagelua:run { "vendors", "a", "b" })
    assert.are.equal(2, usagelua:run({ "vendors", "testmo" }).status)
  end)

  it("tells parameters, hosts, rates and doubts of a vendor", function()
    usagelua.folder:write("elsewhere/acme.lua", FULL)
    usagelua.env.USAGELUA_VENDORS = usagelua.folder.path .. "/elsewhere"
    local text = usagelua:run({ "vendors", "acme" }).stdout
    for _, expected in ipairs {
      "hosts       api.acme.test", "burst of 5, 15 a minute, 2 in flight",
      "team             team id (text; matches ^%d+$; not sent unless given)",
      "size             page (number; default 50)", "all              all (boolean; default false)",
      "ids              ids (list of text; required)", "seats            unit 1, kind last, of team",
      "longest 31 days; end exclusive; %Y-%m-%d; UTC; several windows may not add up to one",
      "acme.test/docs, read 2026-11-01, assumed", "acme.usage is unverified",
    } do
      assert.truthy(text:find(expected, 1, true), expected .. "\n" .. text)
    end
    assert.is_nil(text:find("\27", 1, true))
  end)

  it("is one JSON object with -f json", function()
    local all = cjson.decode(usagelua:run({ "vendors", "-f", "json" }).stdout)
    assert.are.equal(1, all.schema)
    local by_name = {}
    for _, vendor in ipairs(all.vendors) do by_name[vendor.name] = vendor end
    assert.are.same({ "api.lambdatest.com", "eu-api.lambdatest.com" }, by_name.testmu.hosts)
    assert.are.same({ "api.browserstack.com", "api-enterprise.browserstack.com",
      "api-cloud.browserstack.com" }, by_name.browserstack.hosts)
    local one = cjson.decode(usagelua:run({ "vendors", "testmu.summary", "-f", "json" }).stdout)
    assert.are.equal(1, #one.vendors[1].datasets)
    local dataset = one.vendors[1].datasets[1]
    assert.are.equal("testmu.summary", dataset.name)
    assert.are.equal("list of text", dataset.params[2].type)
    assert.are.equal("distinct", dataset.measures[4].kind)
    assert.are.same({}, dataset.unverified)
    assert_said("known: json, text", usagelua:run { "vendors", "-f", "csv" })
    assert_said("prints to stdout: > x", usagelua:run { "vendors", "-o", "json=x" })
  end)
end)
