-- One run: the options it was started with and the parts that its scripts
-- share (clock, transport, scheduler, client, vendors). Made by the command
-- line, or on first use in a plain Lua; nothing is set up before it is needed.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local run = {}

---@class usagelua.run
---@field options table what the command line said
---@field script_name string?
---@field arguments string[]? the script's own
---@field wants_help boolean? `--help` stood behind the script
---@field interpreter table? module usagelua.interpreter, inside the binary
---@field deadline_s number? seconds from `started`, by the monotonic clock
local methods = {}

-- Parts are made on first use, by the function of their name.
local parts = {}
local metatable = { __name = "usagelua.run" }

function metatable:__index(name)
  local method = methods[name]
  if method then return method end
  local make = parts[name]
  if not make then return nil end
  local part = make(self)
  rawset(self, name, part)
  return part
end

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
  local transport = require("usagelua.transport.curl").new {
    ca_file = os.getenv "USAGELUA_CA_FILE",
  }
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
  return scheduler
end

function parts:client()
  return require("usagelua.client").new {
    scheduler = self.scheduler, transport = self.transport, clock = self.clock,
    random = math.random, log = self.log,
  }
end

function parts:loader()
  return require("usagelua.vendor.loader").new {
    script_folder = self.script_folder,
    folders = os.getenv "USAGELUA_VENDORS",
    kit = require "usagelua.vendor.kit",
    read_built_in = self.interpreter and self.interpreter.embedded,
    on_own = self.log and self.log.own_vendor,
  }
end

---@param fields table options, script_name, script_folder, arguments, interpreter, log, deadline_s
---@return usagelua.run
function run.new(fields)
  local made = { options = {}, queries = {}, frames = {}, described = {}, notes = {}, noted = {},
    started = core.clock.monotonic() }
  for name, value in pairs(fields) do made[name] = value end
  return setmetatable(made, metatable)
end

---The time of `--now`, if it was given.
---@return integer? epoch seconds
function methods:given_now()
  local text = self.options.now
  if not text then return nil end
  local epoch, reason = require("usagelua.time.timestamp").parse_rfc3339(text)
  if not epoch then
    errors.raise_usage("--now: %s", reason)
  end
  return epoch
end

---The time taken as now, epoch seconds: given, or the recording's, or the clock's.
---@return number
function methods:now()
  self.taken_now = self.taken_now or self:given_now() or self.clock.now()
  return self.taken_now
end

---The period of the run: `--period`, else last month.
---@return usagelua.period
function methods:period()
  if not self.taken_period then
    self.taken_period = self:read_period(self.options.period or "last month")
  end
  return self.taken_period
end

---A period from text or as it is; nil is the run's own.
---@param value usagelua.period|string|nil
---@param zone string?
---@return usagelua.period
function methods:read_period(value, zone)
  if value == nil and not zone then return self:period() end
  if type(value) == "table" then return value end
  local read = zone and require("usagelua.time.zone").parse(zone) or self.zone
  return require("usagelua.time.period").parse(value or self.options.period or "last month", read,
    self:now())
end

---Where `--help` was given, the run ends before anything is asked: the script
---came to no usage.args, which would have listed its arguments.
function methods:stop_for_help()
  if self.wants_help then require("usagelua.cli.arguments").stop_without(self) end
end

---A replay asks nobody.
function methods:needs_credentials()
  return not self.options.replay
end

---@param planned usagelua.query
function methods:note_query(planned)
  self.queries[#self.queries + 1] = planned
  if planned.note then self:note(planned.note) end
end

---Remembers which queries stand behind a frame of records.
---@param frame usagelua.frame
---@param queries usagelua.query[]
function methods:note_frame(frame, queries)
  self.frames[#self.frames + 1] = frame
  self.described[#self.described + 1] = { frame = frame, queries = queries }
end

---A sentence for people beside the figures, once.
---@param text string
function methods:note(text)
  if self.noted[text] then return end
  self.noted[text] = true
  self.notes[#self.notes + 1] = text
  table.sort(self.notes)
end

---What a report needs of its run.
---@return table
function methods:for_report()
  return {
    provenance = function() return require("usagelua.report.provenance").of(self) end,
    options = { allow_partial = self.options.allow_partial,
      neutralise = not self.options.raw_csv },
    ask_together = function(frames, mode) self:ask_together(frames, mode) end,
  }
end

-- All that is missing is named at once, before anything is sent.
local function resolve_credentials(self, queries)
  if not self:needs_credentials() then return end
  local unresolved = {}
  for _, planned in ipairs(queries) do
    if not planned.auth then unresolved[#unresolved + 1] = planned end
  end
  require("usagelua.vendor.credentials").resolve_all(unresolved)
end

---Asks for a frame's queries, all at the same time. Where the deadline ends
---them, what is missing is marked and the run goes on to its report.
---@param asked usagelua.frame
---@param queries usagelua.query[]
function methods:ask(asked, queries)
  resolve_credentials(self, queries)
  local coverage = require("usagelua.frame.coverage").new()
  require("usagelua.flow.execute").run(queries, asked:begin(), {
    client = self.client, scheduler = self.scheduler, coverage = coverage,
    columns = asked:fields(), wants = function(const) return asked:wants(const) end,
    warn = function(planned, text) self:note(planned.name .. ": " .. text) end,
  })
  asked:finish(coverage)
end

-- What stands behind these frames and is still to be asked for, each once:
-- its queries, and a frame that asks for it.
local function to_be_asked(self, frames)
  local list = {}
  for _, described in ipairs(self.described) do
    for _, frame in ipairs(frames) do
      if frame:comes_from(described.frame) and not frame:is_asked() then
        list[#list + 1] = { frame = frame, queries = described.queries }
        break
      end
    end
  end
  return list
end

local function queries_of(list)
  local queries = {}
  for _, one in ipairs(list) do
    table.move(one.queries, 1, #one.queries, #queries + 1, queries)
  end
  return queries
end

---Asks for several frames at the same time, each of their queries once. In
---mode "report" nothing else is going to be read.
---@param frames usagelua.frame[]
---@param mode "report"|"script"
function methods:ask_together(frames, mode)
  for _, frame in ipairs(mode == "report" and frames or {}) do frame:need() end
  local list = to_be_asked(self, frames)
  if #list == 0 then return end
  resolve_credentials(self, queries_of(list))
  local ok, err = pcall(require("usagelua.client.fanout").each, self.scheduler, list, #list,
    function(one) one.frame:ask(mode) end)
  -- Frames that the deadline kept from beginning are asked by who reads them,
  -- in vain, and say so.
  if not ok and errors.from(err).kind ~= "deadline" then error(err, 0) end
end

---Ends what the run holds; a recording is written only where `ok`.
---@param ok boolean
---@return boolean? done
---@return usagelua.error? err
function methods:close(ok)
  local scheduler, transport = rawget(self, "scheduler"), rawget(self, "transport")
  local done, err = true, nil
  if transport and self.options.record and ok then done, err = transport:finish() end
  if scheduler then scheduler:close() end
  if transport then transport:close() end
  return done, err
end

return run
