-- An answer while it comes in: its reads wait, count, and keep the first bytes
-- for messages. It belongs to one exchange and ends with it.

local errors = require "usagelua.errors"
local excerpt = require "usagelua.client.excerpt"

local HEAD_BYTES <const> = 1024
-- A first piece that is no larger is kept as it is, and cut when it is shown.
local KEPT_BYTES <const> = 4 * HEAD_BYTES
local WHOLE_BYTES <const> = 64 * 1024 * 1024
-- Of a request's name, in characters.
local REQUEST_ID <const> = 100

---@class usagelua.response
---@field status integer
---@field headers table<string, string> names in lower case
---@field request table what was asked
---@field url string where it came from, after redirects
---@field attempt integer of its call, from 1
---@field now number when its headers came, seconds since the epoch
---@field bytes integer bytes of the body that were read as text, decoded
---@field rows integer? that its reader has found so far
---@field is_over boolean the exchange is closed
local methods = {}
local metatable = { __name = "usagelua.response" }

-- The headers become a table when somebody looks at them.
function metatable:__index(name)
  if name ~= "headers" then return methods[name] end
  local headers = self.exchange:headers()
  self.headers = headers
  return headers
end

local response = {}

---An answer that is still to come.
---@param call table whose request it answers: `request`, `client`, `attempt`, and
---`wait_for(exchange)`, which waits for more and gives true, or nil and an error
---@param slot usagelua.rate.slot given back when it is closed
---@return usagelua.response
function response.new(call, slot)
  return setmetatable({ call = call, request = call.request, attempt = call.attempt, slot = slot,
    bytes = 0, start = false, ended = false, is_over = false, scope = false,
    exchange = nil, status = nil, url = nil, now = nil }, metatable)
end

---Text of the answer without secrets, for messages.
---@param text string
---@return string
function methods:masked(text)
  return self.call.client.mask(text)
end

---The first bytes of the body that were read as text.
---@return string
function methods:head()
  return (self.start or ""):sub(1, HEAD_BYTES)
end

local function wait(self)
  return self.call:wait_for(self.exchange)
end

-- Counts a piece, and keeps what messages may show of it.
local function take(self, piece)
  local start = self.start
  self.bytes = self.bytes + #piece
  if not start then
    self.start = #piece <= KEPT_BYTES and piece or piece:sub(1, HEAD_BYTES)
  elseif #start < HEAD_BYTES then
    self.start = start .. piece:sub(1, HEAD_BYTES - #start)
  end
  return piece
end

local function read(self)
  while not self.ended do
    local exchange = self.exchange
    local piece, state = (exchange.pull or exchange.read)(exchange)
    if state == "end" then self.ended = true end
    if piece then return take(self, piece) end
    if state == "wait" then
      local ok, err = wait(self)
      if not ok then return nil, err end
    elseif state ~= "end" then
      return nil, errors.from(state)
    end
  end
  return nil
end

---The next piece of the body; waits for it.
---@return string? piece nil at the end
---@return usagelua.error? err
function methods:read()
  return read(self)
end

-- The reader keeps its own error and gives it again for nothing.
local function reader_error(reader)
  local _, err = reader:feed ""
  return errors.from(err or { kind = "json", message = "the reader took no more" })
end

local function drained(each)
  local err = each and each()
  if err then return nil, errors.from(err) end
  return true
end

-- The first piece goes through Lua, so that an answer that is not JSON can be
-- quoted; nil where there is none or it failed.
local function feed_first(self, reader)
  local piece, err = self:read()
  if err then return nil, err end
  if piece and not reader:feed(piece) then return nil, reader_error(reader) end
  return true
end

local function feed_on(self, reader)
  local state, err = self.exchange:feed(reader)
  if state == "end" then
    self.ended = true
  elseif state ~= "wait" then
    return nil, err.kind == "sink" and reader_error(reader) or errors.from(err)
  end
  return true
end

---Feeds the whole body to a JSON reader without making Lua strings of it.
---@param reader table a reader of core.json, or anything with `feed`
---@param each function? called whenever bytes were fed, to take what is ready;
---an error that it returns ends the reading
---@return true? ok the body has ended; the reader's `finish` is the caller's
---@return usagelua.error? err
function methods:feed(reader, each)
  local ok, err = feed_first(self, reader)
  if ok then ok, err = drained(each) end
  while ok and not self.ended do
    ok, err = feed_on(self, reader)
    if ok then ok, err = drained(each) end
    if ok and not self.ended then ok, err = wait(self) end
  end
  return ok, err
end

---Feeds the whole body to a reader of which nothing may be seen: no byte of it
---is kept for messages, and none passes through Lua where the transport can.
---@param reader table
---@return true? ok
---@return usagelua.error? err
function methods:feed_unseen(reader)
  local ok, err = true, nil
  while ok and not self.ended do
    ok, err = feed_on(self, reader)
    if ok and not self.ended then ok, err = wait(self) end
  end
  return ok, err
end

local function size_error(self, most)
  return errors.new { kind = "limit", status = self.status,
    message = ("the answer is larger than %d bytes"):format(most) }
end

-- What follows the first two pieces, and all of it together.
local function read_on(self, first, second, most)
  local pieces, piece = { first }, second
  while piece do
    if self.bytes > most then return nil, size_error(self, most) end
    pieces[#pieces + 1] = piece
    local next_piece, err = read(self)
    if err then return nil, err end
    piece = next_piece
  end
  return table.concat(pieces)
end

---The whole body.
---@param most integer? bytes; 64 MiB when absent
---@return string? text
---@return usagelua.error? err kind "limit" where it is larger
function methods:text(most)
  most = most or WHOLE_BYTES
  local first, err = read(self)
  if not first then return not err and "" or nil, err end
  if self.bytes > most then return nil, size_error(self, most) end
  if self.ended then return first end
  local second
  second, err = read(self)
  if err then return nil, err end
  return read_on(self, first, second, most)
end

---@return string media_type lower case, without parameters; "no media type"
function methods:media_type()
  local value = self.headers["content-type"] or ""
  local media_type = value:match "^%s*([^;%s]+)"
  return media_type and excerpt.of(media_type:lower(), 60) or "no media type"
end

---The header fields for who keeps them beyond the end: as the transport has them,
---where it can say so and nobody has looked (transfer.fields makes a table of
---them), else the table.
---@return string? fields
---@return table<string, string>? headers
function methods:kept_fields()
  local fields = self.exchange.fields
  if not fields or rawget(self, "headers") then return nil, self.headers end
  return fields(self.exchange)
end

---What came, for messages: "text/html, '<html>…'".
---@return string
function methods:description()
  local start = excerpt.of(self:masked(self:head()))
  if start == "" then return self:media_type() .. ", empty" end
  return ("%s, '%s'"):format(self:media_type(), start)
end

---@return table facts of the exchange: timings in seconds, bytes, framing
function methods:facts()
  return self.exchange:facts()
end

---Bytes of the body that have come so far, decoded.
---@return integer?
function methods:body_bytes()
  if self.is_over then return nil end
  return self.exchange:facts().body_bytes
end

-- Where vendors name a request, for who asks them about it.
local REQUEST_IDS <const> = { "x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid",
  "x-amz-request-id", "x-amz-cf-id", "cf-ray", "x-trace-id" }

---Whether all of it is here: the vendor has nothing more to do for it.
---@return boolean
function methods:has_come()
  local exchange = self.exchange
  return exchange.ended ~= nil and exchange:ended()
end

---The vendor's name for the request, as its header says it: "x-request-id: 7f3a".
---@return string?
function methods:request_id()
  for _, name in ipairs(REQUEST_IDS) do
    local value = self.headers[name]
    if value and value ~= "" then
      return ("%s: %s"):format(name, excerpt.of(self:masked(value), REQUEST_ID))
    end
  end
end

---Ends it, wherever it stands, and gives its slot back; again does nothing.
function methods:close()
  self.ended = true
  if self.is_over then return end
  self.is_over = true
  local exchange, scope = self.exchange, self.scope
  if exchange then exchange:close() end
  self.slot:release()
  if scope then scope:close() end
end

metatable.__close = methods.close

return response
