-- The transport that really asks: libcurl, through the C module, whose exchanges are its own. What
-- C leaves to Lua it is told: errors are the library's error objects, and an exchange that nobody
-- holds any more is closed.
local errors = require "usagelua.errors"
local transfer = require "usagelua.transfer"

local curl = {}

-- A sink keeps its own error and repeats it for every further byte.
local function error_of(err, sink)
  if not sink then return errors.from(err) end
  local _, own = sink:feed ""
  return errors.from(own)
end

---@class usagelua.curl: usagelua.transport
---@field private engine usagelua.transfer.engine
local methods = {}
local metatable = { __name = "usagelua.transport.curl", __index = methods }

---Starts a request. Nothing is connected before the URL, the header fields and the hosts of every
---secret have been checked: then nil and an error of kind refused, usage or credential.
---@param request usagelua.transfer.request
---@return usagelua.transfer.exchange? exchange
---@return usagelua.error? err
function methods:open(request)
  return self.engine:open(request)
end

---So many plain GETs of one host in flight, the next opened as one ends; it stands in what a step
---gives back when there is something to take.
---@param request usagelua.transfer.request like all of them; its URL is the first
---@param urls string[]
---@param in_flight integer
---@return usagelua.transfer.series? series opens nothing before it is told to go on; to be closed
---@return usagelua.error? err
function methods:series(request, urls, in_flight)
  return self.engine:series(request, urls, in_flight)
end

---Lets out what was opened, where what it needs is at hand: its server need not wait for the next
---step.
function methods:begin()
  self.engine:begin()
end

---Moves bytes for at most `wait_s` seconds, or until something changed.
---@param wait_s number? seconds, default 0
---@return usagelua.transfer.exchange[] changed headers came, bytes came, or ended
---@return boolean interrupted a watched descriptor became readable
function methods:step(wait_s)
  return self.engine:step(wait_s)
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
  options = options or {}
  local engine, err = transfer.engine { ca_file = options.ca_file,
    max_connections = options.max_connections, is_weak = true, failure = error_of }
  if not engine then return nil, errors.from(err) end
  return setmetatable({ engine = engine }, metatable)
end

return curl
