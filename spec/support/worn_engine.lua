-- Run by spec/connecting_memory_spec.lua in the interpreter, where libcurl lacks memory in one of its
-- steps: with the URL of a server and one of a port where no connection comes about. It says what
-- becomes of the request that is in flight then, and of two that follow.
local transfer = require "usagelua.transfer"

local good, hanging = ...
local engine = assert(transfer.engine { max_connections = 1 })

local function result(exchange)
  for _ = 1, 60 do
    local piece, why = exchange:read()
    if piece then return piece end
    if why ~= "wait" then return why.message end
    engine:step(0.5)
  end
  return "waits for ever"
end

local in_flight <close> = assert(engine:open { url = hanging })
print(pcall(engine.step, engine))
print(pcall(in_flight.read, in_flight))
local one <close> = assert(engine:open { url = good })
local other <close> = assert(engine:open { url = good })
print(result(one), result(other))
