-- A run over the simulator: the library as a script has it, in virtual time, without credentials.
local collect = require "usagelua.collect"
local run = require "usagelua.run"
local simulated = require "support.simulated"

local simulated_run = {}

---@param options table of the simulator: answer, seed, weather
---@return usagelua.run run with `transport`, `scheduler`, `clock`, `client`
function simulated_run.new(options)
  local parts = simulated(options)
  return run.new {
    options = { now = options.now }, client = parts.client, scheduler = parts.scheduler,
    transport = parts.transport, clock = parts.clock, script_folder = options.script_folder,
    needs_credentials = function() return false end, log = {},
  }
end

---@param one usagelua.run
---@param spec table as `usage.collect` takes it
---@return usagelua.frame
function simulated_run.collect(one, spec)
  return collect.new(one, spec)
end

return simulated_run
