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
    short_of_memory.play("spec/support/series_scarce.lua " .. server.url, 4, 101)
  end)
end)
