-- Percent-encoding, query strings, and what of a URL the client must know:
-- its origin and where a relative reference leads. Building is exact (space is
-- %20, + is %2B); reading is strict, and what looks odd is refused rather than
-- guessed at. What is sent is decided in C, by libcurl's own parser.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local url = {}

local DEFAULT_PORTS <const> = { http = 80, https = 443 }

local function escape(byte)
  return ("%%%02X"):format(byte:byte())
end

---Percent-encodes every byte but RFC 3986's unreserved ones.
---@param text string
---@return string
function url.encode(text)
  return (text:gsub("[^%w%-._~]", escape))
end

---@param text string
---@return string
function url.decode(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function number_text(value)
  if math.type(value) == "integer" then return ("%d"):format(value) end
  for precision = 15, 17 do
    local text = ("%%.%dg"):format(precision):format(value)
    if tonumber(text) == value then return text end
  end
  errors.raise_usage("a parameter cannot be %s", tostring(value))
end

local TEXT_OF <const> = {
  string = function(value) return value end,
  number = number_text,
  boolean = tostring,
}

local function value_text(name, value)
  local convert = TEXT_OF[type(value)]
  if not convert then
    errors.raise_usage("the parameter '%s' is a %s; a string, number or boolean can be sent",
      tostring(name), type(value))
  end
  return convert(value)
end

---A value as it is sent, not yet encoded; numbers with all their digits.
---@param value string|number|boolean
---@return string
function url.text(value)
  return value_text("value", value)
end

local function add_pair(list, name, value)
  if type(value) == "table" then
    for _, each in ipairs(value) do add_pair(list, name, each) end
  else
    list[#list + 1] = url.encode(value_text("name", name)) .. "=" .. url.encode(value_text(name, value))
  end
end

local function sorted_names(params)
  local names = {}
  for name in pairs(params) do names[#names + 1] = name end
  table.sort(names)
  return names
end

---Builds `a=1&b=2`: from a table by name (sent in the order of the names; a
---list repeats its name), or from a list of { name, value } in its own order.
---@param params table
---@return string
function url.query(params)
  local list = {}
  if params[1] then
    for _, pair in ipairs(params) do add_pair(list, pair[1], pair[2]) end
  else
    for _, name in ipairs(sorted_names(params)) do add_pair(list, name, params[name]) end
  end
  return table.concat(list, "&")
end

---Adds parameters to a URL that may have some already.
---@param target string
---@param params table?
---@return string
function url.with_query(target, params)
  local query = params and url.query(params) or ""
  if query == "" then return target end
  local base, fragment = target:match "^([^#]*)(#?.*)$"
  local joint = not base:find("?", 1, true) and "?" or base:find "[?&]$" and "" or "&"
  return base .. joint .. query .. fragment
end

---The parts of an absolute http or https URL.
---@param text string
---@return { scheme: string, host: string, port: integer, path: string, query: string? }? parts
---@return string? reason
function url.split(text)
  if text:find "[%c%s\\\127-\255\"<>^`{|}]" then return nil, "it holds characters that a URL cannot hold" end
  local scheme, authority, rest = text:match "^(%a[%w+.-]*)://([^/?#]*)(.*)$"
  if not scheme then return nil, "it is not an absolute URL" end
  scheme = scheme:lower()
  if not DEFAULT_PORTS[scheme] then return nil, "its scheme is neither https nor http" end
  if authority:find("@", 1, true) then return nil, "it names a user" end
  local host, port = authority:match "^(%[[%x:.]+%]):?(%d*)$"
  if not host then host, port = authority:match "^([%w._~-]+):?(%d*)$" end
  if not host then return nil, "its host cannot be read" end
  local path, query = rest:match "^([^?#]*)%??([^#]*)"
  return { scheme = scheme, host = host:lower(), port = tonumber(port) or DEFAULT_PORTS[scheme],
    path = path == "" and "/" or path, query = rest:find "^[^#]*%?" and query or nil }
end

local function origin_text(parts)
  local port = parts.port ~= DEFAULT_PORTS[parts.scheme] and ":" .. parts.port or ""
  return parts.scheme .. "://" .. parts.host .. port
end

---@param text string
---@return string? origin for example "https://api.acme.test", "http://127.0.0.1:8080"
---@return string? reason
function url.origin(text)
  local parts, reason = url.split(text)
  if not parts then return nil, reason end
  return origin_text(parts)
end

---Why nothing is sent to the URL's host, where a vendor's documentation names
---it by mistake.
---@param text string
---@return string?
function url.misprint(text)
  local origin = core.origin.parse(text)
  return origin and origin.misprint
end

---Text that was meant for a URL, to be shown: a name and password before the
---host are left out.
---@param text string
---@return string
function url.shown(text)
  return (text:gsub("^(%a[%w+.-]*://)[^/?#]*@", "%1***@"))
end

---The URL without what may hold values: query and fragment.
---@return string
function url.without_query(text)
  return (text:gsub("[?#].*$", ""))
end

-- RFC 3986, 5.2.4.
local function remove_dots(path)
  local kept = {}
  for segment in path:gmatch "/([^/]*)" do
    if segment == ".." then
      kept[#kept] = nil
    elseif segment ~= "." then
      kept[#kept + 1] = segment
    end
  end
  if path:find "/%.%.?$" then kept[#kept + 1] = "" end
  return "/" .. table.concat(kept, "/")
end

-- A reference without its fragment and query.
local function cut_reference(reference)
  local text = reference:gsub("#.*$", "")
  local path, query = text:match "^([^?]*)(.*)$"
  return path, query
end

---Where a reference leads, seen from a URL (RFC 3986, 5.2).
---@param base string absolute
---@param reference string absolute or relative
---@return string? absolute
---@return string? reason
function url.resolve(base, reference)
  local from, reason = url.split(base)
  if not from then return nil, reason end
  local absolute
  local path, query = cut_reference(reference)
  if reference:find "^%a[%w+.-]*:" then
    absolute = reference:gsub("#.*$", "")
  elseif path:find "^//" then
    absolute = from.scheme .. ":" .. path .. query
  elseif path:find "^/" then
    absolute = origin_text(from) .. remove_dots(path) .. query
  elseif path == "" then
    if query == "" and from.query then query = "?" .. from.query end
    absolute = origin_text(from) .. from.path .. query
  else
    absolute = origin_text(from) .. remove_dots(from.path:gsub("[^/]*$", "") .. path) .. query
  end
  local parts
  parts, reason = url.split(absolute)
  return parts and absolute, reason
end

return url
