-- The test vendors of spec/vendors answering inside this process, for the simulator: their own code
-- over a stand-in for what nginx gives it, on a clock that is handed in. The same vendors, ledgers and
-- control endpoints as over HTTP, thousands of runs a minute.
local base64 = require "usagelua.cassette.base64"
local core = require "usagelua.core"
local url = require "usagelua.client.url"

local in_process = {}

local HOSTS <const> = {
  ["api.lambdatest.com"] = "testmu", ["api.browserstack.com"] = "browserstack",
  ["api-cloud.browserstack.com"] = "browserstack", ["www.workato.com"] = "workato",
}
local VENDORS <const> = { "testmu", "browserstack", "workato" }

-- The world whose request is being answered.
local current

-- What they remember --------------------------------------------------------

local function copied(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = copied(item) end
  return copy
end

-- Stands for vendors.store: of the world, not of a server.
local store = {}

function store.get(key) return copied(current.kept[key]) end
function store.set(key, value) current.kept[key] = copied(value) end
function store.number(key) return current.kept[key] or 0 end

function store.add(key, by)
  current.kept[key] = store.number(key) + (by or 1)
  return current.kept[key]
end

function store.peak(key, number)
  if number > store.number(key) then current.kept[key] = number end
end

function store.push(key, value)
  local list = current.kept[key] or {}
  list[#list + 1] = copied(value)
  current.kept[key] = list
end

function store.list(key) return copied(current.kept[key] or {}) end

function store.forget(prefix)
  for key in pairs(current.kept) do
    if key:sub(1, #prefix) == prefix then current.kept[key] = nil end
  end
end

-- What nginx gives ----------------------------------------------------------

-- Nobody checks that these are MD5.
local function digits(text)
  return core.digest.sha256(text):sub(1, 32)
end

-- Asked through a header or variable of its lower-case name.
local variables = setmetatable({}, { __index = function(_, name) return current.asked[name] end })

local ngx = {
  var = variables, md5 = digits, decode_base64 = base64.decode, unescape_uri = url.decode,
  req = {
    get_method = function() return current.asked.method end,
    read_body = function() end,
    get_body_data = function() return current.asked.body end,
  },
  now = function() return current.clock.now() end,
  time = function() return math.floor(current.clock.now()) end,
  update_time = function() end,
  -- The answer comes so much later.
  sleep = function(seconds) current.asked.delay_s = current.asked.delay_s + seconds end,
}

local vendors

-- Their modules ask for the store and for nginx by name.
local function load_vendors()
  package.loaded["vendors.store"] = store
  rawset(_G, "ngx", ngx)
  local loaded = {}
  for _, name in ipairs(VENDORS) do loaded[name] = require("vendors." .. name) end
  return loaded
end

-- A world -------------------------------------------------------------------

local methods = {}
local metatable = { __index = methods }

local function authorization(credential)
  if credential.token and not credential.key then return "Bearer " .. credential.token end
  return "Basic " .. base64.encode(credential.username .. ":" .. credential.key)
end

local function content_type(request)
  for _, pair in ipairs(request.headers or {}) do
    if pair[1]:lower() == "content-type" then return pair[2] end
  end
end

-- Who asks is the vendor's first credential: the simulator sends none.
local function asked_of(self, request, parts, vendor)
  return { method = request.method or "GET", body = request.body, args = parts.query, uri = parts.path,
    http_authorization = self.authorization[vendor], http_content_type = content_type(request),
    delay_s = 0 }
end

---Answers a request of the simulator.
---@param request table
---@return table
function methods:answer(request)
  current = self
  local parts = assert(url.split(request.url))
  local vendor = assert(HOSTS[parts.host], parts.host)
  self.asked = asked_of(self, request, parts, vendor)
  self.requests[vendor] = (self.requests[vendor] or 0) + 1
  local answer = vendors[vendor].answer(parts.path)
  return { status = answer.status, body = answer.body, delay_s = self.asked.delay_s,
    headers = { ["content-type"] = answer.type or "application/json" } }
end

---What the control endpoint says.
---@param path string "/testmu/total?from_epoch=…", as of nginx.control
---@param body table?
function methods:control(path, body)
  current = self
  local vendor, name, query = path:match "^/(%l+)/(%l+)%??(.*)$"
  local args = {}
  for key, value in query:gmatch "([^&=]+)=([^&]*)" do args[key] = url.decode(value) end
  local result, problem = vendors[vendor].control[name](body, args)
  if result == nil then error(("control %s: %s"):format(path, problem), 2) end
  return result
end

---Which of them a request is for.
---@param request table
---@return string vendor
function in_process.vendor(request)
  return HOSTS[url.split(request.url).host]
end

---@param options { clock: usagelua.clock, settings: table<string, table>? } settings: of each vendor
---@return table world with answer(request), control(path, body), requests by vendor
function in_process.new(options)
  vendors = vendors or load_vendors()
  local self = setmetatable({ clock = options.clock, kept = {}, requests = {}, authorization = {} },
    metatable)
  for _, name in ipairs(VENDORS) do
    local settings = self:control(("/%s/settings"):format(name), (options.settings or {})[name] or {})
    self.authorization[name] = authorization(settings.credentials[1])
  end
  return self
end

return in_process
