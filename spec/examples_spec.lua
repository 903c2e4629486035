-- Every example runs, offline, on the recording beside it, and its recording
-- holds no credential.
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"

local OFFLINE = { https_proxy = "http://127.0.0.1:1" }
for _, name in ipairs { "LT_USERNAME", "LT_ACCESS_KEY", "BROWSERSTACK_USERNAME",
  "BROWSERSTACK_ACCESS_KEY", "WORKATO_API_TOKEN", "ACME_TOKEN", "USAGELUA_TESTMU_URL",
  "USAGELUA_LAMBDATEST_URL", "USAGELUA_BROWSERSTACK_URL", "USAGELUA_WORKATO_URL", "USAGELUA_ACME_URL" } do
  OFFLINE[name] = false
end

local function examples()
  local list = {}
  for path in shell.output("ls examples/*.lua"):gmatch "[^\n]+" do list[#list + 1] = path end
  return list
end

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

for _, script in ipairs(examples()) do
  describe(script, function()
    local cassette = script:gsub("%.lua$", ".har")

    it("runs on its recording without network and credentials", function()
      local result = shell.run({ shell.usagelua(), script, "--replay", cassette },
        { env = OFFLINE })
      assert.are.equal(0, result.status, result.stderr)
      assert.truthy(result.stdout:find("nothing was asked", 1, true))
    end)

    it("prints the same bytes under another locale and time zone", function()
      local function run(env)
        return shell.run({ shell.usagelua(), script, "--replay", cassette, "-f", "json" },
          { env = env }).stdout
      end
      assert.are.equal(run { TZ = "UTC", LC_ALL = "C" },
        run { TZ = "Asia/Kolkata", LC_ALL = "de_DE.UTF-8" })
    end)

    it("says in its first lines how it is run", function()
      local text = read(script)
      assert.truthy(text:find("^#!/usr/bin/env usagelua\n%-%- "))
      assert.truthy(text:find("usagelua " .. script:match "[^/]+$", 1, true))
    end)

    it("has a recording without credentials", function()
      assert.is_nil(read(cassette):lower():find("authorization", 1, true))
    end)
  end)
end

describe("examples/org-usage.lua", function()
  local function sections()
    local result = shell.run({ shell.usagelua(), "examples/org-usage.lua", "--replay",
      "examples/org-usage.har", "-f", "json" }, { env = OFFLINE })
    local document, named = cjson.decode(result.stdout), {}
    for _, section in ipairs(document.sections) do named[section.name or section.kind] = section end
    return named, document
  end

  it("has all three vendors in one report, each figure where it belongs", function()
    local named, document = sections()
    local vendors = {}
    for _, entry in ipairs(document.coverage) do vendors[#vendors + 1] = entry.dataset end
    assert.are.same({ "browserstack.users", "testmu.summary", "workato.usage" }, vendors)
    for _, row in ipairs(named["by-product"].rows) do assert.are_not.equal("workato", row.vendor) end
    assert.are.equal(3, #named["by-workspace"].rows)
    assert.are.equal("Workspace 2", named["by-workspace"].rows[1].workspace_name)
  end)

  it("says what the tables rest on beside those that rest on it", function()
    local text = shell.run({ shell.usagelua(), "examples/org-usage.lua", "--replay",
      "examples/org-usage.har" }, { env = OFFLINE }).stdout
    local products, workspaces = text:match "(Tests per product.-)Hours\n.-(Workato, per workspace.-)Coverage"
    assert.is_nil(products:find("no row for workspace_ids", 1, true))
    assert.truthy(products:find("browserstack.users does not say which period", 1, true))
    assert.truthy(workspaces:find("no row for workspace_ids 1007", 1, true))
    assert.is_nil(workspaces:find("browserstack.users", 1, true))
  end)
end)

describe("examples/acme-licences.lua, with a vendor of one's own", function()
  it("has the vendor's own totals, over HTTP", function()
    local server <close> = nginx.start { tls = false, vendors = { "acme" } }
    local result = shell.run({ shell.usagelua(), "examples/acme-licences.lua", "--period",
      "2026-05..2026-06", "-f", "json" }, { env = server:environment() })
    assert.are.equal(0, result.status, result.stderr)
    local right = server:control "/acme/total?from=2026-05-01&to=2026-06-30"
    local document, tests, hours = cjson.decode(result.stdout), 0, 0
    for _, row in ipairs(document.sections[1].rows) do
      tests, hours = tests + row.tests, hours + row.hours
    end
    assert.are.equal(right.tests, tests)
    assert.are.near(right.minutes / 60, hours, 1e-9)
    assert.are.equal(right.seats, document.budgets[1].value)
    assert.are.equal(2, document.coverage[1].asked)
  end)

  it("says that the vendor is one's own, with path and hash", function()
    local result = shell.run({ shell.usagelua(), "examples/acme-licences.lua", "--replay",
      "examples/acme-licences.har" }, { env = OFFLINE })
    assert.truthy(result.stderr:find("your own script examples/vendors/acme.lua (sha256 ", 1, true))
  end)
end)
