-- Building and installing as a user does: from a copy of the sources, without
-- the network, into folders of its own.
local monotonic = require("usagelua.core").clock.monotonic
local shell = require "support.shell"
local tmp = require "support.tmp"

-- What the system's packages stand for.
local LUAROCKS_CONFIG <const> =
  'rocks_provided = { ["lua-cjson"] = "2.1.0-1", argparse = "0.7.1-1" }\n'
local NO_NETWORK <const> = "http://127.0.0.1:1"
-- Nothing of the run around the specs may reach the make inside them.
local CLEAN <const> = { MAKEFLAGS = false, MAKELEVEL = false, MFLAGS = false, LUA_PATH = false,
  LUA_CPATH = false, LUA_INIT = false, USAGELUA_VENDORS = false, LT_USERNAME = false,
  LT_ACCESS_KEY = false }
local BUILD_S <const> = 1800

local work, source, tree, prefix

local function run(words, options)
  options = options or {}
  local env = {}
  for name, value in pairs(CLEAN) do env[name] = value end
  for name, value in pairs(options.env or {}) do env[name] = value end
  return shell.run(words, { env = env, cwd = options.cwd or work.path, stdin = options.stdin,
    timeout_s = options.timeout_s })
end

local function must(words, options)
  local result = run(words, options)
  assert(result.status == 0, result.stdout .. result.stderr)
  return result.stdout
end

-- What git knows and what it would add, as far as it is there.
local COPY <const> = [[
git -c safe.directory='*' ls-files -co --exclude-standard -z |
  xargs -0 sh -c 'for f; do if [ -e "$f" ]; then cp --parents -- "$f" "$0"; fi; done' "$0"
]]

setup(function()
  work = tmp.folder()
  source, tree, prefix = work.path .. "/source", work.path .. "/tree", work.path .. "/prefix"
  must { "mkdir", source, work.path .. "/empty" }
  must({ "sh", "-c", COPY, source }, { cwd = "." })
  work:write("luarocks.lua", LUAROCKS_CONFIG)
  must({ "luarocks", "--lua-version=5.4", "--tree", tree, "make", "rockspec/usagelua-dev-1.rockspec" }, {
    cwd = source, timeout_s = BUILD_S, env = { LUAROCKS_CONFIG = work.path .. "/luarocks.lua",
      HOME = work.path, http_proxy = NO_NETWORK, https_proxy = NO_NETWORK } })
  must({ "make", "install", "PREFIX=" .. prefix }, { cwd = source, timeout_s = BUILD_S })
end)

teardown(function() work:remove() end)

local function write(path, text)
  must { "mkdir", "-p", (path:match "^(.*)/") }
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(text))
end

local function version()
  return require "usagelua.version"
end

local ROOT <const> = "print(require('usagelua.interpreter').root)"

describe("luarocks make", function()
  it("installs the command, which finds its library there", function()
    local command = tree .. "/bin/usagelua"
    assert.are.equal(("usagelua %s\n"):format(version()), must { command, "--version" })
    assert.are.equal(tree .. "/bin/../share/lua/5.4\n", must { command, "-e", ROOT })
    write(work.path .. "/report.lua", "print(require('usagelua').period('2026-06').label)")
    assert.are.equal("2026-06\n", must { command, "report.lua" })
  end)

  it("installs the library for a plain Lua", function()
    local env = { LUA_PATH = tree .. "/share/lua/5.4/?.lua;" .. tree .. "/share/lua/5.4/?/init.lua;;",
      LUA_CPATH = tree .. "/lib/lua/5.4/?.so;;" }
    assert.are.equal("2026-06\t" .. tree .. "/lib/lua/5.4/usagelua/core.so\n", must({ "lua5.4", "-e", [[
      local usage = require "usagelua"
      require "usagelua.transfer"
      print(usage.period("2026-06").label, package.searchpath("usagelua.core", package.cpath)) ]] },
      { env = env }))
  end)

  it("installs what the source holds, and every module can be loaded", function()
    local listed = must({ "sh", "-c", "cd lua && find . -name '*.lua' | sort" }, { cwd = source })
    local installed = must({ "sh", "-c", "find . -name '*.lua' | sort" }, { cwd = tree .. "/share/lua/5.4" })
    assert.are.equal(listed, installed)
  end)

  it("keeps the manual page and the completions with the rock", function()
    local rock = tree .. "/lib/luarocks/rocks-5.4/usagelua/dev-1"
    for _, name in ipairs { "man/usagelua.1", "completions/usagelua.bash", "completions/_usagelua",
      "completions/usagelua.fish" } do
      assert.truthy(io.open(("%s/%s"):format(rock, name)), name)
    end
  end)

  it("takes vendor scripts of other rocks for the user's own", function()
    local acme = tree .. "/share/lua/5.4/usagelua/vendors/acme.lua"
    write(acme, "return { name = 'acme' }")
    local result = run { tree .. "/bin/usagelua", "vendors", "acme" }
    os.remove(acme)
    assert.are.equal(2, result.status)
    assert.truthy(result.stderr:find("share/lua/5.4/usagelua/vendors/acme.lua", 1, true), result.stderr)
  end)
end)

describe("make install", function()
  it("puts all below PREFIX, and what is edited there counts", function()
    local command = prefix .. "/bin/usagelua"
    assert.are.equal(prefix .. "/bin/../share/lua/5.4\n", must { command, "-e", ROOT })
    local vendor = prefix .. "/share/lua/5.4/usagelua/vendors/testmu.lua"
    must { "sed", "-i.old", "s/totals per product/edited totals/", vendor }
    local shown = must { command, "vendors", "testmu.summary" }
    must { "mv", vendor .. ".old", vendor }
    assert.truthy(shown:find("edited totals", 1, true), shown)
  end)

  it("puts the manual page and the completions where they are looked for", function()
    for _, name in ipairs { "man/man1/usagelua.1", "bash-completion/completions/usagelua",
      "zsh/site-functions/_usagelua", "fish/vendor_completions.d/usagelua.fish" } do
      assert.truthy(io.open(("%s/share/%s"):format(prefix, name)), name)
    end
  end)

  it("puts the annotations where new reports tell editors to look", function()
    must { "mkdir", work.path .. "/edited" }
    must({ prefix .. "/bin/usagelua", "new", "report", "usage" }, { cwd = work.path .. "/edited" })
    local file <close> = assert(io.open(work.path .. "/edited/.luarc.json"))
    local meta = prefix .. "/share/lua/5.4/usagelua/meta"
    assert.truthy(file:read("a"):find('"' .. meta .. '"', 1, true))
    assert.truthy(io.open(meta .. "/library/vendor_description.lua"))
  end)

  it("stages below DESTDIR", function()
    must({ "make", "install", "PREFIX=/usr", "DESTDIR=" .. work.path .. "/stage" }, { cwd = source })
    assert.are.equal(work.path .. "/stage/usr/bin/../share/lua/5.4\n",
      must { work.path .. "/stage/usr/bin/usagelua", "-e", ROOT })
  end)

  it("does not take the files of another version", function()
    must { "cp", "-r", prefix, work.path .. "/other" }
    write(work.path .. "/other/share/lua/5.4/usagelua/version.lua", 'return "0.0.1"\n')
    write(work.path .. "/other/share/lua/5.4/usagelua/cli/init.lua", "error 'trap'")
    assert.are.equal("nil\n", must { work.path .. "/other/bin/usagelua", "-e", ROOT })
    assert.are.equal(("usagelua %s\n"):format(version()),
      must { work.path .. "/other/bin/usagelua", "--version" })
  end)
end)

describe("the binary alone", function()
  local alone

  setup(function()
    alone = work.path .. "/alone"
    must { "mkdir", alone }
    must { "cp", source .. "/usagelua", source .. "/examples/testmu-monthly.har",
      source .. "/examples/testmu-monthly.lua", alone }
  end)

  it("runs on what is linked into it", function()
    assert.are.equal("nil\n", must({ "./usagelua", "-e", ROOT }, { cwd = alone }))
    assert.truthy(must({ "./usagelua", "vendors" }, { cwd = alone }):find("testmu.summary", 1, true))
    assert.truthy(must({ "./usagelua", "--help" }, { cwd = alone }):find("--allow-partial", 1, true))
    local report = must({ "./usagelua", "testmu-monthly.lua", "--replay", "testmu-monthly.har" },
      { cwd = alone })
    assert.truthy(report:find("TestMu usage", 1, true), report)
  end)

  it("can load every module of the library", function()
    local names = must({ "sh", "-c", "cd lua && find usagelua -name '*.lua' -not -path '*/meta/*'" },
      { cwd = source }):gsub("/init%.lua", ""):gsub("%.lua", ""):gsub("/", ".")
    assert.are.equal("ok\n", must({ "./usagelua", "-e", [[
      for name in (...):gmatch "%S+" do if not name:find "vendors%." then require(name) end end
      print "ok" ]], names }, { cwd = alone }))
  end)

  it("takes nothing from the current folder", function()
    local trap = "print 'trap' error 'trap'"
    for _, name in ipairs { "usagelua.lua", "usagelua/init.lua", "usagelua/cli/init.lua",
      "usagelua/vendors/testmu.lua", "lua/usagelua/cli/init.lua", "lua/usagelua/init.lua",
      "share/lua/5.4/usagelua/init.lua", "argparse.lua", "cjson.lua", "cjson.so", "usagelua/core.so",
      "vendors/testmu.lua" } do
      write(work.path .. "/traps/" .. name, trap)
    end
    for _, words in ipairs { { "--help" }, { "vendors", "testmu" }, { "-e", "require 'usagelua'" },
      { alone .. "/testmu-monthly.lua", "--replay", alone .. "/testmu-monthly.har" } } do
      local result = run({ alone .. "/usagelua", table.unpack(words) }, { cwd = work.path .. "/traps" })
      assert.are.equal(0, result.status, result.stderr)
      assert.is_nil(result.stdout:find("trap", 1, true))
    end
  end)
end)

describe("make", function()
  -- A folder with these programs alone.
  local function path_of(programs)
    local folder = tmp.folder()
    for _, name in ipairs(programs) do
      os.execute(("ln -s \"$(command -v %s)\" %s/%s"):format(name, folder.path, name))
    end
    return folder
  end

  it("deps does nothing, fast, where all is there", function()
    local folder <close> = tmp.folder() -- of programs that must not be called
    for _, name in ipairs { "apt-get", "sudo" } do
      folder:write(name, "#!/bin/sh\nexit 1\n")
      os.execute("chmod +x " .. folder.path .. "/" .. name)
    end
    local before = monotonic()
    local result = run({ "make", "deps" },
      { cwd = source, env = { PATH = folder.path .. ":" .. os.getenv "PATH" } })
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal("", result.stdout)
    assert.is_true(monotonic() - before < 60) -- of a busy machine; installing takes longer
  end)

  it("deps names the packages where there is no dpkg", function()
    local folder <close> = path_of { "timeout", "sh", "make", "sed", "find", "sort", "cat",
      "pkg-config" }
    local result = run({ "make", "deps" }, { cwd = source, env = { PATH = folder.path } })
    assert.are_not.equal(0, result.status)
    for _, expected in ipairs { "no apt-get", "liblua5.4-dev", "libcurl4-openssl-dev", "nginx" } do
      assert.truthy(result.stderr:find(expected, 1, true), result.stderr)
    end
  end)

  it("deps names what is missing where it may not install it", function()
    local folder <close> = path_of { "timeout", "sh" }
    folder:write("dpkg-query", "#!/bin/sh\n[ \"$4\" = liblua5.4-dev ] || echo 'install ok installed'\n")
    folder:write("id", "#!/bin/sh\necho 1000\n")
    os.execute("chmod +x " .. folder.path .. "/dpkg-query " .. folder.path .. "/id")
    local result = run({ "sh", source .. "/rockspec/deps.sh", "gcc", "liblua5.4-dev" },
      { env = { PATH = folder.path } })
    assert.are.equal(1, result.status)
    assert.truthy(result.stderr:find("apt-get install liblua5.4-dev", 1, true), result.stderr)
  end)

  it("says what to do where pkg-config finds no Lua, or no libcurl", function()
    local no_lua = run({ "make", "PKG_CONFIG=false" }, { cwd = source })
    assert.are_not.equal(0, no_lua.status)
    assert.truthy(no_lua.stderr:find("Lua 5.4 was not found by false: run 'make deps', or set LUA_INCDIR",
      1, true), no_lua.stderr)
    local no_curl = run({ "make", "CURL_LIBS=" }, { cwd = source })
    assert.are_not.equal(0, no_curl.status)
    assert.truthy(no_curl.stderr:find("libcurl was not found by pkg-config or curl-config: run 'make deps'",
      1, true), no_curl.stderr)
  end)

  it("builds nothing again where nothing changed", function()
    assert.are.equal("", must({ "make" }, { cwd = source }))
  end)

  it("demo prints the example's report, and that it is a replay", function()
    local shown = must({ "make", "demo" }, { cwd = source, env = { http_proxy = NO_NETWORK } })
    assert.truthy(shown:find("What we used, 2026-", 1, true), shown)
    assert.truthy(shown:find("replayed from", 1, true), shown)
  end)

  it("clean leaves the sources", function()
    must({ "make", "clean" }, { cwd = source })
    assert.is_nil(io.open(source .. "/usagelua"))
    assert.truthy(io.open(source .. "/Makefile"))
  end)
end)
