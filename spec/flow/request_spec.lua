local acme = require "support.acme"
local request = require "usagelua.flow.request"
local url = require "usagelua.client.url"

local function build(dataset, spec, extra, changes)
  local planned = acme.plan(acme.vendor(dataset, changes), spec)
  return request.build(planned, planned.parts[1].values, extra)
end

local AWKWARD = { "#?&%/ +=;:@", "ü€😀", "a/../b", ("%2F/"):rep(1024), "{x}", "a&b=c" }

describe("request.build", function()
  it("sends what is set, and leaves out what is not", function()
    local dataset = { params = { team = {}, user = {} },
      request = { path = "/u", query = { t = "{team}", u = "{user}", fixed = "1" } } }
    assert.are.equal("https://api.acme.test/v1/u?fixed=1&t=QA", build(dataset, { team = "QA" }).url)
  end)

  it("escapes values in the query exactly", function()
    local dataset = { params = { v = {} }, request = { path = "/u", query = { ["a[b]"] = "{v}" } } }
    for _, value in ipairs(AWKWARD) do
      local built = build(dataset, { v = value }).url
      assert.are.equal(value, acme.arguments(built)["a[b]"])
      assert.are.equal("/v1/u", url.split(built).path)
    end
  end)

  it("escapes values in the path, so that none becomes part of it", function()
    local dataset = { params = { team = { required = true } }, request = { path = "/teams/{team}/usage" } }
    for _, value in ipairs(AWKWARD) do
      local path = url.split(build(dataset, { team = value }).url).path
      local segment = path:match "^/v1/teams/([^/]*)/usage$"
      assert.are.equal(value, segment and url.decode(segment))
    end
  end)

  it("refuses values that would lead to another path", function()
    local dataset = { params = { team = { required = true } }, request = { path = "/teams/{team}/usage" } }
    for _, value in ipairs { ".", ".." } do
      local ok, err = pcall(build, dataset, { team = value })
      assert.is_false(ok)
      assert.are.equal("usage", err.kind)
      assert.truthy(err.message:find("cannot stand alone in a path", 1, true), err.message)
    end
    local inside = { params = { team = { required = true } }, request = { path = "/t-{team}" } }
    assert.are.equal("https://api.acme.test/v1/t-..", build(inside, { team = ".." }).url)
  end)

  it("adds what the pages need behind the query", function()
    local dataset = { request = { path = "/u", query = { a = "1" } } }
    assert.are.equal("https://api.acme.test/v1/u?a=1&page=2&limit=100",
      build(dataset, {}, { query = { { "page", 2 }, { "limit", 100 } } }).url)
  end)

  it("fills header fields and asks for JSON", function()
    local dataset = { params = { team = {}, user = {} }, request = { path = "/u",
      headers = { ["X-Team"] = "{team}", ["X-User"] = "{user}" } } }
    assert.are.same({ { "X-Team", "QA" }, { "Accept", "application/json" } },
      build(dataset, { team = "QA" }).headers)
  end)

  it("makes JSON bodies", function()
    local dataset = { params = { team = {}, user = {} }, request = { path = "/u", method = "POST",
      json = { filter = { team = "{team}", user = "{user}" }, limit = 5 } } }
    local built = build(dataset, { team = 'a"b' })
    assert.are.equal('{"filter":{"team":"a\\"b"},"limit":5}', built.body)
    assert.are.same({ "Content-Type", "application/json" }, built.headers[2])
    assert.are.equal("https://api.acme.test/v1/u", built.url)
  end)

  it("sends no JSON body of which nothing is left", function()
    local dataset = { params = { team = {} }, request = { path = "/u", method = "POST",
      json = { filter = { team = "{team}" } } } }
    local built = build(dataset)
    assert.is_nil(built.body)
    assert.are.same({ { "Accept", "application/json" } }, built.headers)
    assert.are.equal("{}", build({ request = { path = "/u", method = "POST", json = {} } }).body)
  end)

  it("says values in the vendor's words, wherever they stand", function()
    local words = { live = "Live", app_live = "App-Live" }
    local dataset = { params = { product = { words = words, default = "live" },
      products = { words = words, list = true } },
      request = { path = "/{product}", method = "POST", query = { p = "{products}" },
        headers = { ["X-P"] = "{product}" }, json = { all = "{products}" } },
      fields = { product = { param = "product" }, tests = "n" } }
    local planned = acme.plan(acme.vendor(dataset), { products = "app_live,live" })
    local built = request.build(planned, planned.parts[1].values)
    assert.are.equal("https://api.acme.test/v1/Live?p=App-Live%2CLive", built.url)
    assert.are.same({ "X-P", "Live" }, built.headers[1])
    assert.are.equal('{"all":"App-Live,Live"}', built.body)
    assert.are.equal("live", planned.parts[1].const.product)
  end)

  it("makes form bodies", function()
    local dataset = { params = { team = {} }, request = { path = "/u", method = "POST",
      form = { team = "{team}", x = "1 2" } } }
    local built = build(dataset, { team = "a&b" })
    assert.are.equal("team=a%26b&x=1%202", built.body)
    assert.are.same({ "Content-Type", "application/x-www-form-urlencoded" }, built.headers[2])
  end)

  it("may be repeated where it only reads", function()
    local post = { path = "/u", method = "POST", json = {} }
    assert.is_true(build({}).repeatable)
    assert.is_false(build({ request = post }).repeatable)
    assert.is_true(build({ request = post, idempotent = true }).repeatable)
  end)

  it("bears what the client needs", function()
    local built = build({ answer = "whole" }, { account = "emea" }, nil,
      { errors = { { status = 403, kind = "throttled" } } })
    assert.are.equal("acme:emea", built.lane)
    assert.are.equal("throttled", built.rules[1].kind)
    assert.are.equal(64 << 20, built.max_body_bytes)
    assert.are.equal(8 << 30, build({}).max_body_bytes)
  end)
end)
