-- The web server of the benchmark: the documents as static files, plain and
-- compressed, BrowserStack's way to a report around each, and late answers.
-- It is the specs' nginx, which ends with this process, told other things.
local configuration = require "support.nginx_configuration"
local nginx = require "support.nginx"

local server = {}

local JOB_ID <const> = "aabe52c63d8624c8744ab5a9"

-- The folder is one of documents; `{job_id}` of BrowserStack's page is always
-- the same, and the report is the document that the path begins with.
local TEXT <const> = [[
{opening}
daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid nginx.pid;
error_log error.log warn;
env USAGELUA_TEST_PARENT;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  types { }
  default_type application/json;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 60s;
  keepalive_requests 10000000;
  open_file_cache max=64;
  lua_package_path "{specs}/?.lua;;";
  init_worker_by_lua_block { require("vendors.worker").start() }
  server {
    listen 127.0.0.1:{port} backlog=8192;
    location /plain/ { alias "{folder}/"; }
    location /gzip/ { alias "{folder}/"; gzip_static always; }
    location /late/ {
      rewrite_by_lua_block { ngx.sleep(0.02) }
      alias "{folder}/";
    }
    location ~ "^/(?:plain|gzip)/[a-z0-9-]+/reports/usage/v1/user$" {
      return 200 '{"success":true,"message":"Report is successfully queued.","data":{"job_id":"{job_id}"}}';
    }
    location ~ "^/(?:plain|gzip)/[a-z0-9-]+/reports/usage/v1/user/{job_id}/status$" {
      if ($request_method = DELETE) {
        return 200 '{"success":true,"message":"Report is successfully removed from queue."}';
      }
      return 200 '{"success":true,"status":"completed","message":"Request completed successfully"}';
    }
    location ~ "^/plain/([a-z0-9-]+)/reports/usage/v1/user/{job_id}$" { alias "{folder}/$1.json"; }
    location ~ "^/gzip/([a-z0-9-]+)/reports/usage/v1/user/{job_id}$" {
      alias "{folder}/$1.json";
      gzip_static always;
    }
  }
}
]]

---Starts the server.
---@param folder string absolute path of the documents
---@return table server of support.nginx: url, stop, and closed as a `<close>` variable
function server.start(folder)
  return nginx.start {
    tls = false,
    vendors = {},
    text = function(_, ports, specs)
      local words = { opening = configuration.opening(), specs = specs, port = ports.plain,
        folder = folder, job_id = JOB_ID }
      return (TEXT:gsub("{([a-z_]+)}", words))
    end,
  }
end

return server
