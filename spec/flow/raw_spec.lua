local raw = require "usagelua.flow.raw"
local outcome = require "support.asked"

local BASE <const> = "https://api.acme.test/v1"

describe("raw.address", function()
  for path, expected in pairs {
    ["/usage"] = "/usage", ["usage"] = "/usage", ["/usage?a=b"] = "/usage?a=b",
    [BASE .. "/usage"] = "/usage", [BASE] = "/", ["/a/%20b"] = "/a/%20b", ["/a:b"] = "/a:b",
    ["/..a/b.."] = "/..a/b..",
  } do
    it("takes " .. path, function()
      assert.are.equal(BASE .. expected, raw.address(BASE, path))
    end)
  end

  it("takes absolute URLs below another of its base URLs", function()
    local others = { "https://cloud.acme.test" }
    assert.are.equal("https://cloud.acme.test/usage?a=b",
      raw.address(BASE, "https://cloud.acme.test/usage?a=b", others))
    assert.are.equal(BASE .. "/usage", raw.address(BASE, "usage", others))
    assert.truthy(outcome.refusal(raw.address, BASE, "https://cloud.acme.test.evil.test/x", others)
      :find("leads to cloud.acme.test.evil.test", 1, true))
  end)

  for path, expected in pairs {
    ["https://example.com/usage"] = "leads to example.com; the credential goes to api.acme.test only",
    ["http://api.acme.test/v1/usage"] = "leads to api.acme.test",
    ["https://api.acme.test:8443/v1/x"] = "leads to api.acme.test:8443",
    ["https://api.acme.test/v10/usage"] = "give a path below https://api.acme.test/v1",
    ["https://api.acme.test@example.com/v1"] = "leads to ***@example.com",
    ["//example.com/x"] = "leads to example.com",
    ["/\\example.com/x"] = "leads to example.com",
    ["file:///etc/passwd"] = "leads to ",
    ["https://api.browserstack.co/x"] = "leads to api.browserstack.co; the credential goes to "
      .. "api.acme.test only: browserstack.co is a typo",
    ["/../admin"] = "leads out of https://api.acme.test/v1",
    ["/a/%2e%2E/b"] = "leads out of",
    ["/a/..%2fb"] = "leads out of",
    ["/a/."] = "leads out of",
    ["/a#b"] = "write %23",
    ["/a b"] = "cannot be asked: it holds characters",
    ["/a\r\nHost: x"] = "cannot be asked",
  } do
    it(("refuses %q"):format(path), function()
      local message = outcome.refusal(raw.address, BASE, path)
      assert.truthy(message:find(expected, 1, true), message)
    end)
  end
end)
