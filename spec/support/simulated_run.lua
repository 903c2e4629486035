-- A run over the simulator: the library as a script has it, in virtual time, without credentials.
local run = require "usagelua.run"
local simulated = require "support.simulated"

local simulated_run = {}

---@param options table of the simulator: answer, seed, weather; and of the run: loader, now, ledger,
---  say (hears what is said at once)
---@return usagelua.run run with `transport`, `scheduler`, `clock`, `client`
function simulated_run.new(options)
  local parts = simulated(options)
  return run.new {
    options = { now = options.now }, client = parts.client, scheduler = parts.scheduler,
    transport = parts.transport, clock = parts.clock, loader = options.loader,
    needs_credentials = function() return false end, log = { message = options.say }, ledger = options.ledger or false,
  }
end

return simulated_run
