local datasets = require "support.datasets"
local outcome = require "usagelua.rule.outcome"
local rule = require "usagelua.rule"

local summary, drilldown, browserstack = datasets.summary(), datasets.drilldown(),
  datasets.browserstack()
local testmu = datasets.schema(summary)
local both = datasets.schema(summary, browserstack)

local function fn() return "x" end

describe("rule.check", function()
  describe("refuses", function()
    local refusals = {
      { "an unknown key", { groupby = "product" },
        "unknown rule key 'groupby'; did you mean 'group_by'" },
      { "no rule at all", "tests", "a rule is a table" },
      { "an empty rule", {}, "needs measures or group_by" },
      { "an unknown group column", { group_by = "prodct" }, "did you mean 'product'" },
      { "a measure as group column", { group_by = "tests" }, "it is a measure" },
      { "a group function without name", { group_by = { { fn } } }, 'function%(row%)' },
      { "an unknown measure", { measures = { "tets" } },
        "unknown measure 'tets'; did you mean 'tests'" },
      { "an unknown measure with a kind", { measures = { { "tets", kind = "sum" } } },
        "did you mean 'tests'" },
      { "a measure of no dataset in scope", { where = { vendor = "testmu" },
        measures = "parallels_peak" },
        "comes from browserstack.users, which where leaves out" },
      { "an unknown key of a measure", { measures = { { "tests", name = "n" } } },
        "unknown key 'name'" },
      { "a sum of a distinct", { measures = { { "users", kind = "sum" } } },
        "of kind distinct, and its sum means nothing" },
      { "a sum of a gauge", { measures = { { "parallels_allocated", kind = "sum" } } },
        "of kind last" },
      { "a sum of peaks", { measures = { { "parallels_peak", kind = "sum" } } }, "of kind max" },
      { "a mean of a gauge", { measures = { { "parallels_allocated", kind = "mean" } } },
        "allowed: last, max" },
      { "a sum of an unknown column with a kind", { measures = { { "teams", kind = "sum" } } },
        "did you mean 'team'" },
      { "an unknown kind", { measures = { { "tests", kind = "total" } } }, "unknown kind 'total'" },
      { "a dimension without kind", { measures = { "product" } }, 'kind = "distinct"' },
      { "a sum of a dimension", { measures = { { "product", kind = "sum" } } },
        "of kind dimension" },
      { "a figure of unknown kind", { measures = { "raw_seats" } }, "nothing says how it adds up" },
      { "another unit without a name", { measures = { { "duration_s", unit = "h" } } }, "as = " },
      { "a unit of something else", { measures = { { "duration_s", as = "x", unit = "GB" } } },
        "unit 's' does not convert" },
      { "a unit of a count", { measures = { { "product", as = "x", kind = "distinct",
        unit = "h" } } }, "has no unit" },
      { "over of a plain sum", { measures = { { "tests", over = "team" } } },
        "belong to one thing" },
      { "over something else", { measures = { { "parallels_allocated", over = "product" } } },
        "to one team each" },
      { "a count without name", { measures = { { kind = "count" } } }, "needs a name" },
      { "a measure without source", { measures = { { as = "x" } } }, "counts rows" },
      { "measures that are no list", { measures = { "duration_s", as = "h" } },
        "measures = { { … } }" },
      { "a name twice", { measures = { "tests", { "duration_s", as = "tests", unit = "h" } } },
        "two columns named 'tests'" },
      { "a group's name for a figure", { group_by = "product",
        measures = { { "tests", as = "product" } } }, "two columns" },
      { "derive of no function", { measures = "tests", derive = { x = 3 } },
        "maps names to functions" },
      { "derive as a list", { measures = "tests", derive = { fn } }, "maps names to functions" },
      { "derive of a name that is taken", { measures = "tests", derive = { tests = fn } },
        "two columns named 'tests'" },
      { "an unknown sort column", { measures = "tests", sort = "-tets" }, "did you mean 'tests'" },
      { "sorting by what is not in the result", { measures = "tests", sort = "product" },
        "unknown column to sort by" },
      { "having on what is not in the result", { measures = "tests", having = { users = 1 } },
        "unknown column 'users'" },
      { "a limit of none", { measures = "tests", limit = 0 }, "from 1, not '0'" },
      { "a broken limit", { measures = "tests", limit = 1.5 }, "not '1.5'" },
      { "unknown fields", { measures = "tests", fields = { "tem" } }, "did you mean 'team'" },
    }
    for _, case in ipairs(refusals) do
      it(case[1], function()
        assert.match(case[3], datasets.refusal(rule.check, case[2], both))
      end)
    end
  end)

  describe("takes", function()
    for name, r in pairs {
      ["names alone"] = { group_by = "product", measures = "tests", sort = "tests" },
      ["lists"] = { group_by = { "vendor", "product" }, measures = { "tests", "users" },
        sort = { "-tests", "product" } },
      ["a function"] = { group_by = { { "size", fn } }, measures = { "tests" } },
      ["groups alone"] = { group_by = "product" },
      ["a kind for an unknown one"] = { measures = { { "raw_seats", kind = "sum" } } },
      ["sorting by what is derived"] = { measures = "tests", derive = { x = fn }, sort = "-x",
        having = { x = { min = 1 } } },
      ["a limit as a whole float"] = { measures = "tests", limit = 3.0 },
    } do
      it(name, function() assert.is_table(rule.check(r, both)) end)
    end
  end)

  it("leaves the caller's tables alone", function()
    local r = { group_by = { "product" }, measures = { { "duration_s", as = "h", unit = "h" } },
      where = { tests = { min = 1 } } }
    rule.check(r, both)
    assert.same({
      group_by = { "product" }, measures = { { "duration_s", as = "h", unit = "h" } },
        where = { tests = { min = 1 } },
    }, r)
  end)

  it("sorts what is derived by name", function()
    local plan = rule.check({ measures = "tests", derive = { c = fn, a = fn, b = fn } }, testmu)
    local names = {}
    for i, column in ipairs(plan.columns) do names[i] = column.name end
    assert.same({ "tests", "a", "b", "c" }, names)
  end)

  it("says in one kind only what adds up in two ways", function()
    local clashing = datasets.schema(
      datasets.summary { measures = { load = { unit = "1", kind = "max" } } },
      { name = "acme.usage", columns = {}, measures = { load = { unit = "1", kind = "sum" } } })
    assert.match("adds up in two ways: max in testmu.summary, sum in acme.usage",
      datasets.refusal(rule.check, { measures = "load" }, clashing))
    assert.is_table(rule.check({ where = { vendor = "acme" }, measures = "load" }, clashing))
  end)
end)

describe("rule.check against counting the same usage twice", function()
  local same = datasets.schema(summary, drilldown)

  local function message(r, schema) return datasets.refusal(rule.check, r, schema or same) end

  it("names the datasets and the way out", function()
    assert.equal("tests of testmu.summary and testmu.users count the same usage and are not added: "
      .. 'name one of them in where (where = { dataset = "testmu.summary" }), '
      .. 'or put "dataset" in group_by',
      message { group_by = "product", measures = "tests" })
  end)

  it("sees through functions and user columns", function()
    assert.match("same usage", message { where = fn, measures = "tests" })
    assert.match("same usage", message { group_by = "user_id", measures = "tests" })
    assert.match("same usage", message { group_by = { { "dataset", fn } }, measures = "tests" })
    assert.match("same usage", message { measures = { { "tests", kind = "mean" } } })
  end)

  it("lets pass what tells them apart", function()
    for _, r in ipairs {
      { where = { dataset = "testmu.users" }, measures = "tests" },
      { where = { dataset = { match = "users$" } }, measures = "tests" },
      { where = { user_id = "a@b.c" }, measures = "tests" },
      { group_by = "dataset", measures = "tests" },
      { measures = "users" },
      { measures = { { kind = "count", as = "n" }, { "product", as = "p", kind = "distinct" } } },
    } do
      assert.is_table(rule.check(r, same))
    end
  end)

  it("lets other parts of the usage pass", function()
    local function with(fields)
      local dataset = datasets.drilldown()
      for key, value in pairs(fields) do dataset[key] = value end
      return datasets.schema(datasets.summary { identity = { user_type = "account-user" } },
        dataset)
    end
    assert.is_table(rule.check({ measures = "tests" },
      with { identity = { user_type = "service-user" } }))
    assert.match("same usage", message({ measures = "tests" },
      with { identity = { user_type = "account-user" } }))
    assert.is_table(rule.check({ measures = "tests" },
      with { periods = { { from = 0, to = 1780272000 } } }))
    assert.match("same usage", message({ measures = "tests" },
      with { periods = { { 0, 1780272001 } } }))
  end)

  it("refuses overlapping periods of one dataset", function()
    local quarter = datasets.summary { periods = { { from = 1775001600, to = 1782864000,
      label = "2026-Q2" } } }
    local schema = datasets.schema(summary, quarter)
    assert.match("overlapping periods %(2026%-06 and 2026%-Q2%)", message({ measures = "tests" },
      schema))
    assert.match("overlapping", message({ group_by = "dataset", measures = "tests" }, schema))
    assert.is_table(rule.check({ group_by = "period", measures = "tests" }, schema))
    assert.match("overlapping", message({ group_by = "period", measures = "tests" },
      datasets.schema(summary, summary)))
  end)

  it("lets periods that follow one another pass, and refuses those without dates", function()
    local may = datasets.summary { periods = { { from = 1777593600, to = 1780272000,
      label = "2026-05" } } }
    local vendors_own = datasets.summary { periods = { {} } }
    assert.is_table(rule.check({ measures = "tests" }, datasets.schema(summary, may)))
    assert.match("overlapping", message({ measures = "tests" }, datasets.schema(summary,
      vendors_own)))
  end)

  it("lets accounts pass, the one without a name too, and regions that are told apart", function()
    local function with(one, other)
      return datasets.schema(datasets.summary { identity = one }, datasets.summary { identity = other })
    end
    assert.is_table(rule.check({ measures = "tests" }, with({ account = "" }, { account = "emea" })))
    assert.match("overlapping", message({ measures = "tests" }, with({ account = "" }, { account = "" })))
    assert.is_table(rule.check({ measures = "tests" }, with({ region = "us" }, { region = "eu" })))
    local eu = with({ account = "" }, { account = "", region = "eu" })
    assert.match('the region eu and without one, and may be counted twice: name the region of both, '
      .. 'or put "region" in group_by', message({ measures = "tests" }, eu))
    assert.is_table(rule.check({ group_by = "region", measures = "tests" }, eu))
  end)

  it("says how figures are named that no field names", function()
    local open = datasets.schema(datasets.summary { open = true })
    assert.match('takes its kind: { "queue_depth", kind = "sum" }, or another', message({ measures = "queue_depth" },
      open), 1, true)
    assert.is_table(rule.check({ measures = { { "queue_depth", kind = "max" } } }, open))
    assert.is_nil(message({ measures = "queue_depth" }, testmu):find("takes its kind", 1, true))
  end)

  it("holds at the second step too", function()
    local plan = rule.check({ group_by = { "dataset", "product" }, measures = { "tests",
      { kind = "count", as = "n" } } }, same)
    local second = outcome.schema(plan)
    assert.match("same usage", message({ group_by = "product", measures = "tests" }, second))
    assert.is_table(rule.check({ where = { dataset = "testmu.users" }, measures = "tests" },
      second))
    assert.is_table(rule.check({ measures = "n" }, second))
  end)
end)

describe("rule.check's fields", function()
  local function fields(r)
    local names = {}
    for name in pairs(rule.check(r, both).fields or { all = true }) do names[#names + 1] = name end
    table.sort(names)
    return table.concat(names, " ")
  end

  it("are what the rule names", function()
    assert.equal("has_access product tests", fields {
      where = { has_access = true }, group_by = "product", measures = "tests",
    })
  end)

  it("hold what a gauge needs to be told apart", function()
    assert.equal("account parallels_allocated parallels_from period_end period_start product team vendor",
      fields { measures = "parallels_allocated" })
  end)

  it("are all where a function may read anything, unless the rule says which", function()
    assert.equal("all", fields { where = fn, measures = "tests" })
    assert.equal("team tests", fields { where = fn, fields = { "team" }, measures = "tests" })
  end)
end)
