local aggregate = require "usagelua.aggregate"
local datasets = require "support.datasets"
local rule = require "usagelua.rule"
local stage = require "usagelua.frame.stage"

local schema = datasets.schema(datasets.summary())
local june = datasets.window("testmu.summary", "06")

local function rows(...)
  local list = {}
  for i, tests in ipairs { ... } do list[i] = { product = "web", tests = tests } end
  return datasets.batch(june, list)
end

describe("stage", function()
  local accumulator, frame

  before_each(function()
    accumulator = aggregate.new(rule.check({ group_by = "product", measures = "tests" }, schema))
    frame = stage.new { accumulator }
  end)

  local function tests()
    local r = accumulator:finish()
    return r.rows[1] and r.rows[1].tests
  end

  it("joins page, window and frame in turn", function()
    local window = frame:stage()
    for _, n in ipairs { 1, 2 } do
      local page = window:stage()
      page:add(rows(n, n))
      assert.equal(2, page:commit())
    end
    assert.equal(0, frame.rows)
    assert.equal(4, window:commit())
    assert.equal(4, frame.rows)
    assert.equal(6, tests())
  end)

  it("leaves no trace when dropped", function()
    local window = frame:stage()
    local page = window:stage()
    page:add(rows(5))
    page:taint(june, "cut")
    page:commit()
    window:drop()
    assert.equal(0, frame.rows)
    local r = accumulator:finish()
    assert.same({ {}, {}, {}, {}, true }, { r.rows, r.marks, r.notes, r.taints, r.complete })
  end)

  it("lets a dropped page be asked again", function()
    local window = frame:stage()
    local first = window:stage()
    first:add(rows(5))
    first:drop()
    local second = window:stage()
    second:add(rows(5))
    second:commit()
    window:commit()
    assert.equal(5, tests())
  end)

  it("taints what a failed window would have added to", function()
    local window <close> = frame:stage()
    window:add(rows(1))
    window:drop()
    local other <close> = frame:stage()
    other:add(rows(2))
    other:commit()
    frame:taint(june, "timed out")
    local r = accumulator:finish()
    assert.equal(2, r.rows[1].tests)
    assert.same({ state = "at_least", reason = "timed out" }, r.marks[1].tests)
  end)

  it("is dropped at the end of its block, unless committed", function()
    pcall(function()
      local window <close> = frame:stage()
      window:add(rows(5))
      error "lost"
    end)
    do
      local window <close> = frame:stage()
      window:add(rows(7))
      window:commit()
    end
    assert.equal(7, tests())
  end)

  it("is used once", function()
    local window = frame:stage()
    window:commit()
    window:drop()
    assert.has_error(function() window:commit() end, "the stage is committed already")
    assert.has_error(function() window:add(rows(1)) end, "the stage is committed already")
    local lost = frame:stage()
    local page = lost:stage()
    lost:drop()
    assert.has_error(function() page:commit() end, "the stage is dropped already")
    assert.has_error(function() frame:commit() end)
  end)

  it("feeds all accumulators, and the keeper of records", function()
    local fed = {}
    local keeper = { add = function(_, batch) fed[#fed + 1] = batch end }
    stage.new({ keeper, keeper }, keeper):add(rows(1))
    assert.equal(3, #fed)
  end)
end)
