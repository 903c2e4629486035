local random = require "usagelua.transport.random"
local url = require "usagelua.client.url"

describe("url.encode", function()
  it("encodes every byte but the unreserved ones", function()
    for byte = 0, 255 do
      local char = string.char(byte)
      local expected = char:find "[A-Za-z0-9._~-]" and char or ("%%%02X"):format(byte)
      assert.equal(expected, url.encode(char))
    end
  end)

  it("is undone by decode", function()
    local draw = random.new(11)
    for _ = 1, 500 do
      local bytes = {}
      for i = 1, draw(0, 40) do bytes[i] = string.char(draw(0, 255)) end
      local text = table.concat(bytes)
      assert.equal(text, url.decode(url.encode(text)))
    end
  end)
end)

describe("url.query", function()
  local function assert_query(expected, params) assert.equal(expected, url.query(params)) end

  it("sorts names and repeats lists", function()
    assert_query("a=1&b=x&b=y&c=true", { c = true, b = { "x", "y" }, a = 1 })
  end)

  it("keeps the order of pairs", function()
    assert_query("b=2&a=1&b=3", { { "b", 2 }, { "a", 1 }, { "b", 3 } })
  end)

  it("is exact about space, plus, offset and what would end a value", function()
    assert_query("timezone=%2B05%3A30", { timezone = "+05:30" })
    assert_query("from=2026-06-01%2000%3A00%3A00", { from = "2026-06-01 00:00:00" })
    assert_query("q=%26%23%3F%25%2F%0D%0A%00", { q = "&#?%/\r\n\0" })
    assert_query("a%5Bb%5D=c", { ["a[b]"] = "c" })
  end)

  it("writes numbers as they are", function()
    assert_query("n=9223372036854775807", { n = math.maxinteger })
    assert_query("n=0.1", { n = 0.1 })
    assert_query("n=0.30000000000000004", { n = 0.1 + 0.2 })
  end)

  it("refuses what cannot be sent, naming it", function()
    for _, value in ipairs { print, 0 / 0, math.huge } do
      local ok, err = pcall(url.query, { team = value })
      assert.is_false(ok)
      assert.equal("usage", err.kind)
    end
  end)
end)

describe("url.with_query", function()
  it("adds to what is there", function()
    assert.equal("https://a.test/x?a=1", url.with_query("https://a.test/x", { a = 1 }))
    assert.equal("https://a.test/x?b=2&a=1", url.with_query("https://a.test/x?b=2", { a = 1 }))
    assert.equal("https://a.test/x?a=1#f", url.with_query("https://a.test/x#f", { a = 1 }))
    assert.equal("https://a.test/x?a=1", url.with_query("https://a.test/x?", { a = 1 }))
    assert.equal("https://a.test/x", url.with_query("https://a.test/x", {}))
  end)
end)

describe("url.split", function()
  it("reads the parts", function()
    assert.same({ scheme = "https", host = "api.acme.test", port = 443, path = "/", query = nil },
      url.split "HTTPS://API.acme.test")
    assert.same({ scheme = "http", host = "[::1]", port = 8080, path = "/a", query = "b=1" },
      url.split "http://[::1]:8080/a?b=1#c")
  end)

  it("refuses what two readers might read differently", function()
    for _, text in ipairs { "https://user@a.test/", "https://a.test\\@b.test/", "https://a.test /",
      "ftp://a.test/", "//a.test/", "https:///x", "https://a.test:x/", "https://a.test/\r\nX: 1",
      "https://[::1", "javascript:alert(1)", "", "https://a.tést/" } do
      assert.is_nil((url.split(text)), text)
    end
    assert.equal("it names a user", select(2, url.split "https://user@a.test/"))
  end)
end)

describe("url.shown", function()
  it("leaves out who is named before the host", function()
    assert.equal("https://***@a.test/b", url.shown "https://ada:s3cr@et-0123@a.test/b")
    for _, text in ipairs { "https://a.test/b@c", "https://a.test?x=b@c", "/b@c", "a@b" } do
      assert.equal(text, url.shown(text))
    end
  end)
end)

describe("url.origin", function()
  it("leaves out the port where it is the scheme's own", function()
    assert.equal("https://a.test", url.origin "https://A.test:443/x")
    assert.equal("http://a.test:443", url.origin "http://a.test:443/x")
    assert.equal("http://127.0.0.1:8080", url.origin "http://127.0.0.1:8080?x")
  end)
end)

describe("url.resolve", function()
  -- RFC 3986, 5.4, as far as http goes.
  local rows = {
    ["g"] = "/b/c/g", ["./g"] = "/b/c/g", ["g/"] = "/b/c/g/", ["/g"] = "/g", ["?y"] = "/b/c/d;p?y",
    ["g?y"] = "/b/c/g?y", ["#s"] = "/b/c/d;p?q", ["g#s"] = "/b/c/g", [";x"] = "/b/c/;x",
    [""] = "/b/c/d;p?q", ["."] = "/b/c/", ["./"] = "/b/c/", [".."] = "/b/", ["../"] = "/b/",
    ["../g"] = "/b/g", ["../.."] = "/", ["../../g"] = "/g", ["../../../g"] = "/g", ["/./g"] = "/g",
    ["/../g"] = "/g", ["g."] = "/b/c/g.", ["..g"] = "/b/c/..g", ["./../g"] = "/b/g",
    ["g/./h"] = "/b/c/g/h", ["g/../h"] = "/b/c/h", ["g?y/../x"] = "/b/c/g?y/../x",
  }
  it("follows RFC 3986", function()
    for reference, expected in pairs(rows) do
      assert.equal("http://a" .. expected, url.resolve("http://a/b/c/d;p?q", reference))
    end
    assert.equal("https://g/x", url.resolve("https://a/b", "//g/x"))
    assert.equal("https://g/x", url.resolve("http://a/b", "https://g/x"))
  end)

  it("gives a reason for what it does not resolve", function()
    local target, reason = url.resolve("https://a/b", "ftp://a/")
    assert.is_nil(target)
    assert.equal("its scheme is neither https nor http", reason)
    assert.is_nil((url.resolve("https://a/b", "https://a\\b/")))
  end)
end)
