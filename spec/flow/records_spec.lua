local description = require "usagelua.vendor.description"
local json = require "usagelua.json"
local records = require "usagelua.flow.records"

local function dataset(fields, more)
  local described = { request = { path = "/x" }, rows = "data[]", fields = fields }
  for key, value in pairs(more or {}) do described[key] = value end
  return description.check({
    name = "acme", version = 1, base_url = "https://acme.test",
    auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = described },
  }, "acme.lua").datasets.usage
end

local function map(fields, item, more, key, side)
  return records.mapper(dataset(fields, more), { team = "QA", u = "ms" }).map(item, key, side or {})
end

describe("records.mapper", function()
  it("reads columns and measures, constants and parameters", function()
    local rows = map({ user_id = { "email", lower = true }, product = { value = "cloud" },
      team = { param = "team" }, tests = "n" }, { email = "A@B.C", n = 3 },
      { params = { team = {} } })
    assert.are.same({ { user_id = "a@b.c", product = "cloud", team = "QA", tests = 3 } }, rows)
  end)

  it("keeps what is missing missing", function()
    assert.are.same({ {} }, (map({ user_id = "email", tests = "n" }, { email = json.null })))
  end)

  it("keeps numbers that no field names, under raw_ where they meet ours", function()
    local rows = map({ tests = "n" }, { n = 1, flaky = 2, tests = 9, label = "x" })
    assert.are.same({ { tests = 1, flaky = 2, raw_tests = 9 } }, rows)
  end)

  it("takes the other path where the first one holds nothing", function()
    local fields = { account = { "$.org.name", else_path = "$.org.id" } }
    assert.are.equal("Acme", map(fields, {}, nil, nil, { ["org.name"] = "Acme" })[1].account)
    assert.are.equal("12", map(fields, {}, nil, nil, { ["org.id"] = "12" })[1].account)
  end)

  it("makes one record per key of each, and keeps items without any where told so", function()
    local fields = { product = "@key", has_access = "access.{key}", tests = "usage.{key}.n" }
    local more = { each = { "usage{}", "access{}" }, each_optional = true }
    local item = { access = { live = true, app = false }, usage = { live = { n = 4 } } }
    assert.are.same({ { product = "app", has_access = false },
      { product = "live", has_access = true, tests = 4 } }, (map(fields, item, more)))
    assert.are.same({ {} }, (map(fields, {}, more)))
  end)

  it("names path and value of what has another shape", function()
    local rows, err = map({ tests = "n" }, { n = -1 }, { rows = "data.products{}" }, "automation")
    assert.is_nil(rows)
    assert.are.equal("shape", err.kind)
    assert.are.equal("data.products.automation.n: expected an integer of zero or more, got -1",
      err.message)
  end)

  it("says in which unit the figures stand", function()
    local mapper = records.mapper(dataset({ duration_s = { "d", unit = "{u}" } }), { u = "ms" })
    assert.are.same({ duration_s = "ms" }, mapper.units)
  end)

  it("leaves out records that the description leaves out", function()
    local more = { record = function(record) return record.tests > 1 end }
    assert.are.same({}, (map({ tests = "n" }, { n = 1 }, more)))
    assert.are.same({ { tests = 2 } }, (map({ tests = "n" }, { n = 2 }, more)))
  end)
end)

describe("records.schema", function()
  it("lists columns and measures, the dataset's own with kind and unit", function()
    local columns, measured = records.schema(dataset({ user_id = "e", tests = "n",
      licences = { "l", kind = "last", of = "team", unit = "1" } }))
    assert.are.same({ "user_id" }, columns)
    assert.are.equal("sum", measured.tests.kind)
    assert.are.same({ unit = "1", kind = "last", of = "team" }, measured.licences)
  end)
end)
