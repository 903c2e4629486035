-- An exchange whose answer is pushed into it, event by event. The simulator and
-- the cassette play with it what libcurl's exchange does.

local errors = require "usagelua.errors"
local feeding = require "usagelua.transport.feeding"

local methods = {}
local metatable = { __name = "usagelua.exchange", __index = methods }

local scripted = {}

---@class usagelua.scripted.exchange
---@field request table what was asked
function scripted.new(request)
  return setmetatable({ request = request, pieces = {}, first = 1, last = 0, body_bytes = 0 }, metatable)
end

-- Events -------------------------------------------------------------------

---@param status integer
---@param headers table names in lower case
function methods:push_headers(status, headers)
  self.answer_status, self.answer_headers = status, headers
end

---@param piece string of the body
function methods:push(piece)
  self.last = self.last + 1
  self.pieces[self.last] = piece
end

---The body is whole.
function methods:push_end()
  self.has_ended = true
end

---@param err usagelua.error
function methods:push_error(err)
  self.failure = err
end

-- The transport interface --------------------------------------------------

---@return integer? status nil before the headers
function methods:status()
  return self.answer_status
end

---@return table<string, string>
function methods:headers()
  return self.answer_headers or {}
end

---@return boolean whether nothing more comes
function methods:ended()
  return self.has_ended == true or self.failure ~= nil
end

local function over_limit(self)
  local most = self.request.max_body_bytes
  if not most or self.body_bytes <= most then return nil end
  return errors.new { kind = "limit", message = ("the answer is larger than %d bytes"):format(most) }
end

---@return string? piece
---@return "wait"|"end"|usagelua.error? state
function methods:read()
  if self.is_closed then error("usagelua.exchange is closed", 2) end
  local piece = self.pieces[self.first]
  if piece then
    self.pieces[self.first] = nil
    self.first = self.first + 1
    self.body_bytes = self.body_bytes + #piece
    self.failure = over_limit(self) or self.failure
    if not self.failure or self.failure.kind ~= "limit" then return piece end
  end
  if self.failure then return nil, self.failure end
  return nil, self.has_ended and "end" or "wait"
end

---Gives all that is there to a sink.
---@param sink { feed: function }
---@return "wait"|"end"|nil state
---@return usagelua.error? err
function methods:feed(sink)
  return feeding.all(self, sink)
end

---@return table facts
function methods:facts()
  local facts = { http = "1.1", framing = "length", body_bytes = self.body_bytes,
    wire_bytes = self.body_bytes }
  for name, value in pairs(self.times or {}) do facts[name] = value end
  return facts
end

---Ends it; again does nothing.
function methods:close()
  if self.is_closed then return end
  self.is_closed = true
  self.pieces, self.first, self.last = {}, 1, 0
  if self.on_close then self.on_close(self) end
end

metatable.__close = methods.close

return scripted
