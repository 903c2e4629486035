-- `usagelua test`: lines, status and where the answers come from. What each
-- check finds stands in conformance_spec.
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local ACME <const> = [==[
return {
  name = "acme", version = 1, base_url = "%s",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = { things = {
    params = { count = { help = "how many", required = true } },
    request = { path = "/_json", query = { items = "{count}" } },
    rows = "data[]", fields = { external_id = "id" },
  } },
}]==]

local folder, binary

local function test(...)
  return shell.run({ binary, "test", ... }, { cwd = folder.path })
end

setup(function() binary = shell.usagelua() end)

before_each(function() folder = tmp.folder() end)

describe("usagelua test", function()
  it("tries a script on the cassette beside it", function()
    local server <close> = nginx.start { vendors = {}, tls = false }
    folder:write("acme.lua", ACME:format(server.url))
    local recorded = shell.run({ binary, "fetch", "acme.things", "--set", "count=3", "--record",
      "acme.har" }, { cwd = folder.path, env = { USAGELUA_VENDORS = folder.path,
      ACME_TOKEN = "acme-token-0123456789" } })
    assert.are.equal(0, recorded.status, recorded.stderr)
    local result = test("acme.lua", "--set", "count=3")
    assert.are.equal(0, result.status, result.stdout)
    assert.truthy(result.stdout:find("ok      acme.things: answers are read whole (rows: 3, requests: 1)",
      1, true), result.stdout)
    local other = test("acme.lua", "--set", "count=4")
    assert.are.equal(1, other.status)
    assert.truthy(other.stdout:find("FAILED  acme.things: answers are read whole", 1, true))
    assert.truthy(other.stdout:find("differs in items", 1, true), other.stdout)
  end)

  it("tries it on the recording that --replay names, other datasets' answers beside", function()
    local root = shell.output("pwd"):gsub("\n$", "")
    local result = test(root .. "/examples/vendors/acme.lua", "--replay",
      root .. "/examples/acme-licences.har")
    assert.are.equal(0, result.status, result.stdout)
    assert.truthy(result.stdout:find("acme.usage: unknown fields are kept", 1, true))
    local missing = test(root .. "/examples/vendors/acme.lua", "--replay", "none.har")
    assert.are.equal(2, missing.status)
    assert.truthy(missing.stderr:find("there is no file 'none.har'", 1, true), missing.stderr)
    local recording = test(root .. "/examples/vendors/acme.lua", "--record", "new.har")
    assert.are.equal(2, recording.status)
    assert.truthy(recording.stderr:find("nothing to record", 1, true), recording.stderr)
  end)

  it("says what to do where there is no answer, and ends with 1", function()
    folder:write("acme.lua", ACME:format "https://api.acme.test")
    local result = test("acme.lua")
    assert.are.equal(1, result.status)
    assert.truthy(result.stdout:find("usagelua fetch acme.things --record ./acme.har", 1, true),
      result.stdout)
    assert.truthy(result.stdout:find("1 failed", 1, true))
    local document = cjson.decode(test("acme.lua", "-f", "json").stdout)
    assert.are.equal(1, document.failed)
    assert.are.equal("the description is valid and its names are filled", document.checks[1].check)
  end)

  it("tells a cassette that cannot be read", function()
    folder:write("acme.lua", ACME:format "https://api.acme.test")
    folder:write("acme.har", "{}")
    local result = test("acme.lua")
    assert.are.equal(1, result.status)
    assert.truthy(result.stderr:find("acme.har: it is not HAR", 1, true), result.stderr)
  end)

  for name, case in pairs {
    ["a vendor's name"] = { "for example vendors/testmu.lua, not 'testmu'", "testmu" },
    ["a file that is not there"] = { "there is no file 'x.lua'", "x.lua" },
    ["nothing"] = { "usagelua test vendors/acme.lua" },
    ["another format"] = { "known: json, text", "x.lua", "-f", "csv" },
  } do
    it("refuses " .. name, function()
      local result = test(table.unpack(case, 2))
      assert.are.equal(2, result.status)
      assert.truthy(result.stderr:find(case[1], 1, true), result.stderr)
    end)
  end
end)
