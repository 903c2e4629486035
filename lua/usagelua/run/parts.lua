-- The parts of a run, each made on first use by the function of its name: a
-- run that asks nothing has no transport.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local parts = {}

function parts:zone()
  local name = self.options.zone or self.cassette and self.cassette.zone or "UTC"
  return require("usagelua.time.zone").parse(name)
end

-- The recording that is replayed, or false.
function parts:cassette()
  if not self.options.replay then return false end
  local cassette, err = require("usagelua.cassette").open(self.options.replay, self:given_now())
  if not cassette then errors.raise_usage("--replay: %s", tostring(err)) end
  return cassette
end

-- Hears events where nobody said who would.
local function nobody() end

function parts:log()
  return self.new_log and self.new_log() or nobody
end

function parts:clock()
  return self.cassette and self.cassette.clock or require("usagelua.time.clock").real()
end

local function recorded(self, transport)
  local recording, err = require("usagelua.cassette").record(transport, {
    path = self.options.record, clock = self.clock, now = self:now(), zone = self.zone.name,
  })
  if not recording then error(err, 0) end
  return recording
end

function parts:transport()
  self:stop_for_help()
  if self.cassette then return self.cassette.transport() end
  local transport, err = require("usagelua.transport.curl").new {
    ca_file = os.getenv "USAGELUA_CA_FILE",
  }
  if not transport then error(err, 0) end
  return self.options.record and recorded(self, transport) or transport
end

local function signals(interpreter)
  return interpreter and { fd = interpreter.signal_fd, take = interpreter.take_signal,
    beat = interpreter.beat }
end

function parts:scheduler()
  local scheduler = require("usagelua.client.scheduler").new {
    transport = self.transport, clock = self.clock, signals = signals(self.interpreter),
  }
  if self.deadline_s then
    local passed = core.clock.monotonic() - self.started
    scheduler:deadline_at(self.clock.monotonic() + self.deadline_s - passed)
  end
  if type(self.log) == "table" and self.log.look then scheduler:watch(self.log.look) end
  return scheduler
end

function parts:client()
  return require("usagelua.client").new {
    scheduler = self.scheduler, transport = self.transport, clock = self.clock,
    random = math.random, log = self.log ~= nobody and self.log or nil,
  }
end

-- Of report jobs; a replay creates none.
function parts:ledger()
  if self.options.replay then return false end
  local ledger = require("usagelua.ledger").open { clock = self.clock }
  if self.interpreter then
    self.interpreter.rescue("usagelua.ledger.rescue", ledger.folder, ledger.run, self.script_folder)
  end
  return ledger
end

-- The rate card of `--prices`, or false.
function parts:prices()
  if not self.options.prices then return false end
  return require("usagelua.report.prices").new(self.options.prices)
end

-- What earlier runs left in it.
function parts:leftovers()
  return self.ledger and require("usagelua.flow.leftovers").find(self)
end

-- In the interpreter the keys of a user's vendor leave the environment as the
-- built-in ones do at the start: children get none.
local function own_vendor_heard(self)
  local hear = self.new_log and self.log.own_vendor or function() end
  if not self.interpreter then return hear end
  return function(vendor)
    core.secret.capture(require("usagelua.vendor.auth").all_variables(vendor.auth))
    hear(vendor)
  end
end

function parts:loader()
  return require("usagelua.vendor.loader").new {
    script_folder = self.script_folder,
    folders = os.getenv "USAGELUA_VENDORS",
    kit = require "usagelua.vendor.kit",
    read_built_in = self.interpreter and self.interpreter.embedded,
    on_own = own_vendor_heard(self),
  }
end

return parts
