local description = require "usagelua.vendor.description"

local function acme(changes)
  local vendor = {
    name = "acme", version = 1, base_url = "https://api.acme.test/v1",
    auth = { kind = "bearer", token_env = "ACME_TOKEN" },
    datasets = {
      usage = {
        params = { team = { help = "team id", list = true } },
        request = { path = "/usage", query = { team = "{team}" } },
        rows = "data[]",
        fields = { user_id = "email", tests = "tests_run" },
      },
    },
  }
  for key, value in pairs(changes or {}) do vendor[key] = value end
  return vendor
end

local function with_dataset(changes)
  local vendor = acme()
  for key, value in pairs(changes) do vendor.datasets.usage[key] = value end
  return vendor
end

local function assert_refused(expected, vendor)
  local ok, err = pcall(description.check, vendor, "acme.lua")
  assert.is_false(ok)
  assert.are.equal("usage", err.kind)
  assert.truthy(err.message:find(expected, 1, true), err.message)
end

describe("description.check", function()
  it("fills in the defaults and leaves the caller's table as it was", function()
    local given = acme()
    local checked = description.check(given, "acme.lua")
    assert.are.equal("GET", checked.datasets.usage.request.method)
    assert.are.equal("stream", checked.datasets.usage.answer)
    assert.are.equal(4, checked.rate.in_flight)
    assert.are.equal("acme.usage", checked.datasets.usage.name)
    assert.is_nil(given.datasets.usage.request.method)
    assert.are.equal("email", given.datasets.usage.fields.user_id)
  end)

  it("names the nearest key for a misspelt one", function()
    assert_refused("did you mean 'base_url'?", acme { base_ur = "x" })
    assert_refused("did you mean 'max_days'?", with_dataset { window = { max_day = 3 } })
    assert_refused("did you mean 'idempotent'?", with_dataset { idempotnt = true })
  end)

  it("says of a number in quotes that it is one, and of what is no name that it is none", function()
    assert_refused("fields.tests: the key 1 is a number here, not a text: write it without quotes",
      with_dataset { fields = { tests = { ["1"] = "tests_run" } } })
    assert_refused("acme.datasets takes names, as in name = { … }, not a number (1)",
      acme { datasets = { acme().datasets.usage } })
    assert_refused("usage.params takes names, as in name = { … }, not a boolean (true)",
      with_dataset { params = { [true] = {} } })
  end)

  it("refuses a list with a hole, which a misspelt variable leaves", function()
    assert_refused("params.team.one_of[2] is nil, and something stands behind it",
      with_dataset { params = { team = { list = true, one_of = { "a", nil, "c" } } } })
    assert_refused("is a list; '0' is no place in it", with_dataset { params = {
      team = { list = true, one_of = { [0] = "a" } } } })
  end)

  it("takes a check of one dataset or of a request", function()
    local checked = description.check(acme { check = { dataset = "usage" } }, "acme.lua")
    assert.are.same({ dataset = "usage" }, checked.check)
    assert_refused("needs either the key 'dataset' or the key 'request'", acme { check = {} })
    assert_refused("unknown dataset 'usge'; did you mean 'usage'?",
      acme { check = { dataset = "usge" } })
    assert_refused("acme.check.request: the key 'path' is missing", acme { check = { request = {} } })
  end)

  it("takes sample answers as texts", function()
    local checked = description.check(with_dataset { sample = { '{"data":[]}' } }, "acme.lua")
    assert.are.same({ '{"data":[]}' }, checked.datasets.usage.sample)
    assert_refused("usage.sample holds no answer", with_dataset { sample = { period = "2026-06" } })
    assert_refused("usage.sample[1] must be the text of an answer", with_dataset { sample = { {} } })
    assert_refused("did you mean 'period'?", with_dataset { sample = { "{}", perod = "x" } })
  end)

  it("names a missing key and what it is for", function()
    local vendor = acme()
    vendor.base_url = nil
    assert_refused("the key 'base_url' is missing (what paths are appended to)", vendor)
    assert_refused("needs the key 'token_env'", acme { auth = { kind = "bearer" } })
  end)

  it("never prints what stands where a variable's name should", function()
    local ok, err = pcall(description.check,
      acme { auth = { kind = "bearer", token_env = "sk-live-verysecret" } }, "acme.lua")
    assert.is_false(ok)
    assert.is_nil(err.message:find("verysecret", 1, true))
    assert.truthy(err.message:find("name of an environment variable", 1, true))
  end)

  it("refuses other types, values and versions", function()
    assert_refused("must be a table, not a string", acme { datasets = "all" })
    assert_refused("this usagelua reads 1", acme { version = 2 })
    assert_refused("is not a base URL", acme { base_url = "ftp://x" })
    assert_refused("is not a base URL", acme { base_url = "https://x/y?z=1" })
    assert_refused("known: basic, bearer, client_credentials, header", acme { auth = { kind = "oauth9" } })
    assert_refused("returns its description", "text")
  end)

  it("wants kind and unit for a measure that is not ours", function()
    assert_refused("give kind and unit", with_dataset { fields = { licences = "seats" } })
    local checked = description.check(with_dataset {
      fields = { licences = { "seats", kind = "last", of = "team", per = "product", unit = "1" } } },
      "acme.lua")
    assert.are.equal("last", checked.datasets.usage.fields.licences.kind)
    local _, measures = require("usagelua.flow.records").schema(checked.datasets.usage)
    assert.are.same({ unit = "1", kind = "last", of = "team", per = "product" }, measures.licences)
  end)

  it("fans out over list parameters only", function()
    assert_refused("'nobody' is not a list parameter", with_dataset { fan_out = { "nobody" } })
  end)
end)
