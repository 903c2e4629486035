-- Lack of memory: every allocation on the way of a credential into a request may fail.
local shell = require "support.shell"
local tmp = require "support.tmp"

local BUILD <const> = [[
cc -shared -fPIC -O1 $(pkg-config --cflags lua5.4) -o "$OUT/scarce.so" spec/support/scarce.c &&
LD_PRELOAD="$OUT/scarce.so" lua5.4 -e 'package.cpath = os.getenv "OUT" .. "/?.so;build/lib/?.so"' \
  spec/support/auth_scarce.lua]]

describe("with the n-th allocation failing", function()
  it("a credential is sent whole or not at all", function()
    local folder <close> = tmp.folder()
    local result = shell.run(BUILD, { env = { OUT = folder.path, ASAN_OPTIONS = false }, timeout_s = 120 })
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    local jobs = 0
    for _, runs, raised in result.stdout:gmatch "(%a[%a_\t]+)(%d+)\t(%d+)\n" do
      jobs = jobs + 1
      assert.is_true(tonumber(runs) > tonumber(raised) and tonumber(raised) > 0, result.stdout)
    end
    assert.equal(16, jobs)
  end)
end)
