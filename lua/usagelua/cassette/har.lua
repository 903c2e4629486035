-- Cassettes as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), so
-- that browsers and other tools open them. Ours keep in fields named
-- `_usagelua` what HAR has no place for: now and zone of the run, errors of
-- transfers, bodies that are not there. Keys come in a fixed order.

local json = require "usagelua.core".json
local base64 = require "usagelua.cassette.base64"
local errors = require "usagelua.errors"

local har = {}

local FORMAT <const> = 1
-- Of what other tools record.
local MAX_DEPTH <const> = 1000

-- Writing ------------------------------------------------------------------

-- { { name, text }, … } as an object; an entry without text is left out.
local function object(members)
  local written = {}
  for _, member in ipairs(members) do
    if member[2] then written[#written + 1] = json.encode(member[1]) .. ":" .. member[2] end
  end
  return "{" .. table.concat(written, ",") .. "}"
end

local function array(texts, separator)
  return "[" .. table.concat(texts, separator or ",") .. "]"
end

-- A header field may hold any bytes (RFC 9110 5.5), JSON only UTF-8: others are
-- read as ISO 8859-1, as browsers do in their recordings.
local function as_text(value)
  if type(value) ~= "string" or utf8.len(value) then return value end
  return (value:gsub("[\x80-\xFF]", function(byte) return utf8.char(byte:byte()) end))
end

local function leaf(value)
  return value ~= nil and json.encode(as_text(value)) or nil
end

local function milliseconds(seconds)
  return seconds and ("%.3f"):format(seconds * 1000) or "-1"
end

local function date_time(epoch)
  local ms = math.floor(epoch * 1000 + 0.5)
  return os.date("!%Y-%m-%dT%H:%M:%S", ms // 1000) .. (".%03dZ"):format(ms % 1000)
end

local function named_values(pairs_list)
  local list = {}
  for i, pair in ipairs(pairs_list) do
    list[i] = object { { "name", leaf(pair[1]) }, { "value", leaf(pair[2]) } }
  end
  return array(list)
end

local function query_list(url)
  local list = {}
  local query = url:match "^[^?#]*%?([^#]*)" or ""
  for pair in query:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    list[#list + 1] = { name, value }
  end
  return list
end

local function text_and_encoding(bytes)
  if utf8.len(bytes) then return bytes, nil end
  return base64.encode(bytes), "base64"
end

local function header_value(headers, name)
  for _, pair in ipairs(headers) do
    if pair[1]:lower() == name then return pair[2] end
  end
  return ""
end

local function post_data(request)
  if not request.body then return nil end
  local text, encoding = text_and_encoding(request.body)
  return object {
    { "mimeType", leaf(header_value(request.headers, "content-type")) },
    { "text", leaf(text) },
    { "_encoding", leaf(encoding) },
  }
end

local function write_request(request)
  return object {
    { "method", leaf(request.method) },
    { "url", leaf(request.url) },
    { "httpVersion", leaf(request.http) },
    { "cookies", "[]" },
    { "headers", named_values(request.headers) },
    { "queryString", named_values(query_list(request.url)) },
    { "postData", post_data(request) },
    { "headersSize", "-1" },
    { "bodySize", leaf(request.body and #request.body or 0) },
  }
end

local function write_content(response)
  local text, encoding = text_and_encoding(response.body or "")
  return object {
    { "size", leaf(response.size) },
    { "mimeType", leaf(header_value(response.headers, "content-type")) },
    { "text", response.body and leaf(text) or nil },
    { "encoding", leaf(encoding) },
    { "comment", leaf(response.unrecorded) },
  }
end

local function write_response(response)
  return object {
    { "status", leaf(response.status) },
    { "statusText", leaf "" },
    { "httpVersion", leaf(response.http) },
    { "cookies", "[]" },
    { "headers", named_values(response.headers) },
    { "content", write_content(response) },
    { "redirectURL", leaf(header_value(response.headers, "location")) },
    { "headersSize", "-1" },
    { "bodySize", leaf(response.wire_bytes or -1) },
  }
end

local function write_error(err)
  if not err then return nil end
  return object { { "kind", leaf(err.kind) }, { "message", leaf(err.message) }, { "code", leaf(err.code) },
    { "sent", leaf(err.sent) } }
end

local function write_own(entry)
  if not (entry.err or entry.is_incomplete or not entry.response.body) then return nil end
  return object {
    { "error", write_error(entry.err) },
    { "incomplete", entry.is_incomplete and "true" or nil },
    { "not_recorded", not entry.response.body and "true" or nil },
    { "reason", leaf(entry.response.unrecorded) },
  }
end

---@class usagelua.har.entry
---@field started number seconds since the epoch
---@field request { method: string, url: string, headers: string[][], body: string?, http: string }
---@field response { status: integer, headers: string[][], body: string?, size: integer, http: string,
---  wire_bytes: integer?, unrecorded: string? } status 0 where none came; no body: unrecorded says why
---@field times { wait_s: number?, total_s: number? }
---@field err usagelua.error? why the transfer ended
---@field is_incomplete boolean? it was not read to its end

---@param entry usagelua.har.entry
---@return string text one line
function har.write_entry(entry)
  local wait_s, total_s = entry.times.wait_s or 0, entry.times.total_s or 0
  return object {
    { "startedDateTime", leaf(date_time(entry.started)) },
    { "time", milliseconds(total_s) },
    { "request", write_request(entry.request) },
    { "response", write_response(entry.response) },
    { "cache", "{}" },
    { "timings", object {
      { "send", "0" },
      { "wait", milliseconds(wait_s) },
      { "receive", milliseconds(math.max(0, total_s - wait_s)) },
    } },
    { "_usagelua", write_own(entry) },
  }
end

---What stands before the entries.
---@param run { now: number, zone: string?, version: string }
---@return string text
function har.write_head(run)
  local log = object {
    { "version", leaf "1.2" },
    { "creator", object { { "name", leaf "usagelua" }, { "version", leaf(run.version) } } },
    { "_usagelua", object { { "format", leaf(FORMAT) }, { "now", ("%.3f"):format(run.now) },
      { "zone", leaf(run.zone) }, { "version", leaf(run.version) } } },
  }
  return '{"log":' .. log:sub(1, -2) .. ',"entries":[\n'
end

har.SEPARATOR = ",\n"
har.TAIL = "\n]}}\n"

-- Reading ------------------------------------------------------------------

local function is_table(value) return type(value) == "table" end

-- A field that JSON may hold as null.
local function present(value)
  if value == json.null then return nil end
  return value
end

local function of_type(expected, value)
  if type(value) == expected then return value end
  return nil
end

local function count(value)
  value = math.tointeger(value)
  return value and value >= 0 and value or nil
end

-- Seconds since 1970, up to the year 9999.
local function instant(value)
  value = tonumber(value)
  return value and value >= 0 and value < 253402300800 and value or nil
end

local function read_text(text, encoding)
  text = present(text)
  if type(text) ~= "string" then return "" end
  if present(encoding) ~= "base64" then return text end
  return base64.decode(text)
end

local function read_headers(list)
  local headers = {}
  for _, header in ipairs(is_table(list) and list or {}) do
    if is_table(header) and type(header.name) == "string" and type(header.value) == "string" then
      local name = header.name:lower()
      headers[name] = headers[name] and headers[name] .. ", " .. header.value or header.value
    end
  end
  return headers
end

local function read_error(own, status)
  local written = is_table(own.error) and own.error or {}
  if type(written.message) == "string" then
    return errors.from(errors.is_kind(written.kind) and {
      kind = written.kind, message = written.message, code = of_type("string", written.code),
      sent = of_type("boolean", written.sent),
    } or written.message)
  end
  if status > 0 then return nil end
  return errors.new { kind = "network", message = "the transfer failed when it was recorded" }
end

-- An entry as replay needs it; nil where it is not one.
local function read_entry(entry)
  if not (is_table(entry) and is_table(entry.request) and is_table(entry.response)) then return nil end
  local request, response = entry.request, entry.response
  local own = is_table(entry._usagelua) and entry._usagelua or {}
  local content = is_table(response.content) and response.content or {}
  local post = is_table(request.postData) and request.postData or {}
  local status = count(response.status) or 0
  local body = read_text(content.text, content.encoding)
  if type(request.url) ~= "string" or type(request.method) ~= "string" or not body then return nil end
  return {
    method = request.method, url = request.url, request_body = read_text(post.text, post._encoding) or "",
    status = status, headers = read_headers(response.headers), body = body,
    http = of_type("string", response.httpVersion),
    size = count(content.size) or #body,
    err = read_error(own, status),
    is_incomplete = own.incomplete == true, is_missing = own.not_recorded == true,
    reason = of_type("string", own.reason),
  }
end

local function bad(format, ...)
  return nil, errors.new { kind = "io", message = format:format(...) }
end

---@param text string
---@return { now: number?, zone: string?, version: string?, entries: table[] }? cassette
---@return usagelua.error? err kind "io"
function har.read(text)
  local document, err = json.decode(text, { max_depth = MAX_DEPTH })
  if err then return bad("it is not JSON: %s", err.message) end
  local log = is_table(document) and document.log
  if not is_table(log) or not is_table(log.entries) then return bad "it is not HAR: it has no log.entries" end
  local own = is_table(log._usagelua) and log._usagelua or {}
  if (tonumber(own.format) or FORMAT) > FORMAT then
    return bad("it was written by a newer usagelua (%s)", tostring(own.version))
  end
  local entries = {}
  for place, entry in ipairs(log.entries) do
    entries[place] = read_entry(entry)
    if not entries[place] then return bad("its entry %d cannot be read", place) end
  end
  return { now = instant(own.now), zone = of_type("string", own.zone),
    version = of_type("string", own.version), entries = entries }
end

return har
