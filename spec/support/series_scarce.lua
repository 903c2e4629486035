-- Run by spec/series_memory_spec.lua with the URL of its server: a list of URLs of one host, where
-- memory is short. One of them is no good answer.
local scarcity = require "spec.support.scarcity"
local transfer = require "usagelua.transfer"

-- One has a query, which libcurl 7.88 leaves out where it finds no memory for it.
local base = ...
local urls = {}
for place, name in ipairs { "one", "_json?items=2", "nowhere", "one", "packed" } do
  urls[place] = base .. "/" .. name
end

-- The server is good: whatever fails, memory was short, by whatever name libcurl has for it.
local function fail(problem)
  error("not enough memory: " .. problem, 0)
end

local function whole(engine, exchange)
  local pieces = {}
  while true do
    local piece, why = exchange:read()
    if piece then pieces[#pieces + 1] = piece
    elseif why == "wait" then engine:step(1)
    elseif why == "end" then return table.concat(pieces)
    else fail(why.message) end
  end
end

local function take_aside(engine, series, bodies)
  local place, exchange = series:aside()
  while place do
    if not exchange then fail "not opened" end
    bodies[place] = exchange:status() .. whole(engine, exchange)
    exchange:close()
    series:give_back()
    place, exchange = series:aside()
  end
end

local function ask(engine)
  local series <close> = assert(engine:series({ url = urls[1] }, urls, 2))
  local bodies, answers = {}, {}
  while not series:is_done() do
    series:go_on()
    engine:step(5)
    series:take(answers, {})
    take_aside(engine, series, bodies)
  end
  for place, answer in pairs(answers) do bodies[place] = answer.status .. answer.body end
  return table.concat(bodies, ",")
end

local engine = assert(transfer.engine { is_weak = true })

scarcity.play {
  standing = function() return ask(engine) end,
  fresh = function()
    local own <close> = assert(transfer.engine { is_weak = true })
    return ask(own)
  end,
}
