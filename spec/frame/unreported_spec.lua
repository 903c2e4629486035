local asked = require "support.asked"
local random = require "support.random"
local unreported = require "usagelua.frame.unreported"

local WHY <const> = "the answer stayed partial"
local SUMS <const> = { tests = { unit = "1", kind = "sum" }, duration_s = { unit = "s", kind = "sum" } }
local TASKS <const> = { tasks = { unit = "1", kind = "sum" } }

local function summary(rows, marks)
  return asked.records { dataset = "testmu.summary", rows = rows, marks = marks }
end

local function by_product(records, more)
  local rule = { group_by = { "vendor", "product" }, measures = { "tests", "duration_s" } }
  for key, value in pairs(more or {}) do rule[key] = value end
  return records:aggregate(rule)
end

local function assert_counts(rows, inapplicable, reported, frame, measure, options)
  local counts = unreported.of(frame, measure, options)
  assert.same({ rows, inapplicable, reported }, { counts.rows, counts.inapplicable, counts.reported })
end

local function three()
  return by_product(summary {
    { product = "a", tests = 1, duration_s = 5 }, { product = "b", tests = 2 }, { product = "c", duration_s = 0 },
  })
end

describe("unreported.of", function()
  it("counts the rows that do not have the figure; one that is zero has it", function()
    assert_counts(1, 0, 2, three(), "duration_s")
    assert_counts(1, 0, 2, three(), "tests")
    assert_counts(0, 0, 0, by_product(summary { { product = "a", tests = 0, duration_s = 0 } }), "tests")
  end)

  it("counts no figure that is unknown, since the row's mark says that", function()
    local frame = by_product(summary({ { product = "a", tests = 1 }, { product = "b", duration_s = 3 },
      { product = "c", duration_s = 3 } }, { [3] = { tests = { state = "unknown", reason = WHY } } }))
    assert_counts(1, 0, 2, frame, "tests")
  end)

  it("looks at the rows that the conditions let in, in every form of where", function()
    assert_counts(1, 0, 0, three(), "tests", { where = { product = "c" } })
    assert_counts(0, 0, 0, three(), "tests", { where = { product = { "a", "b" } } })
    assert_counts(1, 0, 1, three(), "tests", { where = function(row) return row.product ~= "b" end })
    assert_counts(0, 0, 0, three(), "tests", { where = { tests = { min = 0 } } })
    assert_counts(1, 0, 1, three(), "tests", { where = { tests = { min = 2, or_absent = true } } })
  end)

  it("tells rows apart whose dataset has no such measure", function()
    local records = asked.records(
      { dataset = "testmu.summary", measures = SUMS, rows = { { product = "a", tests = 1 },
        { product = "b", duration_s = 1 } } },
      { dataset = "workato.usage", measures = TASKS, rows = { { product = "w", tasks = 9 },
        { product = "v", tasks = 1 } } })
    local rule = { measures = { "tests", "tasks", "duration_s" } }
    assert_counts(1, 2, 1, by_product(records, rule), "tests")
    assert_counts(0, 2, 2, by_product(records, rule), "tasks")
    assert_counts(1, 2, 1, records, "tests")
    assert_counts(0, 2, 0, by_product(records, rule), "tests", { where = { vendor = "workato" } })
  end)

  it("leaves out a row without any figure once, whatever its dataset has", function()
    local records = asked.records(
      { dataset = "testmu.summary", measures = SUMS, rows = { { product = "a", tests = 1 },
        { product = "b", duration_s = 1 } } },
      { dataset = "workato.usage", measures = TASKS, rows = { { product = "w", tasks = 9 }, { product = "v" } } })
    assert_counts(1, 1, 1, records, "tests")
  end)

  it("takes for missing what nobody knows the dataset of", function()
    local records = asked.records(
      { dataset = "testmu.summary", measures = SUMS, rows = { { product = "a", tests = 1 } } },
      { dataset = "workato.usage", measures = TASKS, rows = { { product = "w", tasks = 9 } } })
    assert_counts(1, 0, 1, records:aggregate { group_by = "product", measures = { "tests", "tasks" } }, "tests")
  end)

  it("leaves out rows without any figure, as of a seat that nobody used", function()
    assert_counts(1, 0, 1, summary { { user_id = "a", tests = 1 }, { user_id = "b" },
      { user_id = "c", duration_s = 1 } }, "tests")
  end)

  it("leaves out rows of another kind of record, as of the users beside the products", function()
    local measures = { tests = SUMS.tests, duration_s = SUMS.duration_s,
      users = { unit = "1", kind = "distinct", part = 1 } }
    local records = asked.records { dataset = "testmu.summary", measures = measures,
      rows = { { product = "a", tests = 1 }, { product = "b", duration_s = 1 }, { users = 5 } } }
    local rule = { measures = { "tests", "duration_s", "users" } }
    assert_counts(1, 0, 1, records, "tests")
    assert_counts(1, 0, 1, by_product(records, rule), "tests")
  end)

  it("counts nothing of a count, nor of what does not add up", function()
    local frame = summary({ { product = "a", tests = 1 }, { product = "b", users = 4 } }):aggregate {
      group_by = "product",
      measures = { { "tests", as = "with_tests", kind = "count" }, "users", { "tests", as = "most", kind = "max" } },
    }
    for _, name in ipairs { "with_tests", "users", "most" } do assert_counts(0, 0, 0, frame, name) end
  end)

  it("comes to the same over tables and over columns as by looking at each row", function()
    for round = 1, 40 do
      local draw, rows, wanted = random.new(round), {}, { rows = 0, reported = 0 }
      for i = 1, draw:integer(1, 700) do
        local row = { product = draw:item { "a", "b", "c" }, user_id = "u" .. i }
        if draw:integer(1, 3) > 1 then row.tests = draw:integer(0, 2) end
        if draw:integer(1, 3) > 1 then row.duration_s = draw:fraction() end
        rows[i] = row
        if row.product ~= "c" and row.tests then wanted.reported = wanted.reported + 1 end
        if row.product ~= "c" and not row.tests and row.duration_s then wanted.rows = wanted.rows + 1 end
      end
      local counts = unreported.of(summary(rows), "tests", { where = { product = { "a", "b" } } })
      assert.equal(wanted.rows, counts.rows)
      if counts.all > 0 then assert.equal(wanted.reported, counts.reported) end
    end
  end)
end)
