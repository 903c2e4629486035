-- Deletes the report jobs of a run whose script does not come back. Called in
-- a Lua state of its own, by the interpreter's watchdog: the run's own state is
-- beyond reach, its ledger is not.

local client = require "usagelua.client"
local clocks = require "usagelua.time.clock"
local core = require "usagelua.core"
local curl = require "usagelua.transport.curl"
local ledgers = require "usagelua.ledger"
local leftovers = require "usagelua.flow.leftovers"
local loaders = require "usagelua.vendor.loader"
local schedulers = require "usagelua.client.scheduler"

-- The process ends after three seconds, whatever comes.
local TIME_S <const> = 2.5

local function say(format, ...)
  io.stderr:write(core.mask.text(("usagelua: %s\n"):format(format:format(...))))
end

local function new_loader(script_folder)
  local interpreter = require "usagelua.interpreter"
  return loaders.new { script_folder = script_folder, folders = os.getenv "USAGELUA_VENDORS",
    kit = require "usagelua.vendor.kit", read_built_in = interpreter.embedded }
end

local function new_tools(clock, script_folder)
  local transport = assert(curl.new { ca_file = os.getenv "USAGELUA_CA_FILE" })
  local scheduler = schedulers.new { transport = transport, clock = clock }
  scheduler:deadline_at(clock.monotonic() + TIME_S)
  return { scheduler = scheduler, urgent = true, loader = new_loader(script_folder),
    client = client.new { scheduler = scheduler, transport = transport, clock = clock } }
end

local function delete(entry, tools)
  local what = ("%s: the report job %s"):format(entry.facts.dataset, entry.facts.id)
  local ok, err = leftovers.delete(entry, tools)
  if ok then
    say("%s was deleted", what)
  else
    say("%s is left at the vendor: %s; `usagelua ledger --delete` deletes it", what, tostring(err))
  end
end

---@param folder string of the ledger
---@param run string whose jobs they are
---@param script_folder string?
return function(folder, run, script_folder)
  local clock = clocks.real()
  local tools, tasks = new_tools(clock, script_folder), {}
  for _, entry in ipairs(ledgers.look({ clock = clock, jobs = folder }):of_run(run)) do
    if entry.facts.id then
      tasks[#tasks + 1] = tools.scheduler:spawn(delete, entry, tools)
    end
  end
  tools.scheduler:join(tasks)
end
