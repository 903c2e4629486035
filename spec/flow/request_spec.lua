local acme = require "support.acme"
local json = require "usagelua.json"
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

  it("adds what the pages need in header fields, forms and at a place of a JSON body", function()
    local post = { path = "/u", method = "POST", json = { query = "q", page = { size = 5 } } }
    local built = build({ request = post }, {}, { json = { { "page.after", "c" }, { "vars.a.b", 1 } } })
    assert.are.equal('{"page":{"after":"c","size":5},"query":"q","vars":{"a":{"b":1}}}', built.body)
    assert.are.equal('{"page":{"size":5},"query":"q"}', build({ request = post }).body)
    built = build({ request = { path = "/u", method = "POST", form = { a = "1" } } }, {},
      { form = { { "after", "+" } } })
    assert.are.equal("a=1&after=%2B", built.body)
    built = build({ request = { path = "/u", headers = { ["X-A"] = "1" } } }, {},
      { headers = { { "X-After", "c" } } })
    assert.are.same({ { "X-A", "1" }, { "X-After", "c" }, { "Accept", "application/json" } }, built.headers)
  end)

  it("goes to a next link as it stands, with the header fields and nothing of the query", function()
    local dataset = { params = { team = {} },
      request = { path = "/u", query = { team = "{team}" }, headers = { ["X-Team"] = "{team}" } } }
    local built = build(dataset, { team = "QA" }, { url = "https://api.acme.test/v2/n?c=%2B&a[b]=1" })
    assert.are.equal("https://api.acme.test/v2/n?c=%2B&a[b]=1", built.url)
    assert.are.same({ "X-Team", "QA" }, built.headers[1])
  end)

  it("leaves characters as they are that the vendor wants so, and no more", function()
    local dataset = { params = { ids = { list = true }, v = {} }, request = { path = "/u", plain = "[],:",
      query = { f = { ["ids[]"] = { "{ids}" } }, list = "{ids}", v = "{v}" } } }
    assert.are.equal("https://api.acme.test/v1/u?f[ids][]=1&f[ids][]=a:%2F&list=1,a:%2F&v=%255B%26%3D%23%2B%20%25",
      build(dataset, { ids = { "1", "a:/" }, v = "%5B&=#+ %" }).url)
  end)

  it("does not send a default where it must not be, however it came about", function()
    local dataset = { params = { unit = { default = "all", omit_default = true }, n = { default = 5, type = "integer",
      omit_default = true }, ids = { list = true, default = { "a", "b" }, omit_default = true } },
      request = { path = "/u", query = { unit = "{unit}", n = "{n}", ids = "{ids}" } } }
    assert.are.equal("https://api.acme.test/v1/u", build(dataset, {}).url)
    assert.are.equal("https://api.acme.test/v1/u", build(dataset, { unit = "all", n = "5", ids = "b,a" }).url)
    assert.are.equal("https://api.acme.test/v1/u?ids=a&n=6&unit=one",
      build(dataset, { unit = "one", n = 6, ids = "a" }).url)
  end)

  it("keeps columns of what is not sent", function()
    local planned = acme.plan(acme.vendor { params = { team = { default = "all", omit_default = true } },
      request = { path = "/u", query = { team = "{team}" } }, fields = { tests = "n", team = { param = "team" } } })
    assert.are.equal("all", planned.parts[1].const.team)
  end)

  it("keeps the type of figures in a JSON body, from the command line too", function()
    local dataset = { params = { n = { type = "integer" }, f = { type = "number" }, b = { type = "boolean" },
      t = { type = "text" }, ids = { list = true, type = "integer" } }, request = { path = "/u", method = "POST",
      json = { n = "{n}", f = "{f}", b = "{b}", t = "{t}", ids = { "{ids}" } } } }
    local body = '{"b":false,"f":1.5,"ids":[3,1],"n":9007199254740993,"t":"7"}'
    assert.are.equal(body, build(dataset, { n = "9007199254740993", f = "1.5", b = "false", t = 7, ids = "3, 1" }).body)
    assert.are.equal(body, build(dataset, { n = 9007199254740993, f = 1.5, b = false, t = "7", ids = { 3, 1 } }).body)
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

  it("sends awkward values rightly in every place, as one value or as lists", function()
    local dataset = { params = { v = {}, list = { list = true } }, request = { path = "/u", method = "POST",
      query = { q = "{v}", ["l[]"] = { "{list}" } }, json = { v = "{v}", l = { "{list}" } } } }
    for _, value in ipairs(AWKWARD) do
      local built = build(dataset, { v = value, list = { value } })
      assert.are.same({ q = value, ["l[]"] = value }, acme.arguments(built.url))
      assert.are.same({ v = value, l = { value } }, json.decode(built.body))
      dataset.request.form, dataset.request.json = { f = { "{list}" } }, nil
      assert.are.same({ f = value }, acme.arguments("https://x/?" .. build(dataset, { v = value, list = { value } }).body))
      dataset.request.form, dataset.request.json = nil, { v = "{v}", l = { "{list}" } }
    end
  end)

  it("refuses control characters in any value before it is built", function()
    local dataset = { params = { v = {}, list = { list = true } }, request = { path = "/u", query = { q = "{v}" } } }
    for _, value in ipairs { "a\rb", "a\nb", "a\0b", "\127" } do
      for _, spec in ipairs { { v = value }, { list = { "x", value } } } do
        local ok, err = pcall(build, dataset, spec)
        assert.is_false(ok)
        assert.truthy(err.message:find("holds a control character", 1, true))
      end
    end
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
