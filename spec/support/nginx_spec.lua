local cjson = require "cjson"
local curl = require "support.curl"
local nginx = require "support.nginx"
local shell = require "support.shell"

local function exists(path)
  local file <close> = io.open(path)
  return file ~= nil
end

local function is_listening(port)
  return curl.request("http://127.0.0.1:" .. port .. "/_count").exit ~= 7
end

describe("nginx.start", function()
  it("leaves no process, folder or port when stopped", function()
    local server = nginx.start { tls = false }
    assert.is_true(is_listening(server.port))
    server:stop()
    server:stop()
    assert.is_false(exists("/proc/" .. server.pid .. "/stat"))
    assert.is_false(exists(server.folder.path))
    assert.is_false(is_listening(server.port))
  end)

  it("outlives a handle that nobody holds", function()
    local port = nginx.start({ tls = false }).port
    collectgarbage()
    collectgarbage()
    assert.is_true(is_listening(port))
  end)

  it("ends by itself when the process that started it is killed", function()
    local code = [[
      package.path = "spec/?.lua;" .. package.path
      local server = require("support.nginx").start { tls = false }
      print(server.port, server.folder.path)
      io.stdout:flush()
      os.execute "kill -9 $PPID" ]]
    local result = shell.run { "lua5.4", "-e", code }
    local port, path = result.stdout:match "^(%d+)%s+(%S+)"
    shell.run(("until [ ! -e %s ]; do sleep 0.05; done"):format(shell.quote(path)), { timeout_s = 300 })
    assert.is_false(exists(path))
    assert.is_false(is_listening(port))
  end)

  it("raises with nginx' own words when it cannot start", function()
    local ok, message = pcall(nginx.start, { tls = false, vendors = { "testmu" }, head = "nonsense;" })
    assert.is_false(ok)
    assert.matches("nonsense", message)
  end)
end)

describe("the test server", function()
  local server

  setup(function() server = nginx.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function get(path, options)
    return curl.request(server.url .. path, options)
  end

  local function get_tls(path, options)
    options = options or {}
    options.ca_file = options.ca_file or server.ca_file
    return curl.request(server.tls_url .. path, options)
  end

  it("echoes what it was asked", function()
    local answer = get("/_echo?a=%2B+x&a=2&b", { body = "hällo", headers = { ["X-One"] = "1" } })
    local echo = cjson.decode(answer.body)
    assert.same({ { "a", "+ x" }, { "a", "2" }, { "b", "" } }, echo.args)
    assert.equal("POST", echo.method)
    assert.equal("hällo", echo.body)
    assert.equal("1", echo.headers["x-one"])
    assert.equal("/_echo?a=%2B+x&a=2&b", echo.target)
  end)

  it("speaks HTTP/2 over TLS, with a certificate of its own authority", function()
    local answer = get_tls "/_echo"
    assert.equal(0, answer.exit)
    assert.equal("2", answer.http)
    assert.equal("TLSv1.3", cjson.decode(answer.body).tls)
  end)

  local CURL_REFUSED_CERTIFICATE, CURL_HANDSHAKE_FAILED = 60, 35

  for name, exit in pairs { good = 0, wrong_name = CURL_REFUSED_CERTIFICATE,
    expired = CURL_REFUSED_CERTIFICATE, self_signed = CURL_REFUSED_CERTIFICATE,
    tls11 = CURL_HANDSHAKE_FAILED } do
    it("has a port whose certificate or protocol is " .. name, function()
      local url = ("https://localhost:%d/_count"):format(server.ports[name])
      assert.equal(exit, curl.request(url, { ca_file = server.ca_file }).exit)
    end)
  end

  it("has another port for HTTP, and one where nobody listens", function()
    curl.request(("http://127.0.0.1:%d/_count"):format(server.ports.other))
    assert.equal(server.ports.other, server:log()[1].port)
    assert.is_false(is_listening(server.ports.closed))
  end)

  it("sends bytes of any number, in pieces, by length or chunked", function()
    local expected = ("0123456789"):rep(3):sub(1, 23)
    assert.equal(expected, get("/_bytes?n=23&piece=7").body)
    assert.equal("23", get("/_bytes?n=23&piece=7").headers["content-length"])
    local chunked = get "/_bytes?n=23&piece=10&framing=chunked"
    assert.equal(expected, chunked.body)
    assert.equal("chunked", chunked.headers["transfer-encoding"])
  end)

  it("sends JSON with as many items as asked for", function()
    local document = cjson.decode(get("/_json?items=1203").body)
    assert.equal(1203, #document.data)
    assert.equal(1203, document.meta.n)
  end)

  it("answers as told", function()
    local answer = get "/_answer?status=302&header=Location:http://elsewhere.test/&body=moved"
    assert.equal(302, answer.status)
    assert.equal("http://elsewhere.test/", answer.headers.location)
    assert.equal("moved", answer.body)
  end)

  it("logs what it was asked, but no key and no control call", function()
    get("/_echo?x=1", { user = "ada:very-secret-key" })
    local log = server:log()
    assert.equal(1, #log)
    assert.equal("/_echo", log[1].path)
    assert.same({ x = "1" }, log[1].args)
    assert.equal("basic ada", log[1].authorization)
    assert.is_nil(cjson.encode(log):find(("very-secret-key"):sub(1, 8), 1, true))
  end)

  it("counts requests, by path and at the same time", function()
    server:control("/faults", { rules = { { at_once = 3 } } })
    shell.run(("for i in 1 2 3; do curl -q -s --noproxy '*' %s/_count & done; wait"):format(server.url))
    local counts = server:control "/counts"
    assert.equal(3, counts.requests)
    assert.equal(3, counts.paths["/_count"])
    assert.equal(3, counts.peak.none)
    assert.equal(0, counts.in_flight.none)
  end)

  it("notices that a client went away", function()
    server:control("/faults", { rules = { { wire = "stall", stall_s = 60 } } })
    assert.equal(28, get("/_answer?body=abcdef", { limit_s = 0.2 }).exit)
    for _ = 1, 300 do
      if server:control("/counts").in_flight.none == 0 then break end
      shell.run "sleep 0.1"
    end
    assert.equal(0, server:control("/counts").in_flight.none)
  end)

  it("leads usagelua to the test vendors", function()
    local env = server:environment "https"
    assert.equal(server.tls_url .. "/testmu/insights/api/v3/public", env.USAGELUA_TESTMU_URL)
    assert.equal("ada", env.LT_USERNAME)
    assert.equal(server.ca_file, env.USAGELUA_CA_FILE)
    assert.is_false(env.https_proxy)
  end)

  it("refuses control calls that make no sense", function()
    assert.has_error(function() server:control("/faults", { rules = { { stats = 1 } } }) end,
      'control /faults: {"message":"unknown key of a fault rule: stats"}')
    assert.has_error(function() server:control "/nothing" end)
  end)
end)
