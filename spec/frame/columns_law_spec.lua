-- Records that are kept as columns are to every reader what records kept as
-- tables are: the same rows in the same order, the same figures of any rule,
-- whatever the dataset and the answers are.

local aggregate = require "usagelua.aggregate"
local answer = require "usagelua.flow.answer"
local datasets = require "support.datasets"
local errors = require "usagelua.errors"
local formats = require "usagelua.formats"
local column_feed = require "usagelua.frame.column_feed"
local column_rows = require "usagelua.rows.columns"
local keeping = require "usagelua.frame.keeping"
local kept = require "usagelua.frame.kept"
local outcome = require "usagelua.rule.outcome"
local random = require "support.random"
local random_answers = require "support.random_answers"
local reading = require "usagelua.frame.reading"
local row_list = require "usagelua.rows.list"
local rule = require "usagelua.rule"
local schema = require "usagelua.rule.schema"
local stage = require "usagelua.frame.stage"

local ROUNDS <const> = 400
local SENT <const> = random_answers.SENT

local function month(number)
  return { vendor = "acme", dataset = "acme.usage", period = ("2026-%02d"):format(number),
    period_start = ("2026-%02d-01T00:00:00Z"):format(number),
    period_end = ("2026-%02d-01T00:00:00Z"):format(number + 1) }
end

local DERIVED = {
  function(group) return group.rows / 4 end,
  function(group) return group.rows > 2 and group.rows or nil end,
  function(group) return group.rows > 1 and "many" or "few" end,
  function(group) return group.rows > 1 and "many" or 0 end,
  function(group) return 6 // (group.rows - 1) end,
}

local HAVING = { { rows = { min = 2 } }, { rows = { max = 3 } }, function(group) return group.rows % 2 == 1 end }

-- Which of the groups are shown, and in which order.
local function add_order(draw, r)
  local names = { "rows" }
  for _, measure in ipairs(r.measures) do names[#names + 1] = measure.as end
  for _, group in ipairs(r.group_by) do names[#names + 1] = type(group) == "string" and group or nil end
  if draw:integer(1, 2) == 1 then
    r.sort = { draw:item { "", "-" } .. draw:item(names), draw:item { "", "-" } .. draw:item(names) }
  end
  if draw:integer(1, 3) == 1 then r.having = draw:item(HAVING) end
  if draw:integer(1, 2) == 1 then r.derive = { [draw:item { "made", "another" }] = draw:item(DERIVED) } end
  local key = draw:item { "limit", "top", "none" }
  if key ~= "none" then r[key] = draw:integer(1, 4) end
  if r.top and draw:integer(1, 2) == 1 then r.others = true end
  return r
end

-- Rules that the dataset's schema allows; one that it does not is drawn again.
local function random_plan(draw, s)
  local index = schema.index(s)
  local function has(name) return index:column(name) ~= nil end
  while true do
    local ok, plan = pcall(rule.check, add_order(draw, random_answers.rule(draw, has)), s)
    if ok then return plan end
    assert(errors.from(plan).kind == "usage", tostring(plan))
  end
end

-- Spelled so that 1 and 1.0 differ, and keys have an order.
local function spelled(value)
  if type(value) ~= "table" then
    return math.type(value) == "float" and ("%a"):format(value) or ("%s:%s"):format(type(value), value)
  end
  local list = {}
  for key, item in pairs(value) do
    list[#list + 1] = ("%s=%s"):format(tostring(key), spelled(item))
  end
  table.sort(list)
  return "{" .. table.concat(list, ",") .. "}"
end

local function random_case(seed)
  local draw = random_answers.draw(seed)
  local case = { dataset = random_answers.dataset(draw), pages = {}, plans = {} }
  local s
  s, case.declared = random_answers.schema(case.dataset)
  case.index = schema.index(s)
  for i = 1, 3 do case.plans[i] = random_plan(draw, s) end
  -- What is read whole is also refused for what stands where nobody looks.
  for i = 1, draw:integer(1, 4) do
    case.pages[i] = random_answers.document(draw, case.dataset, 1000000)
  end
  case.taints = random_answers.taints(draw, { month(6), month(7), month(5) })
  return case
end

-- The pages, each a stage of its own and of one of two months, as they are kept.
local function kept_pages(case, draw, with, few)
  local root = kept.new(case.index, few)
  local stages = stage.new({}, root)
  for i, text in ipairs(case.pages) do
    local page <close> = stages:stage()
    local const = month(6 + i % 2)
    local got, err = answer.read(random_answers.response(text, draw), { dataset = case.dataset, vendor = {},
      measures = case.declared, params = SENT }, SENT, nil, with, const)
    if not got then return nil, ("%s %s: %s"):format(err.kind, err.code, err.message) end
    got.batch.const = const
    page:add(got.batch)
    page:commit()
  end
  for _, taint in ipairs(case.taints) do root:taint(taint.const, taint.reason) end
  return root
end

-- A rule over what a rule has made, as a frame of a frame has it; nil where none
-- can be meant.
local function second_plan(plan)
  local r = { group_by = {}, measures = {}, sort = "n", where = {} }
  for i, group in ipairs(plan.group_by) do
    if i % 2 == 0 or group.fn then r.group_by[#r.group_by + 1] = group.name end
  end
  for _, slot in ipairs(plan.slots) do r.measures[#r.measures + 1] = slot.name end
  r.measures[#r.measures + 1] = { kind = "count", as = "n" }
  local ok, made = pcall(rule.check, r, outcome.schema(plan))
  return ok and made or nil
end

local function second_result(result, plan, few)
  local accumulator = aggregate.new(plan, few)
  local columns = column_rows.of_result(result)
  if columns then
    column_feed.give(columns, accumulator, plan)
  else
    accumulator:add { rows = result.rows, marks = result.marks, doubts = result.doubts }
  end
  return spelled(accumulator:finish()), columns ~= nil
end

-- What a rule makes of the records, and another of that; and whether that stands in
-- columns.
local function outcome_of(root, plan, few)
  local accumulator = aggregate.new(plan, few)
  root:feed(accumulator)
  local result = accumulator:finish()
  local second = second_plan(plan)
  local further, is_second = "none", false
  if second then further, is_second = second_result(result, second, few) end
  return spelled(result) .. "\n" .. further, row_list.is(result.rows), is_second
end

local function rows_read(result, reuse)
  local list = {}
  for row in reading.rows(result, reuse, function() end) do list[#list + 1] = spelled(row) end
  return table.concat(list, "\n")
end

-- What machines get of the rows, beside an answered query and one whose period is
-- assumed.
local COVERAGE <const> = {
  { dataset = "browserstack.users", period = "assumed", period_start = "2026-06-01T00:00:00Z",
    period_end = "2026-07-01T00:00:00Z", asked = 1, answered = 1, partial = 0, failed = 0, reasons = {} },
}

local FORMATS <const> = { "csv", "csv-excel", "ndjson", "json" }

local function written(result, name)
  local section = { kind = "table", name = "records", result = result, coverage = COVERAGE }
  local evaluated = { is_records = true, sections = { section }, budgets = {}, coverage = {}, read = {},
    provenance = {}, status = 0 }
  local parts = {}
  formats.named(name).write(evaluated, function(text) parts[#parts + 1] = text end, { separator = ";" },
    section)
  return table.concat(parts)
end

local function assert_same(expected, got, seed, what)
  assert(expected == got, ("seed %d, %s\n%s\n\n%s"):format(seed, what, expected, got))
end

local function assert_all_same(case, tables, columns, seed)
  assert_same(tables:count(), columns:count(), seed, "count")
  for i, plan in ipairs(case.plans) do
    local got, in_columns, is_second = outcome_of(columns, plan, 0)
    assert_same((outcome_of(tables, plan)), got, seed, "rule " .. i)
    case.results = (case.results or 0) + (in_columns and 1 or 0)
    case.tainted = (case.tainted or 0) + (in_columns and #(case.taints or {}) > 0 and 1 or 0)
    case.seconds = (case.seconds or 0) + (is_second and 1 or 0)
  end
  local expected, got = tables:finish(), columns:finish()
  assert_same(spelled(expected), spelled(got), seed, "result")
  for _, reuse in ipairs { true, false } do
    assert_same(rows_read(expected, reuse), rows_read(got, reuse), seed, "rows read")
  end
  for _, name in ipairs(FORMATS) do
    assert_same(written(expected, name), written(got, name), seed, name)
  end
  return row_list.is(got.rows)
end

describe("records kept as columns", function()
  it("are what records kept as tables are", function()
    local failed, in_columns, mixed, rows, results, seconds, tainted = 0, 0, 0, 0, 0, 0, 0
    for seed = 1, ROUNDS do
      local case, few = random_case(seed), seed % 2 * 3
      local tables, err = kept_pages(case, random.new(seed), nil, math.huge)
      local columns, other = kept_pages(case, random.new(seed), keeping.new(), few)
      if not tables or not columns then
        assert_same(tostring(err), tostring(other), seed, "error")
        failed = failed + 1
      else
        local is_list = assert_all_same(case, tables, columns, seed)
        rows, results = rows + columns:count(), results + case.results
        seconds, tainted = seconds + case.seconds, tainted + case.tainted
        if is_list then in_columns = in_columns + 1 end
        if is_list and #columns.batches > 0 then mixed = mixed + 1 end
      end
    end
    -- The law says something only where all ways are taken.
    assert.is_true(failed < ROUNDS // 2, failed)
    assert.is_true(in_columns > ROUNDS // 4 and mixed > ROUNDS // 16, ("%d %d"):format(in_columns, mixed))
    assert.is_true(rows > ROUNDS and results > ROUNDS // 4, ("%d %d"):format(rows, results))
    assert.is_true(seconds > ROUNDS // 40, seconds)
    assert.is_true(tainted > ROUNDS // 10, tainted)
  end)

  -- What comes as tables: of several datasets, in several units, with marks.
  local SCHEMA <const> = datasets.schema(datasets.summary(), datasets.browserstack())
  local REASONS <const> = { "late", "partial" }

  local function random_value(draw, name)
    if name == "has_access" then return draw:integer(1, 2) == 1 end
    if name == "last_test" then return ("2026-06-%02dT00:00:00Z"):format(draw:integer(1, 30)) end
    if name == "level" then return draw:integer(1, 9) end
    local fraction = draw:integer(1, 4) == 1 and draw:integer(0, 8) / 4 or 0
    if datasets.summary().measures[name] or datasets.browserstack().measures[name] then
      local sign = draw:integer(1, 30) == 1 and -1 or 1
      return sign * (draw:integer(0, 5000) + (name == "tests" and 0 or fraction))
    end
    return draw:item { "a", "b", "a\0b", "ü", "", "aa", "B", "=1+1", "x::y", "::error::", "##[x]", "a,b",
      "a;b", '"', "\\", " a", "\u{202E}a", "2026-06-01T00:00:00Z", "a\nb" }
  end

  local function random_row(draw, dataset, has_marks)
    local row, marks = {}, nil
    local names = table.move(dataset.columns, 1, #dataset.columns, 1, { "level" })
    for name in pairs(dataset.measures) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
      if draw:integer(1, 3) > 1 then row[name] = random_value(draw, name) end
      if has_marks and dataset.measures[name] and draw:integer(1, 40) == 1 then
        marks = marks or {}
        marks[name] = { state = row[name] and "at_least" or "unknown", reason = draw:item(REASONS) }
      end
    end
    return row, marks
  end

  local function random_batch(draw, has_marks)
    local dataset = draw:item { datasets.summary(), datasets.browserstack() }
    local rows, marks = {}, nil
    for i = 1, draw:integer(1, 20) do
      local of_row
      rows[i], of_row = random_row(draw, dataset, has_marks)
      if of_row then
        marks = marks or {}
        marks[i] = of_row
      end
    end
    return datasets.batch(datasets.window(dataset.name, draw:item { "06", "07" }), rows,
      { marks = marks, units = { duration_s = draw:item { "ms", "min" } } })
  end

  -- Windows that failed, some of which are sure of what none of the rows has.
  local function random_taints(draw)
    local list = {}
    for i = 1, draw:item { 0, 0, 1, 2 } do
      local dataset = draw:item { datasets.summary(), datasets.browserstack() }
      local const = datasets.window(dataset.name, draw:item { "06", "07" })
      if draw:integer(1, 3) == 1 then const.has_access = draw:item { true, "true" } end
      if draw:integer(1, 3) == 1 then const.team = draw:item { "a", 7 } end
      list[i] = { const = const, reason = draw:item(REASONS) }
    end
    return list
  end

  local RULES <const> = {
    { where = { dataset = "testmu.summary" }, group_by = { "product", "period" },
      measures = { "tests", { "duration_s", as = "hours", unit = "h" }, "users" }, sort = "-hours" },
    { where = { dataset = "browserstack.users", has_access = { true, or_absent = true } },
      group_by = { "team", "has_access" }, measures = { "tests", { "raw_seats", kind = "mean" },
        { "parallels_peak", kind = "max" }, { "user_id", as = "users", kind = "distinct" } } },
    { where = { vendor = "browserstack", tests = { min = 100 } }, group_by = { "user_id" },
      measures = { "duration_s", { kind = "count", as = "rows" } }, top = 3, others = true },
    { where = function(row) return (row.tests or 0) > 100 end, group_by = "vendor",
      measures = { "tests", { "parallels_allocated", over = "team" } } },
  }

  it("are the same of several datasets, in other units, and with marks", function()
    local plans, index, in_columns, tainted = {}, schema.index(SCHEMA), 0, 0
    for i, r in ipairs(RULES) do plans[i] = rule.check(r, SCHEMA) end
    for seed = 1, ROUNDS do
      local draw = random.new(seed)
      local tables, columns = kept.new(index, math.huge), kept.new(index, draw:integer(0, 30))
      for _ = 1, draw:integer(1, 6) do
        local batch = random_batch(draw, seed % 2 == 0)
        tables:add(batch)
        columns:add(batch)
      end
      local case = { plans = plans, taints = random_taints(draw) }
      for _, taint in ipairs(case.taints) do
        tables:taint(taint.const, taint.reason)
        columns:taint(taint.const, taint.reason)
      end
      if assert_all_same(case, tables, columns, seed) then in_columns = in_columns + 1 end
      tainted = tainted + case.tainted
    end
    assert.is_true(in_columns > ROUNDS // 2, in_columns)
    assert.is_true(tainted > ROUNDS // 10, tainted)
  end)
end)
