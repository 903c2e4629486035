local aggregate = require "usagelua.aggregate"
local condition = require "usagelua.where.condition"
local datasets = require "support.datasets"
local rule = require "usagelua.rule"
local where = require "usagelua.where"

local schema = datasets.schema(datasets.summary(), datasets.browserstack())
local JUNE <const> = 1780272000 -- 2026-06-01T00:00:00Z

local function verdict(wanted, row, marks)
  return where.compile(wanted, schema).test(row, marks)
end

describe("where", function()
  local truths = {
    { "one value", { product = "web" }, { product = "web" }, true },
    { "another value", { product = "web" }, { product = "app" }, false },
    { "an absent value", { product = "web" }, {}, false },
    { "a list", { product = { "web", "app" } }, { product = "app" }, true },
    { "a list without it", { product = { "web", "app" } }, { product = "live" }, false },
    { "several columns", { product = "web", tests = 3 }, { product = "web", tests = 3 }, true },
    { "several columns, one not", { product = "web", tests = 3 }, { product = "web", tests = 4 },
      false },
    { "true", { has_access = true }, { has_access = true }, true },
    { "false", { has_access = false }, { has_access = false }, true },
    { "false against absent", { has_access = false }, {}, false },
    { "a number as an id in text", { team = 12 }, { team = "12" }, true },
    { "text as an id in a number", { team = "12" }, { team = 12 }, true },
    { "text that only looks like one", { team = "012" }, { team = 12 }, false },
    { "min", { tests = { min = 3 } }, { tests = 3 }, true },
    { "min of less", { tests = { min = 3 } }, { tests = 2.9 }, false },
    { "max", { tests = { max = 3 } }, { tests = 3 }, true },
    { "max of more", { tests = { max = 3 } }, { tests = 4 }, false },
    { "min and max", { tests = { min = 1, max = 3 } }, { tests = 4 }, false },
    { "min of nothing", { tests = { min = 0 } }, {}, false },
    { "absent", { team = { absent = true } }, {}, true },
    { "absent, present", { team = { absent = true } }, { team = "a" }, false },
    { "present", { team = { absent = false } }, { team = "a" }, true },
    { "present, absent", { team = { absent = false } }, {}, false },
    { "or absent", { team = { "a", or_absent = true } }, {}, true },
    { "or absent, other", { team = { "a", or_absent = true } }, { team = "b" }, false },
    { "min or absent", { tests = { min = 3, or_absent = true } }, {}, true },
    { "match", { team = { match = "^qa" } }, { team = "qa-1" }, true },
    { "match of another", { team = { match = "^qa%-%d$" } }, { team = "qa-x" }, false },
    { "before an instant", { last_test = { before = JUNE } },
      { last_test = "2026-05-31T23:59:59Z" }, true },
    { "before, at it", { last_test = { before = JUNE } }, { last_test = "2026-06-01T00:00:00Z" },
      false },
    { "before, offset", { last_test = { before = JUNE } },
      { last_test = "2026-06-01T01:00:00+02:00" }, true },
    { "before a text", { last_test = { before = "2026-06-01T02:00:00+02:00" } },
      { last_test = "2026-05-31T23:59:59Z" }, true },
    { "after, at it", { last_test = { after = JUNE } }, { last_test = "2026-06-01T02:00:00+02:00" },
      true },
    { "after, before it", { last_test = { after = JUNE } }, { last_test = "2026-05-31T23:59:59Z" },
      false },
    { "before or absent", { last_test = { before = JUNE, or_absent = true } }, {}, true },
    { "nothing asked", {}, { tests = 1 }, true },
  }
  for _, case in ipairs(truths) do
    it("answers " .. case[1], function()
      assert.equal(case[4], (verdict(case[2], case[3])))
    end)
  end

  it("splits any instant into before and after", function()
    for _, text in ipairs { "2026-05-31T23:59:59.9Z", "2026-06-01T00:00:00Z",
      "2026-06-01T00:00:01Z" } do
      local row = { last_test = text }
      assert.are_not.equal(verdict({ last_test = { before = JUNE } }, row),
        verdict({ last_test = { after = JUNE } }, row))
    end
  end)

  it("takes a function", function()
    assert.is_true(verdict(function(row) return row.tests > 3 end, { tests = 4 }))
    assert.is_false(verdict(function(row) return row.product end, { tests = 4 }))
  end)

  describe("on figures that are not known", function()
    local unknown = { tests = { state = "unknown", reason = "partial" } }
    local at_least = { tests = { state = "at_least", reason = "partial" } }
    local cases = {
      { { tests = { min = 1 } }, unknown, nil }, { { tests = 3 }, unknown, nil },
      { { tests = { absent = true } }, unknown, nil }, { { tests = { min = 1, or_absent = true } },
        unknown, nil },
      { { tests = { min = 5 } }, at_least, true }, { { tests = { min = 6 } }, at_least, nil },
      { { tests = { max = 4 } }, at_least, false }, { { tests = { max = 5 } }, at_least, nil },
      { { tests = 4 }, at_least, false }, { { tests = 5 }, at_least, nil }, { { tests = { 1, 9 } },
        at_least, nil },
      { { tests = { absent = true } }, at_least, false }, { { tests = { absent = false } },
        at_least, true },
    }
    for i, case in ipairs(cases) do
      it("says only what is certain, case " .. i, function()
        local answer, reason = verdict(case[1], { tests = case[2] == at_least and 5 or nil },
          case[2])
        assert.equal(case[3], answer)
        assert.equal(answer == nil and "partial" or nil, reason)
      end)
    end

    it("lets a certain no of another column win", function()
      assert.is_false((verdict({ tests = { min = 1 }, product = "web" }, { product = "app" },
        unknown)))
    end)

    it("cannot say of a function that reads one", function()
      local answer, reason = verdict(function(row) return (row.tests or 0) > 3 end, {}, unknown)
      assert.is_nil(answer)
      assert.equal("partial", reason)
      assert.is_nil((verdict(function(row) return row.tests > 3 end, {}, unknown)))
    end)
  end)

  it("cannot say whether what is no date-time lies before", function()
    local answer, reason = verdict({ last_test = { before = JUNE } }, { last_test = "yesterday" })
    assert.is_nil(answer)
    assert.equal("last_test 'yesterday' is no RFC 3339 date-time", reason)
  end)

  describe("refuses", function()
    local refusals = {
      { "an unknown column", { prodct = "web" },
        "unknown column 'prodct'; did you mean 'product'" },
      { "an operator", { tests = "> 0" }, "tests: '> 0' is a text and no comparison; write { min = }" },
      { "a word for a number", { tests = "many" }, "tests: the column holds a number" },
      { "an operator in a text column", { team = "> 0" }, "{ min = }" },
      { "an operator without space", { team = ">=5" }, "{ min = }" },
      { "an inequality", { team = "!= qa" }, "no comparison" },
      { "text for a boolean", { has_access = "true" },
        "holds true or false, not the string 'true'" },
      { "text for a figure", { tests = "3" }, "holds a number" },
      { "an unknown condition", { tests = { minn = 3 } }, "did you mean 'min'" },
      { "min of text", { team = { min = 3 } }, "before and after" },
      { "min by text", { tests = { min = "3" } }, "min takes a number, not '3'" },
      { "before of a figure", { tests = { before = 3 } }, "a number takes min and max" },
      { "before a bare date", { last_test = { before = "2026-06-01" } }, "2026%-06%-01T00:00:00Z" },
      { "before a table", { last_test = { before = {} } }, "takes an instant" },
      { "a broken pattern", { team = { match = "[" } }, "is no Lua pattern" },
      { "a pattern that is none", { team = { match = 3 } }, "match takes a Lua pattern" },
      { "absent with a value", { team = { "a", absent = true } }, "or_absent = true" },
      { "absent as a text", { team = { absent = "yes" } }, "absent is true or false" },
      { "an empty list", { team = {} }, "empty table" },
      { "a function for a column", { team = print }, "whole of where" },
      { "a list of conditions", { "product" }, "not a list" },
      { "a text", "product = web", "a table of conditions or a function" },
      { "not a number", { tests = 0 / 0 }, "not a number" },
    }
    for _, case in ipairs(refusals) do
      it(case[1], function()
        assert.match(case[3], datasets.refusal(where.compile, case[2], schema))
      end)
    end
  end)

  it("takes values that only begin like operators", function()
    assert.is_true((verdict({ team = "<none>" }, { team = "<none>" })))
    assert.is_true((verdict({ team = "=team" }, { team = "=team" })))
  end)

  describe("contradicts", function()
    local july = datasets.window("testmu.summary", "07", { user_type = "account-user" })
    local cases = {
      { { vendor = "testmu" }, false }, { { vendor = "browserstack" }, true },
      { { period = { "2026-06", "2026-07" } }, false }, { { period = "2026-06" }, true },
      { { period_start = { before = JUNE } }, true }, { { period_start = { after = JUNE } },
        false },
      { { product = "web" }, false }, { { user_type = "service-user" }, true },
      { { team = "qa" }, true }, { { team = { "qa", or_absent = true } }, false },
      { { account = "emea" }, false }, { { parallels_peak = { min = 1 } }, true },
      { { tests = { min = 1 } }, false }, { function() return false end, false },
    }
    for i, case in ipairs(cases) do
      it("is certain or says no, case " .. i, function()
        assert.equal(case[2], where.compile(case[1], schema).contradicts(july))
      end)
    end
  end)

  it("compiles against the columns of a result", function()
    local columns = {
      { name = "product", type = "text" }, { name = "tests", type = "integer", measure = true,
        unit = "1" },
    }
    local w = where.compile({ product = "web", tests = { min = 2 } }, { columns = columns })
    assert.is_true((w.test { product = "web", tests = 2 }))
    assert.is_false((w.test { product = "web", tests = 1 }))
    assert.match("did you mean 'tests'", datasets.refusal(where.compile, { test = 1 },
      { columns = columns }))
  end)

  it("reads conditions from a command line", function()
    assert.equal(true, condition.from_text({ name = "x", type = "boolean" }, "true"))
    assert.equal("maybe", condition.from_text({ name = "x", type = "boolean" }, "maybe"))
    assert.equal(12, condition.from_text({ name = "x", type = "number" }, "12"))
    assert.same({ "a", "b" }, condition.from_text({ name = "x", type = "text" }, "a,b"))
    assert.equal("", condition.from_text({ name = "x", type = "text" }, ""))
  end)
end)

describe("where's notes on what met nothing", function()
  local function notes(wanted, rows)
    local june = datasets.window("browserstack.users", "06")
    return datasets.result(schema, { where = wanted, measures = "tests" },
      { datasets.batch(june, rows) })
  end
  local rows = {
    { product = "live", team = "a", tests = 1 }, { product = "automate", team = "b", tests = 2 },
  }

  local cases = {
    { "a value", { product = "liev" }, { "no row has product = liev; there are automate, live" } },
    { "one value of two", { product = { "live", "liev" } },
      { "no row has product = liev; there are automate, live" } },
    { "nothing missed", { product = "live", team = "a" }, {} },
    { "a pattern", { team = { match = "^z" } },
      { "no row meets the condition on team; there are a, b" } },
    { "a value beside others", { product = "live", team = "x" },
      { "no row has team = x; there are a" } },
    { "both met, but apart", { product = "live", team = "b" }, {
      "no row meets all conditions; where the others hold, the values of product: "
        .. "there are automate",
      "no row meets all conditions; where the others hold, the values of team: there are a",
    } },
    { "a limit on figures", { tests = { min = 9 } },
      { "no row meets the condition on tests; there are none" } },
  }
  for _, case in ipairs(cases) do
    it("tell " .. case[1], function()
      assert.same(case[3], notes(case[2], rows).notes)
    end)
  end

  it("list a bounded number of values, the same whatever came first", function()
    local many, back = {}, {}
    for i = 1, 100 do
      many[i] = { product = ("p%03d"):format(i), tests = 1 }
      back[101 - i] = many[i]
    end
    local found = notes({ product = "x" }, many).unmatched[1]
    assert.equal(20, #found.known)
    assert.equal("p020", found.known[20])
    assert.is_true(found.more)
    assert.same(found, notes({ product = "x" }, back).unmatched[1])
  end)

  it("remember through a stage that there were more values", function()
    local accumulator = aggregate.new(rule.check({ where = { product = "x" }, measures = "tests" }, schema))
    local stage, many = accumulator:stage(), {}
    for i = 1, 25 do many[i] = { product = ("p%02d"):format(i), tests = 1 } end
    stage:add(datasets.batch(datasets.window("browserstack.users", "06"), many))
    accumulator:merge(stage)
    assert.is_true(accumulator:finish().unmatched[1].more)
  end)

  it("count a row that cannot be said as met", function()
    local june = datasets.window("browserstack.users", "06")
    local r = datasets.result(schema, { where = { tests = 3 }, measures = "tests" }, {
      datasets.batch(june, { {} }, { marks = { [1] = { tests = { state = "unknown",
        reason = "partial" } } } }),
    })
    assert.same({}, r.notes)
    assert.same({ [1] = { tests = { state = "unknown", reason = "partial" } } }, r.marks)
  end)
end)
