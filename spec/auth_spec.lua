-- Every kind of auth against a real server: what is sent, where it does not go, and that no form
-- of a key is seen anywhere.
local client = require "usagelua.client"
local clock = require "usagelua.time.clock"
local core = require "usagelua.core"
local curl = require "usagelua.transport.curl"
local http = require "usagelua.http"
local nginx = require "support.nginx"
local scheduler = require "usagelua.client.scheduler"
local shell = require "support.shell"
local tmp = require "support.tmp"

-- What escaping of every sort has to touch.
local KEY <const> = [[k"e'y+1%41&<b>=\/é€_]] .. "0123456789"
local OTHER_KEY <const> = [[o"t'h%er;+ü&<i>\#?]] .. "9876543210"
local CLIENT_ID <const> = "client-of-the-tests"

local server, folder

setup(function()
  server = nginx.start { vendors = { "kinds" }, tls = false }
  folder = tmp.folder()
end)

teardown(function() server:stop() end)

local function set(changes)
  local settings = { items = 7, keys = { api = KEY, app = OTHER_KEY },
    oauth = { client_id = CLIENT_ID, client_secret = KEY }, credentials = { { token = KEY } } }
  for name, value in pairs(changes or {}) do
    if type(value) == "table" and settings[name] then
      for inner, one in pairs(value) do settings[name][inner] = one end
    else
      settings[name] = value
    end
  end
  server:control("/kinds/settings", settings)
end

before_each(function()
  server:reset()
  set()
end)

local function tokens()
  return server:control "/kinds/tokens"
end

-- A refresh token that is good, as a user has got it in a browser.
local function new_refresh_token()
  set { oauth = { refresh = true } }
  local answer = shell.run { "curl", "-q", "-sS", "--noproxy", "*", "-u", CLIENT_ID .. ":" .. KEY,
    "-d", "grant_type=client_credentials", server.url .. "/kinds/token" }
  return (answer.stdout:match '"refresh_token":"([^"]+)"')
end

-- Vendors of a user's own, one for each kind ------------------------------------------------

local DESCRIPTION <const> = [[
return { name = "acme", version = 1, base_url = "%s", auth = %s,
  datasets = { usage = { request = { path = "%s" }, rows = "data[]",
    fields = { user_id = "email", tests = "tests" } } } }]]

local OAUTH <const> = [[{ kind = "client_credentials", token_url = "/kinds/token",
  client_id_env = "ACME_ID", client_secret_env = "ACME_KEY" }]]

-- auth, path, further variables; KEY is in ACME_KEY.
local KINDS <const> = {
  { "basic", [[{ kind = "basic", username_env = "ACME_USER", password_env = "ACME_KEY" }]],
    "/_json?items=7", { ACME_USER = "ada" } },
  { "bearer", [[{ kind = "bearer", token_env = "ACME_KEY" }]], "/_json?items=7" },
  { "header", [[{ kind = "header", headers = { ["X-Api-Key"] = "ACME_KEY",
    ["X-App-Key"] = "ACME_OTHER" } }]], "/kinds/keys", { ACME_OTHER = OTHER_KEY } },
  { "query", [[{ kind = "query", parameter = "api_key", value_env = "ACME_KEY" }]],
    "/kinds/querykey" },
  { "several parameters", [[{ kind = "query", parameters = { api_key = "ACME_KEY",
    app_key = "ACME_OTHER" } }]], "/kinds/querykey", { ACME_OTHER = OTHER_KEY } },
  { "client_credentials", OAUTH, "/kinds/protected", { ACME_ID = CLIENT_ID } },
  { "client_credentials in the form", (OAUTH:gsub("}$", ", client_in = 'form' }")),
    "/kinds/protected", { ACME_ID = CLIENT_ID }, { client_in = "body" } },
  { "refresh", (OAUTH:gsub("client_credentials", "refresh")
    :gsub("}$", ", refresh_token_env = 'ACME_REFRESH' }")), "/kinds/protected",
    { ACME_ID = CLIENT_ID } },
}

local CAPTURED <const> = { "USAGELUA_ACME_URL", "USAGELUA_GRANT", "https_proxy", "all_proxy" }

local function environment(more)
  local env = { USAGELUA_VENDORS = folder.path, ACME_KEY = KEY, USAGELUA_STATE = folder.path }
  for _, name in ipairs(CAPTURED) do env[name] = false end
  for name, value in pairs(more or {}) do env[name] = value end
  return env
end

local function write_vendor(auth, path)
  folder:write("acme.lua", DESCRIPTION:format(server.url, auth, path))
end

local function run(words, more)
  if more and more.ACME_REFRESH then more.ACME_REFRESH = new_refresh_token() end
  return shell.run({ shell.usagelua(), table.unpack(words) }, { env = environment(more) })
end

-- Every form --------------------------------------------------------------------------------

local function percent(text, format)
  return (text:gsub("[^%w%-._~]", function(c) return (format):format(c:byte()) end))
end

local function base64(text)
  return (shell.output({ "base64", "-w0" }, { stdin = text }):gsub("%s", ""))
end

local function json_escaped(text, slash)
  return (text:gsub('[\\"]', "\\%0"):gsub("/", slash))
end

local function unicode_escaped(text)
  return (text:gsub("é", "\\u00e9"):gsub("€", "\\u20ac"):gsub("ü", "\\u00fc"))
end

local function html(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"):gsub('"', "&quot;"))
end

-- Without what stands in the middle of a group of three, which depends on the neighbours.
local function base64_cores(text)
  local list = {}
  for skip = 0, 2 do
    local rest = text:sub(1 + skip)
    list[skip + 1] = base64(rest:sub(1, #rest - #rest % 3))
  end
  return list
end

local function forms(text)
  local list = { text, percent(text, "%%%02X"), percent(text, "%%%02x"),
    (percent(text, "%%%02X"):gsub("%%20", "+")), json_escaped(text, "/"), json_escaped(text, "\\/"),
    unicode_escaped(json_escaped(text, "/")), html(text), html(text):gsub("'", "&#39;"),
    (text:gsub("'", "'\\''")) }
  return table.move(base64_cores(text), 1, 3, #list + 1, list)
end

local function assert_unseen(text, secret, place)
  for index, form in ipairs(forms(secret)) do
    if text:find(form, 1, true) then error(("%s shows a key, in form %d"):format(place, index), 2) end
  end
end

local function kind_row(name)
  for _, row in ipairs(KINDS) do
    if row[1] == name then return row end
  end
end

-- Prepares the vendor and what its environment is.
local function prepare(row)
  local more = {}
  for name, value in pairs(row[4] or {}) do more[name] = value end
  if row[5] then set { oauth = row[5] } end
  if row[1] == "refresh" then more.ACME_REFRESH = "one that is made for each run" end
  write_vendor(row[2], row[3])
  return more
end

-- What is asked for beside the tokens.
local function calls()
  local list = {}
  for _, entry in ipairs(server:log()) do
    if entry.path ~= "/kinds/token" and not entry.path:find "^/_" then list[#list + 1] = entry end
  end
  return list
end

describe("auth of kind", function()
  for _, row in ipairs(KINDS) do
    it(row[1] .. " is sent as it is and seen nowhere", function()
      local more = prepare(row)
      local har, trace = folder.path .. "/run.har", folder.path .. "/trace"
      local fetched = run({ "fetch", "acme.usage", "-v", "--record", har, "--trace", trace, "-f",
        "json" }, more)
      assert.equal(0, fetched.status, fetched.stderr)
      assert.truthy(fetched.stdout:find('"tests"', 1, true))
      local echoed = run({ "get", "acme", "/_echo", "-v" }, more)
      assert.equal(0, echoed.status, echoed.stderr)
      local all = { stdout = fetched.stdout, stderr = fetched.stderr, cassette = folder:read "run.har",
        trace = folder:read "trace", echo = echoed.stdout, ["echo's stderr"] = echoed.stderr,
        vendors = run({ "vendors", "acme" }, more).stdout, check = run({ "check", "acme" }, more).stdout }
      for place, text in pairs(all) do
        assert.truthy(#text > 0, place)
        for _, secret in ipairs { KEY, OTHER_KEY, more.ACME_REFRESH } do
          assert_unseen(text, secret, place)
        end
        assert.is_nil(text:find "access%-%x%x%x%x", place)
        assert.is_nil(text:find "refresh%-%x%x%x%x", place)
      end
      assert.truthy(all.trace:find("$ACME_KEY", 1, true), all.trace)
      local replayed = run({ "fetch", "acme.usage", "--replay", har, "-f", "json" }, { ACME_KEY = false })
      assert.same({ 0, fetched.stdout:match '"records":.*"coverage"' },
        { replayed.status, replayed.stdout:match '"records":.*"coverage"' })
    end)
  end

  it("basic and bearer are what the vendor reads", function()
    for name, identity in pairs { basic = "basic ada", bearer = "bearer" } do
      server:reset()
      local more = prepare(kind_row(name))
      assert.equal(0, run({ "get", "acme", "/_answer", "-q" }, more).status)
      assert.equal(identity, server:log()[1].authorization)
    end
  end)

  it("query takes the place of a key that is there, and of nothing else", function()
    local more = prepare(kind_row "query")
    local first = run({ "get", "acme", "/kinds/querykey?api_key=old&a=%2B&API_KEY=1&api_keys=2&api_key",
      "-q" }, more)
    assert.equal(0, first.status, first.stderr)
    assert.equal("a=%2B&API_KEY=1&api_keys=2&api_key=***", calls()[1].query)
    for _, path in ipairs { "/kinds/querykey?api_key=", "/kinds/querykey?", "/kinds/querykey?&" } do
      assert.equal(0, run({ "get", "acme", path, "-q" }, more).status, path)
    end
  end)

  it("header refuses what is no field, query what has no name", function()
    for _, auth in ipairs { "{ kind = 'header', headers = { ['X Key'] = 'ACME_KEY' } }",
      "{ kind = 'query', parameter = '', value_env = 'ACME_KEY' }" } do
      write_vendor(auth, "/_json")
      assert.equal(2, run({ "fetch", "acme.usage" }).status)
    end
    assert.same({}, calls())
  end)
end)

describe("a token that ends midway", function()
  local VENDOR <const> = [[
return { name = "acme", version = 1, base_url = "%s", auth = %s, rate = { in_flight = 1 },
  datasets = { usage = { params = { team = { list = true, required = true } }, fan_out = { "team" },
    request = { path = "/kinds/protected", query = { team = "{team}" } }, rows = "data[]",
    fields = { external_id = { param = "team" }, tests = "tests" } } } }]]
  local TEAMS <const> = "team=a,b,c,d,e,f,g,h,i"

  local function fetch(...)
    return run({ "fetch", "acme.usage", "--set", TEAMS, "-f", "ndjson", "--group-by", "external_id",
      "--measures", "tests", ... }, { ACME_ID = CLIENT_ID })
  end

  before_each(function()
    set { oauth = { uses = 4 } }
    folder:write("acme.lua", VENDOR:format(server.url, OAUTH))
  end)

  it("is renewed, and every row counts once", function()
    local total = server:control("/kinds/total").tests
    local fetched = fetch()
    assert.equal(0, fetched.status, fetched.stderr)
    local rows = 0
    for tests in fetched.stdout:gmatch '"tests":(%d+)' do
      rows = rows + 1
      assert.equal(total, tonumber(tests))
    end
    assert.equal(9, rows)
    assert.same({ asked = 3, refreshed = 0, refused = 2 }, tokens())
  end)

  it("is replayed without one", function()
    local har = folder.path .. "/renewed.har"
    local fetched = fetch("--record", har)
    assert.equal(0, fetched.status, fetched.stderr)
    local written = folder:read "renewed.har"
    assert.same({ nil, true, true }, { written:find "kinds\\?/token", written:find "kinds\\?/protected" ~= nil,
      written:find '"status":401' ~= nil })
    server:reset()
    local replayed = fetch("--replay", har)
    assert.same({ 0, fetched.stdout }, { replayed.status, replayed.stdout }, replayed.stderr)
    assert.same({}, server:log())
  end)
end)

describe("a refresh token that is good once", function()
  local REPLACED <const> = "the token endpoint has replaced the refresh token of ACME_REFRESH"

  local function fetch(token)
    local words = { "fetch", "acme.usage", "-f", "json" }
    return shell.run({ shell.usagelua(), table.unpack(words) },
      { env = environment { ACME_ID = CLIENT_ID, ACME_REFRESH = token } })
  end

  local function first_token()
    write_vendor(kind_row("refresh")[2], "/kinds/protected")
    return new_refresh_token()
  end

  it("is replaced, and the run says that the next one may be refused", function()
    local first = fetch(first_token())
    assert.equal(0, first.status, first.stderr)
    assert.truthy(first.stderr:find(REPLACED, 1, true), first.stderr)
    assert.truthy(first.stdout:find(REPLACED, 1, true), first.stdout)
    assert.truthy(first.stderr:find("take a new one from the vendor for each run", 1, true))
  end)

  it("is used up then: the next run says what may have happened, and what to do", function()
    local token = first_token()
    assert.equal(0, fetch(token).status)
    local second = fetch(token)
    assert.equal(5, second.status, second.stdout)
    assert.truthy(second.stdout:find("the refresh token is not good any more", 1, true), second.stdout)
    assert.truthy((second.stdout .. second.stderr):find("an earlier run may have used it up", 1, true),
      second.stdout .. second.stderr)
    assert_unseen(second.stdout .. second.stderr, token, "the refusal")
  end)

  it("is said to be so before it is used", function()
    first_token()
    local told = shell.run({ shell.usagelua(), "vendors", "acme" }, { env = environment {} })
    assert.equal(0, told.status, told.stderr)
    assert.truthy(told.stdout:gsub("%s+", " "):find("caution where the vendor replaces refresh tokens at each use, "
      .. "one run uses up what ACME_REFRESH holds: take a new one for each run", 1, true), told.stdout)
  end)

  it("leaves no token in the state folder", function()
    local token = first_token()
    assert.equal(0, fetch(token).status)
    local written = shell.run { "grep", "-rlE", "refresh-[0-9a-f]|access-[0-9a-f]", folder.path }
    assert.equal("", written.stdout)
  end)

  it("is not warned of where the same one comes back, or none", function()
    for _, refresh in ipairs { "same", false } do
      local token = first_token()
      server:control("/kinds/change", { oauth = { client_id = CLIENT_ID, client_secret = KEY,
        refresh = refresh } })
      local fetched = fetch(token)
      assert.equal(0, fetched.status, fetched.stderr)
      assert.is_nil(fetched.stderr:find("replaced", 1, true), fetched.stderr)
    end
  end)
end)

-- Where they do not go ----------------------------------------------------------------------

describe("auth", function()
  local function world_of()
    local time = clock.real()
    local transport = assert(curl.new {})
    local s = scheduler.new { transport = transport, clock = time }
    local c = client.new { scheduler = s, transport = transport, clock = time,
      random = function() return 0.01 end }
    return { scheduler = s, client = c, http = http.new { client = c }, transport = transport }
  end

  local world
  before_each(function() world = world_of() end)
  after_each(function()
    assert.equal(0, world.transport:active())
    world.scheduler:close()
  end)

  local function secret_of(value, host)
    local secret = assert(core.secret.file(folder:write("key", value)))
    return secret:bind(host or server.url)
  end

  local function oauth(changes)
    local auth = { kind = "client_credentials", token_url = server.url .. "/kinds/token",
      client_id = CLIENT_ID, client_secret = secret_of(KEY), hosts = { server.url } }
    for name, value in pairs(changes or {}) do auth[name] = value end
    return auth
  end

  -- By kind: an auth whose secrets go to the server only.
  local function auths()
    local key = secret_of(KEY)
    return {
      basic = { kind = "basic", username = "ada", password = key },
      bearer = { kind = "bearer", token = key },
      header = { kind = "header", name = "X-Api-Key", value = key },
      headers = { kind = "header", headers = { ["X-A"] = key, ["X-B"] = key } },
      query = { kind = "query", name = "api_key", value = key },
      parameters = { kind = "query", parameters = { a = key, b = key } },
      client_credentials = oauth(),
      refresh = oauth { kind = "refresh", refresh_token = secret_of(new_refresh_token()) },
    }
  end

  local function other_url(path)
    return ("http://127.0.0.1:%d%s"):format(server.ports.other, path)
  end

  local function asked_elsewhere()
    local count = 0
    for _, entry in ipairs(server:log()) do
      if entry.port == server.ports.other then count = count + 1 end
    end
    return count
  end

  it("of every kind goes to no other host, port or scheme, and is refused by name", function()
    for kind, auth in pairs(auths()) do
      for _, url in ipairs { other_url "/_echo", "https://127.0.0.1:" .. server.port .. "/",
        ("http://localhost:%d/"):format(server.port), "https://api.acme.test/" } do
        local response, err = world.http.get(url, { auth = auth, retries = 0 })
        assert.is_nil(response)
        assert.equal("refused", err.kind, kind)
        assert.truthy(tostring(err):find("only, not to", 1, true), tostring(err))
        assert_unseen(tostring(err), KEY, kind)
      end
    end
    assert.equal(0, asked_elsewhere())
  end)

  it("of every kind follows no redirect to another host", function()
    for kind, auth in pairs(auths()) do
      local response, err = world.http.get(server.url .. "/_answer", { auth = auth, retries = 0,
        query = { status = 302, header = "Location:" .. other_url "/_echo" } })
      if response then error(kind .. ": " .. response.status) end
      assert.equal("refused", err.kind, kind)
    end
    assert.equal(0, asked_elsewhere())
  end)

  it("of several kinds goes out at once", function()
    local key = secret_of(KEY)
    local auth = { { kind = "bearer", token = key }, { kind = "header", headers = { ["X-B"] = key } },
      { kind = "query", parameters = { b = key, a = key } }, }
    local echo = world.http.get(server.url .. "/_echo", { auth = auth, query = { c = 1 } }):json()
    local encoded = percent(KEY, "%%%02X")
    assert.same({ "Bearer " .. KEY, KEY, ("c=1&a=%s&b=%s"):format(encoded, encoded) },
      { echo.headers.authorization, echo.headers["x-b"], echo.query })
    auth[1] = oauth()
    assert.equal(200, world.http.get(server.url .. "/kinds/protected", { auth = auth }).status)
  end)

  it("of an OAuth client goes to its token endpoint only", function()
    local _, err = world.http.get(server.url .. "/kinds/protected",
      { auth = oauth { token_url = other_url "/kinds/token" } })
    assert.equal("refused", err.kind)
    assert.truthy(tostring(err):find("not to http://127.0.0.1:" .. server.ports.other, 1, true),
      tostring(err))
    assert.same({}, server:log())
  end)

  it("of scripts names what is wrong with it", function()
    local key = secret_of(KEY)
    local cases = {
      { { kind = "queri" }, "did you mean 'query'?" },
      { { kind = "query", value = key }, "the name of auth is a string" },
      { { kind = "query", parameters = {} }, "the parameters of auth are a table" },
      { { kind = "header", headers = { ["X-A"] = "plain-0123456789" } }, "the X-A of auth is a secret" },
      { { kind = "bearer", tokn = key, token = key }, "did you mean 'token'?" },
      { oauth { hosts = false }, "needs hosts" },
      { { kind = "refresh", token_url = "x", client_secret = key, hosts = { "a.test" } },
        "the refresh_token of auth is a secret" },
    }
    for _, case in ipairs(cases) do
      local ok, err = pcall(world.http.get, server.url, { auth = case[1] })
      assert.is_false(ok)
      assert(err.message:find(case[2], 1, true), err.message)
      assert.is_nil(err.message:find("plain-0", 1, true))
    end
  end)

  -- Tokens ----------------------------------------------------------------------------------

  local PROTECTED <const> = "/kinds/protected"

  local function all(count, auth)
    local list = { in_flight = 8 }
    for i = 1, count do list[i] = { url = server.url .. PROTECTED, query = { n = i }, auth = auth } end
    local responses, errs = world.http.all(list)
    assert.is_nil(errs)
    local statuses = {}
    for _, response in ipairs(responses) do
      statuses[response.status] = (statuses[response.status] or 0) + 1
    end
    return statuses
  end

  it("asks for a token once, however many calls begin at once", function()
    assert.same({ [200] = 20 }, all(20, oauth()))
    assert.same({ [200] = 20 }, all(20, oauth()))
    assert.same({ asked = 1, refreshed = 0, refused = 0 }, tokens())
  end)

  it("asks for another token for another credential, scope or host", function()
    assert.equal(200, world.http.get(server.url .. PROTECTED, { auth = oauth() }).status)
    assert.equal(200, world.http.get(server.url .. PROTECTED, { auth = oauth { scope = "usage" } }).status)
    assert.equal(200, world.http.get(server.url .. PROTECTED,
      { auth = oauth { hosts = { server.url, "api.acme.test" } } }).status)
    assert.equal(3, tokens().asked)
  end)

  it("renews a token once where a call is answered 401, for all calls together", function()
    assert.same({ [200] = 5 }, all(5, oauth()))
    server:control("/kinds/tokens", {})
    assert.same({ [200] = 16 }, all(16, oauth()))
    local found = tokens()
    assert.equal(2, found.asked)
    assert.truthy(found.refused >= 1 and found.refused <= 8, found.refused)
  end)

  it("renews it as often as a good one ends, one by one", function()
    set { oauth = { uses = 3 } }
    local auth = oauth()
    for i = 1, 9 do
      assert.equal(200, world.http.get(server.url .. PROTECTED, { auth = auth }).status, i)
    end
    assert.same({ asked = 3, refreshed = 0, refused = 2 }, tokens())
  end)

  it("does not go on asking where no token is taken", function()
    set { oauth = { uses = 0 } }
    local auth = oauth()
    for _ = 1, 5 do
      assert.equal(401, world.http.get(server.url .. PROTECTED, { auth = auth }).status)
    end
    local found = tokens()
    assert.same({ 2, 6 }, { found.asked, found.refused })
  end)

  it("heeds how long a token is good", function()
    set { oauth = { expires_s = 2 } }
    local auth = oauth()
    assert.equal(200, world.http.get(server.url .. PROTECTED, { auth = auth }).status)
    world.scheduler:sleep(2.1)
    assert.equal(200, world.http.get(server.url .. PROTECTED, { auth = auth }).status)
    assert.same({ asked = 2, refreshed = 0, refused = 0 }, tokens())
  end)

  it("refreshes, and goes on with the refresh token that comes with it", function()
    local auth = oauth { kind = "refresh", refresh_token = secret_of(new_refresh_token()) }
    for _ = 1, 3 do
      assert.same({ [200] = 4 }, all(4, auth))
      server:control("/kinds/tokens", {})
    end
    assert.equal(3, tokens().refreshed)
  end)

  it("sends the client in the form where the endpoint wants it there", function()
    set { oauth = { client_in = "body" } }
    assert.equal(200, world.http.get(server.url .. PROTECTED,
      { auth = oauth { client_in = "form" } }).status)
    set { oauth = { client_in = "body" } }
    assert.equal(200, world.http.get(server.url .. PROTECTED,
      { auth = oauth { client_in = "form", client_id = secret_of(CLIENT_ID), scope = "a b" } }).status)
  end)

  it("fails once for all calls where the credential is not taken", function()
    local auth = oauth { client_secret = secret_of "some-other-secret" }
    for _ = 1, 3 do
      local _, err = world.http.get(server.url .. PROTECTED, { auth = auth })
      assert.same({ "auth", 401 }, { err.kind, err.status })
      assert.truthy(tostring(err):find("the token endpoint refused the credential", 1, true), tostring(err))
    end
    assert.same({ 0, 1 }, { tokens().asked, #server:log() })
  end)

  it("refuses an answer that brings no token, and shows nothing of it", function()
    local cases = {
      html = { "shape", "no JSON" }, error = { "auth", "the error 'invalid_client'" },
      empty = { "shape", "has no access_token" }, mac = { "shape", "of type 'mac'" },
      huge = { "limit", "larger than" }, reflect = { "auth", "refused" },
    }
    for answer, expected in pairs(cases) do
      set { oauth = { answer = answer } }
      local _, err = world.http.get(server.url .. PROTECTED,
        { auth = oauth { scope = answer } })
      assert.equal(expected[1], err.kind, answer)
      assert(tostring(err):find(expected[2], 1, true), tostring(err))
      assert_unseen(tostring(err), KEY, answer)
      assert.is_nil(tostring(err):find("0123456789", 1, true))
    end
  end)

  it("asks again where the answer was lost", function()
    for _, wire in ipairs { "reset", "cut_body", "cut_headers" } do
      server:control("/faults", { rules = { { path = "kinds/token", first = 1, wire = wire } } })
      assert.equal(200, world.http.get(server.url .. PROTECTED, { auth = oauth { scope = wire } }).status)
    end
  end)

  it("lets others ask where who asks is given up", function()
    server:control("/faults", { rules = { { path = "kinds/token", first = 1, wire = "stall_first" } } })
    local auth = oauth()
    local first = world.scheduler:spawn(world.http.get, server.url .. PROTECTED, { auth = auth })
    local second = world.scheduler:spawn(function()
      return world.http.get(server.url .. PROTECTED, { auth = auth }).status
    end)
    world.scheduler:sleep(0.3)
    world.scheduler:cancel(first)
    world.scheduler:join { first, second }
    assert.is_false(first.ok)
    assert.equal(200, second.results[1])
  end)
end)
