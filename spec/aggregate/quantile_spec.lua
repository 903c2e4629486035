local datasets = require "support.datasets"

local batch, result = datasets.batch, datasets.result
local june = datasets.window("testmu.summary", "06")
local testmu = datasets.schema(datasets.summary())
local browserstack = datasets.schema(datasets.browserstack())

local function measured(spec, values, more, taints)
  local rows = {}
  for i, value in ipairs(values) do rows[i] = { [spec[1]] = value or nil } end
  return result(testmu, { measures = { spec } }, { batch(june, rows, more) }, taints)
end

local function quantile(q, values)
  return measured({ "tests", as = "x", kind = "quantile", q = q }, values).rows[1].x
end

describe("quantiles", function()
  it("are the values at a rank, and as far as it goes between two", function()
    for _, case in ipairs { { 0, 1 }, { 1, 9 }, { 0.5, 4 }, { 0.25, 2 }, { 0.9, 7.8 }, { 0.125, 1.5 } } do
      local found = quantile(case[1], { 9, 2, 4, 6, 1 })
      assert.is_true(math.abs(found - case[2]) < 1e-12, case[1])
    end
    assert.equal("integer", math.type(quantile(0.5, { 3, 1, 2 })))
    assert.equal(2.5, measured({ "tests", as = "half", kind = "median" }, { 4, 1, 3, 2 }).rows[1].half)
    assert.equal(9007199254740993, quantile(1, { 9007199254740993, 1 }))
  end)

  it("leave out rows without the figure, and are not there without any", function()
    assert.equal(5, quantile(0.5, { 5, false, false }))
    assert.same({}, measured({ "tests", as = "x", kind = "median" }, { false }).rows)
  end)

  it("are given in the unit asked for", function()
    local found = measured({ "duration_s", as = "hours", kind = "median", unit = "h" },
      { 5400000, 3600000, 9000000 }, { units = { duration_s = "ms" } })
    assert.equal(1.5, found.rows[1].hours)
    assert.equal("median", found.columns[1].kind)
  end)

  it("are unknown where a value is, or a part of the period", function()
    local unknown = { state = "unknown", reason = "partial" }
    local spec = { "tests", as = "x", kind = "median" }
    local marked = measured(spec, { 5, 0, 7 }, { marks = { [2] = { tests = unknown } } })
    assert.same({ { x = unknown } }, marked.marks)
    assert.is_nil(marked.rows[1].x)
    local failed = measured(spec, { 5 }, nil, { { const = datasets.window("testmu.summary", "07"),
      reason = "refused" } })
    assert.equal("unknown", failed.marks[1].x.state)
    assert.equal("refused", failed.marks[1].x.reason)
  end)

  it("are refused where they mean nothing, with the way out", function()
    local function refusal(schema, spec)
      return datasets.refusal(result, schema, { measures = { spec } }, {})
    end
    assert.match("needs q, a number from 0 to 1", refusal(testmu, { "tests", kind = "quantile" }))
    assert.match("needs q", refusal(testmu, { "tests", kind = "quantile", q = 1.5 }))
    assert.match("q is for kind", refusal(testmu, { "tests", q = 0.5 }))
    assert.match("one team each", refusal(browserstack, { "parallels_peak", kind = "median" }))
    assert.match("means nothing", refusal(browserstack, { "parallels_allocated", kind = "median" }))
  end)

  it("join what is beyond the top", function()
    local found = result(testmu, { group_by = "product", top = 1, others = true,
      measures = { { "tests", as = "half", kind = "median" } } },
      { batch(june, { { product = "a", tests = 9 }, { product = "b", tests = 1 },
        { product = "c", tests = 3 } }) })
    assert.same({ { product = "a", half = 9 }, { product = "(others)", half = 2 } }, found.rows)
  end)
end)
