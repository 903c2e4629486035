-- A real web server on loopback for one spec file: nginx with its Lua module, plain HTTP and
-- TLS, playing the test vendors of spec/vendors. Stopped and removed when closed, or with the spec
-- file; when this process dies without that, the server notices and ends by itself.
local certificates = require "support.certificates"
local configuration = require "support.nginx_configuration"
local curl = require "support.curl"
local shell = require "support.shell"
local tmp = require "support.tmp"
local until_end = require "support.until_end"
local cjson = require "cjson"

local nginx = {}

local START_LIMIT_S <const> = 60
local PORT_ATTEMPTS <const> = 5
local DEFAULT_VENDORS <const> = { "testmu" }

-- Below the range the kernel takes for outgoing connections.
local FIRST_PORT <const>, LAST_PORT <const> = 10240, 32000
-- Of the system's services: no other server of the specs comes to listen here meanwhile.
local FIRST_CLOSED_PORT <const>, LAST_CLOSED_PORT <const> = 600, 1000

local function listening_ports()
  local ports = {}
  for _, name in ipairs { "/proc/net/tcp", "/proc/net/tcp6" } do
    local file <close> = io.open(name)
    for line in file and file:lines() or function() end do
      local port = line:match "^%s*%d+: %x+:(%x%x%x%x) "
      if port then ports[tonumber(port, 16)] = true end
    end
  end
  return ports
end

local function random_port(first, last)
  local file <close> = assert(io.open("/dev/urandom", "rb"))
  return first + ("I4"):unpack(file:read(4)) % (last - first)
end

local function free_ports(names)
  local taken, ports = listening_ports(), {}
  local function take(name, first, last)
    local port
    repeat port = random_port(first, last) until not taken[port]
    taken[port], ports[name] = true, port
  end
  for _, name in ipairs(names) do take(name, FIRST_PORT, LAST_PORT) end
  take("closed", FIRST_CLOSED_PORT, LAST_CLOSED_PORT)
  return ports
end

-- The supervising subshell removes the folder whenever nginx ends; the pipe `ready` tells
-- the first of "ready" (from nginx' Lua) and "failed". $PPID is this Lua process.
local START = [[
cd %s || exit
PATH=$PATH:/usr/sbin:/usr/local/sbin
mkfifo ready
export USAGELUA_TEST_PARENT=$PPID
(
  nginx -e "$PWD/error.log" -p "$PWD" -c "$PWD/nginx.conf"
  if [ -e started ]; then cd / && rm -rf -- %s; else timeout 5 sh -c 'echo failed >ready'; fi
) </dev/null >output 2>&1 &
timeout %d head -n 1 ready
]]

local function launch(path)
  local quoted = shell.quote(path)
  local pipe <close> = assert(io.popen(START:format(quoted, quoted, START_LIMIT_S)))
  return pipe:read "l" == "ready"
end

local function start_text(folder)
  return (folder:read "error.log" or "") .. (folder:read "output" or "")
end

local function spec_folder()
  local place = debug.getinfo(1, "S").source:match "^@(.*)support/nginx%.lua$"
  return (shell.output { "realpath", "--", place == "" and "." or place }:gsub("\n$", ""))
end

local function attempt(options)
  local folder = tmp.folder()
  local ports = free_ports(configuration.listeners(options))
  if options.tls ~= false then certificates.make(folder.path) end
  local text = options.text or configuration.text
  folder:write("nginx.conf", text(options, ports, spec_folder()))
  if launch(folder.path) then return folder, ports end
  local reason = start_text(folder)
  folder:remove()
  return nil, reason
end

local methods = {}

local function running(self)
  local file <close> = io.open(("/proc/%d/cmdline"):format(self.pid))
  local command = file and file:read "a"
  return command and command:find(self.folder.path, 1, true) ~= nil
end

--- Ends the server and removes its folder; may be called again.
function methods:stop()
  if not until_end.let_go(self) then return end
  if running(self) then
    os.execute(("kill %d; timeout 30 tail --pid=%d -s 0.01 -f /dev/null || kill -9 %d"):format(
      self.pid, self.pid, self.pid))
  end
  self.folder:remove()
end

local function integers(value)
  if type(value) == "number" then return math.tointeger(value) or value end
  if type(value) == "table" then
    for key, item in pairs(value) do value[key] = integers(item) end
  end
  return value
end

--- Asks the control endpoint of the server: sets and reads back ledgers, fault plans, counts.
--- Raises when the answer is not 200.
---@param path string below /_control, with its query
---@param body table|nil sent as JSON by POST; without it a GET
---@return any decoded JSON, whole numbers as integers
function methods:control(path, body)
  local answer = curl.request(self.url .. "/_control" .. path, { body = body and cjson.encode(body) })
  if answer.status ~= 200 then
    error(("control %s: %s"):format(path, answer.status and answer.body or answer.message), 2)
  end
  return integers(cjson.decode(answer.body))
end

--- What was asked so far, oldest first, without the control calls: each with method, path,
--- query, args, headers, authorization (user name or kind, never the key), vendor, port, http,
--- tls, connection, at, and when it has ended status, seconds, sent (bytes), fault.
---@return table[]
function methods:log()
  return self:control "/log"
end

--- nginx' own error log.
---@return string
function methods:error_log()
  return self.folder:read "error.log" or ""
end

--- Forgets log, counts and fault plan; the vendors' settings stay.
function methods:reset()
  self:control("/reset", {})
end

--- The base URL of a test vendor, as USAGELUA_<VENDOR>_URL takes it.
---@param vendor string "acme", "browserstack", "kinds", "testmu", "workato"
---@param scheme "http"|"https"|nil default http
---@return string
function methods:vendor_url(vendor, scheme)
  local origin = scheme == "https" and self.tls_url or self.url
  return origin .. configuration.vendor(vendor).base_path
end

-- What a developer's own environment may hold must not reach the program under test.
local UNSET = { "http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "no_proxy",
  "NO_PROXY", "USAGELUA_VENDORS", "USAGELUA_GRANT", "NO_COLOR", "CI", "GITHUB_STEP_SUMMARY" }

--- Environment for usagelua that leads it to these test vendors, with their first credential.
---@param scheme "http"|"https"|nil default http
---@return table<string, string|false> for shell.run { env = … }
function methods:environment(scheme)
  local env = {}
  for _, name in ipairs(UNSET) do env[name] = false end
  for _, name in ipairs(self.vendors) do
    local vendor = configuration.vendor(name)
    local credential = self:control("/" .. name .. "/settings").credentials[1]
    env[vendor.url] = self:vendor_url(name, scheme)
    for _, part in ipairs { "username", "key", "token" } do
      if vendor[part] then env[vendor[part]] = credential[part] end
    end
  end
  if scheme == "https" then env.USAGELUA_CA_FILE = self.ca_file end
  return env
end

local metatable = { __name = "spec.nginx", __index = methods, __close = methods.stop }

local function handle(folder, ports, options)
  local self = {
    folder = folder, pid = tonumber((folder:read "nginx.pid")), ports = ports,
    vendors = options.vendors or DEFAULT_VENDORS,
    port = ports.plain, url = "http://127.0.0.1:" .. ports.plain,
  }
  if ports.good then
    self.tls_port, self.tls_url = ports.good, "https://localhost:" .. ports.good
    self.ca_file = folder.path .. "/ca.pem"
  end
  until_end.keep(setmetatable(self, metatable), methods.stop)
  return self
end

--- Starts a server and waits until it answers.
---   local server = nginx.start { vendors = { "testmu" } }
---   finally(function() server:stop() end)
--- Fields: url ("http://127.0.0.1:PORT"), tls_url ("https://localhost:PORT", HTTP/2 by ALPN),
--- ca_file, port, tls_port, pid, ports: plain and other (HTTP), good, wrong_name, expired,
--- self_signed, tls11 (by what is amiss with them), closed (nobody listens).
---@param options { vendors: string[]?, tls: boolean?, head: string?, text: function? }|nil
---  tls = false leaves TLS out; head stands before all else in nginx.conf; text makes another
---  nginx.conf, as nginx_configuration.text does
function nginx.start(options)
  options = options or {}
  local reason
  for _ = 1, PORT_ATTEMPTS do
    local folder, ports = attempt(options)
    if folder then return handle(folder, ports, options) end
    reason = ports
    if not reason:find("Address already in use", 1, true) then break end
  end
  error("nginx did not start: " .. tostring(reason), 2)
end

return nginx
