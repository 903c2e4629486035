-- The scans without vector instructions, for machines that have none: the same
-- cases once more, with the twin compiled in.

local shell = require "support.shell"
local tmp = require "support.tmp"

local SPECS <const> = "spec/json_reader_spec.lua spec/json_grammar_spec.lua spec/json_number_spec.lua spec/json_decode_spec.lua "
  .. "spec/fold_spec.lua spec/fold_ways_spec.lua"

local RUN <const> = ([[
env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="$OUT" CFLAGS=-DUL_SCALAR "$OUT/lib/usagelua/core.so" >&2 &&
USAGELUA_CPATH="$OUT/lib/?.so" lua5.4 spec/run.lua %s]]):format(SPECS)

describe("the scans of JSON without vector instructions", function()
  it("give the same answers", function()
    local folder <close> = tmp.folder()
    local result = shell.run(RUN, { env = { OUT = folder.path, ASAN_OPTIONS = false }, timeout_s = 1800 })
    assert.equal(0, result.status, result.stdout .. result.stderr)
    local passed = result.stdout:match "(%d+) passed, 0 failed"
    assert.is_true(tonumber(passed) > 300, result.stdout)
  end)
end)
