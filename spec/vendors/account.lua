-- Counts and log of what the test server was asked; never holds a key or token.
local store = require "vendors.store"

local account = {}

local function log_key(number)
  return ("log:%09d"):format(number)
end

local function vendor_of(path)
  return path:match "^/(%a%w*)/" or "none"
end

--- The query's parameters in the order sent, decoded: { { name, value }, ... }.
function account.arguments(query)
  local list = {}
  for pair in (query or ""):gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    list[#list + 1] = { ngx.unescape_uri(name), ngx.unescape_uri(value) }
  end
  return list
end

local function by_name(list)
  local args = {}
  for _, pair in ipairs(list) do
    local seen = args[pair[1]]
    if type(seen) == "table" then seen[#seen + 1] = pair[2]
    elseif seen then args[pair[1]] = { seen, pair[2] }
    else args[pair[1]] = pair[2] end
  end
  return args
end

--- Who the Authorization header says is asking: "basic NAME", "bearer", its scheme, or nil.
function account.identity(header)
  local scheme, rest = (header or ""):match "^(%S+)%s*(.*)$"
  if not scheme then return nil end
  local user = scheme:lower() == "basic" and (ngx.decode_base64(rest) or ""):match "^([^:]*):"
  return user and "basic " .. user or scheme:lower()
end

-- Where a vendor takes its keys besides Authorization: that they came is logged.
local KEY_HEADERS, KEY_PARAMETER = { "x-api-key", "x-app-key" }, "api_key"

local function safe_headers()
  local headers = ngx.req.get_headers(0)
  setmetatable(headers, nil)
  headers.authorization = nil
  for _, name in ipairs(KEY_HEADERS) do headers[name] = headers[name] and "***" end
  return headers
end

local function safe_query()
  local query = ngx.var.args
  return query and ("&" .. query):gsub("(&" .. KEY_PARAMETER .. "=)[^&]*", "%1***"):sub(2)
end

--- Begins a request's record; gives it, with its number and the vendor asked.
function account.open()
  local path = ngx.var.uri
  local vendor = vendor_of(path)
  local request = {
    number = store.add "count", vendor = vendor, method = ngx.req.get_method(), path = path,
    query = safe_query(), args = by_name(account.arguments(safe_query())),
    http = ngx.req.http_version(), tls = ngx.var.https == "on", at = ngx.now(),
    authorization = account.identity(ngx.var.http_authorization), headers = safe_headers(),
    connection = tonumber(ngx.var.connection), port = tonumber(ngx.var.server_port),
  }
  store.add("count:" .. vendor)
  store.add("path:" .. path)
  store.peak("peak:" .. vendor, store.add("flight:" .. vendor))
  store.set(log_key(request.number), request)
  return request
end

--- Ends a request's record with its status and duration.
function account.close(request)
  store.add("flight:" .. request.vendor, -1)
  request.status, request.sent = ngx.status, tonumber(ngx.var.bytes_sent)
  ngx.update_time()
  request.seconds = ngx.now() - request.at
  -- A reset in between has forgotten the request: it stays forgotten.
  if store.get(log_key(request.number)) then store.set(log_key(request.number), request) end
end

--- All records, oldest first.
function account.log()
  local list = {}
  for number = 1, store.number "count" do list[#list + 1] = store.get(log_key(number)) end
  return list
end

local function numbers(prefix)
  local counts = {}
  for _, key in ipairs(ngx.shared.vendors:get_keys(0)) do
    if key:sub(1, #prefix) == prefix then counts[key:sub(#prefix + 1)] = store.number(key) end
  end
  return counts
end

--- Totals: requests, and by vendor ("none": no vendor's) requests, in_flight and peak; by path.
function account.counts()
  return { requests = store.number "count", vendors = numbers "count:", in_flight = numbers "flight:",
    peak = numbers "peak:", paths = numbers "path:" }
end

--- Forgets counts and log; what is in flight stays counted there.
function account.reset()
  for _, prefix in ipairs { "count", "peak:", "path:", "log:" } do store.forget(prefix) end
end

return account
