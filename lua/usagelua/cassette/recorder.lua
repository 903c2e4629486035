-- A transport around another that keeps what goes through it, but for requests
-- that say `unrecorded`: those are the ones for tokens. An exchange is
-- written when it is closed, masked as everything that leaves; the file takes
-- its place only at the end of the run. Credentials are never in it: they are
-- no headers of the request, and headers that a script made of one are starred.

local answer_fields = require "usagelua.cassette.answer_fields"
local feeding = require "usagelua.transport.feeding"
local har = require "usagelua.cassette.har"
local packing = require "usagelua.cassette.packing"
local secret_fields = require "usagelua.cassette.secret_fields"

local LARGEST_BODY <const> = 16 * 1024 * 1024

-- Request headers that are or may be credentials, by parts of their names.
local SENSITIVE <const> = { "auth", "cookie", "token", "secret", "key", "password", "session", "signature" }

local recorder = {}

-- Exchanges ----------------------------------------------------------------

local exchange_methods = {}
local exchange_metatable = { __name = "usagelua.exchange", __index = exchange_methods }

local function keep(exchange, piece)
  exchange.size = exchange.size + #piece
  if exchange.size > LARGEST_BODY then exchange.pieces = nil end
  if exchange.pieces then table.insert(exchange.pieces, piece) end
  return piece
end

function exchange_methods:status() return self.inner:status() end
function exchange_methods:headers() return self.inner:headers() end
function exchange_methods:facts() return self.inner:facts() end

function exchange_methods:read()
  local piece, state = self.inner:read()
  if piece then return keep(self, piece) end
  if state == "end" then
    self.has_ended = true
  elseif state ~= "wait" then
    self.err = state
  end
  return nil, state
end

-- What is recorded has to pass through Lua, so this feeds piece by piece.
function exchange_methods:feed(sink)
  return feeding.all(self, sink)
end

function exchange_methods:close()
  if self.is_closed then return end
  self.is_closed = true
  self.recorder:write(self)
  self.inner:close()
end

exchange_metatable.__close = exchange_methods.close

-- Entries ------------------------------------------------------------------

local function is_sensitive(name)
  for _, part in ipairs(SENSITIVE) do
    if name:lower():find(part, 1, true) then return true end
  end
  return false
end

local function request_headers(self, headers)
  local list = {}
  for i, pair in ipairs(headers or {}) do
    list[i] = { pair[1], is_sensitive(pair[1]) and "***" or self.mask(pair[2]) }
  end
  return list
end

local function http_version(facts)
  return "HTTP/" .. (facts.http or "1.1")
end

local function request_part(self, request, facts)
  return {
    method = request.method or "GET",
    url = self.mask(request.url),
    headers = request_headers(self, request.headers),
    body = request.body and self.mask(request.body),
    http = http_version(facts),
  }
end

-- What is in it, masked; nil and why not, where that cannot be known.
local function response_body(self, exchange)
  if not exchange.pieces then return nil end
  local names = exchange.request.secret_fields
  return packing.masked(table.concat(exchange.pieces), function(body)
    secret_fields.learn(body, names)
    answer_fields.learn_links(body)
    return self.mask(body)
  end, names ~= nil and #names > 0)
end

local function response_part(self, exchange, facts)
  local headers, request = exchange:headers() or {}, exchange.request
  answer_fields.learn_links(request.url)
  answer_fields.learn(headers, request.read_headers)
  local body, reason = response_body(self, exchange)
  return {
    status = exchange:status() or 0,
    headers = answer_fields.written(headers, request.read_headers, self.mask),
    body = body,
    unrecorded = not body and (reason or "it was too large to be recorded") or nil,
    size = exchange.size,
    http = http_version(facts),
    wire_bytes = facts.wire_bytes,
  }
end

-- An error as plain text that may stand in the file.
local function error_part(self, err)
  return err and { kind = err.kind, code = err.code, sent = err.sent, message = self.mask(err.message) }
end

local function entry_of(self, exchange)
  local facts = exchange:facts() or {}
  local response = response_part(self, exchange, facts) -- first: the mask learns from it
  return {
    started = exchange.started,
    request = request_part(self, exchange.request, facts),
    response = response,
    times = { wait_s = facts.first_byte_s, total_s = facts.total_s },
    err = error_part(self, exchange.err),
    is_incomplete = not exchange.has_ended and not exchange.err,
  }
end

-- The transport ------------------------------------------------------------

local methods = {}
local metatable = { __name = "usagelua.recorder", __index = methods }

-- A write that fails ends the recording; `finish` tells.
local function put(self, text)
  if self.failure then return end
  local ok, err = self.file:write(text)
  if not ok then self.failure = err end
end

---Writes what an exchange was; one that was given up before its headers came
---is not worth keeping.
function methods:write(exchange)
  if not exchange:status() and not exchange.err then return end
  put(self, (self.is_first and "" or har.SEPARATOR) .. har.write_entry(entry_of(self, exchange)))
  self.is_first = false
end

function methods:open(request)
  local inner, err = self.inner:open(request)
  if not inner or request.unrecorded then return inner, err end
  local exchange = setmetatable({ inner = inner, recorder = self, request = request,
    started = self.clock.now(), pieces = {}, size = 0 }, exchange_metatable)
  self.outer[inner] = exchange
  return exchange
end

function methods:step(wait_s)
  local changed, interrupted = self.inner:step(wait_s)
  local mine = {}
  for i, inner in ipairs(changed) do mine[i] = self.outer[inner] or inner end
  return mine, interrupted
end

---Puts the file in its place.
---@return true? ok
---@return usagelua.error? err kind "io"; an older file stays
function methods:finish()
  put(self, har.TAIL)
  if self.failure then return nil, self.failure end
  return self.file:commit()
end

---Drops the file unless it was finished, and closes the transport within.
function methods:close()
  self.file:close()
  self.inner:close()
end

-- What only some transports can do is handed on where the inner one can.
local HANDED_ON <const> = { "active", "watch", "wake" }

---@param inner table a transport
---@param options { file: table, clock: usagelua.clock, mask: function, now: number, zone: string?,
---  version: string }
---file: an open writer (write, commit, close)
---@return table transport with `finish`
function recorder.new(inner, options)
  local self = setmetatable({ inner = inner, file = options.file, clock = options.clock,
    mask = options.mask, outer = setmetatable({}, { __mode = "k" }), is_first = true }, metatable)
  for _, name in ipairs(HANDED_ON) do
    self[name] = inner[name] and function(_, ...) return inner[name](inner, ...) end
  end
  put(self, har.write_head { now = options.now, zone = options.zone, version = options.version })
  return self
end

return recorder
