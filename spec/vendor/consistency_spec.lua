local acme = require "support.acme"
local description = require "usagelua.vendor.description"

local function assert_refused(expected, dataset, changes)
  local ok, err = pcall(acme.vendor, dataset, changes)
  assert.is_false(ok, expected)
  assert.are.equal("usage", err.kind)
  assert.truthy(err.message:find(expected, 1, true), err.message)
end

local HERE = "acme.lua: vendor acme.datasets.usage"

describe("a description", function()
  it("says how requests are signed", function()
    assert_refused("vendor acme.auth: kind 'bearer' needs the key 'token_env'", {},
      { auth = { kind = "bearer" } })
    assert_refused("kind 'basic' needs the key 'password_env'", {},
      { auth = { kind = "basic", username_env = "ACME_USER" } })
    assert_refused("kind 'header' needs the key 'value_env'", {},
      { auth = { kind = "header", header = "X-Key" } })
  end)

  it("has a version that is known", function()
    assert_refused("vendor acme.version: 2 is not known; this usagelua reads 1", {}, { version = 2 })
  end)
end)

describe("a dataset", function()
  it("sends parts of a date for windows that are one such part", function()
    local function sending(window, query)
      window.parts = { "year", "month" }
      return { window = window, request = { path = "/u", query = query or { y = "{year}", m = "{month}" } } }
    end
    local say = HERE .. ".window: what is sent names one month: say whole = \"month\", max_months = 1"
    assert_refused(say, sending { max_months = 1 })
    assert_refused(say, sending { max_months = 2, whole = "month" })
    assert_refused(say, sending { max_days = 31, whole = "month" })
    assert_refused("names one year: say whole = \"year\", max_months = 12",
      sending({ max_months = 1, whole = "month" }, { y = "{year}" }))
    acme.vendor(sending { max_months = 1, whole = "month" })
    acme.vendor(sending({}, { y = "{year}", f = "{from}" }))
  end)

  it("pages with the keys of their kind", function()
    for message, pages in pairs {
      ["the key 'next' means nothing for pages of kind 'page'"] = { kind = "page", next = "a" },
      ["the key 'count' means nothing for pages of kind 'cursor'"] = { kind = "cursor", next = "a", count = "b" },
      ["kind 'cursor' needs the key 'next'"] = { kind = "cursor" },
      ["kind 'next' needs the key 'next'"] = { kind = "next" },
      ["kind 'partition' needs the key 'count'"] = { kind = "partition" },
      ["the keys 'next' and 'next_header' name the same thing"] = { kind = "cursor", next = "a", next_header = "b" },
      ["the keys 'total' and 'total_header' name the same thing"] = { kind = "link", total = "a", total_header = "b" },
      ["'size_send' needs the key 'size'"] = { kind = "link", size_send = "n" },
      ['ends = "short" needs the key \'size\''] = { kind = "page", ends = "short" },
      ['send_in = "json" needs a request with a json body'] = { kind = "page", send_in = "json" },
    } do
      assert_refused(HERE .. ".pages: " .. message, { pages = pages })
    end
    acme.vendor { pages = { kind = "cursor", next = "n", send_in = "json" },
      request = { path = "/u", method = "POST", json = {} } }
  end)

  it("of text with nothing beside its rows has no path to a next page or a count", function()
    for _, pages in ipairs { { kind = "cursor", next = "n" }, { kind = "next", next = "n" },
      { kind = "page", more = "m" }, { kind = "partition", count = "c" }, { kind = "link", total = "t" } } do
      local dataset = { format = "csv", pages = pages, request = { path = "/u" }, fields = { tests = "n" } }
      local ok, err = pcall(description.check, { name = "acme", version = 1, base_url = "https://api.acme.test",
        auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = dataset } }, "acme.lua")
      assert.is_false(ok)
      assert.truthy(err.message:find("a path from the root of the document", 1, true), err.message)
    end
  end)

  it("has requests of texts, numbers, lists and names", function()
    for message, request in pairs {
      ["query.a must be text, a number or a list, not a function"] = { query = { a = print } },
      ["query.a is a list and names 'b' too"] = { query = { a = { "x", b = "y" } } },
      ["query.a[1] must be text or a number, not a table"] = { query = { a = { { "x" } } } },
      ["form.a.b[2] must be text or a number, not a table"] = { form = { a = { b = { "x", {} } } } },
      ["headers.a must be text, a number or a list, not a table"] = { headers = { a = { b = "x" } } },
      ["query: '1' is no name"] = { query = { "x" } },
    } do
      request.path = "/u"
      assert_refused(HERE .. ".request." .. message, { request = request })
    end
    assert_refused(".request.plain: '&' does not match", { request = { path = "/u", plain = "&" } })
  end)

  it("leaves out defaults that there are, and that no path needs", function()
    assert_refused(HERE .. ".params.a: omit_default needs a default", { params = { a = { omit_default = true } } })
    assert_refused(HERE .. ".params.a: omit_default cannot be, the path names it",
      { params = { a = { omit_default = true, default = "x" } }, request = { path = "/u/{a}" } })
  end)

  it("has defaults that its own parameters allow", function()
    assert_refused(HERE .. ".params: unknown value of 'kind' 'c'",
      { params = { kind = { one_of = { "a", "b" }, default = "c" } } })
    assert_refused("parameter 'ids' names '1' twice",
      { params = { ids = { list = true, default = { "1", "1" } } } })
  end)

  it("has a word for every value that it may send", function()
    assert_refused(HERE .. ".params.kind.words: no word for 'b'",
      { params = { kind = { one_of = { "a", "b" }, words = { a = "A" } } } })
    assert_refused(HERE .. ".params.kind.words maps our values",
      { params = { kind = { words = { "A" } } } })
    local vendor = acme.vendor { params = { kind = { words = { b = "B", a = "A" } } } }
    assert.are.same({ "a", "b" }, vendor.datasets.usage.params.kind.one_of)
  end)

  it("is asked at hosts that the vendor names", function()
    local own = { base_url = "https://cloud.acme.test" }
    assert_refused(HERE .. ".base_url: unknown host 'cloud.acme.test'; did you mean "
      .. "'clout.acme.test'?", own, { hosts = { "clout.acme.test" } })
    assert.are.same({ "api.acme.test", "cloud.acme.test" },
      require("usagelua.flow.base_url").hosts(acme.vendor(own, { hosts = { "cloud.acme.test" } })))
    assert_refused("vendor acme.hosts[1]: 'https://a.test/x y' is not a base URL", {},
      { hosts = { "a.test/x y" } })
  end)

  it("is asked at no domain that stands in a documentation by mistake", function()
    for _, host in ipairs { "api.browserstack.co", "browserstack.co", "API.BrowserStack.CO" } do
      assert_refused("is a typo in BrowserStack's documentation", {}, { base_url = "https://" .. host })
      assert_refused("is a typo", { base_url = "https://" .. host }, { hosts = { host } })
    end
  end)

  it("says in one condition which rows may contain the others", function()
    for _, wrong in ipairs { { "org" }, { a = "b", c = "d" }, {}, { team_type = 5 } } do
      assert_refused(HERE .. ".may_contain names one column and its value", { may_contain = wrong })
    end
  end)

  it("fans out over list parameters", function()
    assert_refused(HERE .. ".fan_out: 'ids' is not a list parameter",
      { params = { ids = {} }, fan_out = { "ids" } })
  end)

  it("fills every name in its request", function()
    assert_refused(HERE .. ".request: {taem}: unknown name 'taem'; did you mean 'team'?",
      { params = { team = {} }, request = { path = "/u", query = { t = "{taem}" } } })
    assert_refused("unknown name 'x'", { request = { path = "/u", json = { a = { b = "{x}" } } } })
    assert_refused("unknown name 'from'", { request = { path = "/u", query = { f = "{from}" } } })
    acme.vendor { window = {}, request = { path = "/u", query = { f = "{from}" } } }
  end)

  it("always fills the names in its path", function()
    local request = { path = "/teams/{team}" }
    assert_refused(HERE .. ".request.path: the parameter 'team' needs required = true or a default",
      { params = { team = {} }, request = request })
    acme.vendor { params = { team = { required = true } }, request = request }
    acme.vendor { params = { team = { default = "all" } }, request = request }
    assert_refused("request.path: {from} is not there where the vendor's own period is asked",
      { window = { vendor_default = true }, request = { path = "/from/{from}" } })
  end)

  it("is asked by a request, a job or a function", function()
    local function flow() end
    local job = { create = { path = "/r" }, id = "id", result = { path = "/r/{job_id}" },
      not_ready = { status = { 404 } } }
    acme.vendor { flow = flow }
    acme.vendor { flow = flow, request = { path = "/u" }, rows = "data[]" }
    acme.vendor { flow = flow, job = job, rows = "data[]" }
    local vendor = { name = "acme", version = 1, base_url = "https://api.acme.test",
      auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = { fields = { tests = "n" } } } }
    local ok, err = pcall(require("usagelua.vendor.description").check, vendor, "acme.lua")
    assert.is_false(ok)
    assert.truthy(err.message:find("needs either the key 'request' or the key 'job', or 'flow'", 1, true))
    assert_refused("needs either the key 'request' or the key 'job'", { flow = flow, job = job, request = { path = "/u" } })
  end)

  it("asked by a function has no keys that belong to a request", function()
    local function flow() end
    for key, value in pairs { pages = { kind = "page" }, rows = "data[]", ok = { a = 1 }, partial = "p",
      echo = { from = "f" }, null_rows = true, columns = "c", delimiter = ";", ends = {}, packed = "gzip" } do
      assert_refused(("%s.%s: it belongs to a request; give it to ask:each or ask:pages"):format(HERE, key),
        { flow = flow, [key] = value })
    end
    assert_refused(HERE .. ".also: a flow function emits all of its records itself",
      { flow = flow, also = { { fields = { users = "$.users" } } } })
    assert_refused(HERE .. ".batch: a flow function divides its lists itself",
      { flow = flow, params = { ids = { list = true } }, batch = { param = "ids" } })
    assert_refused("vendor acme.check: usage has no request; name one here", { flow = flow },
      { check = { dataset = "usage" } })
  end)

  it("has one body", function()
    assert_refused(HERE .. ".request: a body is json or form, not both",
      { request = { path = "/u", json = {}, form = {} } })
  end)

  it("has windows that can be cut", function()
    assert_refused(HERE .. ".window: a window of at most 43200 s cannot hold a whole day",
      { window = { max_hours = 12, whole = "day" } })
    assert_refused(HERE .. ".window: unknown grain 'dya'; did you mean 'day'?",
      { window = { grains = { "dya" } } })
    assert_refused(HERE .. ".window.parts: 'month' is a parameter already",
      { params = { month = {} }, window = { parts = { "month" } } })
    assert_refused(HERE .. ".window.parts: 'x' needs a format such as %m, not a number",
      { window = { parts = { x = 1 } } })
    assert_refused("datasets.usage.window.zone:", { window = { zone = "Mars/Olympus" } })
    assert_refused("datasets.usage.window.max_days must be 1 or more, not 0", { window = { max_days = 0 } })
    for _, zone in ipairs { "UTC", "offset", "report", "Europe/Berlin", "+05:30" } do
      acme.vendor { window = { zone = zone } }
    end
    acme.vendor { window = { whole = "hour", grain_by = "vendor", cut = "forbidden", until_now = true } }
  end)
end)

describe("a field", function()
  local function assert_field(expected, field, more)
    local dataset = { fields = { tests = field } }
    for key, value in pairs(more or {}) do dataset[key] = value end
    assert_refused(expected, dataset)
  end

  it("comes from one place", function()
    local expected = HERE .. ".fields.tests: a field is a path, a value or a param, one of them"
    assert_field(expected, {})
    assert_field(expected, { "n", value = 1 })
    assert_field(expected, { value = 1, param = "p" }, { params = { p = {} } })
  end)

  it("has a path that is one", function()
    assert_field("fields.tests.1: 'a..b' is not a path", "a..b")
    assert_field("fields.tests.else_path: 'a b' is not a path", { "a", else_path = "a b" })
    assert_field('is written ["a b"])', "a b")
  end)

  it("names parameters that there are", function()
    assert_field(HERE .. ".fields.tests: unknown parameter 'taem'; did you mean 'team'?",
      { param = "taem" }, { params = { team = {} } })
    assert_field(HERE .. ".fields.tests.unit: unknown parameter 'unti'; did you mean 'unit'?",
      { "n", unit = "{unti}" }, { params = { unit = { one_of = { "1" } } } })
  end)

  it("has a unit that its measure can have, in every value of a parameter", function()
    local function duration(unit, params)
      return { fields = { duration_s = { "d", unit = unit } }, params = params }
    end
    assert_refused(HERE .. ".fields.duration_s:", duration "MB")
    assert_refused(HERE .. ".fields.duration_s:", duration("{u}", { u = { one_of = { "ms", "1" } } }))
    acme.vendor(duration("{u}", { u = { one_of = { "ms", "s", "min", "h" } } }))
  end)

  it("has no other kind than its measure", function()
    assert_field(HERE .. ".fields.tests: measure 'tests' has kind sum everywhere, not max",
      { "n", kind = "max", unit = "1" })
  end)

  it("may be a text column of the vendor's own, where it says so", function()
    assert_refused("'project' is neither a column nor a measure of ours", { fields = { project = "p" } })
    acme.vendor { fields = { project = { "p", column = true }, tests = "n" } }
  end)
end)

describe("further records", function()
  it("are checked as the others are", function()
    assert_refused(HERE .. ".also[1].fields.users: a field is", { also = { { fields = { users = {} } } } })
    assert_refused(HERE .. ".also[1]: the key 'fields' is missing", { also = { {} } })
    assert_refused("'userz' is neither a column nor a measure", { also = { { fields = { userz = "$.a" } } } })
  end)

  it("are none of pages", function()
    assert_refused(HERE .. ".also: with pages, every page would bring these records again",
      { also = { { fields = { users = "$.a" } } }, pages = { kind = "page" } })
  end)
end)

describe("each", function()
  it("names objects, or one list", function()
    assert_refused(HERE .. ".each: 'usage' ends neither in {} nor in []", { each = "usage" })
    assert_refused(HERE .. ".each: a list stands alone", { each = { "users[]", "usage{}" } })
    assert_refused(HERE .. ".each: 'a..b' is not a path", { each = "a..b{}" })
    acme.vendor { each = { "a.b{}", "c{}" } }
    acme.vendor { each = "users[]" }
  end)
end)
