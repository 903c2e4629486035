-- Laws that hold for any data: the order of rows, batches and stages does not
-- show, dropping leaves nothing, failures only ever weaken, groups add up.

local aggregate = require "usagelua.aggregate"
local datasets = require "support.datasets"
local kept = require "usagelua.frame.kept"
local rule = require "usagelua.rule"
local schema_index = require "usagelua.rule.schema"
local stage = require "usagelua.frame.stage"

local ROUNDS <const> = 40
local schema = datasets.schema(datasets.summary(), datasets.browserstack())
local PRODUCTS <const> = { "web", "app", "live", "automate" }
local TEAMS <const> = { "qa", "core", "infra" }
local UNITS <const> = { "s", "ms", "min" }
local MONTHS <const> = { "06", "07", "08" }

local function pick(list) return list[math.random(#list)] end
local function maybe(value) if math.random(4) > 1 then return value end end

local function figure()
  if math.random(3) == 1 then return math.random() * 10.0 ^ math.random(-3, 9) end
  return math.random(0, 1000000)
end

local function summary_row()
  return {
    product = maybe(pick(PRODUCTS)), tests = maybe(math.random(0, 9999)),
      duration_s = maybe(figure()),
    users = math.random(30) == 1 and 5 or nil,
  }
end

local function team_row()
  return {
    product = maybe(pick(PRODUCTS)), team = maybe(pick(TEAMS)), tests = maybe(math.random(0, 9999)),
    duration_s = maybe(figure()), parallels_allocated = maybe(math.random(1, 2)),
      parallels_peak = maybe(figure()),
    user_id = "u" .. math.random(50), has_access = maybe(math.random(2) == 1),
  }
end

local function random_batch()
  local dataset = pick { "testmu.summary", "browserstack.users" }
  local make = dataset == "testmu.summary" and summary_row or team_row
  local rows, marks = {}, {}
  for i = 1, math.random(0, 12) do
    rows[i] = make()
    if math.random(15) == 1 then
      marks[i] = { tests = { state = pick { "unknown", "at_least" }, reason = pick { "partial",
        "odd" } } }
    end
  end
  return datasets.batch(datasets.window(dataset, pick(MONTHS)), rows, { marks = marks,
    units = { duration_s = pick(UNITS) } })
end

local function random_batches(n)
  local list = {}
  for i = 1, n do list[i] = random_batch() end
  return list
end

local RULES <const> = {
  { group_by = { "vendor", "product" }, measures = { "tests",
    { "duration_s", as = "h", unit = "h" }, "users" } },
  { group_by = "team", measures = { "parallels_allocated", "parallels_peak", { "user_id",
    as = "seats", kind = "distinct" } },
    sort = "-seats", limit = 3 },
  { measures = { "tests", { "duration_s", kind = "mean", as = "mean" }, { "duration_s",
    kind = "max", as = "max" },
    { "duration_s", kind = "min", as = "min" }, { kind = "count", as = "rows" },
      { "parallels_allocated", over = "team" } } },
  { group_by = "vendor", measures = { { "tests", as = "half", kind = "median" },
    { "duration_s", as = "p90", kind = "quantile", q = 0.9 } } },
  { group_by = "product", measures = { { as = "longest", init = function() return { run = 0, best = 0 } end,
    step = function(s, row)
      s.run = row.tests == nil and 0 or s.run + row.tests % 7
      s.best = math.max(s.best, s.run)
      return s
    end, finish = function(s) return s.best end } } },
  { where = { product = { "web", "nothing" }, tests = { min = 50, or_absent = true } },
    group_by = "period",
    measures = "tests", having = { tests = { min = 100 } } },
  { where = { user_id = "nobody", team = "qa" }, measures = "tests" },
  { where = { user_id = { "nobody", "u1" }, team = "qa" }, measures = "tests" },
  { where = function(row) return (row.duration_s or 0) > 10 end, measures = "tests",
    group_by = { { "size", function(row) return (row.tests or 0) > 5000 and "big"
      or "small" end } },
    derive = { half = function(group) return group.tests / 2 end } },
}

local function shuffle(list)
  local copy = table.move(list, 1, #list, 1, {})
  for i = #copy, 2, -1 do
    local j = math.random(i)
    copy[i], copy[j] = copy[j], copy[i]
  end
  return copy
end

-- Rows of a batch in another order, with their marks.
local function reordered(b)
  local order, rows, marks = {}, {}, {}
  for i = 1, #b.rows do order[i] = i end
  for to, from in ipairs(shuffle(order)) do rows[to], marks[to] = b.rows[from], b.marks[from] end
  return { rows = rows, marks = marks, const = b.const, units = b.units }
end

local function straight(plan, batches, taints)
  local accumulator = aggregate.new(plan)
  for _, b in ipairs(batches) do accumulator:add(b) end
  for _, taint in ipairs(taints) do accumulator:taint(taint.const, taint.reason) end
  return accumulator:finish()
end

-- The same through a random tree of stages, some of which are dropped and asked
-- again.
local function staged(plan, batches, taints)
  local accumulator = aggregate.new(plan)
  local root, todo, failures = stage.new { accumulator }, shuffle(batches), shuffle(taints)
  while #todo > 0 do
    local window, pages = root:stage(), math.min(#todo, math.random(3))
    local dropped = math.random(4) == 1
    for i = 1, pages do
      local page = window:stage()
      page:add(reordered(todo[#todo - i + 1]))
      if math.random(3) == 1 then
        page:drop()
        page = window:stage()
        page:add(reordered(todo[#todo - i + 1]))
      end
      page:commit()
    end
    if dropped then window:drop() else
      window:commit()
      for _ = 1, pages do todo[#todo] = nil end
    end
    if #failures > 0 and math.random(2) == 1 then
      local failed = table.remove(failures)
      root:taint(failed.const, failed.reason)
    end
  end
  for _, taint in ipairs(failures) do root:taint(taint.const, taint.reason) end
  return accumulator:finish()
end

local function random_taints()
  local list = {}
  for i = 1, math.random(0, 2) do
    list[i] = {
      const = datasets.window(pick { "testmu.summary", "browserstack.users" }, pick(MONTHS)),
      reason = pick { "late", "cut", "refused" },
    }
  end
  return list
end

-- What a taint list says does not depend on its order; compare it as a set.
local function comparable(result)
  local taints = {}
  for i, taint in ipairs(result.taints) do
    taints[i] = ("%s %s %s"):format(taint.reason, taint.const.dataset, taint.const.period)
  end
  table.sort(taints)
  result.taints = taints
  return result
end

describe("aggregate's laws", function()
  before_each(function() math.randomseed(20260601) end)

  for i, r in ipairs(RULES) do
    it("order and stages do not show, rule " .. i, function()
      local plan = rule.check(r, schema)
      for _ = 1, ROUNDS do
        local batches, taints = random_batches(math.random(0, 12)), random_taints()
        local expected = comparable(straight(plan, batches, taints))
        assert.same(expected, comparable(staged(plan, batches, taints)))
      end
    end)
  end

  it("order does not show in records either", function()
    local index = schema_index.index(schema)
    for _ = 1, ROUNDS do
      local batches, one, other = random_batches(6), kept.new(index), kept.new(index)
      for _, b in ipairs(batches) do one:add(b) end
      for _, b in ipairs(shuffle(batches)) do
        local part = other:stage()
        part:add(reordered(b))
        other:merge(part)
      end
      assert.same(one:finish(), other:finish())
    end
  end)

  it("groups add up to the total, in integers", function()
    local by = rule.check({ group_by = { "vendor", "product", "period" }, measures = "tests" },
      schema)
    local all = rule.check({ measures = "tests" }, schema)
    for _ = 1, ROUNDS do
      local batches, sum = random_batches(8), nil
      for _, row in ipairs(straight(by, batches, {}).rows) do
        if row.tests then sum = (sum or 0) + row.tests end
      end
      local total = straight(all, batches, {}).rows[1]
      assert.equal(sum, total and total.tests)
    end
  end)

  local STRENGTH <const> = { unknown = 1, at_least = 2 }

  local function key_of(row, columns)
    local parts = {}
    for _, column in ipairs(columns) do
      if not column.measure then parts[#parts + 1] = tostring(row[column.name]) end
    end
    return table.concat(parts, "\0")
  end

  local function assert_weaker(before, after)
    local at = {}
    for i, row in ipairs(after.rows) do at[key_of(row, after.columns)] = i end
    for i, row in ipairs(before.rows) do
      local j = assert(at[key_of(row, before.columns)], "a group was lost")
      for _, column in ipairs(before.columns) do
        local was = before.marks[i] and before.marks[i][column.name]
        local is = after.marks[j] and after.marks[j][column.name]
        assert.is_true(STRENGTH[is and is.state] == nil and not was
          or is ~= nil and STRENGTH[is.state] <= (was and STRENGTH[was.state] or 3))
        if not (is and is.state == "unknown") then
          assert.equal(row[column.name], after.rows[j][column.name])
        end
      end
    end
  end

  for _, i in ipairs { 1, 3, #RULES } do
    it("a failure only weakens, rule " .. i, function()
      local plan = rule.check(RULES[i], schema)
      for _ = 1, ROUNDS do
        local batches, taints = random_batches(6), random_taints()
        local more = table.move(taints, 1, #taints, 1, {})
        more[#more + 1] = { const = datasets.window("testmu.summary", pick(MONTHS)),
          reason = "more" }
        assert_weaker(straight(plan, batches, taints), straight(plan, batches, more))
      end
    end)
  end

  it("what a failed window would have brought lies within the marks", function()
    local plan = rule.check({ group_by = { "vendor", "period", "product" }, measures = "tests" },
      schema)
    for _ = 1, ROUNDS do
      local batches = random_batches(8)
      local truth = straight(plan, batches, {})
      local lost = table.remove(batches)
      local partial = straight(plan, batches, { { const = lost.const, reason = "lost" } })
      local at = {}
      for i, row in ipairs(partial.rows) do at[key_of(row, partial.columns)] = i end
      for i, row in ipairs(truth.rows) do
        local j = at[key_of(row, truth.columns)]
        local mark = j and partial.marks[j] and partial.marks[j].tests
        if j and not mark then assert.equal(row.tests, partial.rows[j].tests) end
        if mark and mark.state == "at_least" and not (truth.marks[i] and truth.marks[i].tests) then
          assert.is_true(partial.rows[j].tests <= row.tests)
        end
        assert.is_true(j ~= nil or #partial.notes > 0)
      end
    end
  end)

  it("dropping leaves no trace", function()
    for _, r in ipairs(RULES) do
      local plan = rule.check(r, schema)
      local batches, accumulator = random_batches(5), aggregate.new(plan)
      local part = accumulator:stage()
      for _, b in ipairs(random_batches(5)) do part:add(b) end
      part:taint(datasets.window("testmu.summary", "06"), "dropped")
      part:drop()
      accumulator:merge(part)
      for _, b in ipairs(batches) do accumulator:add(b) end
      assert.same(straight(plan, batches, {}), accumulator:finish())
    end
  end)
end)
