-- The laws of design 2a over seeded weather, in the simulator: a figure that is shown as known is
-- the ledger's, one that is marked is never above it, and what did not become whole is not there.
-- Thousands of runs a minute: LAW_RUNS=20000 plays more of them, from LAW_SEED on.
local calendar = require "vendors.calendar"
local collect = require "usagelua.collect"
local coverage = require "usagelua.frame.coverage"
local errors = require "usagelua.errors"
local execute = require "usagelua.flow.execute"
local kept = require "usagelua.frame.kept"
local period = require "usagelua.time.period"
local query = require "usagelua.flow.query"
local random = require "support.random"
local schema = require "usagelua.rule.schema"
local simulated_run = require "support.simulated_run"
local simulated_testmu = require "support.simulated_testmu"
local stage = require "usagelua.frame.stage"
local zones = require "usagelua.time.zone"

local RUNS = tonumber(os.getenv "LAW_RUNS") or 300
local FIRST_SEED = tonumber(os.getenv "LAW_SEED") or 1
local DAY_S = 86400

local LEDGERS = {
  simulated_testmu.build { first = "2024-06-01", last = "2026-07-01", quarters_a_day = 2,
    others_a_day = 2, users = 20 },
  simulated_testmu.build { seed = 2, first = "2024-06-01", last = "2026-07-01", quarters_a_day = 2,
    others_a_day = 8, users = 260 },
}
local FIRST, LAST = calendar.epoch(2024, 7, 1, 0, 0, 0), calendar.epoch(2026, 6, 1, 0, 0, 0)
local ZONES = {}
for i, name in ipairs { "UTC", "Europe/Berlin", "America/New_York", "+05:30", "-08:00",
  "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns" } do
  ZONES[i] = zones.parse(name)
end

-- Cases --------------------------------------------------------------------

local LENGTHS_S = { { 1, 7200 }, { 3600, 3 * DAY_S }, { DAY_S, 40 * DAY_S }, { 60 * DAY_S, 200 * DAY_S } }

local function draw_seconds(draw, zone)
  local length = draw:item(LENGTHS_S)
  local from = draw:integer(FIRST, LAST - 200 * DAY_S)
  return period.between(from, from + draw:integer(table.unpack(length)), zone)
end

local function draw_days(draw, zone)
  local day = zone:date(draw:integer(FIRST, LAST - 200 * DAY_S)).days
  return period.between(zone:day_start(day), zone:day_start(day + draw:integer(1, 180)), zone)
end

local function draw_period(draw, zone)
  return (draw:integer(1, 2) == 1 and draw_seconds or draw_days)(draw, zone)
end

local function some(draw, list)
  local chosen = {}
  for _, item in ipairs(list) do
    if draw:integer(1, 2) == 1 then chosen[#chosen + 1] = item end
  end
  return #chosen > 0 and chosen or { draw:item(list) }
end

local function draw_spec(draw)
  local dataset = draw:item { "testmu.summary", "testmu.summary", "testmu.users" }
  local spec = { dataset, type = some(draw, simulated_testmu.TYPES),
    duration_unit = draw:item { "ms", "ms", "s" }, in_flight = draw:integer(1, 8) }
  if dataset == "testmu.users" then spec.product = some(draw, simulated_testmu.PRODUCTS) end
  return spec
end

-- Of some windows a product cannot be fetched: for some tries, or for good.
local function draw_partial(draw)
  local failing = draw:item(simulated_testmu.PRODUCTS)
  local tries = {}
  return function(asked)
    local key = asked.type .. (asked.product or "") .. asked.from
    tries[key] = tries[key] or draw:item { 0, 0, 1, 2, 1000 }
    tries[key] = tries[key] - 1
    return tries[key] >= 0 and { partial = { asked.product or failing } } or nil
  end
end

-- Now and then an answer is about something else, or says what cannot be.
local function draw_mischief(draw)
  local quirks = draw:item { { metadata = { from = "2020-01-01 00:00:00" } },
    { fields = { totalDuration = -1 } }, { metadata = { type = "somebody" } }, { total = 3 } }
  return function() return draw:integer(1, 5) == 1 and quirks or nil end
end

-- Now and then rows move, or go, between one page and the next.
local function draw_moves(draw)
  return function(asked)
    if asked.page == 1 or draw:integer(1, 3) > 1 then return nil end
    return draw:item { { swap = true }, { gone = 1 } }
  end
end

local QUIRKS = { function() end, function() end, draw_partial, draw_mischief, draw_moves }

---@return table case all that a run is about, drawn from its seed
local function draw_case(seed, weather)
  local draw = random.new(seed)
  local case = { seed = seed, weather = weather, ledger = draw:item(LEDGERS), spec = draw_spec(draw) }
  case.period = draw_period(draw, draw:item(ZONES))
  case.spec.period = case.period
  case.spec.grain = draw:item { "total", "total", "total", "month", "week" }
  case.vendor = simulated_testmu.new { ledger = case.ledger, quirks = draw:item(QUIRKS)(draw) }
  case.run = simulated_run.new { seed = seed, weather = weather,
    answer = function(request) return case.vendor:answer(request) end }
  case.draw = draw
  return case
end

local function described(case)
  return ("seed %d, weather %s, %s %s, %s"):format(case.seed, case.weather, case.spec[1],
    case.period.label, case.period.zone.name)
end

-- Expectations -------------------------------------------------------------

local MEASURES = { tests = "tests", duration_s = "duration_ms", screenshots = "screenshots" }

local function add_total(sums, total)
  for _, name in pairs(MEASURES) do sums[name] = (sums[name] or 0) + total[name] end
end

local function products_of(case)
  return case.spec.product or simulated_testmu.PRODUCTS
end

local function expected_total(case, kinds, products, from, to)
  local sums = {}
  for _, kind in ipairs(kinds) do
    for _, product in ipairs(products) do
      add_total(sums, case.vendor:total(kind, product, from, to))
    end
  end
  return sums
end

-- In the unit of the ledger: ms, whether the query took them for ms or for s.
local function in_ledger_units(case, name, value)
  if value == nil or name ~= "duration_s" then return value end
  return case.spec.duration_unit == "s" and value or math.floor(value * 1000 + 0.5)
end

local function epoch(text)
  return assert(calendar.parse_rfc3339(text))
end

local function fail(case, format, ...)
  error(("%s: %s"):format(described(case), format:format(...)), 0)
end

-- The law itself: known is exact, at least is not above, unknown is no number.
local function check_figure(case, name, value, state, right)
  if state == nil and value ~= nil and value ~= right then
    fail(case, "%s is shown as %s and is %s", name, value, right)
  elseif state == "at_least" and value > right then
    fail(case, "%s is shown as at least %s and is %s", name, value, right)
  elseif state == "unknown" and value ~= nil then
    fail(case, "%s is unknown and shown as %s", name, value)
  end
end

local function right_of_user(case, record, from, to)
  local row = case.vendor:row_of(record.user_id, record.user_type, record.product, from, to)
  return row or fail(case, "%s has no row in the ledger", record.user_id)
end

local function check_measures(case, record, marks, right)
  for name, own in pairs(MEASURES) do
    local mark = marks and marks[name]
    check_figure(case, name, in_ledger_units(case, name, record[name]), mark and mark.state, right[own])
  end
end

local function check_users(case, record, marks, from, to)
  local mark = marks and marks.users
  check_figure(case, "users", record.users, mark and mark.state,
    case.vendor:users(record.user_type, from, to))
end

local function check_record(case, record, marks)
  local from, to = epoch(record.period_start), epoch(record.period_end)
  if record.users or marks and marks.users then return check_users(case, record, marks, from, to) end
  local right = record.user_id and right_of_user(case, record, from, to)
    or case.vendor:total(record.user_type, record.product, from, to)
  check_measures(case, record, marks, right)
end

local function check_coverage(case, frame)
  for _, entry in ipairs(frame:coverage()) do
    assert.are.equal(entry.asked, entry.answered + entry.partial + entry.failed)
    assert.are.equal(entry.partial + entry.failed > 0, #entry.reasons > 0, described(case))
  end
end

local function is_whole(frame)
  for _, entry in ipairs(frame:coverage()) do
    if entry.partial + entry.failed > 0 then return false end
  end
  return true
end

-- The totals of the period, and nothing known unless all of it is there.
local function check_totals(case, total, whole)
  local right = expected_total(case, case.spec.type, products_of(case), case.period.from, case.period.to)
  for name, own in pairs(MEASURES) do
    local value, _, state = total:value(name)
    check_figure(case, name, in_ledger_units(case, name, value), state, right[own])
    if whole and (state ~= nil or value == nil) and right[own] > 0 then
      fail(case, "%s is %s although all was answered", name, tostring(state))
    elseif not whole and value == nil and state == "absent" then
      fail(case, "%s is absent although windows failed", name)
    end
  end
end

local function check_groups(case, by_product, whole)
  local shown = {}
  for record, marks in by_product:each_marked() do
    if record.product and record.user_type then
      local right = expected_total(case, { record.user_type }, { record.product }, case.period.from,
        case.period.to)
      check_measures(case, record, marks, right)
      shown[record.user_type .. record.product] = true
    end
  end
  for _, kind in ipairs(whole and case.spec.type or {}) do
    for _, product in ipairs(products_of(case)) do
      local right = expected_total(case, { kind }, { product }, case.period.from, case.period.to)
      if right.tests + right.screenshots > 0 and not shown[kind .. product] then
        fail(case, "the group %s %s is missing", kind, product)
      end
    end
  end
end

-- Users of several windows, or of both types, are nobody's to add.
local function check_distinct(case, by_type)
  for record, marks in by_type:each_marked() do
    local mark = marks and marks.users
    check_figure(case, "users", record.users, mark and mark.state,
      case.vendor:users(record.user_type, case.period.from, case.period.to))
  end
end

local function play(case)
  local records = collect.new(case.run, { case.spec })
  local total = records:aggregate { measures = { "tests", "duration_s", "screenshots" } }
  local by_product = records:aggregate { group_by = { "product", "user_type" },
    measures = { "tests", "duration_s", "screenshots" } }
  local by_type = case.spec[1] == "testmu.summary"
    and records:aggregate { group_by = "user_type", measures = "users" }
  for record, marks in records:each_marked() do check_record(case, record, marks) end
  local whole = is_whole(records)
  check_coverage(case, records)
  check_totals(case, total, whole)
  check_groups(case, by_product, whole)
  if by_type then check_distinct(case, by_type) end
  return whole
end

local function play_all(runs, first, weather)
  local whole, requests = 0, 0
  for seed = first, first + runs - 1 do
    local case = draw_case(seed, weather)
    if play(case) then whole = whole + 1 end
    assert.are.same({}, case.vendor.problems, described(case))
    requests = requests + case.run.transport.requests
  end
  return whole, requests
end

-- Long enough for more users than a page holds.
local function long_period(case)
  local from = case.draw:integer(FIRST, LAST - 200 * DAY_S)
  case.period = period.between(from, from + case.draw:integer(30, 80) * DAY_S, ZONES[1])
  return case.period
end

describe("a run over a simulated TestMu", function()
  it("shows the ledger's figures or marks them, in 30 % weather", function()
    local whole = play_all(RUNS, FIRST_SEED, 0.3)
    assert.is_true(whole > RUNS / 3 and whole < RUNS)
  end)

  it("marks what did not come in weather that is too bad", function()
    local whole = play_all(RUNS // 3, FIRST_SEED + 1000000, 0.8)
    assert.is_true(whole < RUNS // 3)
  end)

  it("is exact in 30 % weather wherever the vendor itself answers truly", function()
    for seed = FIRST_SEED, FIRST_SEED + 99 do
      local case = draw_case(seed, 0.3)
      case.vendor.quirks = nil
      assert.is_true(play(case), described(case))
    end
  end)

  it("counts nobody twice or not at all whose row moved between pages", function()
    local moved = 0
    for seed = FIRST_SEED, FIRST_SEED + RUNS // 4 do
      local case = draw_case(seed, 0.1)
      case.ledger = LEDGERS[2]
      case.spec = { "testmu.users", type = { "account-user" }, period = long_period(case),
        product = { case.draw:item { "automation", "realtime" } } }
      case.vendor.ledger, case.vendor.quirks = LEDGERS[2], draw_moves(case.draw)
      if not play(case) then moved = moved + 1 end
    end
    assert.is_true(moved > 5)
  end)

  it("marks what the end of the time cuts off", function()
    local late = 0
    for seed = FIRST_SEED, FIRST_SEED + RUNS // 4 do
      local case = draw_case(seed, 0.3)
      case.run.scheduler:deadline_at(case.run.clock.monotonic() + case.draw:fraction() ^ 2 * 5)
      if not play(case) then late = late + 1 end
    end
    assert.is_true(late > 10)
  end)

  it("gives the same records for the same seed", function()
    local function records(seed)
      local case, list = draw_case(seed, 0.4), {}
      for record, marks in collect.new(case.run, { case.spec }):each_marked() do
        list[#list + 1] = { record, marks }
      end
      return list
    end
    assert.are.same(records(7), records(7))
  end)
end)

-- Rows by window -----------------------------------------------------------

local function window_key(const, row)
  return table.concat({ const.period_start, const.user_type, row.product or "", row.users and "users" or "" },
    " ")
end

-- How many rows an answer about this window and type holds, by the ledger.
local function expected_rows(case, const)
  local from, to = epoch(const.period_start), epoch(const.period_end)
  if not const.product then return #simulated_testmu.PRODUCTS + 1 end
  return #case.vendor:rows(const.user_type, const.product, from, to)
end

local function rows_by_window(batches)
  local windows = {}
  for _, batch in ipairs(batches) do
    local key = window_key(batch.const, { product = batch.const.product })
    windows[key] = windows[key] or { const = batch.const, rows = 0, tests = 0 }
    for _, row in ipairs(batch.rows) do
      windows[key].rows = windows[key].rows + 1
      windows[key].tests = windows[key].tests + (row.tests or 0)
    end
  end
  return windows
end

local function check_windows(case, batches)
  for key, window in pairs(rows_by_window(batches)) do
    local const = window.const
    assert.are.equal(expected_rows(case, const), window.rows, described(case) .. ": " .. key)
    local right = expected_total(case, { const.user_type },
      const.product and { const.product } or simulated_testmu.PRODUCTS, epoch(const.period_start),
      epoch(const.period_end))
    assert.are.equal(right.tests, window.tests, described(case) .. ": " .. key)
  end
end

-- Runs the query into a stage that keeps its rows, and stops it where told.
local function execute_into_stage(case, stop)
  local one = case.run
  local planned = query.plan(case.spec, { loader = one.loader, period = case.period })
  local keep, cover = kept.new(schema.index { datasets = { query.schema(planned) } }, math.huge), coverage.new()
  local root = stage.new({}, keep)
  if stop then one.scheduler:spawn(stop, one.scheduler) end
  local ok, err = pcall(one.scheduler.run, one.scheduler, execute.run, { planned }, root, {
    client = one.client, scheduler = one.scheduler, coverage = cover, warn = function() end })
  return keep, cover, ok, err, planned
end

describe("the rows of a query", function()
  it("are the ledger's rows of each window, whatever the weather", function()
    for seed = FIRST_SEED, FIRST_SEED + RUNS // 3 do
      local case = draw_case(seed, 0.4)
      local keep, _, ok, err = execute_into_stage(case)
      assert.is_true(ok, tostring(err))
      if case.vendor.quirks == nil then check_windows(case, keep.batches) end
    end
  end)

  it("are those of whole windows only, when the run is cancelled at any moment", function()
    local stopped, some_rows = 0, 0
    for seed = FIRST_SEED, FIRST_SEED + RUNS // 3 do
      local case = draw_case(seed, 0.3)
      case.vendor.quirks = nil
      local moment = case.draw:fraction() ^ 2 * 20
      local keep, _, ok, err = execute_into_stage(case, function(scheduler)
        scheduler:sleep(moment)
        scheduler:cancel_all(errors.new { kind = "cancelled", message = "stopped" })
      end)
      if not ok then
        assert.are.equal("cancelled", errors.from(err).kind, tostring(err))
        stopped = stopped + 1
        if #keep.batches > 0 then some_rows = some_rows + 1 end
      end
      check_windows(case, keep.batches)
      assert.are.equal(0, case.run.transport:active())
      assert.are.equal(0, case.run.transport.in_flight)
    end
    assert.is_true(stopped > 10 and some_rows > 3, ("%d stopped, %d with rows"):format(stopped, some_rows))
  end)

  it("are those of whole windows only, when the time is over", function()
    local late = 0
    for seed = FIRST_SEED, FIRST_SEED + RUNS // 3 do
      local case = draw_case(seed, 0.3)
      case.vendor.quirks = nil
      case.run.scheduler:deadline_at(case.run.clock.monotonic() + case.draw:fraction() * 5)
      local keep, cover = execute_into_stage(case)
      if cover:status() ~= "whole" then late = late + 1 end
      check_windows(case, keep.batches)
    end
    assert.is_true(late > 10)
  end)
end)
