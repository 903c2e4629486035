-- Endpoints of no vendor, for the specs of transfers and of the http primitives:
--   /_echo                            what was asked, as JSON (any method)
--   /_bytes?n=&piece=&gap_ms=&framing=length|chunked    n bytes, "0123456789..." repeated
--   /_slow?first_ms=&pieces=&gap_ms=&size=              headers after first_ms, then pieces
--   /_count                           { "count": requests so far }
--   /_answer?status=&body=&type=&header=NAME:VALUE      the answer asked for
--   /_json?items=N&piece=             { "data": [ { "id": 1, ... }, ... ], "meta": { "n": N } }
local account = require "vendors.account"
local cjson = require "cjson.safe"
local store = require "vendors.store"

local primitives = {}

local function number(args, name, default)
  return tonumber(args[name]) or default
end

local function request_headers()
  if ngx.req.http_version() == 2 then return nil end
  local list = {}
  for line in ngx.req.raw_header(true):gmatch "[^\r\n]+" do
    local name, value = line:match "^([^:]+):%s*(.*)$"
    list[#list + 1] = { name, value }
  end
  return list
end

local function request_body()
  ngx.req.read_body()
  return ngx.req.get_body_data() or ""
end

local function lower_case_headers()
  return setmetatable(ngx.req.get_headers(0), nil)
end

local function echo()
  local body = request_body()
  return { body = cjson.encode {
    n = 1, method = ngx.req.get_method(), path = ngx.var.uri, query = ngx.var.args,
    args = setmetatable(account.arguments(ngx.var.args), cjson.array_mt),
    target = ngx.var.request_uri, headers = lower_case_headers(),
    header_list = request_headers(), body = body, body_base64 = ngx.encode_base64(body),
    http = ngx.req.http_version(), tls = ngx.var.ssl_protocol,
  } }
end

-- Pieces that together are the digits 0 to 9 over and over.
local function digits(offset, size)
  local start = offset % 10
  local text = ("0123456789"):rep(math.ceil((size + start) / 10))
  return text:sub(start + 1, start + size)
end

local function write(size, piece, gap_ms)
  local aligned = piece % 10 == 0 and digits(0, piece)
  for offset = 0, size - 1, piece do
    local length = math.min(piece, size - offset)
    local text = aligned and length == piece and aligned or digits(offset, length)
    if not ngx.print(text) or not ngx.flush(true) then return end
    if gap_ms > 0 then ngx.sleep(gap_ms / 1000) end
  end
end

local function bytes(args)
  local size = number(args, "n", 0)
  ngx.header.content_type = args.type or "application/octet-stream"
  if args.framing ~= "chunked" then ngx.header.content_length = size end
  write(size, number(args, "piece", 65530), number(args, "gap_ms", 0))
end

local function slow(args)
  ngx.sleep(number(args, "first_ms", 0) / 1000)
  local pieces, size = number(args, "pieces", 1), number(args, "size", 10)
  ngx.header.content_type = "text/plain"
  ngx.header.content_length = pieces * size
  write(pieces * size, size, number(args, "gap_ms", 0))
end

local function count()
  return { body = cjson.encode { count = store.number "count" } }
end

local function header_pairs(given)
  local list = {}
  for _, text in ipairs(type(given) == "table" and given or { given }) do
    list[#list + 1] = { text:match "^([^:]+):%s*(.*)$" }
  end
  return list
end

local function answer(args)
  return { status = number(args, "status", 200), type = args.type, body = args.body or "",
    headers = header_pairs(args.header) }
end

local ITEM = '{"id":%d,"email":"user%d@example.com","tests":%d,"usage":{"minutes":%d.5,"last":null}}'

local function json(args)
  local items, parts = number(args, "items", 0), {}
  ngx.header.content_type = "application/json"
  ngx.print '{"data":['
  for i = 1, items do
    parts[#parts + 1] = (i > 1 and "," or "") .. ITEM:format(i, i, i % 100, i % 60)
    if #parts == 500 or i == items then
      if not ngx.print(table.concat(parts)) or not ngx.flush(true) then return end
      parts = {}
    end
  end
  ngx.print(('],"meta":{"n":%d}}'):format(items))
end

local ENDPOINTS = { ["/_echo"] = echo, ["/_bytes"] = bytes, ["/_slow"] = slow,
  ["/_count"] = count, ["/_answer"] = answer, ["/_json"] = json }

--- Answers, or gives the answer for others to send.
function primitives.answer(path)
  local endpoint = ENDPOINTS[path]
  if not endpoint then
    return { status = 404, type = "text/html", body = "<html><h1>404 Not Found</h1></html>\n" }
  end
  return endpoint(ngx.req.get_uri_args())
end

return primitives
