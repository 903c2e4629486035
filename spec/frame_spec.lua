local coverage = require "usagelua.frame.coverage"
local datasets = require "support.datasets"
local frame = require "usagelua.frame"

local batch, window = datasets.batch, datasets.window
local june, july = window("testmu.summary", "06"), window("testmu.summary", "07")
local schema = datasets.schema(datasets.summary(), datasets.browserstack())

local ROWS <const> = {
  { product = "web", tests = 3, duration_s = 1500 }, { product = "app", tests = 2,
    duration_s = 500 }, { users = 4 },
}

-- A frame whose asking brings these batches, and what was asked for.
local function asked_frame(batches, taints)
  local log = { asked = 0 }
  local function ask(f, mode)
    log.asked, log.mode, log.fields = log.asked + 1, mode, f:fields()
    local root, c = f:begin(), coverage.new()
    local query = c:query { dataset = "testmu.summary" }
    for _, b in ipairs(batches) do
      c:asked(query)
      local stage <close> = root:stage()
      stage:add(b)
      stage:commit()
      c:answered(query)
    end
    for _, taint in ipairs(taints or {}) do
      c:asked(query)
      root:taint(taint.const, taint.reason)
      c:failed(query, taint.reason)
    end
    f:finish(c)
  end
  return frame.new { schema = schema, ask = ask }, log
end

local function one(...) return asked_frame({ batch(june, ROWS, { units = { duration_s = "ms" } }) },
  ...) end

local function list(f, ...)
  local rows = {}
  for row in f:rows(...) do rows[#rows + 1] = row end
  return rows
end

describe("frame", function()
  it("says that its methods are called with a colon", function()
    local records = one()
    for _, name in ipairs { "aggregate", "join", "rows", "value", "columns", "coverage" } do
      for _, given in ipairs { false, { measures = "tests" }, "tests" } do
        local ok, err = pcall(records[name], given or nil)
        assert.is_false(ok)
        assert.same({ "usage", ("%s is called with a colon: records:%s(…)"):format(name, name) },
          { err.kind, err.message })
      end
    end
  end)

  it("asks for nothing until a figure is read, and then once", function()
    local records, log = one()
    local by_product = records:aggregate { group_by = "product", measures = "tests" }
    local total = by_product:aggregate { measures = "tests" }
    by_product:columns()
    assert.equal(0, log.asked)
    assert.equal(5, total:value "tests")
    assert.equal(3, by_product:value("tests", { product = "web" }))
    assert.same({ 1, "script" }, { log.asked, log.mode })
  end)

  it("knows all rules when it asks, and the fields they read", function()
    local records, log = one()
    records:aggregate { group_by = "product", measures = "tests" }
    records:aggregate { where = { user_type = "account-user" },
      measures = "duration_s" }:ask "report"
    local names = {}
    for name in pairs(log.fields) do names[#names + 1] = name end
    table.sort(names)
    assert.same({ "duration_s", "product", "tests", "user_type" }, names)
  end)

  it("reads all fields where the records are kept", function()
    local records, log = one()
    records:aggregate({ measures = "tests" }):ask "script"
    assert.is_nil(log.fields)
  end)

  it("keeps the records for rules made later, once a script has read", function()
    local records, log = one { { const = july, reason = "late" } }
    assert.equal(5, (records:value "tests"))
    local later = records:aggregate { group_by = "product",
      measures = { { "duration_s", as = "ms", unit = "ms" } } }
    assert.same({ {}, { product = "app", ms = 500 }, { product = "web", ms = 1500 } },
      later:result().rows)
    assert.same({ "unknown", "at_least" }, { later:result().marks[1].ms.state,
      later:result().marks[2].ms.state })
    assert.equal(1, log.asked)
  end)

  it("keeps none for a report, and says so to a rule that comes later", function()
    local records = one()
    local by_product = records:aggregate { group_by = "product", measures = "tests" }
    by_product:ask "report"
    assert.equal(2, #by_product)
    local later = records:aggregate { measures = "tests" }
    assert.match("make the rule before", datasets.refusal(later.result, later))
    assert.match("not kept", datasets.refusal(records.result, records))
    assert.equal(5, by_product:aggregate({ measures = "tests" }):value "tests")
  end)

  it("keeps those that the report itself shows", function()
    local records = one()
    local by_product = records:aggregate { measures = "tests" }
    records:need()
    by_product:ask "report"
    assert.equal(3, #records)
    local alone = one()
    alone:ask "report"
    assert.equal(3, #alone)
  end)

  it("raises what the asking raised, each time", function()
    local f = frame.new { schema = schema, ask = function() error("no credential", 0) end }
    assert.has_error(function() f:result() end, "no credential")
    assert.has_error(function() f:value "tests" end, "no credential")
  end)

  it("refuses to be read by a function of its own rule", function()
    local records
    records = one()
    local by = records:aggregate { where = function() return #records > 0 end, measures = "tests" }
    assert.match("being asked for", datasets.refusal(by.result, by))
  end)

  it("refuses a broken rule where it is made", function()
    local records, log = one()
    assert.match("did you mean 'tests'", datasets.refusal(records.aggregate, records,
      { measures = "tets" }))
    assert.equal(0, log.asked)
  end)

  it("says what it wants", function()
    local records = one()
    records:aggregate { where = { vendor = "testmu" }, measures = "tests" }
    assert.is_true(records:wants(june))
    assert.is_false(records:wants(window("browserstack.users", "06")))
    records:need()
    assert.is_true(records:wants(window("browserstack.users", "06")))
  end)
end)

describe("frame of records", function()
  it("has columns in the contract's order and rows by their text", function()
    local result = one():result()
    local names = {}
    for i, column in ipairs(result.columns) do names[i] = column.name end
    assert.same({ "vendor", "dataset", "product", "period", "period_start", "period_end", "tests",
      "duration_s", "users" },
      names)
    assert.same({ nil, "app", "web" }, { result.rows[1].product, result.rows[2].product,
      result.rows[3].product })
    assert.equal(4, result.rows[1].users)
  end)

  it("gives figures in the measure's own unit", function()
    local result = one():result()
    assert.equal(1.5, result.rows[3].duration_s)
    assert.same({ name = "duration_s", type = "number", measure = true, unit = "s", kind = "sum" },
      result.columns[8])
    assert.equal("integer", result.columns[7].type)
  end)

  it("keeps marks, and names what may be missing", function()
    local records = asked_frame({
      batch(june, { { product = "web", tests = 0 } },
        { marks = { [1] = { tests = { state = "unknown", reason = "partial" } } } }),
    }, { { const = july, reason = "late" } })
    local result = records:result()
    assert.is_nil(result.rows[1].tests)
    assert.equal("partial", result.marks[1].tests.reason)
    assert.equal("tests", result.columns[#result.columns].name)
    assert.same({ "rows may be missing: late" }, result.notes)
    assert.is_false(result.complete)
  end)

  it("keeps figures that nobody listed under their name", function()
    local result = asked_frame({ batch(june,
      { { product = "web", builds = 7, colour = "red" } }) }):result()
    local last = result.columns[#result.columns]
    assert.same({ "builds", "unknown", true }, { last.name, last.kind, last.measure })
    assert.equal("red", result.rows[1].colour)
  end)

  it("takes an unlisted field that is text anywhere as text everywhere", function()
    local forth = { { product = "a", level = 3 }, { product = "b", level = "high" } }
    for _, rows in ipairs { forth, { forth[2], forth[1] } } do
      local result, seen = asked_frame({ batch(june, rows) }):result(), {}
      for _, column in ipairs(result.columns) do
        if column.name == "level" then seen[#seen + 1] = column end
      end
      assert.same({ { name = "level", type = "text", measure = false } }, seen)
    end
  end)

  it("is the same whatever order the rows came in", function()
    local forth = { { product = "a", tests = 1 }, { product = "a", tests = 2 }, { product = "b",
      tests = 1 } }
    local back = { forth[3], forth[2], forth[1] }
    assert.same(asked_frame({ batch(june, forth), batch(july, forth) }):result(),
      asked_frame({ batch(july, back), batch(june, back) }):result())
  end)
end)

describe("frame:rows", function()
  it("gives a table of its own for each row", function()
    local f = one():aggregate { group_by = "product", measures = "tests" }
    local rows = list(f)
    assert.same({ { product = "app", tests = 2 }, { product = "web", tests = 3 } }, rows)
    rows[1].tests = 99
    assert.equal(2, list(f)[1].tests)
  end)

  it("gives one table for all with reuse", function()
    local f = one():aggregate { group_by = "product", measures = { "tests", "users" } }
    local seen, products = nil, {}
    for row in f:rows { reuse = true } do
      assert.is_true(seen == nil or seen == row)
      seen = row
      products[#products + 1] = ("%s %s %s"):format(row.product, row.tests, row.users)
    end
    assert.same({ "nil nil 4", "app 2 nil", "web 3 nil" }, products)
  end)

  it("refuses an unknown option", function()
    local records = one()
    assert.match("did you mean 'reuse'", datasets.refusal(records.rows, records, { reused = true }))
  end)

  it("notices when an incomplete figure is read", function()
    local f = one { { const = july, reason = "late" } }:aggregate {
      group_by = "product", measures = { "tests", { "tests", kind = "mean", as = "mean" } },
    }
    local rows = list(f)
    assert.equal("app", rows[2].product)
    assert.same({}, f:noticed())
    assert.equal(2, rows[2].tests)
    assert.is_nil(rows[2].mean)
    assert.same({
      { measure = "tests", state = "at_least", reason = "late" }, { measure = "mean",
        state = "unknown", reason = "late" },
    }, f:noticed())
  end)

  it("shows at-least figures to pairs, and notices", function()
    local f = one { { const = july, reason = "late" } }:aggregate { group_by = "product",
      measures = "tests" }
    local seen = {}
    for name, value in pairs(list(f)[2]) do seen[name] = value end
    assert.same({ product = "app", tests = 2 }, seen)
    assert.equal(1, #f:noticed())
  end)

  it("leaves a reused table without the marks of the row before", function()
    local f = asked_frame({
      batch(june, { { product = "a", tests = 1 } },
        { marks = { [1] = { tests = { state = "at_least", reason = "x" } } } }),
      batch(june, { { product = "b" , users = 3 } }),
    }):aggregate { group_by = "product", measures = { "tests", "users" } }
    local values = {}
    for row in f:rows { reuse = true } do values[#values + 1] = row.tests or "none" end
    assert.same({ 1, "none" }, values)
    assert.equal(1, #f:noticed())
  end)

  it("goes with marks for the formats", function()
    local f = one { { const = july, reason = "late" } }:aggregate { group_by = "product",
      measures = "tests" }
    local states = {}
    for row, marks in f:each_marked() do
      states[row.product or "none"] = marks and marks.tests.state or "known"
    end
    assert.same({ none = "unknown", app = "at_least", web = "at_least" }, states)
  end)
end)

describe("frame:value", function()
  local measures = { "tests", "users", { "duration_s", as = "hours", unit = "h" }, { "tests",
    kind = "mean", as = "mean" } }

  local function by_product(taints)
    return one(taints):aggregate {
      group_by = "product", measures = measures,
      derive = { pace = function(group) return group.tests / 2 end },
    }
  end

  it("reads one figure", function()
    local f = by_product()
    assert.same({ 5 }, { f:value "tests" })
    assert.same({ 3 }, { f:value("tests", { product = "web" }) })
    assert.same({ 4 }, { f:value "users" })
    assert.same({ 3 }, { f:value("mean", { product = "web" }) })
    assert.equal(1.5, f:value("pace", { product = "web" }))
    assert.equal(2000 / 3600000, f:value "hours")
  end)

  it("is nil with the reason where several do not add up", function()
    local value, reason, state = by_product():value "mean"
    assert.is_nil(value)
    assert.match("values of mean do not add up", reason)
    assert.equal("unknown", state)
  end)

  it("is nil with the reason where no row matches, listing what there is", function()
    local value, reason, state = by_product():value("tests", { product = "wbe" })
    assert.same({ nil, "no row has product = wbe; there are app, web", "absent" }, { value, reason,
      state })
  end)

  it("is nil where the figure is not reported", function()
    assert.same({ nil, "users is not reported", "absent" },
      { by_product():value("users", { product = "web" }) })
  end)

  it("gives what is known of an incomplete one, and why it is not all", function()
    local f = by_product { { const = july, reason = "late" } }
    assert.same({ 5, "late", "at_least" }, { f:value "tests" })
    assert.same({ nil, "late", "unknown" }, { f:value("mean", { product = "web" }) })
    assert.same({ nil, "late", "unknown" }, { f:value("tests", { product = "other" }) })
    assert.equal(3, #f:noticed())
  end)

  it("counts over records as well", function()
    local records = one()
    assert.equal(5, (records:value "tests"))
    assert.equal(2, (records:value("duration_s")))
    assert.is_nil((records:value("tests", { vendor = "browserstack" })))
  end)

  it("refuses an unknown measure or column", function()
    local f = by_product()
    assert.match("did you mean 'tests'", datasets.refusal(f.value, f, "tets"))
    assert.match("did you mean 'product'", datasets.refusal(f.value, f, "tests",
      { prodct = "web" }))
  end)

  it("tells the state, the unit and the rows for budgets", function()
    local figure = by_product():figure("hours", { product = "web" })
    assert.same({ "known", "h", 1 }, { figure.state, figure.unit, figure.rows })
  end)
end)

describe("frame of a frame", function()
  local batches = {
    batch(june, { { product = "web", tests = 3 }, { product = "app", tests = 4 }, { users = 5 } }),
    batch(july, { { product = "web", tests = 10 }, { users = 6 } }),
  }

  local function monthly(taints)
    return asked_frame(batches, taints):aggregate {
      group_by = { "period", "product" }, measures = { "tests", "users",
        { kind = "count", as = "rows" } },
    }
  end

  it("adds sums of sums and counts of counts", function()
    local f = monthly():aggregate { group_by = "product", measures = { "tests", "rows" } }
    assert.same({ { rows = 2 }, { product = "app", tests = 4, rows = 1 }, { product = "web",
      tests = 13, rows = 2 } },
      f:result().rows)
  end)

  it("does not add distinct counts", function()
    local f = monthly():aggregate { measures = "users" }
    assert.is_nil(f:result().rows[1].users)
    assert.match("do not add up", f:result().marks[1].users.reason)
    assert.equal(5, (monthly():value("users", { period = "2026-06" })))
  end)

  it("carries marks, and windows that brought nothing", function()
    local august = window("testmu.summary", "08")
    local f = monthly({ { const = august, reason = "late" } }):aggregate { group_by = "product",
      measures = "tests" }
    for i = 1, 3 do assert.equal("late", f:result().marks[i].tests.reason) end
    assert.same({ product = "web", tests = 13 }, f:result().rows[3])
    assert.equal(13, (monthly({ { const = august, reason = "late" } })
      :aggregate({ where = { period = { "2026-06", "2026-07" } }, group_by = "product",
        measures = "tests" })
      :value("tests", { product = "web" })))
  end)

  it("does not mark what the failed window could not reach", function()
    local august = window("testmu.summary", "08")
    local f = monthly({ { const = august, reason = "late" } }):aggregate {
      where = { period = "2026-06" }, measures = "tests",
    }
    assert.same({ 7 }, { f:value "tests" })
  end)

  it("does not count rows that may not be there", function()
    local august = window("testmu.summary", "08")
    local by_period = asked_frame(batches, { { const = august, reason = "late" } })
      :aggregate { group_by = "period", measures = "tests" }
    assert.equal(3, #by_period)
    local counted = by_period:aggregate {
      measures = {
        { kind = "count", as = "rows" }, { "period", as = "periods", kind = "distinct" },
      },
    }
    assert.same({ rows = 2, periods = 2 }, counted:result().rows[1])
    assert.equal("at_least", counted:result().marks[1].rows.state)
  end)

  it("takes derived figures only where a rule says how", function()
    local f = asked_frame(batches):aggregate {
      group_by = "product", measures = "tests",
        derive = { cost = function(group) return group.tests * 2 end },
    }
    assert.match("nothing says how it adds up", datasets.refusal(f.aggregate, f,
      { measures = "cost" }))
    assert.equal(34, f:aggregate({ measures = { { "cost", kind = "sum" } } }):value "cost")
  end)
end)

describe("frame's description", function()
  it("lists what records may have before they are asked for", function()
    local names = {}
    for i, column in ipairs(one():columns()) do names[i] = column.name end
    assert.equal("vendor dataset account region product user_id user_type team period period_start "
      .. "period_end has_access last_test parallels_from tests duration_s screenshots users "
      .. "parallels_allocated parallels_peak raw_seats",
      table.concat(names, " "))
  end)

  it("lists a rule's columns", function()
    local f = one():aggregate { group_by = "product",
      measures = { { "duration_s", as = "hours", unit = "h" } } }
    assert.same({
      { name = "product", type = "text", measure = false },
      { name = "hours", type = "number", measure = true, unit = "h", kind = "sum" },
    }, f:columns())
  end)

  it("shows the coverage", function()
    local f = one({ { const = july, reason = "late" } }):aggregate { measures = "tests" }
    local entry = f:coverage()[1]
    assert.same({ 2, 1, 1, { "late" } }, { entry.asked, entry.answered, entry.failed,
      entry.reasons })
  end)

  it("is told from other tables", function()
    assert.is_true(frame.is(one()))
    assert.is_false(frame.is {})
    assert.equal("usagelua.frame (not asked)", tostring(one()))
  end)
end)
