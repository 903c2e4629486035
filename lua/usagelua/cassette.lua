-- Recorded answers, to run a script again without network, credentials and
-- waiting. One file, HAR 1.2; what is in it went through the mask.

local clock = require "usagelua.time.clock"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local har = require "usagelua.cassette.har"
local replay = require "usagelua.cassette.replay"

local LARGEST_FILE <const> = 1024 * 1024 * 1024

local cassette = {}

---Wraps a transport so that a run is recorded. The file is written 0600 beside
---its place and put there by `finish`.
---@param transport table
---@param options { path: string, clock: usagelua.clock, now: number?, zone: string? }
---now: the time that the run takes as now, when it is not the clock's; zone: its name
---@return table? transport with `finish`, the rest as any
---@return usagelua.error? err kind "io"
function cassette.record(transport, options)
  local file, err = core.file.writer(options.path, "0600")
  if not file then return nil, errors.from(err) end
  return require("usagelua.cassette.recorder").new(transport, {
    file = file,
    clock = options.clock,
    mask = core.mask.text,
    now = options.now or options.clock.now(),
    zone = options.zone,
    version = require "usagelua.version",
  })
end

---Reads a cassette. Its parts take the place of a run's own.
---@param path string
---@param now number? instead of the cassette's own, seconds since the epoch
---@return { transport: (fun(): table), clock: table, now: number, zone: string?, version: string? }? tape
---@return usagelua.error? err kind "io"
function cassette.open(path, now)
  local text, err = core.file.read(path, LARGEST_FILE)
  if not text then return nil, errors.from(err) end
  local log
  log, err = har.read(text)
  if not log then return nil, errors.wrap(err, "the cassette " .. path) end
  now = now or log.now
  if not now then
    return nil, errors.new { kind = "io", hint = "give the time with --now",
      message = ("the cassette %s does not say when it was recorded"):format(path) }
  end
  local time = clock.virtual(now)
  local transport = replay.new(log.entries, { clock = time, mask = core.mask.text, name = path })
  return { transport = function() return transport end, clock = time, now = now, zone = log.zone,
    version = log.version }
end

return cassette
