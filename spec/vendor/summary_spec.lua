local kit = require "usagelua.vendor.kit"
local loader = require "usagelua.vendor.loader"
local summary = require "usagelua.vendor.summary"

local testmu = summary.of(loader.new({ kit = kit }):load "testmu")

local function by_name(list)
  local found = {}
  for _, item in ipairs(list) do found[item.name] = item end
  return found
end

local datasets = by_name(testmu.datasets)

describe("summary.of", function()
  it("tells where the vendor is asked, with what and how fast", function()
    assert.are.equal("testmu", testmu.name)
    assert.are.equal("https://api.lambdatest.com/insights/api/v3/public", testmu.base_url)
    assert.are.equal("https://eu-api.lambdatest.com/insights/api/v3/public", testmu.regions.eu)
    assert.are.same({ "LT_USERNAME", "LT_ACCESS_KEY" }, testmu.credentials)
    assert.are.same({ "api.lambdatest.com", "eu-api.lambdatest.com" }, testmu.hosts)
    assert.are.same({ "lambdatest" }, testmu.aliases)
    assert.are.equal(4, testmu.rate.in_flight)
    assert.are.equal("built-in", testmu.origin)
    assert.truthy(testmu.sha256:find "^%x+$")
  end)

  it("lists the datasets in order", function()
    local names = {}
    for index, dataset in ipairs(testmu.datasets) do names[index] = dataset.name end
    assert.are.same({ "testmu.concurrency", "testmu.summary", "testmu.users" }, names)
  end)

  it("tells parameters with type and default", function()
    local params = by_name(datasets["testmu.users"].params)
    assert.are.same({ "account-user", "service-user" }, params.type.default)
    assert.is_true(params.product.list)
    assert.are.same({ "list of text", "text" }, { params.product.type, params.duration_unit.type })
    assert.are.same({ "ms", "s" }, params.duration_unit.one_of)
    assert.are.equal("ms", params.duration_unit.default)
  end)

  it("tells measures with unit and kind, and columns", function()
    local measures = by_name(datasets["testmu.summary"].measures)
    assert.are.same({ name = "duration_s", unit = "s", kind = "sum" }, measures.duration_s)
    assert.are.equal("distinct", measures.users.kind)
    assert.are.equal("product", by_name(datasets["testmu.concurrency"].measures).sessions_allowed.of)
    assert.are.same({ "account", "product", "user_type" }, datasets["testmu.summary"].columns)
  end)

  it("tells how periods are asked for, and what counts the same", function()
    assert.are.same({ max_days = 90, ends = "inclusive", zone = "offset", cut = "allowed",
      format = "%Y-%m-%d %H:%M:%S", until_now = false, vendor_default = false },
      datasets["testmu.summary"].window)
    assert.are.equal(datasets["testmu.summary"].counts, datasets["testmu.users"].counts)
    assert.is_nil(datasets["testmu.concurrency"].counts)
  end)

  it("tells where the facts come from", function()
    for _, dataset in ipairs(testmu.datasets) do
      assert.is_true(#dataset.sources > 0)
      for _, source in ipairs(dataset.sources) do
        assert.truthy(source.page and source.read and source.status)
      end
    end
  end)
end)
