-- The library in a plain Lua, without the interpreter.
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local server, folder

setup(function() server = nginx.start { tls = false } end)
teardown(function() server:stop() end)

before_each(function()
  server:reset()
  server:control("/testmu/settings", {})
  folder = tmp.folder()
end)

after_each(function() folder:remove() end)

local function root()
  return (shell.output({ "pwd" }):gsub("\n", ""))
end

-- In a folder of its own: nothing may come from the current one.
local function lua(code, env)
  local environment = server:environment()
  environment.LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(root(), root())
  environment.LUA_CPATH = root() .. "/build/lib/?.so;;"
  for name, value in pairs(env or {}) do environment[name] = value end
  return shell.run({ "lua5.4", "-e", code }, { env = environment, cwd = folder.path })
end

local function assert_prints(expected, result)
  assert.are.equal("", result.stderr)
  assert.are.equal(expected, result.stdout)
  assert.are.equal(0, result.status)
end

describe('require "usagelua"', function()
  it("gives the library", function()
    assert_prints(require "usagelua.version" .. "\n", lua "print(require('usagelua').version)")
  end)

  it("loads nothing that talks to the network before it is needed", function()
    assert_prints("nil\tnil\n", lua [[
      local usage = require "usagelua"
      usage.period "2026-06"
      usage.json.decode "{}"
      print(package.loaded["usagelua.transfer"], package.loaded.argparse) ]])
  end)

  it("asks, reads figures, and waits", function()
    local total = server:control("/testmu/total?type=account-user&from_epoch=1780272000"
      .. "&to_epoch=1782864000").tests
    assert_prints(total .. "\t200\n", lua(([[
      local usage = require "usagelua"
      local records = usage.collect { { "testmu.summary", period = "2026-06", type = "account-user" } }
      print(records:aggregate({ measures = "tests" }):value "tests",
        usage.http.get("%s/_count").status) ]]):format(server.url)))
  end)

  it("writes a report and knows its status", function()
    local result = lua [[
      local usage = require "usagelua"
      local records = usage.collect { { "testmu.summary", period = "2026-06" } }
      local report = usage.report { title = "T", usage.table { records, name = "all" } }
      assert(report:write "text")
      assert(report:write "out.json")
      assert(report:write "csv=out")
      print(report:status()) ]]
    assert.are.equal("", result.stderr)
    assert.truthy(result.stdout:find("^T\n"), result.stdout)
    assert.truthy(result.stdout:find("\n0\n$"), result.stdout)
    assert.are.equal(1, cjson.decode(folder:read "out.json").schema)
    assert.truthy(folder:read("out"):find("^vendor,"))
  end)

  it("gives errors as objects that name what is wrong", function()
    assert_prints("usage\tunknown column 'prodct'; did you mean 'product'?\n", lua [[
      local usage = require "usagelua"
      local records = usage.collect { { "testmu.summary", period = "2026-06" } }
      local _, err = pcall(records.aggregate, records, { group_by = "prodct", measures = "tests" })
      print(err.kind, (tostring(err):match "^[^?]+?")) ]])
    assert_prints("credential\n", lua([[
      local usage = require "usagelua"
      local records = usage.collect { { "testmu.summary", period = "2026-06" } }
      local _, err = pcall(records.value, records, "tests")
      print(err.kind) ]], { LT_ACCESS_KEY = false }))
  end)

  it("has no arguments but those it is given", function()
    assert_prints("7\n", lua "print(require('usagelua').args({ n = { default = 7 } }).n)")
  end)
end)
