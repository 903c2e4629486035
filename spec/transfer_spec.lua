-- The C module usagelua.transfer against a real server on loopback.
local nginx = require "support.nginx"
local python = require "support.python"
local shell = require "support.shell"
local tmp = require "support.tmp"
local core = require "usagelua.core"
local transfer = require "usagelua.transfer"

local KIB <const>, MIB <const> = 1024, 1024 * 1024
local DIGITS <const> = ("0123456789"):rep(50)

-- A name server that does not answer is asked for ten seconds, or longer; it is not what is tested.
local NAMES_S <const> = 100

-- Sanitizers and valgrind keep what is freed, and take their time.
local IS_INSTRUMENTED <const> = os.getenv "ASAN_OPTIONS" ~= nil
  or (os.getenv "LD_PRELOAD" or ""):find("vgpreload", 1, true) ~= nil

-- What OpenSSL takes for a system that lets old versions pass.
local LAX_TLS <const> = [[
openssl_conf = conf
[conf]
ssl_conf = ssl
[ssl]
system_default = defaults
[defaults]
MinProtocol = TLSv1
CipherString = DEFAULT@SECLEVEL=0
]]

-- A proxy that prints what it is asked by a script, and hangs up.
local PROXY <const> = [[
import os, socket, subprocess, sys
lua, script = open(sys.argv[1]).read().split("\n")
listener = socket.create_server(("127.0.0.1", 0))
listener.settimeout(300)
proxy = "http://127.0.0.1:%d" % listener.getsockname()[1]
child = subprocess.Popen([lua, script], env=dict(os.environ, https_proxy=proxy, no_proxy="", NO_PROXY=""))
connection, _ = listener.accept()
asked = b""
while b"\r\n\r\n" not in asked:
    asked += connection.recv(65536)
connection.close()
child.wait()
sys.stdout.write(asked.decode())
]]

local server, engine

local function request_of(request)
  if type(request) == "string" then return { url = request } end
  return request
end

local function open(request)
  return assert(engine:open(request_of(request)))
end

-- Steps until every exchange has ended or the time is over.
local function drive(limit_s)
  local began = core.clock.monotonic()
  while engine:active() > 0 do
    engine:step(1)
    if core.clock.monotonic() - began > (limit_s or 60) then error "the transfers do not end" end
  end
end

-- Reads to the end: the body, or nil and the error.
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

-- Counts the body's bytes without keeping them.
local function count_all(exchange)
  local count = 0
  while true do
    local piece, why = exchange:read()
    if piece then count = count + #piece
    elseif why == "wait" then engine:step(5)
    elseif why == "end" then return count
    else return nil, why end
  end
end

local function get(request)
  local exchange <close> = open(request)
  local body, err = read_all(exchange)
  return body, err, exchange:facts(), exchange:status()
end

local function assert_fails(kind, code, pattern, request)
  local body, err = get(request)
  if body then error(("no error, but %d bytes"):format(#body), 2) end
  assert.same({ kind, code }, { err.kind, err.code })
  assert.matches(pattern, err.message)
  return err
end

local function fault(rule)
  server:control("/faults", { rules = { rule } })
end

local function answer_url(body)
  return server.url .. "/_answer?body=" .. (body or DIGITS)
end

local function resident_kib()
  if IS_INSTRUMENTED then return 0 end
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmRSS:%s*(%d+)")
end

local function open_descriptors()
  return #assert(core.file.list "/proc/self/fd")
end

-- The server's own count of connections, taken over one more of them.
local function connection_number()
  local probe <close> = transfer.engine()
  assert(probe:open { url = server.url .. "/_count" })
  while probe:active() > 0 do probe:step(1) end
  local log = server:log()
  return log[#log].connection
end

-- How many connections the server saw while `action` ran; a timer of the server itself may
-- count as one more.
local function connections_during(action)
  local before = connection_number()
  action()
  return connection_number() - before - 2  -- reading the log, and the second probe
end


-- How many connections carried the requests that the server has noted.
local function connections_used()
  local seen, count = {}, 0
  for _, request in ipairs(server:log()) do
    if not seen[request.connection] then seen[request.connection], count = true, count + 1 end
  end
  return count
end

describe("usagelua.transfer", function()
  setup(function() server = nginx.start {} end)
  teardown(function() server:stop() end)

  before_each(function()
    server:reset()
    engine = assert(transfer.engine { ca_file = server.ca_file })
  end)
  after_each(function() engine:close() end)

  describe("an answer", function()
    it("gives status, fields, body and facts", function()
      local exchange <close> = open(server.url ..
        "/_answer?status=404&body=hello&type=text/plain&header=X-One:1&header=X-One:2")
      assert.is_nil(exchange:status())
      assert.is_nil(exchange:headers())
      assert.equal("hello", read_all(exchange))
      assert.equal(404, exchange:status())
      assert.equal("1, 2", exchange:headers()["x-one"])
      assert.equal("text/plain", exchange:headers()["content-type"])
      local facts = exchange:facts()
      assert.same({ "1.1", "length", 5, 5, false, true }, { facts.http, facts.framing,
        facts.wire_bytes, facts.body_bytes, facts.reused, facts.sent })
      assert.is_true(facts.total_s >= facts.first_byte_s and facts.first_byte_s > 0)
    end)

    it("gives its fields as one text, of which a table is made when it is closed", function()
      local url = server.url .. "/_answer?status=404&header=X-One:1&header=X-One:2&header=X-Empty:"
      local exchange = open(url)
      assert.is_nil(exchange:fields())
      read_all(exchange)
      local headers, fields = exchange:headers(), exchange:fields()
      exchange:close()
      assert.equal("1, 2", headers["x-one"])
      assert.same(headers, transfer.fields(fields))
      assert.same({}, transfer.fields "")
      assert.error_matches(function() transfer.fields "x-one" end, "what exchange:fields")
    end)

    it("says beside its last piece that it was the last, where that is known", function()
      local function last_of(query)
        local exchange <close> = open(server.url .. "/_answer?" .. query)
        drive()
        local pieces = {}
        while true do
          local piece, state = exchange:pull()
          pieces[#pieces + 1] = piece
          if state == "end" then return table.concat(pieces), piece ~= nil end
          assert.is_nil(state)
        end
      end
      assert.same({ "", false }, { last_of "body=" })
      assert.same({ DIGITS, true }, { last_of("body=" .. DIGITS) })
      fault { wire = "gzip", body = DIGITS }
      assert.same({ DIGITS, false }, { last_of("body=" .. DIGITS) })
    end)

    it("says how its end is known", function()
      local _, _, length = get(server.url .. "/_bytes?n=5")
      local _, _, chunked = get(server.url .. "/_bytes?n=5&framing=chunked")
      local _, _, http2 = get(server.tls_url .. "/_bytes?n=5")
      fault { wire = "close_delimited" }
      local body, _, close = get(answer_url())
      assert.same({ "length", "chunked", "h2", "close" },
        { length.framing, chunked.framing, http2.framing, close.framing })
      assert.equal(DIGITS, body)
    end)

    it("is whole at every size around the buffers'", function()
      for _, size in ipairs { 0, 1, 16383, 16384, 16385, 65536, 131072, 131073, 1048576, 3000001 } do
        for _, framing in ipairs { "length", "chunked" } do
          local exchange <close> = open(("%s/_bytes?n=%d&framing=%s"):format(server.url, size, framing))
          assert.equal(size, count_all(exchange))
        end
      end
    end)

    it("has no body after HEAD and with 204 and 304", function()
      assert.equal("", (get { url = server.url .. "/_bytes?n=500", method = "HEAD" }))
      assert.equal("", (get(server.url .. "/_answer?status=204")))
      assert.equal("", (get(server.url .. "/_answer?status=304")))
    end)

    it("is not followed where it redirects", function()
      local _, _, _, status = get(server.url .. "/_answer?status=302&header=Location:/_count")
      assert.equal(302, status)
      assert.equal(1, #server:log())
      local body, err, _, secure = get(server.tls_url .. "/_answer?status=302&header=Location:/_count")
      assert.same({ "", nil, 302 }, { body, err, secure })
      assert.equal(2, #server:log())
    end)

    it("joins thousands of repeated fields in linear time", function()
      local lines = {}
      for i = 1, 4000 do lines[i] = "a: " .. i end
      fault { wire = "cut_headers", headers = { ["X-Many"] = lines }, at = 1 << 30 }
      local exchange <close> = open(answer_url())
      drive()
      assert.equal(4000, select(2, (exchange:headers()["x-many"] or ""):gsub("a: ", "")))
    end)
  end)

  describe("a request", function()
    local function echo(request)
      request.url = server.url .. "/_echo"
      return (assert(get(request)))
    end

    it("is sent as asked for, and no more", function()
      local text = echo { method = "PATCH", body = "a\0b",
        headers = { { "X-Key", "v" }, { "X-Empty", "" } } }
      assert.matches('"method":"PATCH"', text, 1, true)
      assert.matches('"body_base64":"YQBi"', text, 1, true)
      for _, field in ipairs { '"x-key":"v"', '"x-empty":""', '"content-length":"3"',
        '"accept-encoding":"gzip"' } do
        assert.matches(field, text, 1, true)
      end
      for _, field in ipairs { "content%-type", "user%-agent", "expect", "cookie", "referer" } do
        assert.not_matches('"' .. field .. '"', text)
      end
    end)

    it("asks for no coding where gzip = false", function()
      assert.matches('"accept-encoding":"identity"', echo { gzip = false }, 1, true)
    end)

    it("has nothing of the one before it, whatever that was", function()
      for i = 1, 3 do
        local text = echo { headers = { { "X-Own-" .. i, "v" } }, first_byte_s = 20 + i }
        assert.matches(('"x-own-%d":"v"'):format(i), text, 1, true)
        assert.not_matches(('"x-own-%d"'):format(i - 1), text, 1, true)
        assert.matches('"method":"POST"', echo { method = "POST", body = "b" .. i }, 1, true)
        text = echo { gzip = false, http = "1.1" }
        assert.matches('"method":"GET"', text, 1, true)
        assert.not_matches("content-length", text, 1, true)
        assert.not_matches("x-own", text, 1, true)
        assert.same({ "", 200 }, { (function()
          local body, _, _, status = get { url = server.url .. "/_echo", method = "HEAD" }
          return body, status
        end)() })
      end
      assert.equal("one", (get(answer_url "one")))
      assert.equal("two", (get(answer_url "two")))
    end)

    it("that is closed has no part in the next one", function()
      local closed = open(answer_url "closed")
      closed:close()
      local exchange <close> = open(answer_url "other")
      assert.error_matches(function() closed:status() end, "closed usagelua.exchange")
      assert.equal("usagelua.exchange (closed)", tostring(closed))
      closed:close()
      assert.equal("other", read_all(exchange))
    end)

    it("carries a large body", function()
      local body = ("x"):rep(3 * MIB)
      local text = assert(get { url = server.url .. "/_echo", method = "POST", body = body })
      assert.matches('"content-length":"3145728"', text, 1, true)
    end)

    it("without a body says so for POST and PUT", function()
      assert.matches('"content-length":"0"', echo { method = "POST" }, 1, true)
      assert.matches('"content-length":"0"', echo { method = "PUT" }, 1, true)
      assert.not_matches("content-length", echo { method = "DELETE" }, 1, true)
    end)

    local function assert_refused(kind, pattern, change)
      local request = { url = server.url .. "/_echo" }
      for name, value in pairs(change) do request[name] = value end
      local exchange, err = engine:open(request)
      assert.is_nil(exchange)
      assert.equal(kind, err.kind)
      assert.matches(pattern, err.message)
      assert.equal(0, engine:active())
    end

    it("with another header hidden in a name or value is refused", function()
      for _, value in ipairs { "a\r\nX-B: 1", "a\nb", "a\rb", "a\0b", "\27[31m" } do
        assert_refused("usage", "X%-A holds a line end", { headers = { { "X-A", value } } })
      end
      for _, name in ipairs { "", "X A", "X:A", "X\nA", "X\0", "é" } do
        assert_refused("usage", "is no name of a header field", { headers = { { name, "v" } } })
      end
    end)

    it("may not write the fields that the transfer writes", function()
      for _, name in ipairs { "Host", "content%-length", "Transfer%-Encoding", "Connection",
        "Accept%-Encoding", "Expect", "Proxy%-Authorization" } do
        assert_refused("usage", name .. " is written by the transfer",
          { headers = { { name:gsub("%%", ""), "1" } } })
      end
    end)

    it("has a method that is one", function()
      for _, method in ipairs { "", "GET /x", "G\nET", "get", "GÉT", ("X"):rep(40) } do
        assert_refused("usage", "the method", { method = method })
      end
      assert_refused("usage", "CONNECT is not sent", { method = "CONNECT" })
    end)

    it("goes by https, or by http to this machine", function()
      for url, pattern in pairs {
        ["http://api.lambdatest.com/x"] = "plain http goes to this machine only",
        ["ftp://localhost/x"] = "does not begin with https",
        ["file:///etc/passwd"] = "does not begin with https",
        ["https://user:word@localhost/"] = "user name",
        ["https://localhost\\@example.com/"] = "backslash",
        ["https://localhost /"] = "space",
        ["http://127.1/"] = "no plain IPv4",
        ["http://2130706433/"] = "no plain IPv4",
        ["https://api.browserstack.com%2eevil.test/"] = "host",
        ["https://api.browserstack.co/reports/usage/v1/user"] = "typo in BrowserStack's documentation",
        ["localhost"] = "does not begin with https",
        [""] = "does not begin with https",
      } do
        assert_refused("refused", pattern, { url = url })
      end
    end)

    it("that is refused shows neither password nor query", function()
      local _, err = engine:open { url = "https://me:hunter22@localhost/?key=abc" }
      assert.not_matches("hunter22", err.message)
      local _, other = engine:open { url = "http://example.com/a?key=abc" }
      assert.not_matches("abc", other.message)
    end)

    it("of a wrong type raises, naming the field", function()
      for name, value in pairs { url = 1.5, headers = "x", body = {}, auth = "x", connect_s = "soon",
        first_byte_s = -1, stall_s = 0, max_body_bytes = 1.5, buffer_bytes = -1, http = "3" } do
        local request = { url = server.url }
        request[name] = value
        assert.error_matches(function() engine:open(request) end, name)
      end
      assert.error_matches(function() engine:open { url = server.url, headers = { "x" } } end, "headers%[1%]")
      assert.error_matches(function() engine:open {} end, "url")
    end)
  end)

  describe("a connection", function()
    it("is kept and used again", function()
      for _ = 1, 20 do assert.equal(DIGITS, (get(answer_url()))) end
      assert.same({ 20, 1 }, { #server:log(), connections_used() })
    end)

    it("speaks HTTP/2 over TLS, again and again, and 1.1 where only that is offered", function()
      for i = 1, 5 do
        local body, _, facts = get(server.tls_url .. "/_bytes?n=200000")
        assert.same({ 200000, "2", i > 1 }, { #body, facts.http, facts.reused })
      end
      local _, _, facts = get { url = server.tls_url .. "/_bytes?n=5", http = "1.1" }
      assert.equal("1.1", facts.http)
    end)

    it("to localhost reaches this machine", function()
      assert.equal(DIGITS, (get((answer_url():gsub("127%.0%.0%.1", "localhost")))))
    end)

    it("that is refused says so", function()
      assert_fails("network", "refused", "127%.0%.0%.1:1 refused the connection", "http://127.0.0.1:1/")
    end)

    it("to an unknown name says so", function()
      assert_fails("network", "dns", "name of nowhere%.invalid was not found",
        { url = "https://nowhere.invalid/", connect_s = NAMES_S })
    end)

    it("under a certificate that is not good is refused, with the host and the way out", function()
      for name, pattern in pairs { wrong_name = "does not match\nor no alternative", expired = "expired",
        self_signed = "self%-signed" } do
        local url = ("https://localhost:%d/_echo"):format(server.ports[name])
        local err = assert_fails("refused", "tls_verification",
          "^the certificate of https://localhost:%d+ was not accepted: ", url)
        if name ~= "wrong_name" then assert.matches(pattern, err.message) end
        assert.matches("USAGELUA_CA_FILE", err.hint)
        assert.is_false(err.sent)
      end
    end)

    it("under an unknown authority is refused", function()
      local stranger <close> = transfer.engine()
      local exchange <close> = stranger:open { url = server.tls_url .. "/_echo" }
      while stranger:active() > 0 do stranger:step(1) end
      local _, err = exchange:read()
      assert.same({ "refused", "tls_verification" }, { err.kind, err.code })
    end)

    it("under TLS 1.1, or to no TLS at all, fails in the handshake", function()
      for _, name in ipairs { "tls11", "plain" } do
        local url = ("https://localhost:%d/_echo"):format(server.ports[name])
        assert_fails("network", "tls", "handshake with https://localhost:%d+ failed", url)
      end
    end)

    it("under TLS 1.1 fails also where the system's library would take it", function()
      local folder <close> = tmp.folder()
      local result = shell.run({ shell.lua(), "-e", ([[
        package.cpath = %q
        local engine = require "usagelua.transfer".engine { ca_file = %q }
        local exchange = engine:open { url = "https://localhost:%d/_echo" }
        while engine:active() > 0 do engine:step(1) end
        local piece, err = exchange:read()
        io.write(piece or err.code)]]):format(package.cpath, server.ca_file, server.ports.tls11) },
        { env = { OPENSSL_CONF = folder:write("openssl.cnf", LAX_TLS) } })
      assert.equal("tls", result.stdout)
    end)

    it("that the server has closed meanwhile is not used, and nothing is sent twice", function()
      for _, url in ipairs { server.url, server.tls_url } do
        server:reset()
        fault { wire = "long_length", by = 0, times = 2 }  -- whole, then closed without notice
        for _ = 1, 3 do
          local request = { url = url .. "/_answer?body=" .. DIGITS, method = "POST", http = "1.1" }
          assert.equal(DIGITS, (assert(get(request))))
          server:control "/counts" -- which is answered when the connection is closed
          engine:step(0)
        end
        assert.equal(3, #server:log())
      end
    end)

    it("is not repeated behind our back when it dies without an answer", function()
      get(answer_url())
      server:reset()
      fault { wire = "close" }
      local err = assert_fails("network", "lost", "closed the connection without an answer", answer_url())
      assert.is_true(err.sent)
      assert.equal(1, #server:log())
    end)
  end)

  describe("what libcurl takes for a success", function()
    local function assert_cut(code, pattern, rule)
      fault(rule)
      return assert_fails("cut", code, pattern, answer_url())
    end

    it("is an error where the headers are cut", function()
      for _, at in ipairs { 5, 20, 60 } do
        fault { wire = "cut_headers", at = at }
        local _, err = get(answer_url())
        assert.is_truthy(err.kind == "cut" or at < 13)
        assert.is_truthy(err.kind == "cut" or err.kind == "network")
      end
      assert_cut("headers", "inside the headers", { wire = "cut_headers" })
    end)

    it("is an error where the body is shorter than Content-Length", function()
      assert_cut("length", "cut: 250 of 500 bytes came", { wire = "cut_body" })
      assert_cut("length", "cut: 500 of 510 bytes came", { wire = "long_length" })
    end)

    it("is an error where the body is longer than Content-Length", function()
      assert_cut("length", "longer than the 490 bytes", { wire = "short_length" })
      assert_cut("length", "longer than the 0 bytes", { wire = "short_length", by = 500 })
    end)

    it("is an error where a long body is longer than Content-Length", function()
      local body = ("x"):rep(300000)
      fault { wire = "short_length", body = body }
      assert_fails("cut", "length", "longer than the 299990 bytes", answer_url())
      fault { wire = "short_length", body = body, by = 299000 }
      assert_fails("cut", "length", "longer than the 1000 bytes", answer_url())
    end)

    it("is an error over TLS too", function()
      fault { wire = "short_length" }
      assert_fails("cut", "length", "longer than", { url = server.tls_url .. "/_answer?body=" .. DIGITS,
        http = "1.1" })
    end)

    it("is an error where a chunked body is cut or broken", function()
      assert_cut("chunked", "cut after 250 bytes", { wire = "cut_chunked" })
      fault { wire = "bad_chunk" }
      assert_fails("network", "broken", "chunked", answer_url())
    end)

    it("is an error where an HTTP/2 stream is cut", function()
      fault { wire = "cut_body" }
      local body, err = get(server.tls_url .. "/_answer?body=" .. DIGITS)
      assert.is_nil(body)
      assert.is_truthy(err.kind == "cut" or err.kind == "network")
    end)

    it("shows in the framing where only the reader can know", function()
      fault { wire = "cut_close" }
      local body, _, facts = get(answer_url())
      assert.same({ 250, "close" }, { #body, facts.framing })
    end)

    it("is an error where two lengths disagree", function()
      fault { wire = "cut_chunked", headers = { ["Content-Length"] = { "250", "251" } } }
      local _, err = get(answer_url())
      assert.equal("network", err.kind)
    end)

    it("is an error where a transfer coding was not asked for", function()
      fault { wire = "cut_close", headers = { ["Transfer-Encoding"] = "gzip" } }
      assert_fails("encoding", "transfer_encoding", "transfer coding 'gzip'", answer_url())
    end)

    it("is an error where the connection breaks", function()
      fault { wire = "reset" }
      local err = assert_fails("network", "reset", "reset the connection before an answer", answer_url())
      assert.is_true(err.sent)
      fault { wire = "garbage" }
      assert_fails("network", "protocol", "did not answer in HTTP", answer_url())
    end)

    it("leaves the engine usable", function()
      for _, wire in ipairs { "reset", "cut_headers", "cut_body", "cut_chunked", "short_length" } do
        fault { wire = wire, times = 1 }
        assert.is_nil((get(answer_url())))
        assert.equal(DIGITS, (get(answer_url())))
      end
    end)
  end)

  describe("gzip", function()
    it("is undone", function()
      fault { wire = "gzip" }
      local body, _, facts = get(answer_url())
      assert.equal(DIGITS, body)
      assert.equal(500, facts.body_bytes)
      assert.is_true(facts.wire_bytes < 100)
    end)

    it("is undone at any size, over HTTP/1.1 and HTTP/2", function()
      for _, url in ipairs { server.url, server.tls_url } do
        for _, size in ipairs { 1, 131071, 131072, 131073, 3000000 } do
          fault { wire = "gzip", body = ("abcdefghi\n"):rep(size // 10 + 1):sub(1, size) }
          assert.equal(size, #get(url .. "/_answer"))
        end
      end
    end)

    it("may have several members", function()
      fault { wire = "gzip_members" }
      assert.equal(DIGITS, (get(answer_url())))
    end)

    it("that is cut is an error", function()
      for _, wire in ipairs { "gzip_cut", "gzip_no_trailer", "gzip_short_trailer" } do
        fault { wire = wire }
        assert_fails("cut", "gzip", "ends after %d+ bytes, inside the stream", answer_url())
      end
    end)

    it("that is broken is an error", function()
      local patterns = { gzip_wrong_sum = "incorrect data check", gzip_plain = "incorrect header check",
        gzip_trailing = "bytes after its end" }
      for wire, pattern in pairs(patterns) do
        fault { wire = wire }
        assert_fails("encoding", "gzip", pattern, answer_url())
      end
      fault { wire = "gzip_broken", body = ("The quick brown fox jumps. "):rep(3) .. DIGITS:reverse() }
      assert.equal("gzip", select(2, get(answer_url())).code)
    end)

    it("in layers, or another coding, is an error", function()
      fault { wire = "gzip_layered" }
      assert_fails("encoding", "content_encoding", "'gzip, gzip'", answer_url())
      fault { wire = "gzip", coding = "br" }
      assert_fails("encoding", "content_encoding", "'br'", answer_url())
    end)

    it("shows in the facts", function()
      local _, _, plain = get(answer_url())
      fault { wire = "gzip" }
      local _, _, coded = get(answer_url())
      assert.same({ nil, "gzip" }, { plain.coding, coded.coding })
    end)

    it("as a file is unpacked where the request says so, of good answers only", function()
      local function file(unpack, wire, status)
        fault { status = status, body = status and DIGITS, wire = wire, coding = "identity" }
        return get { url = answer_url(), unpack = unpack }
      end
      assert.equal("\31\139", (file(nil, "gzip")):sub(1, 2))
      local body, _, facts = file(true, "gzip")
      assert.same({ DIGITS, "gzip" }, { body, facts.coding })
      local none, err = file(true, "gzip_cut")
      assert.is_nil(none)
      assert.same({ "cut", "gzip" }, { err.kind, err.code })
      body, _, facts = file(true, "gzip", 403)
      assert.same({ "\31\139", nil }, { body:sub(1, 2), facts.coding })
      assert.equal("encoding", select(2, file(true, "gzip_plain")).kind)
    end)

    it("of no bytes is an empty body", function()
      fault { wire = "gzip_empty" }
      assert.equal("", (get(answer_url())))
    end)

    it("of empty members comes to its end, or to the limit on the body", function()
      local request = { url = answer_url(), max_body_bytes = 100000 }
      fault { wire = "gzip_empty_members", count = 5000 }
      assert.equal("", (get(request)))
      fault { wire = "gzip_empty_members", count = 50000 }
      assert_fails("limit", "body_bytes", "larger than 100000 bytes", request)
    end)

    it("that expands beyond measure ends soon and small", function()
      fault { wire = "gzip_bomb", mib = 1024 }
      local exchange <close> = open(answer_url())
      local before, started = resident_kib(), os.clock()
      local count, err = count_all(exchange)
      assert.is_nil(count)
      assert.same({ "limit", "ratio" }, { err.kind, err.code })
      assert.is_true(os.clock() - started < (IS_INSTRUMENTED and 60 or 20))
      assert.is_true(exchange:facts().body_bytes < 64 * MIB)
      assert.is_true(resident_kib() - before < 32 * KIB)
      engine:step(0) -- the reader or the step before it may have found out
      assert.equal(0, engine:active())
    end)

    it("counts decoded bytes against the limit", function()
      fault { wire = "gzip", body = ("x"):rep(200000) }
      assert_fails("limit", "body_bytes", "larger than 100000 bytes",
        { url = answer_url(), max_body_bytes = 100000 })
      assert.equal(200000, #get { url = answer_url(), max_body_bytes = 200000 })
    end)
  end)

  describe("a limit", function()
    it("on the body holds with and without a length", function()
      local url = server.url .. "/_bytes?n=2000"
      for _, framing in ipairs { "length", "chunked" } do
        local request = { url = url .. "&framing=" .. framing, max_body_bytes = 1999 }
        assert_fails("limit", "body_bytes", "larger than 1999 bytes %(max_body_bytes%)", request)
        request.max_body_bytes = 2000
        assert.equal(2000, #get(request))
      end
    end)

    it("on the headers holds for one line and for many", function()
      fault { wire = "huge_headers" }
      assert_fails("limit", "header_bytes", "larger than 262144 bytes %(max_header_bytes%)", answer_url())
      fault { headers = { ["X-Long"] = ("x"):rep(2000) } }
      assert_fails("limit", "header_bytes", "larger than 1000 bytes",
        { url = answer_url(), max_header_bytes = 1000 })
      assert.equal(DIGITS, (get { url = answer_url(), max_header_bytes = 4000 }))
    end)

    it("on connecting is its own error", function()
      -- a stopped server: the kernel takes the connection, nobody answers the TLS handshake
      local signal = "kill -%s " .. server.pid
      os.execute(signal:format "STOP")
      finally(function() os.execute(signal:format "CONT") end)
      local err = assert_fails("timeout", "connect", "no connection to .* within 0%.2 s %(connect_s%)",
        { url = server.tls_url, connect_s = 0.2 })
      assert.is_false(err.sent)
    end)

    it("on the first byte is its own error", function()
      fault { wire = "stall_first", stall_s = 60 }
      local err = assert_fails("timeout", "first_byte", "no answer from .* within 2 s",
        { url = answer_url(), first_byte_s = 2 })
      assert.is_true(err.sent)
    end)

    it("on the first byte is not prolonged by interim answers", function()
      fault { wire = "informational", gap_ms = 20 }
      assert_fails("timeout", "first_byte", "within 0%.3 s",
        { url = answer_url(), first_byte_s = 0.3, max_header_bytes = 100 * MIB })
      fault { wire = "informational" }
      assert_fails("limit", "header_bytes", "headers from", answer_url())
    end)

    it("passes over a few interim answers", function()
      fault { wire = "informational", count = 100 }
      local body, _, _, status = get(answer_url())
      assert.same({ DIGITS, 200 }, { body, status })
    end)

    it("on progress ends a stalled body", function()
      fault { wire = "stall", stall_s = 600 }
      assert_fails("timeout", "stall", "sent under 52 bytes in 0%.2 s .* after 250 bytes",
        { url = answer_url(), stall_s = 0.2, stall_bytes = 256 })
    end)

    it("on progress ends a body that drips, and lets a slow one pass", function()
      fault { wire = "drip", piece = 1, gap_ms = 10 }
      assert_fails("timeout", "stall", "sent under",
        { url = answer_url(), stall_s = 0.2, stall_bytes = 1000 })
      -- ten pieces, of which two in three seconds are enough
      fault { wire = "drip", piece = 50, gap_ms = 450 }
      assert.equal(DIGITS, (get { url = answer_url(), stall_s = 3, stall_bytes = 20 }))
    end)

    it("on progress does not count while the reader holds the transfer", function()
      local exchange <close> = open { url = server.url .. "/_bytes?n=20000000", stall_s = 2,
        buffer_bytes = 64 * KIB }
      local began = core.clock.monotonic()
      while core.clock.monotonic() - began < 5 do engine:step(0.1) end
      assert.equal(20000000, count_all(exchange))
    end)

    it("is not slept past", function()
      fault { wire = "stall_first" }
      local exchange <close> = open { url = answer_url(), first_byte_s = 0.1 }
      local changed = engine:step(600)
      while #changed == 0 do changed = engine:step(600) end
      assert.equal(exchange, changed[1])
      assert.is_true(exchange:facts().total_s < 300)
    end)
  end)

  describe("a reader that sleeps", function()
    it("keeps memory bounded, and loses nothing", function()
      local exchange <close> = open(server.url .. "/_bytes?n=200000000")
      engine:step(1)
      local before = resident_kib()
      for _ = 1, 30 do engine:step(0.01) end
      assert.is_true(exchange:facts().wire_bytes <= MIB)
      assert.equal(200000000, count_all(exchange))
      assert.is_true(resident_kib() - before < 24 * KIB)
    end)

    it("holds up nobody else, over HTTP/2 too", function()
      for _, url in ipairs { server.url, server.tls_url } do
        local held <close> = open { url = url .. "/_bytes?n=50000000", buffer_bytes = 64 * KIB }
        for _ = 1, 5 do engine:step(0.02) end
        assert.equal(3000000, #get(url .. "/_bytes?n=3000000"))
        assert.equal(50000000, count_all(held))
      end
    end)
  end)

  describe("an engine", function()
    it("runs a thousand at once", function()
      local files = assert(io.popen("ulimit -n")):read "n" or math.huge
      if files < 1100 then return pending("at most " .. files .. " files may be open here") end
      local exchanges = {}
      for i = 1, 1000 do
        exchanges[i] = open(("%s/_slow?first_ms=300&size=%d"):format(server.url, i))
      end
      assert.equal(1000, engine:active())
      drive(120)
      for i = 1, 1000 do
        assert.equal(i, #assert(read_all(exchanges[i])))
        exchanges[i]:close()
      end
    end)

    it("lets requests wait where connections are limited, which is no part of their limit", function()
      local narrow <close> = transfer.engine { max_connections = 2 }
      local exchanges = {}
      for i = 1, 6 do
        exchanges[i] = assert(narrow:open { url = server.url .. "/_slow?first_ms=2000", connect_s = 3 })
      end
      while narrow:active() > 0 do narrow:step(1) end
      assert.equal(2, connections_used())
      for i = 1, 6 do assert.equal("0123456789", exchanges[i]:read()) end
    end)

    it("hands out each exchange that changed, once it has ended for the last time", function()
      local seen, ended = {}, 0
      for i = 1, 10 do seen[open(server.url .. "/_bytes?n=" .. i)] = 0 end
      while engine:active() > 0 do
        for _, exchange in ipairs((engine:step(1))) do seen[exchange] = seen[exchange] + 1 end
      end
      for exchange, times in pairs(seen) do
        assert.is_true(times >= 1)
        ended = ended + #read_all(exchange)
      end
      assert.equal(55, ended)
      assert.equal(0, #engine:step(0))
    end)

    it("holds what is in flight, and lets go of what has ended", function()
      local held = setmetatable({}, { __mode = "v" })
      held[1] = open(server.url .. "/_slow?first_ms=50")
      collectgarbage() collectgarbage()
      assert.is_truthy(held[1])
      local handed_out
      while engine:active() > 0 do handed_out = engine:step(1)[1] == held[1] end
      assert.is_true(handed_out)
      collectgarbage() collectgarbage()
      assert.is_nil(held[1])
    end)

    it("lets go of what is closed on its way", function()
      local held = setmetatable({}, { __mode = "v" })
      for i = 1, 20 do
        held[i] = open(server.url .. "/_slow?first_ms=60000")
        held[i]:close()
      end
      collectgarbage() collectgarbage()
      assert.is_nil(next(held))
    end)

    it("is collected together with its exchanges", function()
      local weak = setmetatable({}, { __mode = "k" })
      do
        local other = transfer.engine()
        weak[other] = true
        weak[other:open { url = server.url .. "/_slow?first_ms=60000" }] = true
        other:step(0.02)
      end
      collectgarbage() collectgarbage()
      assert.is_nil(next(weak))
    end)

    it("waits no longer than said, and not at all where something changed", function()
      assert.same({}, (engine:step(0.05)))
      local exchange <close> = open(answer_url())
      drive()
      engine:step(0)
      assert.equal(DIGITS, read_all(exchange))
    end)

    it("ends a step when a watched descriptor is readable", function()
      local folder <close> = tmp.folder()
      local fifo = folder.path .. "/fifo"
      os.execute("mkfifo " .. fifo)
      local pipe <close> = assert(io.open(fifo, "r+"))
      local number = tonumber((io.popen("for f in /proc/$PPID/fd/*; do [ \"$(readlink $f)\" = " .. fifo ..
        " ] && basename $f; done"):read "l"))
      engine:watch(number)
      assert.is_false(select(2, engine:step(0)))
      assert(pipe:write "x")
      pipe:flush()
      assert.is_true(select(2, engine:step(60)))
      assert.is_true(select(2, engine:step(60)))
      pipe:read(1)
      assert.is_false(select(2, engine:step(0)))
    end)

    it("refuses to watch what nobody can wait for", function()
      local _ <close> = assert(io.open("Makefile"))
      local pipe <close> = assert(io.popen "ls -l /proc/$PPID/fd")
      local number = tonumber(pipe:read("a"):match "(%d+) %-> [^\n]*/Makefile\n")
      assert.error_matches(function() engine:watch(number) end, "cannot be watched")
    end)

    it("refuses to watch what is not open", function()
      assert.error_matches(function() engine:watch(999999) end, "no open file descriptor")
    end)

    it("ends the next step when woken", function()
      engine:wake()
      assert.same({}, (engine:step(60)))
    end)

    it("ends all when closed, and raises afterwards", function()
      local exchange = open(server.url .. "/_slow?first_ms=60000")
      engine:step(0.02)
      engine:close()
      engine:close()
      local _, err = exchange:read()
      assert.equal("cancelled", err.kind)
      exchange:close()
      assert.error_matches(function() engine:step(0) end, "closed usagelua.engine")
      assert.error_matches(function() exchange:status() end, "closed usagelua.exchange")
      assert.equal("usagelua.engine (closed)", tostring(engine))
    end)

    it("frees connections and memory of exchanges closed on their way", function()
      local function round()
        for _ = 1, 20 do
          local exchange <close> = open(server.url .. "/_bytes?n=5000000")
          assert.is_nil(exchange:status())
          engine:step(0.01)
        end
      end
      round()
      local before = open_descriptors()
      for _ = 1, 5 do round() end
      collectgarbage()
      assert.equal(0, engine:active())
      assert.is_true(open_descriptors() <= before)
    end)

    it("has an authority file that is one", function()
      local folder <close> = tmp.folder()
      for path, pattern in pairs { [folder.path .. "/none"] = "No such file",
        [folder:write("text", "no certificate")] = "holds no certificate", ["/"] = "cannot be used" } do
        local other, err = transfer.engine { ca_file = path }
        assert.is_nil(other)
        assert.equal("usage", err.kind)
        assert.matches(pattern, err.message)
        assert.matches("USAGELUA_CA_FILE", err.hint)
      end
    end)

    -- Runs code with `engine` in a process of its own.
    local function run_apart(code, env)
      local head = ('package.cpath = %q local engine = require "usagelua.transfer".engine() ')
        :format(package.cpath)
      return shell.run({ shell.lua(), "-e", head .. code }, { env = env })
    end

    it("goes through no proxy to this machine", function()
      -- a proxy on a closed port would make every request fail
      local closed = "http://127.0.0.1:1"
      local result = run_apart(([[
        local exchange = engine:open { url = %q }
        while engine:active() > 0 do engine:step(1) end
        io.write(exchange:read())]]):format(answer_url "direct"),
        { http_proxy = closed, https_proxy = closed, all_proxy = closed })
      assert.equal("direct", result.stdout)
    end)

    it("asks a proxy for other hosts, and says when it was the proxy that failed", function()
      local function failure(proxy)
        return run_apart([[
          local exchange = engine:open { url = "https://api.example.com/", connect_s = ]] .. NAMES_S .. [[ }
          while engine:active() > 0 do engine:step(1) end
          local _, err = exchange:read()
          io.write(err.code, " ", err.message)]], { https_proxy = proxy }).stdout
      end
      assert.equal("refused the proxy on the way to api.example.com refused the connection",
        failure "http://127.0.0.1:1")
      assert.matches("dns the name of the proxy on the way to api.example.com was not found",
        failure "http://proxy.invalid:1", 1, true)
    end)

    it("keeps a vendor's credential and fields from the proxy", function()
      local folder <close> = tmp.folder()
      folder:write("key", "0123456789abcdef")
      local script = folder:write("ask.lua", ([[
        package.cpath = %q
        local engine, core = require "usagelua.transfer".engine(), require "usagelua.core"
        local token = core.secret.file(%q):bind "api.example.com"
        local exchange = engine:open { url = "https://api.example.com/", headers = { { "X-Own", "1" } },
          auth = { kind = "bearer", token = token } }
        while engine:active() > 0 do engine:step(1) end]]):format(package.cpath, folder.path .. "/key"))
      local asked = python.run(PROXY, shell.lua() .. "\n" .. script)
      assert.matches("^CONNECT api%.example%.com:443 HTTP/1%.1\r\n", asked)
      for _, word in ipairs { "authorization", "bearer", "x%-own", "0123456789" } do
        assert.not_matches(word, asked:lower())
      end
    end)

    it("takes no name and password from netrc", function()
      local folder <close> = tmp.folder()
      folder:write(".netrc", "machine 127.0.0.1 login ada password not-from-here\n")
      local result = run_apart(([[
        local exchange = engine:open { url = %q }
        while engine:active() > 0 do engine:step(1) end
        io.write(exchange:read())]]):format(server.url .. "/_echo"), { HOME = folder.path })
      assert.matches('"method":"GET"', result.stdout, 1, true)
      assert.not_matches("authorization", result.stdout:lower())
    end)

    -- What the C library's resolver holds when its threads are left is not ours
    -- to free: leaks do not count here, all else that a sanitizer finds does.
    it("may be left while names are looked up", function()
      for _ = 1, 5 do
        local result = run_apart([[
          for _ = 1, 5 do engine:open { url = "https://nowhere.invalid/" } engine:step(0) end]],
          { ASAN_OPTIONS = IS_INSTRUMENTED and "detect_leaks=0" or nil })
        assert.same({ 0, "" }, { result.status, result.stderr })
      end
    end)
  end)

  describe("a credential", function()
    local folder, secret

    before_each(function()
      folder = tmp.folder()
      folder:write("key", "s3cret:with%odd/+chars")
      secret = assert(core.secret.file(folder.path .. "/key"))
    end)
    after_each(function() folder:remove() end)

    local function echo(auth)
      return (assert(get { url = server.url .. "/_echo", auth = auth }))
    end

    local function bound()
      return secret:bind(server.url, server.tls_url)
    end

    it("goes out as Basic, as Bearer, in a field, or in several", function()
      local basic = core.json.decode(echo { kind = "basic", username = "me", password = bound() })
      assert.equal("Basic bWU6czNjcmV0OndpdGglb2RkLytjaGFycw==", basic.headers.authorization)
      local bearer = core.json.decode(echo { kind = "bearer", token = bound() })
      assert.equal("Bearer s3cret:with%odd/+chars", bearer.headers.authorization)
      local fields = core.json.decode(echo { { kind = "header", name = "X-Key", value = bound() },
        { kind = "header", name = "X-Other", prefix = "Key ", value = bound() } })
      assert.same({ "s3cret:with%odd/+chars", "Key s3cret:with%odd/+chars" },
        { fields.headers["x-key"], fields.headers["x-other"] })
    end)

    it("goes out as a parameter, in the place of one of that name", function()
      local function query(text, name)
        local body = assert(get { url = server.tls_url .. "/_echo" .. text,
          auth = { kind = "query", name = name or "key", value = bound() } })
        return core.json.decode(body).query
      end
      local pair = "key=s3cret%3Awith%25odd%2F%2Bchars"
      assert.equal(pair, query "")
      assert.equal(pair, query "?")
      assert.equal(pair, query "?key")
      assert.equal(pair, query "?key=old#key=kept")
      assert.equal("a=%2F+%2b&" .. pair, query "?a=%2F+%2b")
      assert.equal("keys=1&Key=2&a=key=3&" .. pair, query "?keys=1&key=x&Key=2&a=key=3&key=y")
      assert.equal("a%5Bb%5D=s3cret%3Awith%25odd%2F%2Bchars", query("?a%5Bb%5D=old", "a[b]"))
    end)

    it("goes out in a form, behind what is there", function()
      local function sent(request)
        request.url, request.method = server.tls_url .. "/_echo", request.method or "POST"
        local echoed = core.json.decode((assert(get(request))))
        return { echoed.method, echoed.body, echoed.headers["content-type"],
          echoed.headers["content-length"] }
      end
      local form = { kind = "form", name = "client secret", value = bound() }
      local pair, media_type = "client%20secret=s3cret%3Awith%25odd%2F%2Bchars",
        "application/x-www-form-urlencoded"
      assert.same({ "POST", pair, media_type, tostring(#pair) }, sent { auth = form })
      assert.same({ "PUT", "a=1&" .. pair .. "&" .. pair, media_type, tostring(5 + 2 * #pair) },
        sent { method = "PUT", body = "a=1", auth = { form, form } })
      assert.equal("application/x-www-form-urlencoded; charset=utf-8", sent { auth = form,
        headers = { { "content-type", "application/x-www-form-urlencoded; charset=utf-8" } } }[3])
    end)

    it("as a parameter needs a name, and stands in no error", function()
      for _, kind in ipairs { "query", "form" } do
        local _, err = engine:open { url = server.url, auth = { kind = kind, name = "", value = bound() } }
        assert.same({ "usage", "parameter" }, { err.kind, err.code })
        local failed = assert_fails("network", "refused", "refused the connection", {
          url = ("http://127.0.0.1:%d/x"):format(server.ports.closed),
          auth = { kind = kind, name = "key", value = secret:bind("http://127.0.0.1:" .. server.ports.closed) } })
        assert.not_matches("s3cret", failed.message)
        assert.error_matches(function()
          engine:open { url = server.url, auth = { kind = kind, value = bound() } }
        end, "auth.name")
      end
    end)

    it("goes over TLS and HTTP/2 where it is bound to that", function()
      local auth = { kind = "bearer", token = bound() }
      local body = assert(get { url = server.tls_url .. "/_echo", auth = auth })
      assert.matches("Bearer s3cret", body, 1, true)
    end)

    it("may have a user name that is a secret too", function()
      local auth = { kind = "basic", username = bound(), password = bound() }
      local _, err = engine:open { url = server.url, auth = auth }
      assert.matches("user name holds a colon", err.message)
      folder:write("name", "somebody")
      auth.username = core.secret.file(folder.path .. "/name"):bind(server.url)
      assert.matches('"Basic c29tZWJvZHk6', echo(auth), 1, true)
    end)

    it("is not sent where its user name would end the line", function()
      for _, name in ipairs { "ada\r\nX-Other", "ada\n", "ada\0" } do
        local auth = { kind = "basic", username = name, password = bound() }
        local _, err = engine:open { url = server.url, auth = auth }
        assert.same({ "credential", "bytes" }, { err.kind, err.code })
        assert.matches("user name holds a line end or a NUL", err.message)
      end
    end)

    it("goes nowhere else, and nothing is connected", function()
      local port = server.port
      local elsewhere = {
        [("http://127.0.0.1:%d/_echo"):format(port)] = "https://other.test",
        [("http://localhost:%d/_echo"):format(port)] = ("http://127.0.0.1:%d"):format(port),
        [("http://127.0.0.1:%d/"):format(port)] = ("http://127.0.0.1:%d"):format(port + 1),
        [("https://localhost:%d/"):format(server.tls_port)] = "localhost",
        [("http://127.0.0.1:%d/_count"):format(port)] = ("https://127.0.0.1:%d"):format(port),
      }
      local seen = connections_during(function()
        for url, host in pairs(elsewhere) do
          local token = secret:bind(host)
          for _, auth in ipairs { { kind = "bearer", token = token },
            { kind = "basic", username = "x", password = token },
            { kind = "basic", username = token, password = secret:bind(url:match "^%w+://[^/]+") },
            { kind = "header", name = "X", value = token } } do
            local exchange, err = engine:open { url = url, auth = auth }
            assert.is_nil(exchange)
            assert.same({ "refused", "credential" }, { err.kind, err.code })
            assert.matches("goes to .* only, not to ", err.message)
          end
        end
        engine:step(0.05)
      end)
      assert.is_true(seen <= 4, seen)  -- of twenty that were tried; the server may count an older one late
      assert.equal(0, engine:active())
    end)

    it("that is bound to nothing goes nowhere", function()
      local exchange, err = engine:open { url = server.url, auth = { kind = "bearer", token = secret } }
      assert.is_nil(exchange)
      assert.matches("bound to no host", err.message)
    end)

    it("stands in no error, and in nothing that is printed", function()
      local _, err = engine:open { url = server.url, auth = { kind = "bearer", token = secret } }
      assert.not_matches("s3cret", err.message)
      local auth = { kind = "bearer", token = bound() }
      local exchange <close> = open { url = server.url .. "/_echo", auth = auth }
      assert.not_matches("s3cret", tostring(exchange))
    end)

    it("is a secret, not a string, and of a kind that is known", function()
      for _, auth in ipairs { { kind = "bearer", token = "plain" }, { kind = "basic", username = "x" },
        { kind = "header", name = "X", value = "plain" }, { kind = "digest" }, { {} }, { "bearer" } } do
        assert.error_matches(function() engine:open { url = server.url, auth = auth } end, "auth")
      end
    end)

    it("is given once", function()
      local exchange, err = engine:open { url = server.url, auth = { kind = "bearer", token = bound() },
        headers = { { "authorization", "Basic x" } } }
      assert.is_nil(exchange)
      assert.matches("Authorization is given twice", err.message)
    end)
  end)

  describe("feeding a reader", function()
    local function feed_all(exchange, reader)
      local turns, count = 0, 0
      while true do
        local state, err = exchange:feed(reader)
        while reader:next() do count = count + 1 end
        if not state then return nil, err end
        if state == "end" then return count, turns end
        turns = turns + 1
        engine:step(5)
      end
    end

    it("gives it the whole body, a limited part at a time", function()
      local url = server.url .. "/_json?items=100000"
      local reader = core.json.reader { rows = "data[]", side = { n = "meta.n" } }
      local exchange <close> = open(url)
      local count, turns = feed_all(exchange, reader)
      assert.equal(100000, count)
      assert.is_true(reader:finish())
      assert.equal(100000, reader:side().n)
      local body_bytes = exchange:facts().body_bytes
      assert.is_true(body_bytes > 3 * MIB)
      assert.is_true(turns >= body_bytes // (1280 * KIB))
    end)

    it("takes what has come meanwhile without a step of its own", function()
      local function bytes_of_one_feed(after_s)
        local exchange <close> = open { url = server.url .. "/_json?items=30000", buffer_bytes = 16 * KIB }
        while not exchange:status() do engine:step(5) end
        os.execute("sleep " .. after_s) -- the server fills the socket, on a busy machine later
        assert(exchange:feed(core.json.reader { rows = "data[]" }))
        return exchange:facts().body_bytes
      end
      local bytes, after_s = 0, 0.3
      while bytes <= 128 * KIB and after_s < 60 do bytes, after_s = bytes_of_one_feed(after_s), after_s * 4 end
      assert.is_true(bytes > 128 * KIB, bytes)
    end)

    it("leaves a wake-up to the next step", function()
      local exchange <close> = open { url = server.url .. "/_json?items=30000", buffer_bytes = 16 * KIB }
      local reader = core.json.reader { rows = "data[]" }
      while not exchange:status() do engine:step(5) end
      engine:wake()
      assert(exchange:feed(reader))
      exchange:close()
      local began = core.clock.monotonic()
      engine:step(600)
      assert.is_true(core.clock.monotonic() - began < 300)
    end)

    it("goes on where the transfer has ended and bytes are left", function()
      local body = '{"data":[' .. ("{\"a\":1},"):rep(200000) .. '{"a":2}]}'
      fault { wire = "gzip", body = body }
      local exchange <close> = open { url = server.url .. "/_answer" }
      local reader = core.json.reader { rows = "data[]" }
      assert.equal(200001, (feed_all(exchange, reader)))
      assert.equal(0, engine:active())
    end)

    it("says where the reader takes no more", function()
      local reader = core.json.reader { rows = "data[]" }
      local exchange <close> = open(server.url .. "/_answer?body=nonsense")
      local count, err = feed_all(exchange, reader)
      assert.is_nil(count)
      assert.equal("sink", err.kind)
      assert.equal("json", select(2, reader:feed "").kind)
    end)

    it("says where the answer fails", function()
      fault { wire = "cut_body" }
      local exchange <close> = open(answer_url "[1,2,3,4]")
      local count, err = feed_all(exchange, core.json.reader { rows = "." })
      assert.is_nil(count)
      assert.equal("cut", err.kind)
    end)

    it("takes a reader only", function()
      local exchange <close> = open(answer_url())
      for _, value in ipairs { 1, "x", {}, io.stdout, engine } do
        assert.error_matches(function() exchange:feed(value) end, "sink expected")
      end
    end)
  end)

  describe("resolve and origin", function()
    it("make references absolute", function()
      for reference, expected in pairs { ["/b?c=1"] = "https://a.test/b?c=1", ["b"] = "https://a.test/v1/b",
        ["../z"] = "https://a.test/z", ["?p=2"] = "https://a.test/v1/x?p=2",
        ["https://b.test/"] = "https://b.test/", ["//c.test/d"] = "https://c.test/d" } do
        assert.equal(expected, transfer.resolve("https://a.test/v1/x?y=1", reference))
      end
      local url, err = transfer.resolve("nonsense", "\n")
      assert.is_nil(url)
      assert.equal("refused", err.kind)
    end)

    it("name scheme, host and port", function()
      assert.equal("https://a.test", transfer.origin "https://A.test:443/x")
      assert.equal("https://a.test:8443", transfer.origin "https://a.test:8443/x?y")
      assert.equal("refused", select(2, transfer.origin "https://u@a.test/").kind)
    end)
  end)
end)
