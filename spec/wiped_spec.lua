-- A key that is closed stands nowhere in the process's memory any more: not in what was freed, not
-- in libcurl's buffers, in none of the forms that it was sent in. The process that used it waits,
-- and its memory is searched from here.
local memory = require "support.memory"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local KEY <const> = "k3y/of+the%search=" .. "0123456789abcdef"
local CLIENT_ID <const> = "client-of-the-tests"

-- Nothing of it is searched for in this form: a process of its own, which waits at a pipe.
local WAIT <const> = [[
local function wait()
  io.open(arg[1] .. "/ready", "w"):close()
  io.open(arg[1] .. "/gate"):read "a"
end
]]

-- arg: folder, URL, kind, version of HTTP, when to wait
local TRANSFERS <const> = WAIT .. [[
local core, transfer = require "usagelua.core", require "usagelua.transfer"
local folder, url, kind, version, moment = table.unpack(arg)
local AUTH = {
  basic = function(key) return { kind = "basic", username = "ada", password = key } end,
  bearer = function(key) return { kind = "bearer", token = key } end,
  header = function(key) return { kind = "header", name = "X-Api-Key", value = key } end,
  query = function(key) return { kind = "query", name = "api_key", value = key } end,
  form = function(key) return { kind = "form", name = "client_secret", value = key } end,
}

local function key_of_file()
  local file <close> = assert(core.secret.file(folder .. "/key"))
  return file:bind((url:match "^https?://[^/]+"))
end

local function ask(engine, key)
  local exchange <close> = assert(engine:open { url = url, auth = AUTH[kind](key), http = version,
    method = kind == "form" and "POST" or "GET" })
  local piece, why
  repeat
    engine:step(1)
    piece, why = exchange:read()
  until why == "end" or type(why) == "table"
  assert(exchange:status() == 200, why.message)
end

local function ask_thrice(engine)
  local key <close> = key_of_file()
  for _ = 1, 3 do ask(engine, key) end
  if moment == "held" then wait() end
end

local engine <close> = assert(transfer.engine { ca_file = os.getenv "USAGELUA_CA_FILE" })
ask_thrice(engine)
collectgarbage()
collectgarbage()
if moment == "closed" then wait() end
]]

-- A whole run of the library. arg: folder, when to wait
local RUN <const> = WAIT .. [[
local moment = arg[2]
local function use()
  local own = require("usagelua.run").new { options = {} }
  local usage = require("usagelua.library").new(own)
  local records = usage.collect { period = "vendor", { "acme.usage" } }
  assert(#records == 7)
  local report = usage.report { title = "T", usage.table { records } }
  assert(report:write("json=" .. arg[1] .. "/out.json"))
  if moment == "held" then wait() end
  assert(own:close(true))
end
use()
collectgarbage()
collectgarbage()
if moment == "closed" then wait() end
]]

local DESCRIPTION <const> = [[
return { name = "acme", version = 1, base_url = "%s", auth = %s,
  datasets = { usage = { request = { path = "%s", query = { f = "{from}", t = "{to}" } }, rows = "data[]",
    window = { format = "%%Y-%%m-%%d", vendor_default = true },
    fields = { user_id = "email", tests = "tests" } } } }]]

local OAUTH <const> = [[{ kind = "client_credentials", token_url = "/kinds/token",
  client_id_env = "ACME_ID", client_secret_env = "ACME_KEY" }]]

local VENDORS <const> = {
  { "basic", [[{ kind = "basic", username_env = "ACME_ID", password_env = "ACME_KEY" }]], "/_json?items=7" },
  { "bearer", [[{ kind = "bearer", token_env = "ACME_KEY" }]], "/_json?items=7" },
  { "header", [[{ kind = "header", headers = { ["X-Api-Key"] = "ACME_KEY" } }]], "/_json?items=7" },
  { "query", [[{ kind = "query", parameter = "api_key", value_env = "ACME_KEY" }]], "/_json?items=7" },
  { "client_credentials", OAUTH, "/kinds/protected" },
  { "client_credentials in the form", (OAUTH:gsub("}$", ", client_in = 'form' }")), "/kinds/protected", "body" },
}

local function encoded(text)
  return (shell.output({ "base64", "-w0" }, { stdin = text }):gsub("%s", ""))
end

-- What of a key's Base64 does not depend on what stands around it, for each place in a group of three.
local function needles_of(key)
  local found = { raw = key, percent = (key:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)),
    ["its end"] = key:sub(5) }
  for skip = 0, 2 do
    local rest = key:sub(1 + skip)
    found["Base64 from " .. skip] = encoded(rest:sub(1, #rest - #rest % 3))
  end
  return found
end

local function present(found)
  local list = {}
  for name, count in pairs(found) do
    if count > 0 then list[#list + 1] = ("%s: %d"):format(name, count) end
  end
  table.sort(list)
  return table.concat(list, ", ")
end

describe("a key", function()
  -- A sanitizer's shadow is terabytes to search, and what is freed goes into its quarantine first.
  if os.getenv "ASAN_OPTIONS" then
    pending "is searched for in a process without a sanitizer"
    return
  end

  local server, folder

  setup(function() server = nginx.start { vendors = { "kinds" } } end)
  teardown(function() server:stop() end)

  before_each(function()
    server:reset()
    folder = tmp.folder()
    folder:write("key", KEY)
    folder:write("id", CLIENT_ID)
    shell.output { "mkfifo", folder.path .. "/gate" }
  end)
  after_each(function() folder:remove() end)

  local function root()
    return (shell.output { "pwd" }:gsub("\n", ""))
  end

  -- What of the needles stands in the memory of a process that runs the code, when it waits.
  local function search(code, words, needles, more)
    folder:write("code.lua", code)
    os.remove(folder.path .. "/ready")
    local env = { USAGELUA_CA_FILE = server.ca_file, USAGELUA_VENDORS = folder.path,
      LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(root(), root()),
      LUA_CPATH = (os.getenv "USAGELUA_CPATH" or root() .. "/build/lib/?.so") .. ";;" }
    for name, value in pairs(more or {}) do env[name] = value end
    local run <close> = shell.start({ shell.lua(), folder.path .. "/code.lua", folder.path,
      table.unpack(words) }, { env = env })
    for _ = 1, 5000 do
      if folder:read "ready" or run:wait(0.02) then break end
    end
    assert(folder:read "ready", select(2, run:output()))
    if not memory.is_open(run.pid) then return nil end
    local found = memory.count(run.pid, needles)
    io.open(folder.path .. "/gate", "w"):close()
    assert.are.equal(0, run:wait(60).status, select(2, run:output()))
    return present(found)
  end

  local function skip_where_closed(found)
    if not found then pending "this system does not let a process look into its children" end
    return found
  end

  local function search_transfer(kind, scheme, version, moment)
    local url = (scheme == "https" and server.tls_url or server.url) .. "/_count"
    return skip_where_closed(search(TRANSFERS, { url, kind, version, moment }, needles_of(KEY)))
  end

  for _, kind in ipairs { "basic", "bearer", "header", "query", "form" } do
    it("is nowhere once it is closed, though its connection is kept: " .. kind, function()
      assert.truthy(search_transfer(kind, "http", "1.1", "held"):find "raw: %d") -- the search finds it
      for _, scheme in ipairs { "http", "https" } do
        assert.are.equal("", search_transfer(kind, scheme, "1.1", "closed"), scheme)
      end
    end)
  end

  -- nghttp2 frees what it copied of the header fields as it is; libcurl 7.88 gives it no memory of its own.
  it("sent over HTTP/2 is nowhere but in what nghttp2 has freed", function()
    for _, kind in ipairs { "basic", "bearer", "form" } do
      local found = search_transfer(kind, "https", "2", "closed")
      for count in found:gmatch ": (%d+)" do assert.is_true(tonumber(count) <= 3, kind .. ": " .. found) end
    end
  end)

  -- The vendor's tokens are made of a number, from 1 on.
  local function search_run(row, moment)
    server:control("/kinds/settings", { items = 7, oauth = { client_id = CLIENT_ID,
      client_secret = KEY, client_in = row[4] } })
    folder:write("acme.lua", DESCRIPTION:format(server.url, row[2], row[3]))
    local needles = needles_of(KEY)
    needles.token = shell.output({ "md5sum" }, { stdin = "access1" }):match "^%x+"
    return skip_where_closed(search(RUN, { moment }, needles, { ACME_KEY_FILE = folder.path .. "/key",
      ACME_ID_FILE = folder.path .. "/id", USAGELUA_STATE = folder.path }))
  end

  for _, row in ipairs(VENDORS) do
    it("of a run is nowhere when the run is closed, nor is a token: " .. row[1], function()
      assert.truthy(search_run(row, "held"):find "raw: %d")
      assert.are.equal("", search_run(row, "closed"))
    end)
  end

  it("stands in memory beside its token while a run goes on", function()
    assert.truthy(search_run(VENDORS[5], "held"):find "token: %d")
  end)
end)
