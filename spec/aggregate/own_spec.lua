local datasets = require "support.datasets"

local batch, result = datasets.batch, datasets.result
local june = datasets.window("testmu.summary", "06")
local testmu = datasets.schema(datasets.summary())

-- The largest of a group's figures, as its functions find it, and what came by of
-- group a.
local function largest(seen, more)
  local spec = {
    as = "largest",
    init = function() return {} end,
    step = function(state, row)
      seen[#seen + 1] = row.product == "a" and row.tests or nil
      return { tests = math.max(state.tests or 0, row.tests) }
    end,
    finish = function(state) return state.tests end,
  }
  for key, value in pairs(more or {}) do spec[key] = value end
  return spec
end

local function run(spec, batches, more, taints)
  local r = { group_by = "product", measures = { spec } }
  for key, value in pairs(more or {}) do r[key] = value end
  return result(testmu, r, batches, taints)
end

describe("a measure of a rule's own functions", function()
  it("goes over the rows of each group in one order", function()
    local rows = { { product = "b", tests = 9 }, { product = "a", tests = 7 }, { product = "a", tests = 5 },
      { product = "a", tests = 1 } }
    for first = 1, #rows do
      local turned, seen = {}, {}
      for i = 1, #rows do turned[i] = rows[(first + i - 2) % #rows + 1] end
      local found = run(largest(seen), { batch(june, turned) })
      assert.same({ { product = "a", largest = 7 }, { product = "b", largest = 9 } }, found.rows)
      assert.same({ 1, 5, 7 }, seen)
    end
  end)

  it("gives them canonical units and the constants, and says its own unit", function()
    local seen
    local found = run({ as = "x", unit = "h", init = function() return 0 end,
      step = function(_, row) seen = { row.duration_s, row.vendor, row.absent } return 3 end,
      finish = function(state) return state end },
      { batch(june, { { product = "a", duration_s = 1500 } }, { units = { duration_s = "ms" } }) })
    assert.same({ 1.5, "testmu" }, seen)
    assert.same({ name = "x", type = "integer", measure = true, unit = "h", kind = "derived",
      negative = true }, found.columns[2])
  end)

  it("is unknown where its functions read a figure that is, also where they fail of it", function()
    local unknown = { state = "unknown", reason = "partial" }
    local marked = { batch(june, { { product = "a", tests = 4 }, { product = "a", screenshots = 1 } },
      { marks = { [2] = { tests = unknown } } }) }
    assert.same({ { largest = unknown } }, run(largest {}, marked).marks)
    local other = run({ as = "x", init = function() return 0 end,
      step = function(state, row) return state + (row.screenshots or 0) end,
      finish = function(state) return state end }, marked)
    assert.same({ { product = "a", x = 1 } }, other.rows)
    assert.same({}, other.marks)
  end)

  it("is unknown where a part of the period failed", function()
    local found = run(largest {}, { batch(june, { { product = "a", tests = 4 } }) }, nil,
      { { const = datasets.window("testmu.summary", "07"), reason = "refused" } })
    assert.same({ state = "unknown", reason = "refused" }, found.marks[1].largest)
    assert.is_nil(found.rows[1].largest)
  end)

  it("may have none, and no infinite one", function()
    local rows = { batch(june, { { product = "a", tests = 1 } }) }
    assert.same({}, run(largest({}, { finish = function() end }), rows).rows)
    local infinite = run(largest({}, { finish = function() return 1 / 0 end }), rows)
    assert.equal("largest is no finite number", infinite.marks[1].largest.reason)
  end)

  it("lets mistakes through", function()
    local rows = { batch(june, { { product = "a", tests = 1 } }) }
    local function refusal(spec, more) return datasets.refusal(run, spec, rows, more) end
    assert.match("a number or nil, not a string",
      refusal(largest({}, { finish = function() return "much" end })))
    assert.match("read only", refusal(largest({}, { step = function(_, row) row.tests = 2 end })))
    assert.match("do not name 'tests'", refusal(largest {}, { fields = { "user_type" } }))
    assert.match("functions", refusal { as = "x", init = print, step = print })
    assert.match("needs a name", refusal { init = print, step = print, finish = print })
    assert.match("unknown key 'kind'", refusal(largest({}, { kind = "sum" })))
    local kept
    run(largest({}, { step = function(state, row) kept = row return state end }), rows)
    assert.match("only while the function runs", datasets.refusal(function() return kept.tests end))
    assert.has_error(function() run(largest({}, { step = function() error "mine" end }), rows) end)
  end)

  it("is refused over datasets that count the same usage", function()
    local both = datasets.schema(datasets.summary(), datasets.drilldown())
    assert.match("count the same usage",
      datasets.refusal(result, both, { measures = { largest {} } }, {}))
  end)
end)
