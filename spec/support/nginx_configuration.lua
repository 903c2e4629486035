-- The configuration file of the test server: one process, all files in its own folder.
local shell = require "support.shell"

local configuration = {}

local PLAIN_LISTENERS = { "plain", "other" }
local TLS_LISTENERS = { "good", "wrong_name", "expired", "self_signed", "tls11" }
local MODULE_FOLDERS = { "/usr/lib/nginx/modules", "/usr/lib64/nginx/modules",
  "/usr/share/nginx/modules", "/usr/local/lib/nginx/modules" }
local MODULES = { "ndk_http_module.so", "ngx_http_lua_module.so" }

-- Where each vendor's API begins below the server, as below the vendor's host, and the
-- environment variables that lead usagelua there.
local VENDORS = {
  acme = { base_path = "/acme/v1", url = "USAGELUA_ACME_URL", token = "ACME_TOKEN" },
  testmu = { base_path = "/testmu/insights/api/v3/public", url = "USAGELUA_TESTMU_URL",
    username = "LT_USERNAME", key = "LT_ACCESS_KEY" },
  browserstack = { base_path = "/browserstack", url = "USAGELUA_BROWSERSTACK_URL",
    username = "BROWSERSTACK_USERNAME", key = "BROWSERSTACK_ACCESS_KEY" },
  kinds = { base_path = "/kinds", url = "USAGELUA_KINDS_URL", token = "KINDS_TOKEN" },
  workato = { base_path = "/workato", url = "USAGELUA_WORKATO_URL", token = "WORKATO_API_TOKEN" },
}

--- The listeners a server has, one port each.
---@param options table of nginx.start
---@return string[]
function configuration.listeners(options)
  local list = table.move(PLAIN_LISTENERS, 1, #PLAIN_LISTENERS, 1, {})
  if options.tls == false then return list end
  return table.move(TLS_LISTENERS, 1, #TLS_LISTENERS, #list + 1, list)
end

--- How a test vendor is reached: base_path, and the names of the variables url and username
--- and key, or token.
---@param vendor string
---@return table<string, string>
function configuration.vendor(vendor)
  return VENDORS[vendor] or error("no test vendor is named " .. tostring(vendor), 3)
end

local function exists(path)
  local file <close> = io.open(path)
  return file ~= nil
end

local function load_modules()
  local lines = {}
  for _, folder in ipairs(MODULE_FOLDERS) do
    for _, module in ipairs(MODULES) do
      if #lines < #MODULES and exists(folder .. "/" .. module) then
        lines[#lines + 1] = ("load_module %s/%s;"):format(folder, module)
      end
    end
  end
  return table.concat(lines, "\n")
end

-- Only root may name the user, and must, to read a checkout that is root's alone.
local function user()
  return shell.output { "id", "-u" } == "0\n" and "user root;" or ""
end

--- The first lines of an nginx.conf: the Lua module, and the user where one must be named.
---@return string
function configuration.opening()
  return load_modules() .. "\n" .. user()
end

local HEAD = [[
%s
%s
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log error.log warn;
env USAGELUA_TEST_PARENT;
events { worker_connections 2048; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  client_max_body_size 64m;
  client_body_buffer_size 64m;
  large_client_header_buffers 8 64k;
  keepalive_timeout 60s;
  keepalive_requests 1000000;
  lingering_close off;
  send_timeout 600s;
  lua_package_path "%s/?.lua;;";
  lua_shared_dict vendors 64m;
  lua_check_client_abort on;
  lua_socket_log_errors off;
  init_worker_by_lua_block { require("vendors.worker").start() }
]]

local SERVER = [[
  server {
    listen 127.0.0.1:%d%s;
    %s
    access_by_lua_block { require("vendors.front").open() }
    log_by_lua_block { require("vendors.front").close() }
    location / { content_by_lua_block { require("vendors.front").answer() } }
    location /_control { content_by_lua_block { require("vendors.control").answer() } }
    location = /_reset {
      internal;
      reset_timedout_connection on;
      content_by_lua_block { require("vendors.wire").reset() }
    }
  }
]]

local TLS = [[ssl_certificate %s.pem;
    ssl_certificate_key server.key;
    ssl_protocols %s;
    ssl_ciphers %s;]]

local function tls_lines(name)
  if name == "tls11" then return TLS:format("good", "TLSv1.1", "DEFAULT@SECLEVEL=0") end
  return TLS:format(name, "TLSv1.2 TLSv1.3", "DEFAULT")
end

local function server(name, port)
  if name == "plain" or name == "other" then return SERVER:format(port, "", "") end
  return SERVER:format(port, " ssl http2", tls_lines(name))
end

--- The text of nginx.conf.
---@param options table of nginx.start
---@param ports table<string, integer> port of each listener
---@param specs string absolute path of spec/
---@return string
function configuration.text(options, ports, specs)
  local parts = { HEAD:format(options.head or "", configuration.opening(), specs) }
  for _, name in ipairs(configuration.listeners(options)) do
    parts[#parts + 1] = server(name, ports[name])
  end
  parts[#parts + 1] = "}\n"
  return table.concat(parts)
end

return configuration
