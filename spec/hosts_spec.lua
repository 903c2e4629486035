-- Requests to hosts that a vendor's answer names: by pattern, without a credential, and to
-- public addresses only.
local nginx = require "support.nginx"
local shell = require "support.shell"
local core = require "usagelua.core"
local transfer = require "usagelua.transfer"

local VENDOR <const> = "https://api.acme.test/v1"

describe("origin.pattern", function()
  it("takes a host, hosts below one, and a port", function()
    for _, text in ipairs { "files.acme.test", "*.files.test", "*.Files.Test", "files.test:8443",
      "127.0.0.1", "localhost", "[2001:db8::1]", "http://127.0.0.1:8080", "https://files.test" } do
      assert.is_true(core.origin.pattern(text), text)
    end
  end)

  it("refuses what names too much or no host, and says why", function()
    local cases = {
      ["*"] = "in front only", ["*."] = "in front only", ["*.test"] = "two names",
      ["*.*.test"] = "in front only", ["files.*.test"] = "in front only",
      ["fi*.files.test"] = "in front only", ["*.10.0.0.1"] = "an address has no hosts below",
      ["*.0.1"] = "no plain IPv4", [""] = "no host", ["https://files.test/x"] = "has a path",
      ["http://files.test"] = "this machine only", ["a@files.test"] = "user name",
      ["files.test."] = "ends in a dot", ["*..files.test"] = "empty part",
    }
    for text, part in pairs(cases) do
      local ok, message = core.origin.pattern(text)
      assert.is_nil(ok, text)
      assert(message:find(part, 1, true), ("%s: '%s' in '%s'"):format(text, part, message))
    end
  end)
end)

describe("a request with hosts", function()
  local server, engine

  setup(function()
    server = nginx.start { vendors = { "kinds" }, tls = false }
    engine = assert(transfer.engine())
  end)

  teardown(function()
    engine:close()
    server:stop()
  end)

  before_each(function() server:reset() end)

  local function read_all(exchange)
    local pieces = {}
    while true do
      local piece, why = exchange:read()
      if piece then pieces[#pieces + 1] = piece
      elseif why == "wait" then engine:step(5)
      elseif why == "end" then return table.concat(pieces)
      else return nil, why end
    end
  end

  local function ask(request)
    local exchange <close>, err = engine:open(request)
    if not exchange then return nil, err end
    return read_all(exchange)
  end

  local function assert_refused(code, part, request)
    local body, err = ask(request)
    assert.is_nil(body, request.url)
    assert.same({ "refused", code }, { err.kind, err.code }, request.url)
    assert(err.message:find(part, 1, true), ("'%s' in '%s'"):format(part, err.message))
  end

  local function port() return server.url:match ":(%d+)$" end

  it("goes to what a pattern names", function()
    local base = server:vendor_url "kinds"
    for _, pattern in ipairs { "127.0.0.1", "127.0.0.1:" .. port(), server.url } do
      assert.equal("here", ask { url = server.url .. "/_answer?body=here", base_url = base,
        hosts = { "*.files.test", pattern } })
    end
    assert_refused("host", "none of the hosts", { url = server.url .. "/_answer", base_url = base,
      hosts = { "127.0.0.1:1", "http://127.0.0.1:2", "localhost" } })
    assert.is_false(server:log()[1].authorization or false)
  end)

  it("goes nowhere else, and names where it may go", function()
    local hosts = { "*.files.test", "store.acme.test", "alt.acme.test:8443" }
    for _, url in ipairs { "https://files.test/x", "https://evil.test/x", "https://xfiles.test/",
      "https://a.files.test.evil.test/", "https://a.store.acme.test/", "https://alt.acme.test/",
      "https://store.acme.test:8443/", "https://a.files.test:444/" } do
      assert_refused("host", "none of the hosts that may be asked: *.files.test, store.acme.test",
        { url = url, hosts = hosts, base_url = VENDOR })
    end
    assert_refused("host", "none of the hosts", { url = "https://a.files.test/", hosts = {} })
    assert_refused("url", "plain http", { url = "http://a.files.test/", hosts = hosts })
  end)

  it("bears no credential", function()
    local url, hosts = server.url .. "/_answer", { "127.0.0.1" }
    local key = assert(core.secret.env("PATH", { secret = false })):bind(server.url)
    for _, extra in ipairs { { auth = { kind = "bearer", token = key } },
      { headers = { { "authorization", "Bearer x" } } }, { headers = { { "Cookie", "a=b" } } } } do
      local _, err = ask { url = url, hosts = hosts, base_url = server.url, auth = extra.auth,
        headers = extra.headers }
      assert.same({ "usage", "hosts" }, { err.kind, err.code })
    end
    assert.same({}, server:log())
  end)

  it("goes to no address of this machine or its network", function()
    local cases = { "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "169.254.169.254",
      "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1",
      "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "240.0.0.1",
      "255.255.255.255", "[::]", "[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]",
      "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::10.0.0.1]", "[64:ff9b::a00:1]",
      "[64:ff9b:1::1]", "[2001::1]", "[2001:db8::1]", "[2002:a00:1::1]", "[3fff::1]",
      "[100::1]", "[5f00::1]" }
    for _, host in ipairs(cases) do
      assert_refused("address", "no public address",
        { url = ("https://%s/x"):format(host), hosts = { host }, base_url = VENDOR })
    end
    for _, host in ipairs { "127.0.0.1", "127.1.2.3", "[::1]", "localhost" } do
      assert_refused("address", "is this machine",
        { url = ("https://%s/x"):format(host), hosts = { host }, base_url = VENDOR })
    end
  end)

  it("may go to any public one", function()
    for _, host in ipairs { "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
      "198.17.255.255", "198.20.0.1", "223.255.255.255", "[2606:4700::1]", "[::ffff:8.8.8.8]",
      "[64:ff9b::808:808]", "[2001:200::1]" } do
      local exchange <close> = assert(engine:open { url = ("https://%s/x"):format(host),
        hosts = { host }, base_url = VENDOR })
      assert.is_nil(exchange:status())
    end
  end)

  -- libcurl itself leads every name below localhost to this machine.
  local NAMES_A_PRIVATE_HOST <const> = "files.localhost"

  it("looks where a name leads before it connects", function()
    local url = ("https://%s:%s/_answer"):format(NAMES_A_PRIVATE_HOST, port())
    local hosts = { NAMES_A_PRIVATE_HOST .. ":" .. port() }
    for _, base_url in ipairs { VENDOR, "", "http://", "https://127.0.0.1@evil.test/" } do
      assert_refused("address", "no public address", { url = url, hosts = hosts,
        base_url = base_url })
    end
    assert_refused("address", "no public address", { url = url, hosts = hosts })
    local _, err = ask { url = url, hosts = hosts, base_url = server.url }
    assert.equal("network", err.kind)  -- it is asked: no TLS there
    assert.same({}, server:log())
  end)

  -- Code in a process of its own, whose environment names a proxy.
  local function run_apart(env, no_proxy)
    env.no_proxy = no_proxy
    return shell.run({ shell.lua(), "-e", ([[package.cpath = %q
      local engine = require "usagelua.transfer".engine()
      local exchange = engine:open { url = "https://%s/x", hosts = { "%s" } }
      while engine:active() > 0 do engine:step(1) end
      local _, err = exchange:read()
      io.write(err.kind, " ", err.code)]]):format(package.cpath, NAMES_A_PRIVATE_HOST,
      NAMES_A_PRIVATE_HOST) }, { env = env }).stdout
  end

  it("lets a proxy of this network ask, and holds to public addresses around it", function()
    local closed = "http://127.0.0.1:1"
    for _, name in ipairs { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
      assert.equal("network refused", run_apart({ [name] = closed }))
      assert.equal("network refused", run_apart({ [name] = closed }, "other.test, .acme.test"))
      for _, list in ipairs { "*", "localhost", "a.test,.localhost", "a.test FILES.LOCALHOST" } do
        assert.equal("refused address", run_apart({ [name] = closed }, list))
      end
    end
    assert.equal("refused address", run_apart { http_proxy = closed })
    assert.equal("refused address", run_apart { https_proxy = "" })
  end)

  it("raises on what is no list of hosts", function()
    for _, hosts in ipairs { "files.test", { 1 }, { "*.test" } } do
      assert.error_matches(function() engine:open { url = "https://a.files.test/", hosts = hosts } end,
        "request.hosts")
    end
  end)
end)
