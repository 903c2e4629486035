local acme = require "support.acme"
local json = require "usagelua.json"
local period = require "usagelua.time.period"
local request = require "usagelua.flow.request"

local JUNE = period.parse("2026-06", "UTC")
local UNVERIFIED <const> = { status = "unverified", params = { by = { one_of = { "user", "team" } } },
  fields = { tests = "n", team = { "t", when = { by = { "team", false } } },
    user_id = { "u", else_path = "id", when = { by = "user" } }, product = { value = "cloud" } } }

local function dataset(spec, changes)
  local described = {}
  for key, value in pairs(UNVERIFIED) do described[key] = value end
  for key, value in pairs(changes or {}) do described[key] = value end
  return acme.plan(acme.vendor(described), spec, { period = JUNE }).dataset
end

local function assert_refused(expected, ...)
  local ok, err = pcall(dataset, ...)
  assert.is_false(ok, expected)
  assert.are.equal("usage", err.kind)
  assert.truthy(err.message:find(expected, 1, true), err.message)
end

local function names(fields)
  local list = {}
  for name in pairs(fields) do list[#list + 1] = name end
  table.sort(list)
  return table.concat(list, " ")
end

describe("the fields of a query", function()
  it("are those that the vendor sends with its parameters", function()
    assert.are.equal("product team tests", names(dataset({}).fields))
    assert.are.equal("product team tests", names(dataset({ by = "team" }).fields))
    assert.are.equal("product tests user_id", names(dataset({ by = "user" }).fields))
  end)

  it("bear the names that the query gives, and leave the description alone", function()
    local vendor = acme.vendor(UNVERIFIED)
    local planned = acme.plan(vendor, { by = "user", fields = { tests = "runs.n", user_id = "mail" } })
    assert.are.equal("runs.n", planned.dataset.fields.tests[1])
    assert.are.equal("mail", planned.dataset.fields.user_id[1])
    assert.is_nil(planned.dataset.fields.user_id.else_path)
    assert.are.equal("n", vendor.datasets.usage.fields.tests[1])
    assert.are.equal("u", acme.plan(vendor, { by = "user" }).dataset.fields.user_id[1])
  end)

  it("are left out where the query says that they are not sent", function()
    assert.are.equal("product tests", names(dataset({ fields = { team = false } }).fields))
    local planned = acme.plan(acme.vendor(UNVERIFIED), { fields = { team = false } })
    assert.are.same({ "product" }, planned.columns)
  end)

  it("come from the command line in one text", function()
    local fields = dataset({ fields = " tests:runs, team:- " }).fields
    assert.are.equal("runs", fields.tests[1])
    assert.is_nil(fields.team)
  end)

  for expected, given in pairs {
    ["unknown field 'test'; did you mean 'tests'?"] = { test = "n" },
    ["unknown field 'product'; known: team, tests, user_id"] = { product = "p" },
    ["fields.tests is the name of a field of the answer, or false"] = { tests = 5 },
    ["fields.tests: 'a..b' is not a path"] = { tests = "a..b" },
    ["'tests' is not NAME:FIELD"] = "tests",
    ["'tests:' is not NAME:FIELD"] = "tests:",
    ["fields: '' is not NAME:FIELD"] = "",
    ["fields is a table such as"] = 7,
  } do
    it("are refused: " .. expected, function() assert_refused(expected, { fields = given }) end)
  end

  it("are the vendor's where they are documented", function()
    assert_refused("unknown parameter 'fields'; known: account, by, grain", { fields = { tests = "x" } },
      { status = "documented" })
  end)

  it("leave a parameter of that name to the dataset", function()
    local planned = acme.plan(acme.vendor { status = "unverified", params = { fields = {} } },
      { fields = "a,b" })
    assert.are.equal("a,b", planned.params.fields)
    assert.are.equal("n", planned.dataset.fields.tests[1])
  end)
end)

local function window_of(window, spec, params)
  params = params or { zone = { default = "UTC" }, days = {} }
  return acme.plan(acme.vendor { params = params, window = window,
    request = { path = "/u", query = { from = "{from}", to = "{to}" } } }, spec, { period = JUNE })
end

describe("a window", function()
  it("takes its zone from a parameter", function()
    local rules = { zone = "{zone}", format = "rfc3339ms", ends = "inclusive" }
    local function edges(spec)
      local values = window_of(rules, spec).parts[1].values
      return { values.from, values.to }
    end
    assert.are.same({ "2026-06-01T00:00:00.000Z", "2026-06-30T23:59:59.999Z" }, edges {})
    assert.are.same({ "2026-05-31T20:00:00.000-04:00", "2026-06-30T19:59:59.999-04:00" },
      edges { zone = "America/New_York" })
    assert.are.same({ "2026-06-01T05:30:00.000+05:30", "2026-07-01T05:29:59.999+05:30" },
      edges { zone = "+05:30" })
  end)

  it("refuses a zone that is none, with the nearest", function()
    local ok, err = pcall(window_of, { zone = "{zone}" }, { zone = "Europe/Berln" })
    assert.is_false(ok)
    assert.are.equal("usage", err.kind)
    assert.truthy(err.message:find("did you mean 'Europe/Berlin'?", 1, true), err.message)
  end)

  it("takes its length from a parameter, and is not limited without", function()
    local rules = { max_days = "{days}", cut = "may_differ" }
    assert.are.equal(1, #window_of(rules, {}).windows)
    assert.are.equal(3, #window_of(rules, { days = "10" }).windows)
    assert.are.equal(2, #window_of(rules, { days = 15 }).windows)
  end)
end)

describe("a batch of several lists", function()
  local function batch(spec, batch_rules)
    return acme.plan(acme.vendor { params = { ids = { list = true }, mails = { list = true } },
      batch = batch_rules or { param = { "ids", "mails" }, most = 2 },
      request = { path = "/u", query = { ids = "{ids}", mails = "{mails}" } } }, spec).dataset.batch
  end

  it("is of the one that is given alone", function()
    assert.are.equal("ids", batch({ ids = "1" }).param)
    assert.are.equal("mails", batch({ mails = "a" }).param)
    assert.are.equal(2, batch({ mails = "a" }).most)
  end)

  it("is none where both are given, or neither", function()
    assert.is_nil(batch { ids = "1", mails = "a" })
    assert.is_nil(batch {})
    assert.are.equal("ids", batch({ ids = "1", mails = "a" }, { param = "ids" }).param)
  end)

  it("is of lists only", function()
    local ok, err = pcall(batch, {}, { param = { "ids", "mail" } })
    assert.is_false(ok)
    assert.truthy(err.message:find("batch.param: 'mail' is not a list parameter", 1, true))
  end)
end)

local LISTED <const> = { method = "POST", path = "/u", params_in = "{place}", lists_as = "{form}",
  headers = { ["X-A"] = "1" }, params = { ids = "{ids}", from = "{from}", name = "{name}" } }

local function built(spec)
  local planned = acme.plan(acme.vendor { window = { format = "%Y-%m-%d" }, record = function() end, params = {
    ids = { list = true }, name = {}, form = { one_of = { "commas", "array", "repeated" },
      default = "commas" },
    place = { one_of = { "body", "query", "form" }, default = "body" },
  }, request = LISTED }, spec, { period = JUNE })
  local made = request.build(planned, planned.parts[1].values)
  return made.url:match "%?(.*)$", made.body
end

describe("params of a request", function()
  for _, case in ipairs {
    { "body", "commas", nil, '{"from":"2026-06-01","ids":"1,2"}' },
    { "body", "array", nil, '{"from":"2026-06-01","ids":["1","2"]}' },
    { "body", "repeated", nil, '{"from":"2026-06-01","ids":["1","2"]}' },
    { "query", "commas", "from=2026-06-01&ids=1%2C2" },
    { "query", "array", "from=2026-06-01&ids%5B%5D=1&ids%5B%5D=2" },
    { "query", "repeated", "from=2026-06-01&ids=1&ids=2" },
    { "form", "repeated", nil, "from=2026-06-01&ids=1&ids=2" },
  } do
    it(("go to the %s with lists as %s"):format(case[1], case[2]), function()
      local query, body = built { place = case[1], form = case[2], ids = { "1", "2" } }
      assert.are.equal(case[3], query)
      assert.are.equal(case[4], body)
    end)
  end

  it("are left out where they are unset", function()
    assert.are.same({ from = "2026-06-01" }, json.decode(select(2, built {})))
  end)

  it("may stand where the description says", function()
    local planned = acme.plan(acme.vendor { params = { a = {} },
      request = { path = "/u", params_in = "query", params = { a = "{a}" } } }, { a = "x" })
    assert.truthy(request.build(planned, planned.parts[1].values).url:find("/u?a=x", 1, true))
  end)
end)
