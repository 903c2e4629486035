-- Lack of memory: every allocation of the JSON core may fail.

local shell = require "support.shell"
local tmp = require "support.tmp"

local BUILD = [[
cc -shared -fPIC -O1 $(pkg-config --cflags lua5.4) -o "$OUT/scarce.so" spec/support/scarce.c &&
LD_PRELOAD="$OUT/scarce.so" lua5.4 -e 'package.cpath = os.getenv "OUT" .. "/?.so;build/lib/?.so"' \
  spec/support/json_scarce.lua]]

describe("with the n-th allocation failing", function()
  it("the JSON core ends well or raises, and is ready again", function()
    local folder <close> = tmp.folder()
    local result = shell.run(BUILD, { env = { OUT = folder.path, ASAN_OPTIONS = false }, timeout_s = 60 })
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    local jobs = 0
    for _, runs, raised in result.stdout:gmatch "(%a[%a_\t]+)(%d+)\t(%d+)\n" do
      jobs = jobs + 1
      assert.is_true(tonumber(runs) > tonumber(raised))
    end
    assert.equal(14, jobs)
    assert.is_truthy(result.stdout:find "read\tonce\t%d+\t[1-9]")
  end)
end)
