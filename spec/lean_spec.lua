-- Compiled Lua as it is linked into the interpreter.
local command = require "support.command"

package.path = "csrc/interpreter/?.lua;" .. package.path
local lean = require "lean"

local function lean_function(text, name)
  return assert(load(lean.of(string.dump(assert(load(text, name)))), name, "b"))
end

local function files()
  local pipe <close> = assert(io.popen("find lua -name '*.lua'"))
  local list = {}
  for path in pipe:lines() do list[#list + 1] = path end
  return list
end

describe("lean.of", function()
  it("leaves everything of every file of the library but names", function()
    local count = 0
    for _, path in ipairs(files()) do
      local whole = assert(loadfile(path, "t"))
      local code = lean.of(string.dump(whole))
      local made = assert(load(code, path, "b"))
      assert.is_true(string.dump(whole, true) == string.dump(made, true), path)
      assert.is_true(#string.dump(whole, true) < #code and #code < #string.dump(whole), path)
      count = count + 1
    end
    assert.is_true(count > 100)
  end)

  it("keeps the file and the lines", function()
    local made = lean_function("local a = 1\nlocal function raise()\n  error 'here'\nend\nraise()", "@some.lua")
    local _, message = pcall(made)
    assert.are.equal("some.lua:3: here", message)
    assert.are.equal("some.lua", debug.getinfo(made, "S").short_src)
  end)

  it("takes the names of variables", function()
    local made = lean_function("local secretly = ...\nreturn function() return secretly end", "=some")(5)
    assert.are.equal(5, made())
    assert.are.equal("(no name)", (debug.getupvalue(made, 1)))
  end)

  it("keeps constants of every kind", function()
    local long = ("x"):rep(300)
    local made = lean_function(("return 1, -2.5, 1 << 62, nil, true, false, 'short', '%s', ..."):format(long), "=some")
    assert.are.same({ 1, -2.5, 1 << 62, nil, true, false, "short", long, 7, n = 9 }, table.pack(made(7)))
  end)

  it("leaves what is not Lua 5.4's as it is", function()
    for _, code in ipairs { "", "\x1bLua\x53\0more", "return 1" } do
      assert.are.equal(code, lean.of(code))
    end
  end)
end)

describe("the interpreter", function()
  local usagelua

  before_each(function() usagelua = command.new() end)
  after_each(function() usagelua.folder:remove() end)

  it("says where in the library an error was raised", function()
    local result = usagelua:run { "-e", "local order = require 'usagelua.order' order.keys(nil)" }
    assert.are.equal(1, result.status)
    assert.truthy(result.stderr:find "order%.lua:%d+: bad argument", result.stderr)
  end)
end)
