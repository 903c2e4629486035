-- A client over the simulator, for specs: everything in virtual time.
local client = require "usagelua.client"
local random = require "usagelua.transport.random"
local scheduler = require "usagelua.client.scheduler"
local simulator = require "usagelua.transport.simulator"

-- Masks the one secret that specs use.
local function mask(text)
  return (text:gsub("hunter2hunter2", "***"))
end

---@param options table of the simulator; retry options and `log` go to the client
return function(options)
  local transport = simulator.new(options)
  local s = scheduler.new { transport = transport, clock = transport.clock }
  local events = {}
  local c = client.new {
    scheduler = s, transport = transport, clock = transport.clock, mask = mask,
    random = random.new((options.seed or 1) * 7919),
    log = options.log or function(event) events[#events + 1] = event end,
    longest_retry_after_s = options.longest_retry_after_s,
  }
  return { client = c, scheduler = s, transport = transport, clock = transport.clock, events = events,
    mask = mask }
end
