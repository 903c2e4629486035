-- Adding up in C gives what adding up rows gives: the same results, the same
-- errors at the same place, whatever the dataset, the answer and the rules are,
-- and wherever the pieces of the answer are cut.

local aggregate = require "usagelua.aggregate"
local answer = require "usagelua.flow.answer"
local description = require "usagelua.vendor.description"
local errors = require "usagelua.errors"
local expected = require "usagelua.flow.expected"
local fold = require "usagelua.flow.fold"
local folding = require "usagelua.aggregate.folding"
local random = require "support.random"
local random_answers = require "support.random_answers"
local records = require "usagelua.flow.records"
local row_list = require "usagelua.rows.list"
local rule = require "usagelua.rule"
local schema = require "usagelua.rule.schema"
local stage = require "usagelua.frame.stage"
local warnings = require "usagelua.flow.warnings"

local ROUNDS <const> = 800
local SENT <const> = random_answers.SENT
local CONST <const> = { vendor = "acme", dataset = "acme.usage", period = "2026-06",
  period_start = "2026-06-01T00:00:00Z", period_end = "2026-07-01T00:00:00Z" }

-- Pages of other windows: of another month, of no period, of a second account.
local function window(changes)
  local const = { vendor = "acme", dataset = "acme.usage" }
  for key, value in pairs(changes) do const[key] = value end
  return const
end

local CONSTS <const> = { CONST, CONST, window { period = "2026-07", period_start = "2026-07-01T00:00:00Z",
  period_end = "2026-08-01T00:00:00Z" }, window { account = "emea" }, window { period_end = "2026-07-01T00:00:00.5Z" } }

-- Rules that the dataset's schema allows; one that it does not is drawn again.
local function random_plan(draw, s)
  local index = schema.index(s)
  local function has(name) return index:column(name) ~= nil end
  while true do
    local ok, plan = pcall(rule.check, random_answers.rule(draw, has), s)
    if ok then return plan end
    assert(errors.from(plan).kind == "usage", tostring(plan))
  end
end

local function fields_of(plans)
  local names = {}
  for _, plan in ipairs(plans) do
    if not plan.fields then return nil end
    for name in pairs(plan.fields) do names[name] = true end
  end
  return names
end

-- Spelled so that 1 and 1.0 differ, and keys have an order.
local function spelled(value, depth)
  if type(value) ~= "table" then
    return math.type(value) == "float" and ("%a"):format(value) or ("%s:%s"):format(type(value), value)
  end
  local list = {}
  for key, item in pairs(value) do
    list[#list + 1] = ("%s=%s"):format(tostring(key), spelled(item, (depth or 0) + 1))
  end
  table.sort(list)
  return "{" .. table.concat(list, ",") .. "}"
end

-- A `check` sees what was read: all of an item that is read whole, as of an array
-- that comes before the names of its columns.
local function is_read_whole(dataset)
  return records.needs_items(dataset) or dataset.columns ~= nil and dataset.format ~= "csv"
end

-- What is known of a page beside its figures.
local function note_page(case, got)
  local said, found = {}, {}
  warnings.of({ warn = function(_, text) said[text] = true end }, { dataset = case.dataset, params = SENT },
    got.batch)
  expected.find(found, case.dataset.expect, got.batch.rows, got.batch.about)
  case.said[#case.said + 1] = spelled { warnings = not is_read_whole(case.dataset) and said, found = found, keys = got.keys,
    likeness = got.likeness, doubt = got.doubt, items = got.items, missing = got.rows_missing, account = got.account }
end

local function read_pages(case, draw, page_stage, folding_of)
  for i, text in ipairs(case.pages) do
    local page <close>, const = page_stage:stage(), case.consts and case.consts[i] or CONST
    local got, err = answer.read(random_answers.response(text, draw), { dataset = case.dataset, vendor = {},
      measures = case.declared, params = SENT }, SENT, case.columns, folding_of, const)
    if not got then return nil, err end
    got.batch.const = const
    note_page(case, got)
    page:add(got.batch)
    page:commit()
    if got.batch.folded then case.folded_rows = case.folded_rows + got.batch.folded.rows end
    case.made_rows = case.made_rows + #got.batch.rows
  end
  return true
end

local function has_owners(plan)
  for _, slot in ipairs(plan.slots) do
    if slot.adding == "last" or slot.adding == "sum" and slot.of then return true end
  end
end

-- What the rules make of the pages, up to so many rows as tables; errors as text.
local function outcome(case, draw, with, few)
  local accumulators = {}
  case.said = {}
  for i, plan in ipairs(case.plans) do accumulators[i] = aggregate.new(plan, few) end
  local ok, err = read_pages(case, draw, stage.new(accumulators), with)
  if not ok then return ("%s %s: %s"):format(err.kind, err.code, err.message) end
  local results = {}
  for i, accumulator in ipairs(accumulators) do
    for _, taint in ipairs(case.taints) do accumulator:taint(taint.const, taint.reason) end
    local result = accumulator:finish()
    results[i] = spelled(result)
    if row_list.is(result.rows) then case.in_columns = case.in_columns + 1 end
    if row_list.is(result.rows) and has_owners(case.plans[i]) then case.owned = (case.owned or 0) + 1 end
    if row_list.is(result.rows) and #result.taints > 0 then case.tainted = (case.tainted or 0) + 1 end
  end
  return table.concat(results, "\n") .. "\n" .. table.concat(case.said, "\n")
end

local function random_case(seed)
  local draw = random_answers.draw(seed)
  local case = { dataset = random_answers.dataset(draw), plans = {}, pages = {}, folded_rows = 0,
    made_rows = 0, in_columns = 0 }
  local s
  s, case.declared = random_answers.schema(case.dataset)
  for i = 1, draw:integer(1, 3) do case.plans[i] = random_plan(draw, s) end
  case.columns = fields_of(case.plans)
  -- What is read whole is also refused for what stands where nobody looks.
  local oddness = case.columns and draw:item { 200, 3000, 1000000 } or 1000000
  for i = 1, draw:integer(1, 3) do
    case.pages[i] = random_answers.document(draw, case.dataset, oddness)
  end
  case.consts = {}
  for i in ipairs(case.pages) do case.consts[i] = draw:item(CONSTS) end
  case.taints = random_answers.taints(draw, CONSTS)
  return case
end

local function described(changes)
  local usage = { request = { path = "/u" }, ok = { ok = true } }
  for key, value in pairs(changes) do usage[key] = value end
  return description.check({ name = "acme", version = 1, base_url = "https://acme.test",
    auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = usage } },
    "acme.lua").datasets.usage
end

-- A condition on a figure in another unit, for one, needs rows.
local function is_foldable(case)
  return fold.prepare(case.dataset, SENT, case.columns, CONST, folding.new(case.plans))
end

-- Items that are read whole are also refused for what stands where nobody looks.
local function is_beside(case, made)
  return records.needs_items(case.dataset) and made:find "^shape " ~= nil
end

local function has_function(case)
  for _, plan in ipairs(case.plans) do
    if plan.where.fn or plan.group_by[1] and plan.group_by[1].fn then return true end
  end
end

-- What a dataset may want beside the figures, each of which is met by C too.
local KINDS <const> = {
  whole = function(dataset) return dataset.answer == "whole" end,
  partial = function(dataset) return dataset.partial end,
  unique = function(dataset) return dataset.pages and dataset.pages.unique end,
  likeness = function(dataset) return dataset.pages and not dataset.pages.unique end,
  check = function(dataset) return dataset.check end,
  must_appear = function(dataset) return dataset.must_appear end,
  expect = function(dataset) return dataset.expect end,
  row_period = function(dataset) return dataset.row_period and not dataset.row_period.lasts end,
  lasting = function(dataset) return dataset.row_period and dataset.row_period.lasts end,
  lines = function(dataset) return dataset.format == "lines" end,
  csv = function(dataset) return dataset.format == "csv" end,
  list = function(dataset) return dataset.each and dataset.each[1]:find "%[%]$" end,
  optional = function(dataset) return dataset.each_optional and dataset.each[1]:find "%[%]$" end,
  marked_lines = function(dataset) return dataset.ends and dataset.format == "lines" end,
  marked_csv = function(dataset) return dataset.ends and dataset.format == "csv" end,
  arrays = function(dataset) return dataset.columns and dataset.format ~= "csv" end,
  csv_pages = function(dataset)
    return dataset.format == "csv" and dataset.pages and not dataset.pages.unique
  end,
}

local function count_kinds(counts, case)
  for name, has in pairs(KINDS) do
    if has(case.dataset) then counts[name] = (counts[name] or 0) + case.folded_rows end
  end
end

describe("adding up in C", function()
  it("gives what adding up rows gives", function()
    local foldable, failed, rows, handed, asked, in_columns, tainted, owned, kinds = 0, 0, 0, 0, 0, 0, 0, 0, {}
    for seed = 1, ROUNDS do
      local case = random_case(seed)
      local made = outcome(case, random.new(seed), nil)
      case.folded_rows, case.made_rows = 0, 0
      local added = outcome(case, random.new(seed), folding.new(case.plans), seed % 2 * 1000)
      assert(made == added or is_beside(case, made), ("seed %d\n%s\n\n%s\n\n%s"):format(seed, made, added,
        table.concat(case.pages, "\n")))
      count_kinds(kinds, case)
      if is_foldable(case) then foldable = foldable + 1 end
      if has_function(case) and case.folded_rows > 0 then asked = asked + 1 end
      if not made:find "^{" then failed = failed + 1 end
      rows, handed = rows + case.folded_rows, handed + case.made_rows
      in_columns, tainted = in_columns + case.in_columns, tainted + (case.tainted or 0)
      owned = owned + (case.owned or 0)
    end
    -- The law says something only where both ways and both ends are taken.
    assert.is_true(foldable > ROUNDS // 2, foldable)
    assert.is_true(failed > ROUNDS // 20 and failed < ROUNDS // 2, failed)
    assert.is_true(rows > ROUNDS and handed > 0, rows)
    assert.is_true(asked > ROUNDS // 20, asked)
    for name in pairs(KINDS) do assert.is_true((kinds[name] or 0) > ROUNDS // 80, name) end
    assert.is_true(in_columns > ROUNDS // 20 and tainted > ROUNDS // 40, ("%d %d"):format(in_columns, tainted))
    assert.is_true(owned > ROUNDS // 20, owned)
  end)

  -- Columns that are only compared forget their texts now and then.
  it("does so for more texts than are kept, and more rows than are added at once", function()
    local users = {}
    for i = 1, 6000 do
      users[i] = ('{"email":"u%d@ex.com","last":"2026-%02d-%02dT%02d:%02d:00Z","n":%d}'):format(i,
        i % 12 + 1, i % 28 + 1, i % 24, i % 60, i)
    end
    local case = { pages = { '{"ok":true,"data":{"users":[' .. table.concat(users, ",") .. "]}}" },
      plans = {}, taints = {}, folded_rows = 0, made_rows = 0, in_columns = 0 }
    case.dataset = described { rows = "data.users[]", fields = { user_id = "email",
      last_test = "last", tests = "n", account = "$.meta.org" } }
    local s
    s, case.declared = random_answers.schema(case.dataset)
    case.plans[1] = rule.check({ measures = "tests", group_by = "account", where = {
      user_id = { match = "1" }, last_test = { before = "2026-06-15T00:00:00Z" } } }, s)
    case.columns = fields_of(case.plans)
    local made = outcome(case, random.new(1), nil)
    assert.are.equal(6000, case.made_rows)
    assert.are.equal(made, outcome(case, random.new(1), folding.new(case.plans)))
    assert.are.equal(6000, case.folded_rows)
  end)

  -- A team's rows say so one by one, the last of them not.
  it("does so for figures of teams, one of which may contain the others", function()
    local case = { pages = { [[{"ok":true,"data":{"users":[{"team":"a","product":"all","n":5,"m":4},
      {"team":"b","product":"live","n":2,"m":1},{"team":"a","product":"live","n":3,"m":4}]}}]] },
      plans = {}, taints = {}, folded_rows = 0, made_rows = 0, in_columns = 0 }
    case.dataset = described { rows = "data.users[]", may_contain = { product = "all" },
      fields = { team = "team", product = "product", tests = { "n", of = "team" },
        members = { "m", of = "team" } } }
    local s
    s, case.declared = random_answers.schema(case.dataset)
    for i, name in ipairs { "tests", "members" } do
      case.plans[i] = rule.check({ measures = { { name, over = "team" } }, group_by = {} }, s)
    end
    case.columns = fields_of(case.plans)
    local made = outcome(case, random.new(1), nil)
    assert.truthy(made:find("tests of one team may contain", 1, true), made)
    assert.truthy(made:find("members of one team may contain", 1, true), made)
    assert.are.equal(made, outcome(case, random.new(1), folding.new(case.plans), 0))
    assert.are.equal(3, case.folded_rows)
  end)
end)
