-- A script as its writer meets it: how it is found and started, and what is
-- said when it goes wrong.
local command = require "support.command"
local shell = require "support.shell"

local usagelua

before_each(function() usagelua = command.new() end)
after_each(function() usagelua.folder:remove() end)

local function assert_said(expected, result)
  assert.truthy(result.stderr:find(expected, 1, true), result.stderr)
end

local function assert_fails(status, expected, result)
  assert_said("usagelua: " .. expected, result)
  assert.are.equal(status, result.status)
end

local function assert_prints(expected, result)
  assert.are.equal("", result.stderr)
  assert.are.equal(expected, result.stdout)
  assert.are.equal(0, result.status)
end

describe("a script", function()
  it("runs from another folder, behind a #! line and a byte order mark", function()
    os.execute("mkdir -p " .. usagelua.folder.path .. "/deep/er")
    usagelua.folder:write("deep/er/report.lua", "\xEF\xBB\xBF#!/usr/bin/env usagelua\nprint(arg[0])")
    assert_prints("deep/er/report.lua\n", usagelua:run { "deep/er/report.lua" })
  end)

  it("is run by its #! line", function()
    -- the kernel wants a short path there, and one without a space
    local link = usagelua.folder.path .. "/usagelua"
    shell.output { "ln", "-s", usagelua.binary, link }
    local path = usagelua.folder:write("report", "#!" .. link .. "\nprint(...)")
    os.execute("chmod +x " .. path)
    local found = shell.run({ path, "a", "b" }, {})
    assert.are.equal("a\tb\n", found.stdout)
  end)

  it("gets arg and ... as in plain Lua", function()
    assert_prints("report.lua\tx\t-y\tnil\tx\t-y\n",
      usagelua:script("print(arg[0], arg[1], arg[2], arg[3], ...)", { "x", "-y" }))
  end)

  it("has the modules beside it, from wherever it is started, and none of the current folder", function()
    os.execute("mkdir " .. usagelua.folder.path .. "/reports")
    usagelua.folder:write("reports/helper.lua", "return 'beside'")
    usagelua.folder:write("helper.lua", "return 'current folder'")
    usagelua.folder:write("reports/report.lua", "print((require 'helper'))")
    assert_prints("beside\n", usagelua:run { "reports/report.lua" })
    usagelua.folder:write("reports/report.lua", "print(pcall(require, 'other'))")
    usagelua.folder:write("other.lua", "return 'current folder'")
    assert.truthy(usagelua:run({ "reports/report.lua" }).stdout:find("^false"))
  end)

  it("finds on LUA_PATH what its user put there", function()
    os.execute("mkdir " .. usagelua.folder.path .. "/mine")
    usagelua.folder:write("mine/helper.lua", "return 'mine'")
    assert_prints("mine\n", usagelua:script("print((require 'helper'))", {},
      { env = { LUA_PATH = "./mine/?.lua;;" } }))
  end)

  it("comes from -e, from standard input, and with arguments", function()
    assert_prints("3\n", usagelua:run { "-e", "print(1 + 2)" })
    assert_prints("-e\tx\n", usagelua:run { "-e", "print(arg[0], ...)", "x" })
    assert_prints("in\n", usagelua:run({ "-" }, { stdin = "print 'in'" }))
  end)

  it("ends with the status that it gives to os.exit, its files closed", function()
    local result = usagelua:script(
      "io.write 'said'; local f = io.open('out', 'w'); f:write 'kept'; os.exit(7)")
    assert.are.equal(7, result.status)
    assert.are.equal("said", result.stdout)
    assert.are.equal("kept", usagelua.folder:read "out")
    assert.are.equal(0, usagelua:run({ "-e", "os.exit()" }).status)
    assert.are.equal(1, usagelua:run({ "-e", "os.exit(false)" }).status)
  end)
end)

describe("a script that goes wrong", function()
  for code, expected in pairs {
    ["x ="] = "report.lua:1: unexpected symbol near <eof>",
    ["\n\nlocal t; t.x = 1"] = "report.lua:3: attempt to index a nil value (local 't')",
    ["error 'boo'"] = "report.lua:1: boo",
    ["error('boo', 0)"] = "report.lua:1: boo",
    ["\nerror { message = 'boo' }"] = "report.lua:2: boo",
    ["error {}"] = "report.lua:1: the error value is a table, not a text",
    ["error()"] = "report.lua:1: the error value is a nil, not a text",
    ["error(setmetatable({}, { __tostring = function() return 'tt' end }))"] = "report.lua:1: tt",
    ["assert(nil, 'no')"] = "report.lua:1: no",
    ["local function f() return 1 + f() end f()"] = "report.lua:1: stack overflow",
    ["usage.collect {}"] = "report.lua:1: attempt to index a nil value (global 'usage'); "
      .. 'write local usage = require "usagelua" at the top',
  } do
    it("says file and line: " .. code:gsub("\n", "|"), function()
      assert_fails(1, expected, usagelua:script(code))
    end)
  end

  it("says where in -e and in standard input", function()
    assert_fails(1, "(-e):2: boo", usagelua:run { "-e", "\nerror 'boo'" })
    assert_fails(1, "stdin:2: boo", usagelua:run({ "-" }, { stdin = "\nerror 'boo'" }))
  end)

  it("shows the traceback with -v only", function()
    local text = "local function inner() error 'boo' end\nlocal function outer() inner() end\nouter()"
    assert.is_nil(usagelua:script(text).stderr:find("traceback", 1, true))
    local loud = usagelua:script(text, { "-v" })
    assert_said("stack traceback:", loud)
    assert_said("report.lua:1: in upvalue 'inner'", loud)
    assert_said("report.lua:3: in ", loud)
    assert.are.equal(1, loud.status)
  end)

  it("is told of a mistake in a call of the library with the script's line, status 2", function()
    assert_fails(2, "report.lua:3: collect: write each query as a table: { \"testmu.summary\" }",
      usagelua:script("local usage = require 'usagelua'\n\nusage.collect { 'testmu.summary' }"))
    assert_fails(2, "report.lua:2: unknown name of usagelua 'colect'; did you mean 'collect'?",
      usagelua:script("local usage = require 'usagelua'\nusage.colect {}"))
    assert_fails(2, "report.lua: usage.report holds no section",
      usagelua:script("local usage = require 'usagelua'\nreturn usage.report {}"))
  end)

  it("is told so of a name, a path, a period, a zone or a host that is none", function()
    for call, words in pairs {
      ["secret(5)"] = 'usage.secret takes the name of an environment variable, as in usage.secret "ACME_TOKEN", '
        .. "not a number",
      ["secret()"] = "not a nil",
      ["secret('not a name')"] = "a credential is named by an environment variable (letters, digits and '_')",
      ["secret.file(5)"] = "usage.secret.file takes the path of a file, not a number",
      ["secret('PATH'):bind('a b')"] = "cannot bind a secret to 'a b'",
      ["period(5)"] = 'a period is text, as in "2026-06", not the number 5',
      ["period {}"] = "one that usage.period gave, not a table",
      ["period('2026-06', 5)"] = 'a zone is text, as in "Europe/Berlin" or "+05:30", not the number 5',
      ["http.get('http://127.0.0.1:1', 5)"] = "http: the options are a table: { timeout_s = 10 }, not a number",
      ["collect { period = 5, { 'testmu.summary' } }"] = "not the number 5",
    } do
      local result = usagelua:script("local usage = require 'usagelua'\nlocal _ = usage." .. call)
      assert_fails(2, "report.lua:2: ", result)
      assert.truthy(result.stderr:find(words, 1, true), result.stderr)
    end
  end)

  it("is bytecode", function()
    assert_fails(1, "report.lua: attempt to load a binary chunk",
      usagelua:script(string.dump(function() end)))
  end)

  it("is not there, or a folder", function()
    assert_fails(2, "no script to run: cannot read none.lua: ", usagelua:run { "none.lua" })
    assert_fails(2, "no script to run: cannot read ./: ", usagelua:run { "./" })
  end)

  it("holds too much", function()
    for _, code in ipairs { "local x = ('x'):rep(1 << 27)", "local t = {} for i = 1, 1e9 do t[i] = i end",
      "local s = 'x' while true do s = s .. s end" } do
      assert_fails(1, "not enough memory; the script holds too much at once; give it more with "
        .. "--max-memory", usagelua:run { "--max-memory", "20MB", "-e", code })
    end
    assert.are.equal(0, usagelua:run({ "--max-memory", "20MB", "-e",
      "for i = 1, 200 do local _ = ('x'):rep(1 << 20) end" }).status)
    assert.are.equal(0, usagelua:run({ "--max-memory", "400MB", "-e",
      "local x = ('x'):rep(1 << 27)" }).status)
  end)
end)

describe("what a script returns", function()
  local HEAD = "local usage = require 'usagelua'\n"
    .. "local records = usage.collect { { 'testmu.summary', period = '2026-06' } }\n"

  it("must be a report where it describes queries", function()
    assert_fails(2, "report.lua: the script describes queries but returns nothing: end it with "
      .. "return usage.report { title = …, usage.table { … } }, or return the frame",
      usagelua:script(HEAD))
  end)

  it("must be a report or a frame where it returns something", function()
    assert_fails(2, "report.lua: the script returned a number; end it with return usage.report",
      usagelua:script "return 5")
    assert_fails(2, "report.lua: the script returned a table;", usagelua:script "return {}")
  end)

  it("need not be anything where it asks nothing", function()
    assert_prints("", usagelua:script "local usage = require 'usagelua'")
  end)
end)

describe("what a script prints", function()
  local KEY = "LT_ada-key/with+odd=chars&%"

  local function masked(code)
    return usagelua:script(code, {}, { env = { LT_USERNAME = "ada", LT_ACCESS_KEY = KEY,
      OTHER = KEY } })
  end

  it("is masked, also in pieces, in files and on standard error", function()
    local result = masked [[
      local key = os.getenv "OTHER"
      print("printed", key, nil)
      io.write("written ", 1, " ", key, "\n")
      for letter in ("in pieces " .. key .. "\n"):gmatch "." do io.write(letter); io.flush() end
      io.stderr:write("said ", (key:gsub("/", "%%2F")), "\n")
      local file <close> = io.open("out", "w")
      file:write(key:sub(1, 5))
      file:write(key:sub(6), " ", key:sub(1, 9))
      error("failed with " .. key) ]]
    assert.are.equal("printed\t***\tnil\nwritten 1 ***\nin pieces ***\n", result.stdout)
    assert.are.equal("said ***\nusagelua: report.lua:9: failed with ***\n", result.stderr)
    assert.are.equal("*** " .. KEY:sub(1, 9), usagelua.folder:read "out")
  end)

  it("cannot be read from the environment or by a child", function()
    assert_prints("nil\tnothing\n", masked [[
      print(os.getenv "LT_ACCESS_KEY", io.popen("echo ${LT_ACCESS_KEY-nothing}"):read "l") ]])
  end)

  it("keeps its last piece, and its place before the report", function()
    local result = masked "io.write 'LT_ada'"
    assert.are.equal("LT_ada", result.stdout)
  end)

  it("comes at once, in its place", function()
    local result = masked [[
      print "one"
      os.execute "echo two"
      require "usagelua"
      print "three"
      os.execute "echo four" ]]
    assert.are.equal("one\ntwo\nthree\nfour\n", result.stdout)
  end)

  it("fails where standard output is closed or full", function()
    for _, code in ipairs { "print 'x'", "io.write 'x'", "require 'usagelua' print 'x'",
      "print 'x' print 'y' io.write(('x'):rep(100000))" } do
      for _, place in ipairs { ">&-", ">/dev/full" } do
        local result = shell.run(shell.words { usagelua.binary, "-e", code } .. " " .. place)
        assert_fails(1, "cannot write standard output", result)
      end
    end
  end)
end)

describe("-i", function()
  local function lines(text, words)
    return usagelua:run({ "-i", table.unpack(words or {}) }, { stdin = text })
  end

  it("runs lines, shows values, and goes on after errors", function()
    local result = lines "x = 1\nx + 1\nerror 'boo'\nprint(\n'long')\nnil, 2\n"
    assert.are.equal("2\nlong\nnil\t2\n", result.stdout)
    assert_said("stdin:1: boo", result)
    assert.are.equal(0, result.status)
  end)

  it("has usage at hand", function()
    assert.are.equal("2026-05\n", lines("usage.period().label", { "--period", "2026-05" }).stdout)
    assert_said("unknown name of usagelua 'colect'", lines "usage.colect()")
  end)
end)
