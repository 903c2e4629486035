-- The real transport: the C module's results in the library's own words.
local core = require "usagelua.core"
local curl = require "usagelua.transport.curl"
local errors = require "usagelua.errors"
local nginx = require "support.nginx"

local server, transport

local function read_all(exchange)
  local pieces = {}
  while true do
    local piece, why = exchange:read()
    if piece then pieces[#pieces + 1] = piece
    elseif why == "wait" then transport:step(5)
    elseif why == "end" then return table.concat(pieces)
    else return nil, why end
  end
end

describe("usagelua.transport.curl", function()
  setup(function() server = nginx.start { tls = false } end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    transport = assert(curl.new())
  end)
  after_each(function() transport:close() end)

  it("asks and answers", function()
    local exchange <close> = assert(transport:open { url = server.url .. "/_answer?body=hello" })
    assert.is_nil(exchange:status())
    assert.equal("hello", read_all(exchange))
    assert.equal(200, exchange:status())
    assert.equal("5", exchange:headers()["content-length"])
    assert.equal("length", exchange:facts().framing)
  end)

  it("reports its own exchanges as changed", function()
    local exchange <close> = assert(transport:open { url = server.url .. "/_answer?body=hello" })
    local changed
    repeat changed = transport:step(5) until #changed > 0
    assert.equal(exchange, changed[1])
  end)

  it("gives error objects, also of a reader", function()
    local exchange, err = transport:open { url = "http://example.com/" }
    assert.is_nil(exchange)
    assert.is_true(errors.is(err))
    assert.equal("refused", err.kind)
    local other <close> = assert(transport:open { url = "http://127.0.0.1:1/" })
    local _, failure = read_all(other)
    assert.is_true(errors.is(failure))
    assert.same({ "network", false }, { failure.kind, failure.sent })
  end)

  it("gives a reader's own error", function()
    local exchange <close> = assert(transport:open { url = server.url .. "/_answer?body=nonsense" })
    local reader = core.json.reader { rows = "." }
    local state, err
    repeat
      state, err = exchange:feed(reader)
      if state == "wait" then transport:step(5) end
    until state ~= "wait"
    assert.is_nil(state)
    assert.is_true(errors.is(err))
    assert.equal("json", err.kind)
  end)

  it("ends an exchange that nobody holds any more", function()
    assert(transport:open { url = server.url .. "/_slow?first_ms=60000" })
    transport:step(0.02)
    assert.equal(1, transport:active())
    collectgarbage() collectgarbage()
    assert.equal(0, transport:active())
  end)

  it("says which authority file cannot be used", function()
    local other, err = curl.new { ca_file = "/nowhere/ca.pem" }
    assert.is_nil(other)
    assert.is_true(errors.is(err))
    assert.equal("the certificate authority file /nowhere/ca.pem cannot be used: No such file or directory; "
      .. "USAGELUA_CA_FILE names a PEM file of certificates", tostring(err))
  end)

  it("is woken, and closed twice", function()
    transport:wake()
    assert.same({}, (transport:step(60)))
    transport:close()
    transport:close()
  end)
end)
