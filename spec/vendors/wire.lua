-- How an answer goes out: as it should, or as broken servers, proxies and networks send it.
-- An answer is { status, type, headers = { { name, value }, ... }, body, framing (a way of its
-- own to go out, where no fault names another) }.
local gzip = require "vendors.gzip"
local store = require "vendors.store"

local wire = {}

local DEFAULT_PIECE, DEFAULT_GAP_MS, DEFAULT_STALL_S = 1, 100, 600
local BOMB_MIB, HUGE_HEADER_BYTES, INFORMATIONAL = 1024, 1024 * 1024, 1000000

local REASONS = { [200] = "OK", [302] = "Found", [429] = "Too Many Requests" }

local function set_headers(answer, length)
  ngx.status = answer.status or 200
  ngx.header.content_type = answer.type or "application/json"
  for _, pair in ipairs(answer.headers or {}) do
    local seen = ngx.header[pair[1]]
    local single = seen == nil or pair[1]:lower() == "date"
    ngx.header[pair[1]] = single and pair[2] or { seen, pair[2] }
  end
  if length then ngx.header.content_length = length end
end

--- An answer as it should be, with its length.
function wire.send(answer)
  set_headers(answer, #answer.body)
  ngx.print(answer.body)
end

local function head(answer, extra)
  local status = answer.status or 200
  local lines = { ("HTTP/1.1 %d %s"):format(status, REASONS[status] or "Status") }
  local given = {}
  for _, pair in ipairs(answer.headers or {}) do
    given[pair[1]:lower()] = true
    lines[#lines + 1] = pair[1] .. ": " .. pair[2]
  end
  if not given.date then lines[#lines + 1] = "Date: " .. ngx.http_time(ngx.time()) end
  lines[#lines + 1] = "Content-Type: " .. (answer.type or "application/json")
  for _, line in ipairs(extra) do lines[#lines + 1] = line end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function half(text, options)
  return text:sub(1, options.at or math.floor(#text / 2))
end

local function length_line(length)
  return "Content-Length: " .. length
end

local function chunk(text)
  return ("%x\r\n%s\r\n"):format(#text, text)
end

-- Everything the peer sees, byte by byte, then the connection closes in the ordinary way.
local function raw(text, before_close)
  local socket = assert(ngx.req.socket(true))
  for offset = 1, #text, 65536 do
    if not socket:send(text:sub(offset, offset + 65535)) then break end
  end
  if before_close then before_close(socket) end
  return ngx.exit(444)
end

local ways = {}

function ways.reset()
  return ngx.exec "/_reset"
end

-- What was sent before arrives, then the connection is reset.
local function reset_after(text)
  store.set("reset:" .. ngx.var.connection, text)
  return ngx.exec "/_reset"
end

--- Content of the location whose connections end by a reset.
function wire.reset()
  local key = "reset:" .. ngx.var.connection
  local text = store.get(key)
  store.set(key, nil)
  if text then assert(ngx.req.socket(true)):send(text) end
  return ngx.exit(444)
end

function ways.reset_headers(answer, options)
  local text = head(answer, { length_line(#answer.body) })
  return reset_after(text:sub(1, options.at or math.floor(#text / 2)))
end

function ways.reset_body(answer, options)
  return reset_after(head(answer, { length_line(#answer.body) }) .. half(answer.body, options))
end

--- All of it arrives, and then the reset instead of the end.
function ways.reset_end(answer)
  return reset_after(head(answer, { "Connection: close" }) .. answer.body)
end

function ways.close()
  return ngx.exit(444)
end

--- The first key of the answer's object stands in it twice.
function ways.key_twice(answer)
  local body = answer.body:gsub('^%s*{%s*("[^"]*")%s*:', "{%1:null,%1:", 1)
  return wire.send { status = answer.status, type = answer.type, headers = answer.headers, body = body }
end

function ways.cut_headers(answer, options)
  local text = head(answer, { length_line(#answer.body) })
  return raw(text:sub(1, options.at or math.floor(#text / 2)))
end

function ways.cut_body(answer, options)
  return raw(head(answer, { length_line(#answer.body) }) .. half(answer.body, options))
end

function ways.cut_chunked(answer, options)
  local part = half(answer.body, options)
  return raw(head(answer, { "Transfer-Encoding: chunked" }) .. (#part > 0 and chunk(part) or ""))
end

function ways.bad_chunk(answer, options)
  local text = chunk(half(answer.body, options)) .. "xyz\r\nrest\r\n0\r\n\r\n"
  return raw(head(answer, { "Transfer-Encoding: chunked" }) .. text)
end

function ways.chunked(answer, options)
  local parts, size = {}, options.piece or 7
  for i = 1, #answer.body, size do parts[#parts + 1] = chunk(answer.body:sub(i, i + size - 1)) end
  local text = table.concat(parts) .. "0\r\n\r\n"
  return raw(head(answer, { "Transfer-Encoding: chunked", "Connection: close" }) .. text)
end

function ways.cut_close(answer, options)
  return raw(head(answer, { "Connection: close" }) .. half(answer.body, options))
end

function ways.close_delimited(answer)
  return raw(head(answer, { "Connection: close" }) .. answer.body)
end

function ways.short_length(answer, options)
  return raw(head(answer, { length_line(#answer.body - (options.by or 10)) }) .. answer.body)
end

function ways.long_length(answer, options)
  return raw(head(answer, { length_line(#answer.body + (options.by or 10)) }) .. answer.body)
end

function ways.garbage(answer)
  return raw(answer.body)
end

function ways.stall(answer, options)
  local text = head(answer, { length_line(#answer.body) }) .. half(answer.body, options)
  return raw(text, function() ngx.sleep(options.stall_s or DEFAULT_STALL_S) end)
end

function ways.stall_first(_, options)
  ngx.sleep(options.stall_s or DEFAULT_STALL_S)
  return ngx.exit(444)
end

function ways.drip(answer, options)
  set_headers(answer, #answer.body)
  local size = options.piece or DEFAULT_PIECE
  for i = 1, #answer.body, size do
    if not ngx.print(answer.body:sub(i, i + size - 1)) or not ngx.flush(true) then return end
    ngx.sleep((options.gap_ms or DEFAULT_GAP_MS) / 1000)
  end
end

function ways.huge_headers(answer, options)
  local left, lines = options.bytes or HUGE_HEADER_BYTES, { length_line(#answer.body) }
  for i = 1, math.ceil(left / 8000) do
    lines[#lines + 1] = ("X-Filler-%d: %s"):format(i, ("x"):rep(7980))
  end
  return raw(head(answer, lines) .. answer.body)
end

-- Early hints without end (RFC 8297), then the answer.
function ways.informational(answer, options)
  local hint = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
  local socket = assert(ngx.req.socket(true))
  local block = hint:rep(100)
  for _ = 1, math.ceil((options.count or INFORMATIONAL) / 100) do
    if not socket:send(block) then return ngx.exit(444) end
    if options.gap_ms then ngx.sleep(options.gap_ms / 1000) end
  end
  socket:send(head(answer, { length_line(#answer.body), "Connection: close" }) .. answer.body)
  return ngx.exit(444)
end

-- The gzip ways: all framed rightly (length, whole), so that only the coding is wrong.
local codings = {
  gzip = function(body) return gzip.compress(body) end,
  gzip_cut = function(body)
    local text = gzip.compress(body)
    return text:sub(1, math.floor(#text / 2))
  end,
  gzip_no_trailer = function(body) return (gzip.compress(body):sub(1, -9)) end,
  gzip_short_trailer = function(body) return (gzip.compress(body):sub(1, -4)) end,
  gzip_wrong_sum = function(body)
    local text = gzip.compress(body)
    return text:sub(1, -9) .. "\1\2\3\4" .. text:sub(-4)
  end,
  gzip_broken = function(body) return gzip.broken(body) end,
  gzip_plain = function(body) return body end,
  gzip_layered = function(body) return gzip.compress(gzip.compress(body)) end,
  gzip_trailing = function(body) return gzip.compress(body) .. "left over" end,
  gzip_members = function(body)
    local middle = math.floor(#body / 2)
    return gzip.compress(body:sub(1, middle)) .. gzip.compress(body:sub(middle + 1))
  end,
  gzip_empty = function() return "" end,
  gzip_empty_members = function(_, options) return gzip.compress(""):rep(options.count or 1) end,
}

local function send_coded(answer, coded, name)
  local headers = { { "Content-Encoding", name } }
  for _, pair in ipairs(answer.headers or {}) do headers[#headers + 1] = pair end
  return wire.send { status = answer.status, type = answer.type, headers = headers, body = coded }
end

for name, encode in pairs(codings) do
  ways[name] = function(answer, options)
    local coding = name == "gzip_layered" and "gzip, gzip" or "gzip"
    return send_coded(answer, encode(answer.body, options), options.coding or coding)
  end
end

-- `mib` MiB of zeros, or of the character `fill`, inside a valid gzip file about a thousandth of that
-- size.
function ways.gzip_bomb(answer, options)
  set_headers(answer)
  ngx.header.content_encoding = "gzip"
  for piece in gzip.bomb(options.mib or BOMB_MIB, options.fill) do
    if not ngx.print(piece) or not ngx.flush(true) then return end
  end
end

-- Over HTTP/2 no raw bytes can be sent: what is cut is a stream that ends by a reset there.
local function send_over_http2(answer, options)
  set_headers(answer, #answer.body)
  ngx.print(half(answer.body, options))
  ngx.flush(true)
  return ngx.exit(444)
end

local NEEDS_RAW = { reset_headers = true, reset_body = true, reset_end = true, cut_headers = true,
  cut_body = true, cut_chunked = true, bad_chunk = true, cut_close = true, short_length = true,
  long_length = true, garbage = true, stall = true, huge_headers = true, informational = true }
local SAME_OVER_HTTP2 = { chunked = true, close_delimited = true }

--- Whether there is a way of this name.
function wire.has(name)
  return ways[name] ~= nil
end

--- Sends an answer in the named way.
function wire.play(name, answer, options)
  if ngx.req.http_version() == 2 then
    if NEEDS_RAW[name] then return send_over_http2(answer, options) end
    if SAME_OVER_HTTP2[name] then return wire.send(answer) end
  end
  return ways[name](answer, options)
end

return wire
