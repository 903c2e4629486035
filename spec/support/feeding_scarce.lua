-- Run by spec/feeding_memory_spec.lua with the URLs of a large body, plain and packed: it is read in
-- a second thread while it is received, where memory is short.
local scarcity = require "spec.support.scarcity"
local core = require "usagelua.core"
local transfer = require "usagelua.transfer"

local engine = assert(transfer.engine { is_weak = true })

local SPEC <const> = {
  each = {}, columns = { { kind = "text", source = { "team" } }, { kind = "number", source = { "n" } } },
  rules = { { group_by = { 1 }, conditions = {}, slots = { { adding = "sum", source = 2, of = {} } } } },
}

-- The server is good: whatever fails, memory was short, by whatever name libcurl has for it.
local function fail(problem)
  error("not enough memory: " .. tostring(problem), 0)
end

local function feed(exchange, reader)
  repeat
    local state, err = exchange:feed(reader)
    if not state then fail(err.message) end
    if state == "wait" then engine:step(5) end
  until state == "end"
end

local function sum_of(url)
  local reader <close> = core.json.reader { rows = "[]", fields = { "team", "n" } }
  local fold <close> = core.fold(SPEC, function() return true end, reader)
  local exchange <close>, err = engine:open { url = url }
  if not exchange then fail(err.message) end
  feed(exchange, reader)
  assert(reader:finish())
  assert(fold:take())
  return select(3, fold:figure(1, 1, 1))
end

local plain, packed = ...

scarcity.play {
  plain = function() return sum_of(plain) end,
  packed = function() return sum_of(packed) end,
}
