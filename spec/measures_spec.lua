local datasets = require "support.datasets"
local measures = require "usagelua.measures"

describe("measures.resolve", function()
  local known = {
    { "tests", "1", "sum" }, { "duration_s", "s", "sum" }, { "screenshots", "1", "sum" },
    { "users", "1", "distinct" }, { "members", "1", "last", "team" }, { "cypress_runs", "1",
      "sum" },
    { "parallels_allocated", "1", "last", "team" }, { "parallels_peak", "1", "max", "team" },
    { "tasks", "1", "sum" }, { "jobs_succeeded", "1", "sum" }, { "jobs_failed", "1", "sum" },
    { "recipes", "1", "distinct" },
  }
  for _, case in ipairs(known) do
    it("knows " .. case[1], function()
      local measure = measures.resolve(case[1])
      assert.same({ case[2], case[3], case[4] }, { measure.unit, measure.kind, measure.of })
    end)
  end

  it("takes the unit of a known measure's source", function()
    local measure = measures.resolve("duration_s", { unit = "min" })
    assert.same({ "s", "min" }, { measure.unit, measure.source_unit })
  end)

  it("takes a measure of a dataset's own as declared", function()
    local measure = measures.resolve("licences", { kind = "last", of = "team" })
    assert.same({ unit = "1", source_unit = "1", kind = "last", of = "team", negative = false },
      measure)
  end)

  it("leaves an undeclared one unknown, and possibly negative", function()
    local measure = measures.resolve "raw_seats"
    assert.same({ "unknown", true }, { measure.kind, measure.negative })
  end)

  it("refuses a declaration against the known one", function()
    assert.match("kind sum everywhere, not last", datasets.refusal(measures.resolve, "tests",
      { kind = "last" }))
    assert.match("unit 'GB'", datasets.refusal(measures.resolve, "duration_s", { unit = "GB" }))
    assert.match("did you mean 'sum'", datasets.refusal(measures.resolve, "mine",
      { kind = "sums" }))
  end)

  it("gives nobody the table itself", function()
    measures.resolve("tests").kind = "last"
    assert.equal("sum", measures.resolve("tests").kind)
  end)
end)

describe("measures.order_columns", function()
  it("has the contract's order, then the others sorted", function()
    assert.same({ "vendor", "product", "period_start", "last_test", "colour", "zone" },
      measures.order_columns { zone = 1, last_test = 1, colour = 1, product = 1, vendor = 1,
        period_start = 1 })
    assert.same({ "tests", "users", "tasks", "builds" },
      measures.order_measures { tasks = 1, builds = 1, users = 1, tests = 1 })
  end)
end)
