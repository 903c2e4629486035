-- Run by spec/connecting_memory_spec.lua with the URL of its server and one of a port where no
-- connection comes about: a request that is given up while it connects, then a good one of the same
-- engine, where memory is short.
local scarcity = require "spec.support.scarcity"
local transfer = require "usagelua.transfer"

local good, hanging = ...
local engine = assert(transfer.engine { is_weak = true })

-- The server is good: whatever fails, memory was short, by whatever name libcurl has for it.
local function fail(problem)
  error("not enough memory: " .. tostring(problem), 0)
end

local function give_up()
  local exchange <close>, err = engine:open { url = hanging }
  if not exchange then fail(err.message) end
  for _ = 1, 3 do engine:step(0) end
end

local function get()
  local exchange <close>, err = engine:open { url = good }
  if not exchange then fail(err.message) end
  while true do
    local piece, why = exchange:read()
    if piece then return piece
    elseif why == "wait" then engine:step(5)
    else fail(why.message) end
  end
end

scarcity.play {
  connecting = function()
    give_up()
    return get()
  end,
}
