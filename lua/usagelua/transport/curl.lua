-- The transport that really asks: libcurl, through the C module. It adds what C leaves to Lua:
-- errors are the library's error objects, and an exchange that nobody holds any more is closed.
local errors = require "usagelua.errors"
local transfer = require "usagelua.transfer"

local curl = {}

---@class usagelua.curl.exchange: usagelua.exchange
---@field private handle usagelua.transfer.exchange
local exchange = {}
local exchange_metatable = { __name = "usagelua.exchange", __index = exchange }

---HTTP status, or nil before the final headers are complete.
---@return integer?
function exchange:status()
  return self.handle:status()
end

---Header fields by lower-case name, repeated ones joined by ", "; nil before they are complete.
---@return table<string, string>?
function exchange:headers()
  return self.handle:headers()
end

---What is known of the transfer: see usagelua.transfer.facts.
---@return usagelua.transfer.facts
function exchange:facts()
  return self.handle:facts()
end

---The next piece of the body, decoded; or nil and "wait", "end" or an error: kinds network,
---timeout, cut, limit, encoding, refused (a certificate), cancelled. `err.sent` says whether the
---request had gone out, wholly or in part.
---@return string? piece
---@return "wait"|"end"|usagelua.error|nil why
function exchange:read()
  local piece, why = self.handle:read()
  if piece or type(why) == "string" then return piece, why end
  return nil, errors.from(why)
end

-- A sink keeps its own error and repeats it for every further byte.
local function error_of(sink, err)
  if err.kind ~= "sink" then return errors.from(err) end
  local _, own = sink:feed ""
  return errors.from(own)
end

---Gives what is at hand to a C reader (core.json.reader), a limited part at a time: after "wait"
---the next step reports the exchange at once where more is at hand. Errors as read(), or the
---reader's own.
---@param sink userdata
---@return "wait"|"end"|nil state
---@return usagelua.error? err
function exchange:feed(sink)
  local state, err = self.handle:feed(sink)
  if state then return state end
  return nil, error_of(sink, err)
end

---Ends the transfer, wherever it is; may be called again.
function exchange:close()
  self.handle:close()
end

exchange_metatable.__close = exchange.close
exchange_metatable.__gc = exchange.close

function exchange_metatable:__tostring()
  return tostring(self.handle)
end

---@class usagelua.curl: usagelua.transport
---@field private engine usagelua.transfer.engine
---@field private exchanges table<usagelua.transfer.exchange, usagelua.curl.exchange>
local methods = {}
local metatable = { __name = "usagelua.transport.curl", __index = methods }

---Starts a request. Nothing is connected before the URL, the header fields and the hosts of every
---secret have been checked: then nil and an error of kind refused, usage or credential.
---@param request usagelua.transfer.request
---@return usagelua.curl.exchange? exchange
---@return usagelua.error? err
function methods:open(request)
  local handle, err = self.engine:open(request)
  if not handle then return nil, errors.from(err) end
  local opened = setmetatable({ handle = handle }, exchange_metatable)
  self.exchanges[handle] = opened
  return opened
end

---Moves bytes for at most `wait_s` seconds, or until something changed.
---@param wait_s number? seconds, default 0
---@return usagelua.curl.exchange[] changed headers came, bytes came, or ended
---@return boolean interrupted a watched descriptor became readable
function methods:step(wait_s)
  local handles, interrupted = self.engine:step(wait_s)
  local changed = {}
  for _, handle in ipairs(handles) do changed[#changed + 1] = self.exchanges[handle] end
  return changed, interrupted
end

---Lets a step end when the file descriptor is readable (the signal pipe).
---@param fd integer
function methods:watch(fd)
  self.engine:watch(fd)
end

---Lets the next step end at once.
function methods:wake()
  self.engine:wake()
end

---Exchanges in flight, or ended and not yet handed out by a step.
---@return integer
function methods:active()
  return self.engine:active()
end

---Ends every transfer (kind cancelled); may be called again.
function methods:close()
  self.engine:close()
end

metatable.__close = methods.close
metatable.__gc = methods.close

---A transport of its own connections. `ca_file` is a PEM file of authorities besides the system's
---(what USAGELUA_CA_FILE names).
---@param options { ca_file: string?, max_connections: integer? }?
---@return usagelua.curl? transport
---@return usagelua.error? err kind usage: the file cannot be used
function curl.new(options)
  local engine, err = transfer.engine(options)
  if not engine then return nil, errors.from(err) end
  return setmetatable({ engine = engine, exchanges = setmetatable({}, { __mode = "kv" }) }, metatable)
end

return curl
