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

local metatable = { __name = "usagelua.run" }

-- What is no method is a part, made on first use (run/parts.lua).
function metatable:__index(name)
  local method = methods[name]
  if method then return method end
  local make = require("usagelua.run.parts")[name]
  if not make then return nil end
  local part = make(self)
  rawset(self, name, part)
  return part
end

---@param fields table options, script_name, script_folder, arguments, interpreter, deadline_s,
---  new_log: makes what hears the client's events
---@return usagelua.run
function run.new(fields)
  local made = { options = {}, queries = {}, frames = {}, described = {}, notes = {}, noted = {},
    started = core.clock.monotonic(), wants_help = false }
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

local function own_period(value)
  if not require("usagelua.time.period").is(value) then
    errors.raise_usage("a period is text, as in \"2026-06\", or one that usage.period gave, not a table")
  end
  return value
end

---A period from text or as it is; nil is the run's own.
---@param value usagelua.period|string|nil
---@param zone string?
---@return usagelua.period
function methods:read_period(value, zone)
  if value == nil and not zone then return self:period() end
  if type(value) == "table" then return own_period(value) end
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

---The same, said at once too: the run may not come to its report.
---@param text string
function methods:warn(text)
  if not self.noted[text] and type(self.log) == "table" and self.log.message then
    self.log.message(text)
  end
  self:note(text)
end

---What a report needs of its run.
---@return table
function methods:for_report()
  return {
    provenance = function() return require("usagelua.report.provenance").of(self) end,
    options = { allow_partial = self.options.allow_partial,
      neutralise = not self.options.raw_csv, separator = self.options.csv_separator },
    prices = self.prices or nil,
    warn = function(text) self:warn(text) end,
    now = function() return self:now() end,
    ask_together = function(frames, mode) self:ask_together(frames, mode) end,
  }
end

---Asks for a frame's queries (run/asking.lua).
---@param asked usagelua.frame
---@param queries usagelua.query[]
function methods:ask(asked, queries)
  require("usagelua.run.asking").ask(self, asked, queries)
end

---Asks for several frames at the same time, each of their queries once. In
---mode "report" nothing else is going to be read.
---@param frames usagelua.frame[]
---@param mode "report"|"script"
function methods:ask_together(frames, mode)
  require("usagelua.run.asking").ask_together(self, frames, mode)
end

---What stops the run, where a signal came, whoever has heard it.
---@param how string? what the run had come to
---@return usagelua.error?
function methods:stopped_by_signal(how)
  local number = self.interpreter and self.interpreter.signal()
  return number and require("usagelua.client.signals").stopped(number, how)
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
