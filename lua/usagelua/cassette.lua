-- Recorded answers, to run a script again without network, credentials and
-- waiting. One file, HAR 1.2; what is in it went through the mask.

local clock = require "usagelua.clock"
local errors = require "usagelua.errors"
local har = require "usagelua.cassette.har"
local recorder = require "usagelua.cassette.recorder"
local replay = require "usagelua.cassette.replay"

local LARGEST_FILE <const> = 4 * 1024 * 1024 * 1024

local cassette = {}

local function core_files() return require "usagelua.core".file end
local function core_mask() return require "usagelua.core".mask.text end

---Wraps a transport so that a run is recorded. The file is written 0600 beside
---its place and put there by `finish`.
---@param transport table
---@param options { path: string, clock: usagelua.clock, zone: string?, version: string?,
---  mask: (fun(text: string): string)?, files: table? }
---@return table? transport with `finish`, the rest as any
---@return usagelua.error? err kind "io"
function cassette.record(transport, options)
  local file, err = (options.files or core_files()).writer(options.path, "0600")
  if not file then return nil, errors.from(err) end
  return recorder.new(transport, {
    file = file,
    clock = options.clock,
    mask = options.mask or core_mask(),
    zone = options.zone,
    version = options.version or require "usagelua.version",
  })
end

---Reads a cassette.
---@param path string
---@param options { mask: (fun(text: string): string)?, files: table?, now: number? }?
---now: instead of the cassette's own, seconds since the epoch
---@return { transport: table, clock: table, now: number, zone: string?, version: string? }? run
---@return usagelua.error? err kind "io"
function cassette.replay(path, options)
  options = options or {}
  local text, err = (options.files or core_files()).read(path, LARGEST_FILE)
  if not text then return nil, errors.from(err) end
  local log
  log, err = har.read(text)
  if not log then return nil, errors.wrap(err, "the cassette " .. path) end
  local now = options.now or log.now
  if not now then
    return nil, errors.new { kind = "io", hint = "give the time with --now",
      message = ("the cassette %s does not say when it was recorded"):format(path) }
  end
  local time = clock.virtual(now)
  local transport = replay.new(log.entries, { clock = time, mask = options.mask or core_mask(), name = path })
  return { transport = transport, clock = time, now = now, zone = log.zone, version = log.version }
end

return cassette
