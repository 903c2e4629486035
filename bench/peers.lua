-- The programs that are measured beside usagelua: how each is built and run,
-- what it needs, and how its version is asked for. One that cannot be run here
-- is named as missing, with the packages that would bring it.
local paths = require "paths"

local peers = {}

local PYTHON <const> = os.getenv "PYTHON" or "/usr/bin/python3"

-- lua-http is pure Lua and packaged for other versions, its C parts for 5.4 too.
local LUA_HTTP <const> = "/usr/share/lua/5.3/?.lua;/usr/share/lua/5.3/?/init.lua;"
  .. "/usr/share/lua/5.2/?.lua;/usr/share/lua/5.2/?/init.lua;;"

local COMPILERS <const> = {
  c = "cc -O3 -march=native -std=gnu11 -Wall -Wextra -Wpedantic -Wshadow -Werror",
  cpp = "c++ -O3 -march=native -std=c++17 -Wall -Wextra -Wpedantic -Werror",
}

---@class bench.peer
---@field title string
---@field source string? below bench/peers, to be compiled
---@field libs string? of the compiled program
---@field run string[]? words of the command; `{peers}` is their folder
---@field env table<string, string>?
---@field probe string? a command that succeeds where it can be run
---@field packages string as Debian names them
---@field version string a command that prints it

---@type table<string, bench.peer>
local LIST <const> = {
  curl_null = {
    title = "curl -o /dev/null (floor)",
    run = { "curl", "-sSf", "-o", "/dev/null" },
    probe = "command -v curl", packages = "curl", version = "curl --version | sed 's/ (.*//;q'",
  },
  curl_compressed = {
    title = "curl --compressed -o /dev/null (floor)",
    run = { "curl", "-sSf", "--compressed", "-o", "/dev/null" },
    probe = "command -v curl", packages = "curl", version = "curl --version | sed 's/ (.*//;q'",
  },
  simdjson = {
    title = "C++ libcurl + simdjson On-Demand",
    source = "simdjson.cpp", libs = "-lsimdjson -lcurl",
    packages = "g++ libsimdjson-dev libcurl4-openssl-dev",
    version = "echo simdjson $(pkg-config --modversion simdjson)",
  },
  yajl = {
    title = "C libcurl + yajl",
    source = "yajl.c", libs = "-lyajl -lcurl",
    packages = "gcc libyajl-dev libcurl4-openssl-dev",
    version = "echo yajl $(pkg-config --modversion yajl)",
  },
  luasocket = {
    title = "Lua 5.4 LuaSocket + lua-cjson",
    run = { "lua5.4", "{peers}/luasocket.lua" },
    probe = "lua5.4 -e 'require \"socket.http\" require \"cjson\"'",
    packages = "lua5.4 lua-socket lua-cjson",
    version = "lua5.4 -e 'print(require \"socket\"._VERSION, \"lua-cjson \" .. require \"cjson\"._VERSION)'",
  },
  lua_http = {
    title = "Lua 5.4 lua-http + lua-cjson",
    run = { "lua5.4", "{peers}/lua_http.lua" }, env = { LUA_PATH = LUA_HTTP },
    probe = "lua5.4 -e 'require \"http.request\" require \"cjson\"'",
    packages = "lua5.4 lua-http lua-cjson",
    version = "lua5.4 -e 'local v = require \"http.version\" print(v.name, v.version)'",
  },
  python_json = {
    title = "Python urllib + json",
    run = { PYTHON, "{peers}/python_json.py" },
    probe = PYTHON .. " -c 'import json, urllib.request'", packages = "python3",
    version = PYTHON .. " --version",
  },
  python_ijson = {
    title = "Python urllib + ijson (yajl2_c)",
    run = { PYTHON, "{peers}/python_ijson.py" },
    probe = PYTHON .. " -c 'import ijson.backends.yajl2_c'", packages = "python3 python3-ijson",
    version = PYTHON .. " -c 'import ijson; print(\"ijson\", ijson.__version__)'",
  },
  node_fetch = {
    title = "Node fetch + JSON.parse",
    run = { "node", "{peers}/node_fetch.mjs" },
    probe = "node -e 'process.exit(typeof fetch == \"function\" ? 0 : 1)'", packages = "nodejs",
    version = "echo node $(node --version)",
  },
  lua_cjson = {
    title = "Lua 5.4 lua-cjson",
    run = { "lua5.4", "{peers}/decode.lua", "cjson" },
    probe = "lua5.4 -e 'require \"cjson\"'", packages = "lua5.4 lua-cjson",
    version = "lua5.4 -e 'print(\"lua-cjson\", require \"cjson\"._VERSION)'",
  },
  dkjson = {
    title = "Lua 5.4 dkjson with lpeg",
    run = { "lua5.4", "{peers}/decode.lua", "dkjson" },
    probe = "lua5.4 -e 'require \"dkjson\".use_lpeg()'", packages = "lua5.4 lua-dkjson lua-lpeg",
    version = "lua5.4 -e 'print((require \"dkjson\".version))'",
  },
  multi = {
    title = "C libcurl curl_multi_poll",
    source = "multi.c", libs = "-lcurl", packages = "gcc libcurl4-openssl-dev",
    version = "curl --version | sed 's/ (.*//;q'",
  },
  lua_http_many = {
    title = "Lua 5.4 lua-http",
    run = { "lua5.4", "{peers}/lua_http_many.lua" }, env = { LUA_PATH = LUA_HTTP },
    probe = "lua5.4 -e 'require \"http.client\"'", packages = "lua5.4 lua-http",
    version = "lua5.4 -e 'local v = require \"http.version\" print(v.name, v.version)'",
  },
  wrk = {
    title = "wrk (by its rate, CPU of two seconds)",
    run = { "wrk", "-t1", "-d2s" },
    probe = "command -v wrk", packages = "wrk",
    version = "wrk -v | sed 's/ \\[.*//;q'",
  },
  h2load = {
    title = "h2load --h1",
    run = { "h2load", "--h1", "-t1" },
    probe = "command -v h2load", packages = "nghttp2-client", version = "h2load --version",
  },
  nested = {
    title = "Lua 5.4 nested tables",
    run = { "lua5.4", "{peers}/nested.lua" },
    probe = "command -v lua5.4", packages = "lua5.4", version = "lua5.4 -v | sed 's/  .*//'",
  },
  sqlite = {
    title = "SQLite, table in memory",
    source = "sqlite.c", libs = "-lsqlite3", packages = "gcc libsqlite3-dev",
    version = "echo SQLite $(pkg-config --modversion sqlite3)",
  },
  mawk = {
    title = "mawk, the rows as text (whole process)",
    run = { "mawk", "-f", "{peers}/group.awk" },
    probe = "command -v mawk", packages = "mawk", version = "mawk -W version 2>&1 | sed 's/  .*//;q'",
  },
  lua_start = {
    title = "lua5.4 -e ''",
    run = { "lua5.4", "-e", "" },
    probe = "command -v lua5.4", packages = "lua5.4", version = "lua5.4 -v | sed 's/  .*//'",
  },
  python_start = {
    title = "python3 -c 'import urllib.request, json'",
    run = { PYTHON, "-c", "import urllib.request, json" },
    probe = PYTHON .. " -c 'import json, urllib.request'", packages = "python3",
    version = PYTHON .. " --version",
  },
  curl_jq = {
    title = "curl | jq",
    run = { "sh", "{peers}/curl_jq.sh" },
    probe = "command -v jq && command -v curl", packages = "curl jq", version = "jq --version",
  },
}

local function succeeds(command, env)
  local words = {}
  for name, value in pairs(env or {}) do words[#words + 1] = ("export %s='%s';"):format(name, value) end
  return os.execute(("(%s %s) >/dev/null 2>&1"):format(table.concat(words, " "), command)) == true
end

local function is_newer(path, than)
  return os.execute(("[ '%s' -nt '%s' ]"):format(path, than)) == true
end

-- Compiles a source unless that is done; false where a library is not there.
local function compile(source, program, libs)
  if is_newer(program, source) then return true end
  local compiler = COMPILERS[source:match "%.(%w+)$"]
  return os.execute(("%s -o '%s' '%s' %s"):format(compiler, program, source, libs or "")) == true
end

---Builds one of the benchmark's own tools, or raises.
---@param name string "generate", "measure"
---@return string path
function peers.tool(name)
  local program = ("%s/%s"):format(paths.build, name)
  assert(os.execute(("mkdir -p '%s'"):format(paths.build)))
  assert(compile(("%s/bench/%s.c"):format(paths.root, name), program), name)
  return program
end

local ready = {}

local function get_ready(peer)
  if not peer.source then return succeeds(peer.probe, peer.env) end
  local program = ("%s/%s"):format(paths.build, peer.source:match "^(.*)%.")
  peer.run = { program }
  return compile(("%s/%s"):format(paths.peers, peer.source), program, peer.libs)
end

---The peer, ready to run.
---@param name string
---@return bench.peer? peer nil where it cannot be run here
---@return bench.peer missing
function peers.get(name)
  local peer = assert(LIST[name], name)
  if ready[name] == nil then ready[name] = get_ready(peer) end
  return ready[name] and peer or nil, peer
end

---The command of a peer with its arguments.
---@param peer bench.peer
---@param arguments string[]
---@return string[]
function peers.command(peer, arguments)
  local words = {}
  for _, word in ipairs(peer.run) do words[#words + 1] = (word:gsub("{peers}", paths.peers)) end
  return table.move(arguments, 1, #arguments, #words + 1, words)
end

---@param name string
---@return boolean
function peers.is_known(name)
  return LIST[name] ~= nil
end

---Where it can be run: what it says its version is.
---@param name string
---@return string?
function peers.version(name)
  local peer = peers.get(name)
  if not peer or not peer.version then return nil end
  local assigned = ""
  for key, value in pairs(peer.env or {}) do assigned = assigned .. ("export %s='%s';"):format(key, value) end
  return (paths.output(assigned .. peer.version .. " 2>&1"):gsub("%s+", " "))
end

return peers
