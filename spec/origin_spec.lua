local core = require "usagelua.core"

local function assert_origin(expected, url)
  local origin, message = core.origin.parse(url)
  assert(origin, url .. ": " .. tostring(message))
  assert.are.equal(expected,
    ("%s|%s|%d|%s"):format(origin.scheme, origin.host, origin.port, origin.path))
end

local function assert_refused(part, url)
  local origin, message = core.origin.parse(url)
  assert.is_nil(origin, url)
  assert(message:find(part, 1, true), ("%s: '%s' in '%s'"):format(url, part, message))
end

describe("origin.parse", function()
  it("reads scheme, host, port and path", function()
    assert_origin("https|api.lambdatest.com|443|/insights/api/v3/public",
      "https://api.lambdatest.com/insights/api/v3/public")
    assert_origin("https|h.test|8443|", "https://h.test:8443")
    assert_origin("http|127.0.0.1|80|/a", "http://127.0.0.1/a?b=c#d")
    assert_origin("https|h.test|443|", "https://h.test?x=/y")
    assert_origin("https|h.test|443|", "https://h.test#@evil.test")
    assert_origin("https|my_gateway|443|/", "https://my_gateway/")
    assert_origin("https|h.test|65535|/a@b", "https://h.test:65535/a@b")
  end)

  it("lowers scheme and host, not the path", function()
    assert_origin("https|api.lambdatest.com|443|/Path", "HTTPS://API.LambdaTest.com/Path")
  end)

  it("reads IPv6 addresses into one form", function()
    assert_origin("https|[::1]|443|/", "https://[::1]/")
    assert_origin("https|[::1]|8443|/", "https://[0:0:0:0:0:0:0:1]:8443/")
    assert_origin("https|[2001:db8::a]|443|", "https://[2001:DB8::A]")
  end)

  it("refuses what may be read in two ways", function()
    local cases = {
      ["https://api.lambdatest.com@evil.test/"] = "user name",
      ["https://user:pass@api.lambdatest.com/"] = "user name",
      ["https://api.lambdatest.com\\@evil.test/"] = "backslash",
      ["https:\\\\api.lambdatest.com/"] = "backslash",
      ["https://api.lambdatest.com/a\\b"] = "backslash",
      ["https://api.lambdatest.com./"] = "ends in a dot",
      ["https://api..lambdatest.com/"] = "empty part",
      ["https://.lambdatest.com/"] = "empty part",
      ["https://api%2elambdatest.com/"] = "no host name has",
      ["https://api.lambdatest.com%00.evil.test/"] = "no host name has",
      ["https://api.lambdatest.com\t/"] = "control character",
      ["https://api.lambdatest.com\0.evil.test/"] = "control character",
      ["https://api.lambdatest.com\r\nX: y/"] = "control character",
      [" https://api.lambdatest.com/"] = "space",
      ["https://api.lambdatest.com/a b"] = "space",
      ["https://api。lambdatest。com/"] = "outside ASCII",
      ["https://аpi.lambdatest.com/"] = "outside ASCII",
      ["https://-a.test/"] = "begins or ends with '-'",
      ["https://a-.test/"] = "begins or ends with '-'",
      ["https://a!b.test/"] = "no host name has",
      ["https://" .. ("a"):rep(64) .. ".test/"] = "too long",
      ["https://" .. ("a."):rep(140) .. "test/"] = "too long",
    }
    for url, part in pairs(cases) do assert_refused(part, url) end
  end)

  it("refuses numbers that some readers take for addresses", function()
    for _, host in ipairs { "127.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "0177.0.0.1",
        "127.0.0.1.1", "256.0.0.1", "1.2.3.04", "a.0x10", "a.1", "0x" } do
      assert_refused("no plain IPv4", "https://" .. host .. "/")
    end
  end)

  it("refuses other schemes and no host", function()
    for _, url in ipairs { "ftp://h.test/", "file:///etc/passwd", "//h.test/", "h.test", "",
      "https:/h.test",
        "https:h.test", "httpss://h.test", "https//h.test" } do
      assert_refused("does not begin with", url)
    end
    for _, url in ipairs { "https://", "https:///path", "https://:443/", "https://?a" } do
      assert_refused("no host", url)
    end
  end)

  it("refuses ports that are none", function()
    for _, port in ipairs { "", "0", "65536", "0443", "+443", "44a", "443:1", "99999999999", "-1",
      "٣" } do
      local origin = core.origin.parse("https://h.test:" .. port .. "/")
      assert.is_nil(origin, port)
    end
  end)

  it("refuses malformed IPv6 addresses", function()
    for _, host in ipairs { "[::1", "[]", "[::1]x", "[::1%25eth0]", "[1.2.3.4]", "[g::1]", "[::1]:",
      "::1",
        "[" .. ("0"):rep(60) .. "]" } do
      assert.is_nil(core.origin.parse("https://" .. host .. "/"), host)
    end
  end)

  it("knows domains that a documentation names by mistake", function()
    for host, expected in pairs { ["api.browserstack.co"] = true, ["browserstack.co"] = true,
      ["a.b.BROWSERSTACK.CO"] = true, ["api.browserstack.com"] = false,
      ["notbrowserstack.co"] = false, ["browserstack.co.test"] = false } do
      assert.are.equal(expected, core.origin.parse("https://" .. host .. "/").misprint ~= nil, host)
    end
  end)

  it("knows this machine by its text alone", function()
    for host, expected in pairs { ["127.0.0.1"] = true, ["127.9.9.9"] = true, ["localhost"] = true,
        ["LOCALHOST"] = true, ["[::1]"] = true, ["[::ffff:127.0.0.1]"] = false,
        ["128.0.0.1"] = false,
        ["127.evil.test"] = false, ["localhost.evil.test"] = false, ["0.0.0.0"] = false } do
      assert.are.equal(expected, core.origin.parse("http://" .. host .. "/").is_loopback, host)
    end
  end)
end)
