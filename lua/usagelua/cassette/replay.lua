-- A transport that answers from a cassette: matched by method, URL, body and
-- how often the same was asked before. Nothing waits; the clock jumps.

local errors = require "usagelua.errors"
local scripted = require "usagelua.transport.scripted"

local replay = {}

local methods = {}
local metatable = { __name = "usagelua.replay", __index = methods }

local function key_of(method, url, body)
  return table.concat({ method, url, body }, "\n")
end

---@param entries table[] as har.read gives them
---@param options { clock: table, mask: fun(text: string): string, name: string }
---clock: virtual; name: the cassette's, for messages
function replay.new(entries, options)
  local recorded = {}
  for _, entry in ipairs(entries) do
    local key = key_of(entry.method, entry.url, entry.request_body)
    recorded[key] = recorded[key] or {}
    table.insert(recorded[key], entry)
  end
  return setmetatable({ entries = entries, recorded = recorded, uses = {}, waiting = {},
    clock = options.clock, mask = options.mask, name = options.name }, metatable)
end

-- What is nearest ----------------------------------------------------------

local function query_of(url)
  local query = {}
  for name, value in (url:match "%?(.*)$" or ""):gmatch "([^&=]*)=?([^&]*)" do query[name] = value end
  return query
end

-- Names of the parameters in which two URLs differ, sorted.
local function differences(a, b)
  local mine, other, names = query_of(a), query_of(b), {}
  for name, value in pairs(mine) do
    if other[name] ~= value then names[#names + 1] = name end
  end
  for name in pairs(other) do
    if mine[name] == nil then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local function path_of(url)
  return (url:gsub("%?.*$", ""))
end

-- How many bytes the two have in common from their beginning.
local function common_length(a, b)
  local length = math.min(#a, #b)
  for i = 1, length do
    if a:byte(i) ~= b:byte(i) then return i - 1 end
  end
  return length
end

-- Larger is nearer: method, path, number of equal parameters, beginning.
local function likeness(entry, method, url)
  local same_path = path_of(entry.url) == path_of(url)
  return (entry.method == method and 1e6 or 0) + (same_path and 1e7 or 0)
    - (same_path and #differences(entry.url, url) * 1e4 or 0) + common_length(entry.url, url)
end

local function nearest(self, method, url)
  local best, best_likeness = nil, -math.huge
  for _, entry in ipairs(self.entries) do
    local likely = likeness(entry, method, url)
    if likely > best_likeness then best, best_likeness = entry, likely end
  end
  return best
end

local function difference_text(entry, method, url)
  if entry.method ~= method then return "differs in the method" end
  if path_of(entry.url) ~= path_of(url) then return "differs in the path" end
  local names = differences(entry.url, url)
  if #names == 0 then return "differs in the body" end
  return "differs in " .. table.concat(names, ", ")
end

local function absent_error(self, method, url)
  local entry = nearest(self, method, url)
  local near = entry and ("; the nearest is %s %s (%s)"):format(entry.method, entry.url,
    difference_text(entry, method, url)) or "; it holds no request"
  return errors.new { kind = "refused",
    message = ("the cassette %s does not hold %s %s%s"):format(self.name, method, url, near),
    hint = "record it again with --record, or ask for what it holds: its period, zone and parameters" }
end

local function used_up_error(self, method, url, count)
  return errors.new { kind = "refused",
    message = ("the cassette %s holds %s %s %d times, and it is asked once more"):format(
      self.name, method, url, count),
    hint = "record it again with --record" }
end

-- The transport ------------------------------------------------------------

local function keyed(self, request)
  local method, url = request.method or "GET", self.mask(request.url)
  return key_of(method, url, self.mask(request.body or "")), method, url
end

---Whether there is an answer to this request that was not given yet.
---@return boolean
function methods:holds(request)
  local key = keyed(self, request)
  return #(self.recorded[key] or {}) > (self.uses[key] or 0)
end

local function find(self, request)
  local key, method, url = keyed(self, request)
  local answers, use = self.recorded[key], (self.uses[key] or 0) + 1
  if not answers then return nil, absent_error(self, method, url) end
  if not answers[use] then return nil, used_up_error(self, method, url, #answers) end
  self.uses[key] = use
  return answers[use]
end

local function missing_error(self, entry, what)
  return errors.new { kind = "io", retry = false,
    message = ("%s %s in the cassette %s: %s"):format(entry.method, entry.url, self.name, what) }
end

local function end_of(self, entry)
  if entry.err then return entry.err end
  if entry.is_missing then
    return missing_error(self, entry, ("its body of %d bytes is not there: %s"):format(entry.size,
      entry.reason or "it was too large to be recorded"))
  end
  return entry.is_incomplete and missing_error(self, entry, "it was recorded up to here only") or nil
end

-- How the transfer was, as far as the recording tells.
local function transfer_of(entry, request)
  local headers, http = entry.headers, entry.http
  local framing = type(http) == "string" and http:find "^[Hh][Tt][Tt][Pp]/2" and "h2"
    or headers["transfer-encoding"] and "chunked" or headers["content-length"] and "length" or "close"
  local is_gzip = request.unpack or (headers["content-encoding"] or ""):lower():find "gzip"
  return { framing = framing, coding = is_gzip and "gzip" or nil }
end

local function deliver(self, exchange)
  local entry = exchange.entry
  if entry.status > 0 then exchange:push_headers(entry.status, entry.headers) end
  if entry.body ~= "" then exchange:push(entry.body) end
  local err = end_of(self, entry)
  if err then exchange:push_error(err) else exchange:push_end() end
end

function methods:open(request)
  local entry, err = find(self, request)
  if not entry then return nil, err end
  local exchange = scripted.new(request)
  exchange.entry, exchange.times = entry, transfer_of(entry, request)
  table.insert(self.waiting, exchange)
  return exchange
end

---Delivers what was opened since; with nothing to deliver the clock jumps.
function methods:step(wait_s)
  local changed = self.waiting
  self.waiting = {}
  if #changed == 0 then self.clock:advance(wait_s) end
  for _, exchange in ipairs(changed) do deliver(self, exchange) end
  return changed, false
end

function methods:active()
  return #self.waiting
end

function methods:close()
  self.waiting = {}
end

return replay
