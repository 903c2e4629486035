-- What a file that takes another's place, or is locked, asks of the system, and in which order.
local shell = require "support.shell"
local tmp = require "support.tmp"

local WRITE <const> = [[
package.cpath = "build/lib/?.so"
local file = require "usagelua.core".file
local ok, err = file.write_atomic(arg[1], "new", "0600")
io.write(ok and "written" or err.code)]]

describe("a file", function()
  local folder, preloaded

  setup(function()
    folder = tmp.folder()
    preloaded = folder.path .. "/file_calls.so"
    shell.output { "cc", "-shared", "-fPIC", "-O1", "-o", preloaded, "spec/support/file_calls.c" }
    folder:write("write.lua", WRITE)
    shell.output({ "mkdir", "out" }, { cwd = folder.path })
  end)
  teardown(function() folder:remove() end)

  before_each(function() folder:write("out/a", "old") end)

  local function write(env)
    local own = { LD_PRELOAD = preloaded, ASAN_OPTIONS = false }
    for name, value in pairs(env or {}) do own[name] = value end
    return shell.run({ "lua5.4", folder.path .. "/write.lua", folder.path .. "/out/a" }, { env = own })
  end

  local function files()
    return shell.output({ "ls", "-A", "out" }, { cwd = folder.path })
  end

  it("takes another's place: made under a new name for its owner, brought to the disk, and only then renamed", function()
    local result = write()
    assert.equal("open new no link 600\nfsync file\nrename\nfsync folder\n", result.stderr)
    assert.equal("written", result.stdout)
    assert.equal("new", folder:read "out/a")
    assert.equal("a\n", files())
  end)

  it("is locked by its name, which it may have lost while it was opened", function()
    local code = [[package.cpath = "build/lib/?.so"
      local file = require "usagelua.core".file
      local lock = assert(file.lock(arg[1]))
      print(file.exists(arg[1]), lock)]]
    local path = folder.path .. "/out/a"
    local result = shell.run({ "lua5.4", folder:write("lock.lua", code), path },
      { env = { LD_PRELOAD = preloaded, ASAN_OPTIONS = false, REMOVED = path } })
    assert.equal("open no link 600\nopen no link 600\n", result.stderr)
    assert.equal("true\tusagelua.lock (held)\n", result.stdout)
  end)

  it("does not take another's place where closing says that the disk is full", function()
    local result = write { CLOSE_FAILS = "1" }
    assert.equal("ENOSPC", result.stdout)
    assert.equal("open new no link 600\nfsync file\n", result.stderr)
    assert.equal("old", folder:read "out/a")
    assert.equal("a\n", files())
  end)
end)
