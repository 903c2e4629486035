-- Lack of memory: every allocation on the short way of a list may fail.
local nginx = require "support.nginx"
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("a list of URLs has all its answers, or raises", function()
    local server <close> = nginx.start { tls = false }
    server:control("/faults", { seed = 1, rules = {
      { path = "^/one$", status = 200, body = "b" },
      { path = "^/packed$", wire = "gzip", status = 200, body = ("packed"):rep(20) },
    } })
    local result = short_of_memory.run("spec/support/series_scarce.lua " .. server.url)
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    local ways = 0
    for _, runs, raised in result.stdout:gmatch "(%a[%a\t]+)(%d+)\t(%d+)\n" do
      ways = ways + 1
      assert.is_true(tonumber(runs) > 100 and tonumber(raised) > 100, result.stdout)
    end
    assert.equal(4, ways)
  end)
end)
