-- A request in a flow function's own words: a path below the base URL, or a full
-- URL of the vendor's own host, and values that are sent exactly as they are.
-- Nothing in it is a template.

local errors = require "usagelua.errors"
local request = require "usagelua.flow.request"
local url = require "usagelua.client.url"

local own_request = {}

---@class usagelua.own_request
---@field label string "GET /users"
---@field planned usagelua.query whose dataset has this request
---@field values table<string, any> what fills it, and what its answer may repeat
---@field accept table<integer, true> statuses that are answers beside 2xx
---@field as "json"|"text"

local FURTHER <const> = {
  { "repeatable", "boolean", help = "it only reads, and may be sent twice" },
  { "accept", "table", items = "integer", help = "statuses that are answers beside 2xx" },
  { "values", "table", help = "what `echo` compares, beside the query's own" },
  { "as", "string", default = "json", one_of = { "json", "text" }, help = "what is made of the answer" },
}

-- Where it goes ------------------------------------------------------------

local function refuse(format, ...)
  error(errors.new { kind = "refused", message = format:format(...) }, 0)
end

local function check_segments(path)
  for segment in url.decode(path:match "^[^?]*"):gmatch "[^/\\]+" do
    if segment == "." or segment == ".." then
      errors.raise_usage("the path '%s' holds the segment '%s'; name the path itself", path, segment)
    end
  end
end

-- The base URL and the path that a path or a URL stands for. The credential
-- goes nowhere else; C looks at that once more.
local function address(planned, text)
  if type(text) ~= "string" then
    errors.raise_usage("a request needs a path, text that begins with /, not a %s", type(text))
  end
  if text:find "^/" and not text:find "^/[/\\]" then return planned.base_url, text end
  local origin, reason = url.origin(text)
  if not origin then
    errors.raise_usage("'%s' cannot be asked: %s; write a path that begins with /, or a full URL",
      url.shown(text), reason)
  end
  if origin ~= url.origin(planned.base_url) then
    refuse("'%s' is at another host than %s, where the credential goes; a script reaches its "
      .. "vendor's own host only", url.without_query(text), url.split(planned.base_url).host)
  end
  local rest = text:match "^[^:]*://[^/?#]*(.*)$"
  return origin, (rest:gsub("^%f[?%z]", "/"))
end

local function check_address(base_url, path)
  check_segments(path)
  local _, reason = url.split(base_url .. path)
  if path:find("#", 1, true) then reason = "it holds a '#', write %23 where it belongs to a name" end
  if reason then
    errors.raise_usage("the path '%s' cannot be asked: %s; kit.escape writes a value so that it can "
      .. "stand in a path", path, reason)
  end
end

-- What is sent -------------------------------------------------------------

-- Texts that hold a brace stand as a name of their own, so that no part of them
-- is taken for a name of ours.
local function exact(value, values)
  if type(value) == "string" and value:find("{", 1, true) then
    local name = ("own_%d"):format(#values + 1)
    values[#values + 1], values[name] = name, value
    return ("{%s}"):format(name)
  elseif type(value) ~= "table" then
    return value
  end
  local copy = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do copy[key] = exact(item, values) end
  return copy
end

local function rows_of_request()
  local description = require "usagelua.vendor.description"
  local list = table.move(description.REQUEST, 1, #description.REQUEST, 1, {})
  return table.move(FURTHER, 1, #FURTHER, #list + 1, list)
end

local EXACT <const> = { "query", "headers", "json", "form" }

local function checked_of(given, base_url, path)
  local copy = {}
  for key, value in pairs(given) do copy[key] = value end
  copy.path = path
  check_address(base_url, path)
  local checked = require("usagelua.vendor.rows").check(copy, rows_of_request(), "a request")
  require("usagelua.vendor.sending").check({ request = checked, params = {} }, "a request")
  if checked.json and checked.form then
    errors.raise_usage("a request: a body is json or form, not both")
  end
  return checked
end

local function may_repeat(checked, planned)
  if checked.repeatable ~= nil then return checked.repeatable end
  return planned.dataset.idempotent
end

-- The query, with a dataset of which the request is this one. What form the
-- dataset's own answers have says nothing of this one's.
local function around(planned, base_url, checked)
  local dataset = setmetatable({ request = checked, idempotent = may_repeat(checked, planned),
    format = "json", columns = false, packed = false }, { __index = planned.dataset })
  return setmetatable({ base_url = base_url, dataset = dataset }, { __index = planned })
end

local function as_set(list)
  local set = {}
  for _, item in ipairs(list or {}) do set[item] = true end
  return set
end

---Reads what a script wrote; raises usage errors, and one of kind "refused" for
---what is at another host.
---@param planned usagelua.query
---@param given string|table a path, or a request as in a description
---@param method string? where the request does not say
---@return usagelua.own_request
function own_request.read(planned, given, method)
  if type(given) ~= "table" then given = { path = given } end
  local base_url, path = address(planned, given.path)
  local checked, values = checked_of(given, base_url, path), {}
  for name, value in pairs(checked.values or {}) do values[name] = value end
  checked.method = given.method or method or checked.method
  for _, name in ipairs(EXACT) do checked[name] = exact(checked[name], values) end
  return { planned = around(planned, base_url, checked), values = values, as = checked.as,
    accept = as_set(checked.accept), label = ("%s %s"):format(checked.method, path:match "^[^?]*") }
end

---@param own usagelua.own_request
---@param what string for messages
---@return usagelua.request
function own_request.build(own, what)
  local built = request.build(own.planned, own.values)
  built.what = what
  built.any_status = next(own.accept) ~= nil
  return built
end

return own_request
