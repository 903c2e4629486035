-- Lack of memory: every allocation of the reader of CSV and of a held answer may fail.

local shell = require "support.shell"
local tmp = require "support.tmp"

local BUILD = [[
cc -shared -fPIC -O1 $(pkg-config --cflags lua5.4) -o "$OUT/scarce.so" spec/support/scarce.c &&
LD_PRELOAD="$OUT/scarce.so" lua5.4 -e 'package.cpath = os.getenv "OUT" .. "/?.so;build/lib/?.so"' \
  spec/support/answers_scarce.lua]]

describe("with the n-th allocation failing", function()
  it("CSV and held answers end well or raise, and are ready again", function()
    local folder <close> = tmp.folder()
    local result = shell.run(BUILD, { env = { OUT = folder.path, ASAN_OPTIONS = false }, timeout_s = 60 })
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    local jobs = 0
    for _, runs, raised in result.stdout:gmatch "(%a[%a_\t]+)(%d+)\t(%d+)\n" do
      jobs = jobs + 1
      assert.is_true(tonumber(runs) > tonumber(raised))
      assert.is_true(tonumber(raised) > 0)
    end
    assert.equal(10, jobs)
  end)
end)
