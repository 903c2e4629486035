local sandbox = require "usagelua.vendor.sandbox"

local files = {}
local function read(path) return files[path] end

local function run(text)
  return sandbox.run(text, "vendors/acme.lua", { null = "null" }, read)
end

describe("sandbox.run", function()
  it("gives what the script returns", function()
    assert.are.equal(6, run "return math.max(select('#', 1, 2), 6)")
    assert.are.equal("null", run "return kit.null")
  end)

  for _, name in ipairs { "io", "os", "debug", "package", "load", "loadstring", "dofile", "loadfile",
    "coroutine", "getmetatable", "setmetatable", "rawget", "rawset", "collectgarbage", "print", "_G" } do
    it("has no " .. name, function()
      assert.is_nil(run("return " .. name))
    end)
  end

  it("has no string.dump and cannot change what others see", function()
    assert.is_nil(run "return string.dump")
    assert.is_nil(run "return ('').dump")
    assert.is_nil(run "return math.randomseed")
    run "string.format = nil; table.concat = nil; math.floor = nil"
    assert.is_function(string.format)
    assert.is_function(table.concat)
    assert.is_function(math.floor)
  end)

  it("leaves strings their methods, also those that a script has added", function()
    assert.are.equal("X", run "return ('x'):upper()")
    rawset(string, "twice", function(text) return text .. text end)
    assert.are.equal("xx", run "return ('x'):twice()")
    rawset(string, "twice", nil)
    assert.is_nil(run "return ('x').twice")
    assert.is_function(string.dump)
  end)

  it("has a kit of its own", function()
    local kit = { seconds = 1 }
    sandbox.run("kit.seconds = 2", "vendors/acme.lua", kit, read)
    assert.are.equal(1, kit.seconds)
  end)

  it("catches errors, but not what stops the run", function()
    local errors = require "usagelua.errors"
    local catch = run "return function(fn, ...) return pcall(fn, ...) end"
    assert.are.same({ true, 1, nil, 3 }, { catch(function(...) return ... end, 1, nil, 3) })
    assert.are.same({ false, "x" }, { catch(error, "x", 0) })
    for kind, is_caught in pairs { http = true, usage = true, cancelled = false, deadline = false } do
      local ok, caught = pcall(catch, error, errors.new { kind = kind, message = "m" })
      assert.are.same({ is_caught, not is_caught and kind or nil },
        { ok, errors.is(caught) and caught.kind or nil })
    end
  end)

  it("loads text only", function()
    local ok, err = pcall(run, string.dump(function() return 1 end))
    assert.is_false(ok)
    assert.are.equal("script", err.kind)
  end)

  it("reaches modules beside the script only, under the same rules", function()
    files["vendors/helper.lua"] = "return { io = io, answer = 42 }"
    local helper = run "return require 'helper'"
    assert.are.equal(42, helper.answer)
    assert.is_nil(helper.io)
    for _, path in ipairs { "vendors/../secret.lua", "vendors//etc/passwd.lua" } do files[path] = "return 1" end
    files["vendors/compiled.lua"] = string.dump(function() return 1 end)
    for _, name in ipairs { "../secret", "os", "usagelua.core", "/etc/passwd", "compiled" } do
      assert.is_false(pcall(run, ("return require %q"):format(name)), name)
    end
  end)

  it("names file and line of a failure", function()
    local ok, err = pcall(run, "local x = nil\nreturn x.y")
    assert.is_false(ok)
    assert.truthy(err.message:find("vendors/acme.lua:2:", 1, true), err.message)
  end)
end)
