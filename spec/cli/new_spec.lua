-- `usagelua new`: what it makes is run as a user would run it.
local lyaml = require "lyaml"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local CASSETTE <const> = (shell.output { "realpath", "examples/testmu-monthly.har" }):gsub("\n", "")
local BINARY <const> = shell.usagelua()

local folder

local function usagelua(...)
  return shell.run({ BINARY, ... }, { cwd = folder.path, env = { USAGELUA_VENDORS = false } })
end

before_each(function() folder = tmp.folder() end)

describe("usagelua new report", function()
  it("makes a script that runs, on a recording and on a server", function()
    local made = usagelua("new", "report", "month-usage.lua")
    assert.are.equal(0, made.status, made.stderr)
    assert.truthy(made.stdout:find("made month-usage.lua\n", 1, true))
    local replayed = usagelua("month-usage.lua", "--replay", CASSETTE)
    assert.are.equal(0, replayed.status, replayed.stderr)
    assert.truthy(replayed.stdout:find("By product", 1, true))
    assert.are.equal(3, usagelua("month-usage.lua", "--max-tests", "10", "--replay", CASSETTE).status)
    local server <close> = nginx.start { vendors = { "testmu" }, tls = false }
    local asked = shell.run({ BINARY, "month-usage.lua", "--period", "2026-06" },
      { cwd = folder.path, env = server:environment() })
    assert.are.equal(0, asked.status, asked.stderr)
  end)

  it("overwrites nothing", function()
    folder:write("usage.lua", "mine")
    local result = usagelua("new", "report", "usage")
    assert.are.equal(2, result.status)
    assert.truthy(result.stderr:find("usage.lua exists already", 1, true), result.stderr)
    assert.are.equal("mine", folder:read "usage.lua")
  end)
end)

describe("usagelua new vendor", function()
  it("makes a rock whose script conforms and whose spec passes", function()
    assert.are.equal(0, usagelua("new", "vendor", "acme_x").status)
    local rock = folder.path .. "/usagelua-acme_x"
    local tested = shell.run({ BINARY, "test", "vendors/acme_x.lua" }, { cwd = rock })
    assert.are.equal(0, tested.status, tested.stdout)
    local spec = shell.run({ "busted", "-o", "plainTerminal" }, { cwd = rock,
      env = { USAGELUA_BIN = BINARY, LUA_PATH = false, LUA_CPATH = false } })
    assert.are.equal(0, spec.status, spec.stdout .. spec.stderr)
    assert.truthy(spec.stdout:find("2 successes / 0 failures", 1, true), spec.stdout)
  end)

  it("makes a rockspec that luarocks installs from", function()
    usagelua("new", "vendor", "acme")
    local rock = folder.path .. "/usagelua-acme"
    local spec <const> = "usagelua-acme-0.1-1.rockspec"
    shell.output({ "luarocks", "--lua-version=5.4", "lint", spec }, { cwd = rock })
    shell.output({ "luarocks", "--lua-version=5.4", "--tree", rock .. "/tree", "make", spec },
      { cwd = rock })
    local result = shell.run({ BINARY, "vendors", "acme" }, { cwd = folder.path,
      env = { LUA_PATH = rock .. "/tree/share/lua/5.4/?.lua;;" } })
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find("acme.usage is unverified", 1, true), result.stdout)
  end)

  it("writes none of its files where one exists", function()
    os.execute("mkdir -p " .. folder.path .. "/usagelua-acme")
    folder:write("usagelua-acme/README.md", "mine")
    assert.are.equal(2, usagelua("new", "vendor", "acme").status)
    assert.are.equal("README.md\n", shell.output { "ls", folder.path .. "/usagelua-acme" })
    assert.are.equal("mine", folder:read "usagelua-acme/README.md")
  end)
end)

describe("usagelua new workflow", function()
  local function workflow(name)
    local result = usagelua("new", "workflow", name)
    assert.are.equal(0, result.status, result.stderr)
    return lyaml.load(folder:read(".github/workflows/" .. name .. ".yml"))
  end

  local function step(steps, name)
    for _, each in ipairs(steps) do
      if each.name == name then return each end
    end
  end

  it("has secrets, a period to choose, the state cache, and uploads always", function()
    local document = workflow "usage"
    local steps = document.jobs.report.steps
    local inputs = (document.on or document[true]).workflow_dispatch.inputs
    assert.are.equal("last month", inputs.period.default)
    local report = step(steps, "Report")
    assert.truthy(report.run:find('usagelua usage.lua --period "$PERIOD"', 1, true))
    assert.are.equal("${{ secrets.LT_ACCESS_KEY }}", report.env.LT_ACCESS_KEY)
    assert.are.equal("${{ inputs.period || 'last month' }}", report.env.PERIOD)
    for _, name in ipairs { "Save the state", "Keep the report" } do
      assert.are.equal("always()", step(steps, name)["if"])
    end
    assert.are.equal(step(steps, "Restore the state").with.key, step(steps, "Save the state").with.key)
    assert.are.equal("~/.local/state/usagelua", step(steps, "Save the state").with.path)
  end)

  it("names the secrets of the script that it runs", function()
    folder:write("usage.lua", [[local usage = require "usagelua"
      local own = usage.secret "JIRA_TOKEN"
      return usage.collect { { "testmu.summary", account = "emea" } }]])
    local env = step(workflow("usage").jobs.report.steps, "Report").env
    assert.are.equal("${{ secrets.LT_USERNAME__EMEA }}", env.LT_USERNAME__EMEA)
    assert.are.equal("${{ secrets.JIRA_TOKEN }}", env.JIRA_TOKEN)
    assert.is_nil(env.LT_USERNAME)
  end)
end)

describe("usagelua new", function()
  for name, case in pairs {
    ["nothing"] = { "usagelua new report usage" },
    ["another kind"] = { "did you mean 'report'?", "reprot", "x" },
    ["no name"] = { "usagelua new report NAME", "report" },
    ["two names"] = { "takes one name, not 2", "report", "a", "b" },
    ["a path"] = { "change to the folder", "report", "../x" },
    ["an option for a name"] = { "is not a name", "workflow", "a b" },
    ["a vendor in capitals"] = { "lower-case letters", "vendor", "Acme" },
    ["a built-in vendor"] = { "there is a vendor 'testmu' already", "vendor", "testmu" },
    ["another name of one"] = { "there is a vendor 'lambdatest' already", "vendor", "lambdatest" },
  } do
    it("refuses " .. name, function()
      local result = usagelua("new", table.unpack(case, 2))
      assert.are.equal(2, result.status)
      assert.truthy(result.stderr:find(case[1], 1, true), result.stderr)
      assert.are.equal("", shell.output { "ls", "-A", folder.path })
    end)
  end
end)
