local datasets = require "support.datasets"
local schema = require "usagelua.rule.schema"

local index = schema.index(datasets.schema(datasets.summary(), datasets.browserstack()))

describe("schema", function()
  it("knows columns and measures of all datasets", function()
    assert.same({ name = "product", type = "text", measure = false }, index:column "product")
    assert.equal("boolean", index:column("has_access").type)
    assert.same({ name = "duration_s", type = "number", measure = true, unit = "s", kind = "sum" },
      index:column "duration_s")
    assert.is_nil(index:column "prodct")
    assert.match("did you mean 'product'", datasets.refusal(index.need, index, "prodct"))
    assert.match("unknown column '3'", datasets.refusal(index.need, index, 3))
  end)

  local lacking = {
    { "testmu.summary", "team", true }, { "testmu.summary", "product", false },
    { "testmu.summary", "account", false }, { "testmu.summary", "period_start", false },
    { "testmu.summary", "parallels_peak", true }, { "browserstack.users", "tests", false },
    { "browserstack.users", "screenshots", true }, { "acme.usage", "team", false }, { nil, "team",
      false },
  }
  for _, case in ipairs(lacking) do
    it(("is certain that %s %s %s"):format(case[1], case[3] and "lacks" or "may have", case[2]),
      function()
      assert.equal(case[3], index:lacks(case[1], case[2]))
    end)
  end

  it("is certain of nothing where the columns are not listed", function()
    local open = schema.index(datasets.schema {
      name = "acme.usage", measures = { tests = { unit = "1", kind = "sum" } },
    })
    assert.equal("any", open:column("anything").type)
    assert.is_false(open:lacks("acme.usage", "anything"))
  end)

  it("fills in what is true of a measure everywhere", function()
    local filled = schema.index(datasets.schema {
      name = "a.b", columns = {}, measures = { parallels_allocated = { unit = "1",
        kind = "last" } },
    })
    assert.equal("team", filled:measure("parallels_allocated").of)
    assert.equal("parallels_from", filled:measure("parallels_allocated").shared.column)
  end)

  it("takes a measure as possibly negative as soon as one dataset may", function()
    local function with(negative)
      return { name = "x" .. tostring(negative), columns = {},
        measures = { balance = { unit = "1", kind = "sum", negative = negative } } }
    end
    assert.is_true(schema.index(datasets.schema(with(nil), with(true))):measure("balance").negative)
    assert.is_nil(schema.index(datasets.schema(with(nil))):measure("balance").negative)
  end)
end)
