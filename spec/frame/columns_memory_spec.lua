-- Lack of memory while rows are kept as columns: every allocation may fail.

local shell = require "support.shell"
local tmp = require "support.tmp"

local BUILD = [[
cc -shared -fPIC -O1 $(pkg-config --cflags lua5.4) -o "$OUT/scarce.so" spec/support/scarce.c &&
LD_PRELOAD="$OUT/scarce.so" lua5.4 -e 'package.cpath = os.getenv "OUT" .. "/?.so;build/lib/?.so"' \
  spec/support/rows_scarce.lua]]

describe("with the n-th allocation failing", function()
  it("rows kept as columns end well or raise", function()
    local folder <close> = tmp.folder()
    local result = shell.run(BUILD, { env = { OUT = folder.path, ASAN_OPTIONS = false }, timeout_s = 120 })
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    for mode in ("once on"):gmatch "%a+" do
      local runs, raised = result.stdout:match("rows\t" .. mode .. "\t(%d+)\t(%d+)\n")
      assert.is_true(tonumber(raised) > 50 and tonumber(runs) > tonumber(raised), result.stdout)
    end
  end)
end)
