local aggregate = require "usagelua.aggregate"
local datasets = require "support.datasets"
local rule = require "usagelua.rule"

local batch, window, result = datasets.batch, datasets.window, datasets.result
local june = window("testmu.summary", "06")
local july = window("testmu.summary", "07")
local testmu = datasets.schema(datasets.summary())
local both = datasets.schema(datasets.summary(), datasets.browserstack())

local function by_product(measures, more)
  local r = { group_by = "product", measures = measures }
  for key, value in pairs(more or {}) do r[key] = value end
  return r
end

describe("aggregate", function()
  it("adds by group, sorted by the text columns, absent first", function()
    local r = result(testmu, by_product "tests", {
      batch(june, { { product = "web", tests = 3 }, { tests = 5 }, { product = "app",
        tests = 2 } }),
      batch(july, { { product = "web", tests = 4 } }),
    })
    assert.same({ { tests = 5 }, { product = "app", tests = 2 }, { product = "web", tests = 7 } },
      r.rows)
    assert.same({}, r.marks)
    assert.is_true(r.complete)
    assert.equal("integer", math.type(r.rows[3].tests))
  end)

  it("describes the columns with unit and kind", function()
    local r = result(testmu, by_product { { "duration_s", as = "hours", unit = "h" } }, {
      batch(june, { { product = "web", duration_s = 5400 } }),
    })
    assert.same({
      { name = "product", type = "text", measure = false },
      { name = "hours", type = "number", measure = true, unit = "h", kind = "sum" },
    }, r.columns)
    assert.equal(1.5, r.rows[1].hours)
  end)

  it("leaves groups without any of the rule's measures out", function()
    local r = result(testmu, by_product "screenshots", {
      batch(june, { { product = "web", tests = 3 }, { product = "smartui", screenshots = 0 } }),
    })
    assert.same({ { product = "smartui", screenshots = 0 } }, r.rows)
  end)

  it("tells a missing measure from zero", function()
    local r = result(testmu, by_product { "tests", "screenshots" }, {
      batch(june, { { product = "web", tests = 0 } }),
    })
    assert.same({ { product = "web", tests = 0 } }, r.rows)
    assert.is_nil(r.marks[1])
  end)

  describe("units", function()
    local function hours(rows, units)
      local r = result(testmu, { measures = { { "duration_s", as = "t", unit = "h" } } },
        { batch(june, rows, { units = units }) })
      return r.rows[1].t
    end

    it("sums in the vendor's unit and converts once", function()
      local r = result(testmu, { measures = "duration_s" }, {
        batch(june, { { duration_s = 312000 }, { duration_s = 540 } },
          { units = { duration_s = "ms" } }),
      })
      assert.equal(312.54, r.rows[1].duration_s)
      assert.equal(2, hours { { duration_s = 7200 } })
      assert.equal("integer", math.type(hours { { duration_s = 7200 } }))
      assert.equal(1, hours({ { duration_s = 0.5 }, { duration_s = 3599.5 } }))
    end)

    it("adds different units of one measure exactly", function()
      local r = result(both, { where = { vendor = "browserstack" }, measures = "duration_s" }, {
        batch(window("browserstack.users", "06"), { { duration_s = 2 } },
          { units = { duration_s = "min" } }),
        batch(window("browserstack.users", "06"), { { duration_s = 500 } },
          { units = { duration_s = "ms" } }),
      })
      assert.equal(120.5, r.rows[1].duration_s)
    end)
  end)

  describe("overflow", function()
    it("is unknown with its reason, and never wrapped", function()
      local r = result(testmu, { measures = "tests" }, {
        batch(june, { { tests = math.maxinteger }, { tests = 1 } }),
      })
      assert.is_nil(r.rows[1].tests)
      assert.equal("unknown", r.marks[1].tests.state)
      assert.match("9223372036854775807", r.marks[1].tests.reason)
    end)

    it("is judged on the total, not on the way to it", function()
      local schema = datasets.schema(datasets.summary {
        measures = { balance = { unit = "1", kind = "sum", negative = true } },
      })
      local r = result(schema, { measures = "balance" }, {
        batch(june, { { balance = math.maxinteger }, { balance = 5 }, { balance = -6 } }),
      })
      assert.equal(math.maxinteger - 1, r.rows[1].balance)
    end)
  end)

  describe("kinds", function()
    local rows = { { product = "a", tests = 1 }, { product = "b", tests = 4 }, { product = "a" } }
    local cases = {
      { "mean", 2.5 }, { "max", 4 }, { "min", 1 }, { "count", 2 }, { "sum", 5 },
    }
    for _, case in ipairs(cases) do
      it("gives the " .. case[1], function()
        local r = result(testmu, { measures = { { "tests", kind = case[1] } } },
          { batch(june, rows) })
        assert.equal(case[2], r.rows[1].tests)
        assert.same({}, r.marks)
      end)
    end

    it("counts rows, and different values of a dimension", function()
      local r = result(testmu, {
        measures = {
          { kind = "count", as = "rows" }, { "product", as = "products", kind = "distinct" },
        },
      }, { batch(june, rows), batch(july, rows) })
      assert.same({ { rows = 6, products = 2 } }, r.rows)
    end)

    it("gives a whole mean as an integer", function()
      local r = result(testmu, { measures = { { "tests", kind = "mean" } } },
        { batch(june, { { tests = 2 }, { tests = 4 } }) })
      assert.equal("integer", math.type(r.rows[1].tests))
    end)
  end)

  describe("distinct counts made by the vendor", function()
    it("stand where one record holds them", function()
      local r = result(testmu, { group_by = "period", measures = "users" }, {
        batch(june, { { users = 12 }, { product = "web", tests = 1 } }), batch(july,
          { { users = 12 } }),
      })
      assert.same({ { period = "2026-06", users = 12 }, { period = "2026-07", users = 12 } },
        r.rows)
      assert.is_true(r.complete)
    end)

    it("are unknown over several, equal or not", function()
      local r = result(testmu, { measures = "users" }, {
        batch(june, { { users = 12 } }), batch(july, { { users = 12 } }),
      })
      assert.is_nil(r.rows[1].users)
      assert.same({
        state = "unknown",
        reason = "distinct counts of 2 rows do not add up: ask at the grain you report, "
          .. "or group by period_start/user_type",
      }, r.marks[1].users)
    end)

    it("name what the dataset can be grouped by, and what the rule is not yet", function()
      local recipes = datasets.schema { name = "workato.usage", columns = { "workspace_id", "recipe_id" },
        measures = { recipes = { unit = "1", kind = "distinct" } }, periods = {},
        const = { vendor = "workato", dataset = "workato.usage" } }
      local here = window("workato.usage", "06")
      local function reason(group_by)
        local r = result(recipes, { measures = "recipes", group_by = group_by }, {
          batch(here, { { recipes = 5, workspace_id = "1" }, { recipes = 5, workspace_id = "1" } }) })
        return r.marks[1].recipes.reason:match "group by (.*)$"
      end
      assert.equal("period_start/workspace_id/recipe_id", reason())
      assert.equal("period_start/recipe_id", reason "workspace_id")
      assert.equal("workspace_id/recipe_id", reason "period")
      assert.equal("what tells them apart", reason { "period", "workspace_id", "recipe_id" })
    end)

    it("may be compared", function()
      local r = result(testmu, { measures = { { "users", kind = "max", as = "most" } } }, {
        batch(june, { { users = 12 } }), batch(july, { { users = 15 } }),
      })
      assert.equal(15, r.rows[1].most)
    end)
  end)
end)

describe("aggregate of gauges", function()
  local schema = datasets.schema(datasets.browserstack())
  local bs_june, bs_july = window("browserstack.users", "06"), window("browserstack.users", "07")

  local function allocated(batches, more)
    local spec = { "parallels_allocated" }
    for key, value in pairs(more or {}) do spec[key] = value end
    local r = result(schema, { measures = { spec } }, batches)
    local mark = r.marks[1] and r.marks[1].parallels_allocated
    return r.rows[1] and r.rows[1].parallels_allocated, mark and mark.reason
  end

  local function row(team, value, from)
    return { team = team, parallels_allocated = value, parallels_from = from }
  end

  it("take one value a team, however many rows repeat it", function()
    assert.equal(5, (allocated { batch(bs_june, { row("a", 5), row("a", 5) }) }))
  end)

  it("are unknown where one team has two values in one period", function()
    local value, reason = allocated { batch(bs_june, { row("a", 5), row("a", 6) }) }
    assert.is_nil(value)
    assert.match("different values for one team", reason)
  end)

  it("take the latest period", function()
    local batches = { batch(bs_july, { row("a", 7) }), batch(bs_june, { row("a", 5) }) }
    assert.equal(7, (allocated(batches)))
    assert.equal(7, (allocated { batches[2], batches[1] }))
  end)

  it("forgive a contradiction of an earlier period", function()
    assert.equal(7, (allocated { batch(bs_june, { row("a", 5), row("a", 6) }), batch(bs_july,
      { row("a", 7) }) }))
  end)

  it("are unknown across teams unless the rule says over", function()
    local batches = { batch(bs_june, { row("a", 5), row("b", 5), row("b", 5) }) }
    local value, reason = allocated(batches)
    assert.is_nil(value)
    assert.match('over = "team"', reason)
    assert.equal(10, (allocated(batches, { over = "team" })))
  end)

  it("are never added where they belong to a shared pool", function()
    local value, reason = allocated({ batch(bs_june, { row("a", 5), row("b", 5, "org") }) },
      { over = "team" })
    assert.is_nil(value)
    assert.match("shared pool", reason)
    assert.equal(5, (allocated({ batch(bs_june, { row("b", 5, "org") }) }, { over = "team" })))
    for _, rows in ipairs { { row("b", 5), row("b", 5, "org") }, { row("b", 5, "org"),
      row("b", 5) } } do
      rows[3] = row("a", 1)
      assert.is_nil((allocated({ batch(bs_june, rows) }, { over = "team" })))
    end
  end)

  it("are never added over products, equal or not", function()
    local function of_products(live, app, over)
      return allocated({ batch(bs_june, {
        { team = "a", product = "live", parallels_allocated = live },
        { team = "a", product = "app", parallels_allocated = app },
      }) }, { over = over })
    end
    for _, over in ipairs { false, "team" } do
      local value, reason = of_products(5, 5, over or nil)
      assert.is_nil(value)
      assert.match("another figure for each product", reason)
      assert.is_nil((of_products(5, 6, over or nil)))
    end
    local r = result(schema, { group_by = "product", measures = { { "parallels_allocated",
      over = "team" } } }, { batch(bs_june, {
      { team = "a", product = "live", parallels_allocated = 5 },
      { team = "b", product = "live", parallels_allocated = 5 },
      { team = "a", product = "app", parallels_allocated = 7 },
    }) })
    assert.same({ { product = "app", parallels_allocated = 7 },
      { product = "live", parallels_allocated = 10 } }, r.rows)
  end)

  it("tell teams of two accounts apart", function()
    local emea = window("browserstack.users", "06", { account = "emea" })
    local batches = { batch(bs_june, { row("a", 5) }), batch(emea, { row("a", 9) }) }
    assert.equal(14, (allocated(batches, { over = "team" })))
    assert.is_nil((allocated(batches)))
  end)

  it("are unknown where only some have a dated period", function()
    local undated = { vendor = "browserstack", dataset = "browserstack.users" }
    local value, reason = allocated { batch(bs_june, { row("a", 5) }), batch(undated,
      { row("a", 5) }) }
    assert.is_nil(value)
    assert.match("with and without dates", reason)
  end)

  it("leave peaks to their maximum over everything", function()
    local r = result(schema, { measures = "parallels_peak" }, {
      batch(bs_june, { { team = "a", parallels_peak = 3 }, { team = "b", parallels_peak = 8 } }),
    })
    assert.equal(8, r.rows[1].parallels_peak)
  end)

  it("keep sums of team rows within their team", function()
    local teams = datasets.schema(datasets.summary {
      name = "browserstack.teams", columns = { "team" },
      measures = { tests = { unit = "1", kind = "sum", of = "team" } },
    })
    local const = window("browserstack.teams", "06")
    local batches = { batch(const, { { team = "a", tests = 1 }, { team = "b", tests = 2 },
      { team = "a", tests = 3 } }) }
    assert.same({ { team = "a", tests = 4 }, { team = "b", tests = 2 } },
      result(teams, { group_by = "team", measures = "tests" }, batches).rows)
    local total = result(teams, { measures = "tests" }, batches)
    assert.is_nil(total.rows[1].tests)
    assert.equal("unknown", total.marks[1].tests.state)
    assert.equal(6, result(teams, { measures = { { "tests", over = "team" } } },
      batches).rows[1].tests)
  end)
end)

describe("aggregate of rows that may contain the others", function()
  local schema = datasets.schema {
    name = "browserstack.teams", columns = { "team", "team_type" }, of = "team", open = true,
    may_contain = { team_type = "org" }, measures = {
      duration_s = { unit = "s", kind = "sum", of = "team" },
      members = { unit = "1", kind = "last", of = "team" },
    },
    periods = { { from = 1780272000, to = 1782864000, label = "2026-06" } },
    const = { vendor = "browserstack", dataset = "browserstack.teams" },
  }
  local const = window("browserstack.teams", "06")

  local function row(team, kind, value)
    return { team = team, team_type = kind, duration_s = value, members = value, seats = value }
  end

  local rows = { row("Acme", "org", 9), row("a", "team", 3), row("b", "team", 5) }

  local function over(name, more)
    local spec = { measures = { { name, over = "team", kind = name == "seats" and "sum" or nil } } }
    for key, value in pairs(more or {}) do spec[key] = value end
    local r = result(schema, spec, { batch(const, rows) })
    return r.rows[1][name], r.marks[1] and r.marks[1][name].reason
  end

  for _, name in ipairs { "duration_s", "members", "seats" } do
    it("adds no " .. name .. " of theirs to the others', in whatever order", function()
      for _ = 1, 3 do
        table.insert(rows, 1, table.remove(rows))
        local value, reason = over(name)
        assert.is_nil(value)
        assert.match("may contain that of the others", reason)
      end
      assert.equal(8, (over(name, { where = { team_type = "team" } })))
      assert.equal(9, (over(name, { where = { team_type = "org" } })))
    end)
  end

  it("keeps an unlisted figure within its team too", function()
    local r = result(schema, { measures = { { "seats", kind = "sum" } } }, { batch(const, rows) })
    assert.match("group by team", r.marks[1].seats.reason)
  end)

  it("remembers it at the second rule", function()
    local outcome = require "usagelua.rule.outcome"
    local function second(group_by)
      local plan = rule.check({ group_by = group_by, measures = { "duration_s", "members" } }, schema)
      local first = result(schema, { group_by = group_by, measures = { "duration_s", "members" } },
        { batch(const, rows) })
      return result(outcome.schema(plan), { where = { team = { "a", "b" } },
        measures = { { "duration_s", over = "team" }, { "members", over = "team" } } },
        { { rows = first.rows, marks = first.marks } })
    end
    assert.same({ { duration_s = 8, members = 8 } }, second({ "team", "team_type" }).rows)
    assert.match("may contain", second("team").marks[1].members.reason)
    assert.match("may contain", second("team").marks[1].duration_s.reason)
  end)
end)

describe("aggregate with marks", function()
  local all = {
    "tests", { "tests", kind = "min", as = "least" }, { "tests", kind = "max", as = "most" },
    { "tests", kind = "mean", as = "mean" }, { "product", kind = "distinct", as = "products" },
    { kind = "count", as = "rows" },
  }

  local function states(r, i)
    local list = {}
    for name, mark in pairs(r.marks[i or 1] or {}) do list[name] = mark.state end
    return list
  end

  local failed = { { const = july, reason = "timed out" } }
  local tainted = {
    tests = "at_least", most = "at_least", products = "at_least", rows = "at_least",
    least = "unknown", mean = "unknown",
  }

  it("make sums, counts and maxima at least, minima and means unknown", function()
    local r = result(testmu, { measures = all }, { batch(june, { { product = "a", tests = 3 } }) },
      failed)
    assert.same(tainted, states(r))
    assert.same({ tests = 3, most = 3, products = 1, rows = 1 }, r.rows[1])
    assert.equal("timed out", r.marks[1].tests.reason)
    assert.is_false(r.complete)
  end)

  it("make everything unknown where nothing known came", function()
    local r = result(testmu, { measures = all }, {}, failed)
    assert.same({ {} }, r.rows)
    for _, state in pairs(states(r)) do assert.equal("unknown", state) end
    assert.equal("unknown", states(r).tests)
  end)

  it("do the same for an unknown cell", function()
    local r = result(testmu, by_product "tests", {
      batch(june, { { product = "a", tests = 0 }, { product = "b", tests = 4 }, { product = "b",
        tests = 9 } },
        { marks = { [1] = { tests = { state = "unknown", reason = "partial" } },
          [2] = { tests = { state = "unknown", reason = "partial" } } } }),
    })
    assert.same({ { product = "a" }, { product = "b", tests = 9 } }, r.rows)
    assert.same({ tests = "unknown" }, states(r, 1))
    assert.same({ tests = "at_least" }, states(r, 2))
  end)

  it("count an at-least cell for what it has", function()
    local r = result(testmu, { measures = { "users", "tests" } }, {
      batch(june, { { users = 7, tests = 2 } },
        { marks = { [1] = { users = { state = "at_least", reason = "partial" } } } }),
    })
    assert.same({ users = 7, tests = 2 }, r.rows[1])
    assert.same({ users = "at_least" }, states(r))
  end)

  it("leave unknown what may be negative", function()
    local schema = datasets.schema(datasets.browserstack())
    local r = result(schema, { measures = { { "raw_seats", kind = "sum" } } },
      { batch(window("browserstack.users", "06"), { { raw_seats = 3 } }) },
      { { const = window("browserstack.users", "07"), reason = "cut" } })
    assert.same({ raw_seats = "unknown" }, states(r))
    local seen = result(testmu, { measures = "tests" },
      { batch(june, { { tests = -1 }, { tests = 4 } }) }, failed)
    assert.same({ tests = "unknown" }, states(seen))
  end)

  it("spare groups that contradict the window's constants", function()
    local r = result(both, { group_by = { "vendor", "period" }, measures = "tests" }, {
      batch(june, { { tests = 3 } }), batch(window("browserstack.users", "07"), { { tests = 5 } }),
    }, failed)
    assert.same({
      { vendor = "browserstack", period = "2026-07", tests = 5 },
      { vendor = "testmu", period = "2026-06", tests = 3 },
      { vendor = "testmu", period = "2026-07" },
    }, r.rows)
    assert.same({}, states(r, 1))
    assert.same({}, states(r, 2))
    assert.same({ tests = "unknown" }, states(r, 3))
  end)

  it("spare rules whose where contradicts the window", function()
    local r = result(testmu, { where = { period = "2026-06" }, measures = "tests" },
      { batch(june, { { tests = 3 } }) }, failed)
    assert.same({}, r.marks)
    assert.is_true(r.complete)
    local by_function = result(testmu, {
      where = function(row) return row.period == "2026-06" end, measures = "tests",
    }, { batch(june, { { tests = 3 } }) }, failed)
    assert.same({ tests = "at_least" }, states(by_function))
  end)

  it("spare measures that the dataset does not have", function()
    local r = result(both, { measures = { "screenshots", "tests" } }, {
      batch(june, { { screenshots = 2, tests = 1 } }),
    }, { { const = window("browserstack.users", "06"), reason = "gone" } })
    assert.same({ tests = "at_least" }, states(r))
  end)

  it("take an unlisted field for no measure of another dataset", function()
    local open = datasets.schema(datasets.summary { open = true }, datasets.browserstack())
    local r = result(open, { measures = { "parallels_peak" } }, {
      batch(june, { { parallels_peak = 99 } }),
      batch(window("browserstack.users", "06"), { { parallels_peak = 3 } }),
    }, failed)
    assert.same({ { parallels_peak = 3 } }, r.rows)
    assert.same({}, r.marks)
  end)

  it("doubt of a row that may not belong only what it has", function()
    local partial = { [1] = { tests = { state = "unknown", reason = "partial" } } }
    local r = result(testmu, { where = { tests = { min = 1 } }, measures = { "tests", "screenshots" } }, {
      batch(june, { { product = "a" }, { product = "b", tests = 2, screenshots = 4 } }, { marks = partial }),
    })
    assert.same({ tests = 2, screenshots = 4 }, r.rows[1])
    assert.same({ tests = "at_least" }, states(r))
  end)

  it("show a group that only the window could have filled, by its certain columns", function()
    local r = result(both, { group_by = { "vendor", "product" }, measures = "tests" }, {
      batch(window("browserstack.users", "06"), { { product = "live", tests = 5 } }),
    }, failed)
    assert.same({ { vendor = "browserstack", product = "live", tests = 5 }, { vendor = "testmu" } },
      r.rows)
    assert.same({ tests = "unknown" }, states(r, 2))
    assert.same({ "rows may be missing: timed out" }, r.notes)
  end)

  it("mark the groups there are where some columns are open", function()
    local r = result(testmu, by_product "tests", { batch(june, { { product = "a", tests = 5 } }) },
      failed)
    assert.same({ { product = "a", tests = 5 } }, r.rows)
    assert.same({ tests = "at_least" }, states(r))
  end)

  it("take a column that the dataset never has as certainly absent", function()
    local r = result(both, { group_by = "team", measures = "tests" }, {
      batch(window("browserstack.users", "06"), { { team = "qa", tests = 5 } }),
    }, failed)
    assert.same({ { }, { team = "qa", tests = 5 } }, r.rows)
    assert.same({ tests = "unknown" }, states(r, 1))
    assert.same({}, states(r, 2))
  end)

  it("say several reasons in one order", function()
    local a, b = { const = july, reason = "alpha" }, { const = july, reason = "beta" }
    local rows = { batch(june, { { tests = 1 } }) }
    local one = result(testmu, { measures = "tests" }, rows, { a, b }).marks[1].tests.reason
    assert.equal("alpha; beta", one)
    assert.equal(one, result(testmu, { measures = "tests" }, rows, { b, a }).marks[1].tests.reason)
  end)

  it("keep one and the same failure once", function()
    local rows = { batch(june, { { tests = 1 } }) }
    local twice = { { const = july, reason = "late" }, { const = july, reason = "late" } }
    assert.equal(1, #result(testmu, { measures = "tests" }, rows, twice).taints)
  end)

  it("mark a cell that is no number", function()
    local r = result(testmu, { measures = "tests" },
      { batch(june, { { tests = "many" }, { tests = 3 } }) })
    assert.equal(3, r.rows[1].tests)
    assert.equal("tests is not a number: 'many'", r.marks[1].tests.reason)
  end)
end)

describe("aggregate with functions", function()
  local partial = { state = "unknown", reason = "partial" }

  it("gives them canonical units and constants, and nil for what is absent", function()
    local seen = {}
    result(testmu, {
      where = function(row)
        seen = { row.duration_s, row.vendor, row.product, row.tests }
        return true
      end, measures = "tests",
    }, { batch(june, { { duration_s = 1500, tests = 1 } }, { units = { duration_s = "ms" } }) })
    assert.same({ 1.5, "testmu", nil, 1 }, seen)
  end)

  it("groups by what they give", function()
    local r = result(testmu, {
      group_by = { { "size", function(row) return row.tests > 3 and "big" or "small" end } },
      measures = "tests",
    }, { batch(june, { { tests = 1 }, { tests = 5 }, { tests = 2 } }) })
    assert.same({ { size = "big", tests = 5 }, { size = "small", tests = 3 } }, r.rows)
  end)

  it("keeps true, false and absent apart", function()
    local r = result(testmu, {
      group_by = { { "many", function(row) if row.tests then return row.tests > 3 end end } },
      measures = { { kind = "count", as = "n" } },
    }, { batch(june, { { tests = 1 }, { tests = 5 }, {} }) })
    assert.same({ { n = 1 }, { many = false, n = 1 }, { many = true, n = 1 } }, r.rows)
  end)

  it("marks the group of a row whose where has read an unknown figure", function()
    local rows = { { product = "a", tests = 0 }, { product = "a", tests = 5 }, { product = "b",
      tests = 7 } }
    local r = result(testmu, by_product("tests",
      { where = function(row) return row.tests > 1 end }),
      { batch(june, rows, { marks = { [1] = { tests = partial } } }) })
    assert.same({ { product = "a", tests = 5 }, { product = "b", tests = 7 } }, r.rows)
    assert.same({ [1] = { tests = { state = "at_least", reason = "partial" } } }, r.marks)
  end)

  it("marks all groups where group_by has read an unknown figure", function()
    local rows = { { product = "a", tests = 0, screenshots = 1 }, { product = "b", tests = 7,
      screenshots = 2 } }
    local r = result(testmu, {
      group_by = { { "size", function(row) return row.tests > 5 and "big" or "small" end } },
      measures = "screenshots",
    }, { batch(june, rows, { marks = { [1] = { tests = partial } } }) })
    assert.same({ { size = "big", screenshots = 2 } }, r.rows)
    assert.equal("at_least", r.marks[1].screenshots.state)
    assert.is_false(r.complete)
  end)

  it("lets an error through that no unknown figure caused", function()
    assert.has_error(function()
      result(testmu, { where = function(row) return row.product.x.y end, measures = "tests" },
        { batch(june, { { tests = 1 } }) })
    end)
  end)

  it("refuses writing to a row, and group values that cannot be shown", function()
    local function run(r) return datasets.refusal(result, testmu, r,
      { batch(june, { { tests = 1 } }) }) end
    assert.match("read only", run { where = function(row) row.tests = 2 end, measures = "tests" })
    assert.match("a table", run { group_by = { { "x", function() return {} end } },
      measures = "tests" })
    assert.match("nan", run { group_by = { { "x", function() return 0 / 0 end } },
      measures = "tests" })
  end)

  it("refuses to read a row that a function has kept", function()
    local first
    result(testmu, { where = function(row) first = first or row return true end, measures = "tests" },
      { batch(june, { { tests = 1 }, { tests = 2 } }) })
    assert.match("only while the function runs", datasets.refusal(function() return first.tests end))
  end)

  it("names what they read and no row has, but not what some row has", function()
    local function notes(fn, rows)
      local r = result(testmu, { where = fn, measures = "tests" }, { batch(june, rows) })
      return table.concat(r.notes, "\n")
    end
    local rows = { { tests = 1 }, { tests = 2, build_minutes = 4 } }
    assert.matches("^a function of the rule reads an unknown column 'prodct'; did you mean 'product'%? "
      .. "known: [^\n]*$", notes(function(row) return row.prodct ~= "web" end, rows))
    for _, name in ipairs { "product", "tests", "vendor", "build_minutes" } do
      assert.equal("", notes(function(row) return row[name] or true end, rows))
    end
    assert.equal("", notes(function(row) return row.build_minutes end, { rows[2], rows[1] }))
  end)

  it("of a result refuse a column that it has not", function()
    local function run(having)
      return result(testmu, by_product("tests", { having = having }),
        { batch(june, { { product = "web", tests = 1 } }) })
    end
    assert.equal(1, #run(function(row) return row.tests == 1 and row.product end).rows)
    assert.match("unknown column 'test'; did you mean 'tests'",
      datasets.refusal(run, function(row) return row.test == 1 end))
  end)

  it("refuses to read a field that the rule's fields do not name", function()
    local message = datasets.refusal(result, testmu, {
      where = function(row) return row.product end, fields = { "user_type" }, measures = "tests",
    }, { batch(june, { { tests = 1 } }) })
    assert.match("fields do not name 'product'", message)
  end)
end)

describe("aggregate results", function()
  local rows = {
    { product = "a", tests = 5, duration_s = 10 }, { product = "b", tests = 0, duration_s = 4 },
    { product = "c", duration_s = 3 }, { product = "d", tests = 5, duration_s = 1 },
  }
  local batches = { batch(june, rows) }

  local function products(r)
    local list = {}
    for i, row in ipairs(r.rows) do list[i] = row.product end
    return table.concat(list, " ")
  end

  it("derive figures, and inherit the lack of one", function()
    local r = result(testmu, by_product({ "tests", "duration_s" }, {
      derive = { each = function(group) return group.duration_s / group.tests end },
    }), batches)
    assert.same({ 2, nil, nil, 0.2 }, { r.rows[1].each, nil, r.rows[3].each, r.rows[4].each })
    assert.same({ [2] = { each = { state = "unknown", reason = "each is a division by zero" } } },
      r.marks)
  end)

  it("see integer division by zero as well", function()
    local r = result(testmu, by_product({ "tests", "duration_s" }, {
      derive = { each = function(group) return group.duration_s // group.tests end,
        rest = function(group) return group.duration_s % group.tests end },
    }), batches)
    assert.equal("each is a division by zero", r.marks[2].each.reason)
    assert.equal("rest is a division by zero", r.marks[2].rest.reason)
  end)

  it("make what is derived from a marked figure unknown", function()
    local r = result(testmu, by_product({ "tests", "duration_s" }, {
      derive = { twice = function(group) return group.tests * 2 end,
        name = function(group) return #group.product end },
    }), batches, { { const = july, reason = "late" } })
    assert.equal("at_least", r.marks[1].tests.state)
    assert.same({ state = "unknown", reason = "late" }, r.marks[1].twice)
    assert.is_nil(r.marks[1].name)
    assert.equal(1, r.rows[1].name)
  end)

  it("refuse a misspelt measure in derive", function()
    local message = datasets.refusal(result, testmu, by_product("tests", {
      derive = { x = function(group) return group.tets end },
    }), batches)
    assert.match("did you mean 'tests'", message)
  end)

  it("let an error of derive through", function()
    assert.has_error(function()
      result(testmu, by_product("tests", { derive = { x = function() error("mine", 0) end } }),
        batches)
    end, "mine")
  end)

  it("sort by several columns, what has no value last", function()
    assert.equal("a d b c", products(result(testmu,
      by_product({ "tests" , "duration_s" }, { sort = "-tests" }), batches)))
    assert.equal("b d a c", products(result(testmu,
      by_product({ "tests", "duration_s" }, { sort = { "tests", "-product" } }), batches)))
  end)

  it("limit after sorting, and say how many were left out", function()
    local r = result(testmu, by_product("duration_s", { sort = "-duration_s", limit = 2 }), batches)
    assert.equal("a b", products(r))
    assert.equal(2, r.left_out)
  end)

  it("keep groups by having", function()
    assert.equal("a d", products(result(testmu,
      by_product({ "tests", "duration_s" }, { having = { tests = { min = 1 } } }), batches)))
    assert.equal("a", products(result(testmu,
      by_product({ "tests", "duration_s" },
        { having = function(group) return group.duration_s > 4 end }), batches)))
  end)

  it("keep a group whose having cannot be said, with unknown figures", function()
    local taint = { { const = july, reason = "late" } }
    local r = result(testmu, by_product("tests", { having = { tests = { min = 3 } } }), batches,
      taint)
    assert.equal("a b c d", products(r))
    assert.equal(5, r.rows[1].tests)
    assert.equal("unknown", r.marks[2].tests.state)
    assert.match("may not belong here: late", r.marks[2].tests.reason)
  end)

  it("are incomplete when a marked group was cut off", function()
    local r = result(testmu, by_product("tests", { sort = "-tests", limit = 1 }), {
      batch(june, { { product = "a", tests = 1 }, { product = "b" } },
        { marks = { [2] = { tests = { state = "unknown", reason = "x" } } } }),
    })
    assert.same({ { product = "a", tests = 1 } }, r.rows)
    assert.is_false(r.complete)
    assert.same({ "the order hangs on figures that are not complete" }, r.notes)
  end)

  it("say which conditions met nothing, and what there is", function()
    local r = result(testmu, by_product("tests", { where = { product = { "a", "x" } } }), batches)
    assert.same({ { column = "product", value = "x", known = { "a", "b", "c", "d" },
      more = false } }, r.unmatched)
    assert.same({ "no row has product = x; there are a, b, c, d" }, r.notes)
  end)

  it("note a field that the rule named and no record has", function()
    local open = datasets.schema(datasets.summary { open = true })
    local r = result(open, { measures = { { "tets", kind = "sum" } } }, batches)
    assert.same({}, r.rows)
    assert.match("unknown field 'tets'; did you mean 'tests'", r.notes[1])
    local accumulator = aggregate.new(rule.check({ measures = { { "builds", kind = "sum" } } },
      open))
    local stage = accumulator:stage()
    stage:add(batch(june, { { builds = 3 } }))
    accumulator:merge(stage)
    assert.same({ {}, { { builds = 3 } } }, { accumulator:finish().notes,
      accumulator:finish().rows })
  end)

  it("take nothing after they were made", function()
    local accumulator = aggregate.new(rule.check({ measures = "tests" }, testmu))
    accumulator:finish()
    assert.has_error(function() accumulator:add(batches[1]) end)
  end)
end)
