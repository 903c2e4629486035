-- Lack of memory: every allocation may fail, in either thread, while a large body is read in one
-- and received in the other.
local nginx = require "support.nginx"
local short_of_memory = require "support.short_of_memory"

local ITEM <const> = '{"team":"q%d","n":2,"note":"' .. ("x"):rep(400) .. '"}'

local function document()
  local items = {}
  for i = 1, 5000 do items[i] = ITEM:format(i % 50) end
  return "[" .. table.concat(items, ",") .. "]"
end

describe("with the n-th allocation failing while a body is read beside its receiving", function()
  it("it ends well or raises", function()
    local server <close> = nginx.start { tls = false }
    local text = document()
    server:control("/faults", { seed = 1, rules = { { path = "^/plain$", status = 200, body = text },
      { path = "^/packed$", status = 200, body = text, wire = "gzip" } } })
    short_of_memory.play(("spec/support/feeding_scarce.lua %s/plain %s/packed")
      :format(server.url, server.url), 4, 51)
  end)
end)
