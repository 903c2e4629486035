-- The laws of design 2a for flow functions, over seeded weather in the simulator: the rows of a
-- window are the ledger's or none, whichever way the function asks, and the same as those of a
-- table-driven twin. LAW_RUNS=5000 plays more of them, from LAW_SEED on.
local acme = require "support.acme"
local calendar = require "vendors.calendar"
local coverage = require "usagelua.frame.coverage"
local errors = require "usagelua.errors"
local execute = require "usagelua.flow.execute"
local json = require "usagelua.json"
local kept = require "usagelua.frame.kept"
local kit = require "usagelua.vendor.kit"
local period = require "usagelua.time.period"
local query = require "usagelua.flow.query"
local random = require "support.random"
local schema = require "usagelua.rule.schema"
local simulated_run = require "support.simulated_run"
local stage = require "usagelua.frame.stage"
local url = require "usagelua.client.url"
local zones = require "usagelua.time.zone"

local RUNS = tonumber(os.getenv "LAW_RUNS") or 200
local FIRST_SEED = tonumber(os.getenv "LAW_SEED") or 1
local DAY_S <const> = 86400
local FIRST_DAY <const> = calendar.epoch(2026, 1, 1, 0, 0, 0) // DAY_S
local DAYS <const> = 120
local USERS <const> = 23
local SIZE <const> = 5

-- The ledger -----------------------------------------------------------------

-- What each user did each day: many did nothing.
local function new_ledger(seed)
  local draw, ledger = random.new(seed), {}
  for user = 1, USERS do
    ledger[user] = {}
    for day = 0, DAYS - 1 do
      ledger[user][FIRST_DAY + day] = draw:integer(1, 4) == 1 and draw:integer(1, 50) or nil
    end
  end
  return ledger
end

local LEDGER <const> = new_ledger(42)

local function did(user, from_day, to_day)
  local n = 0
  for day = from_day, to_day - 1 do n = n + (LEDGER[user][day] or 0) end
  return n
end

-- The rows of a window, in the vendor's order: users who did something.
local function rows_between(from_day, to_day)
  local rows = {}
  for user = 1, USERS do
    local n = did(user, from_day, to_day)
    if n > 0 then rows[#rows + 1] = { id = user, email = ("u%d@acme.test"):format(user), n = n } end
  end
  return rows
end

-- The vendor -----------------------------------------------------------------

local function day_of(text)
  local year, month, day = text:match "^(%d+)-(%d+)-(%d+)$"
  return calendar.epoch(tonumber(year), tonumber(month), tonumber(day), 0, 0, 0) // DAY_S
end

local function page_at(rows, first)
  local data = json.array {}
  for index = first, math.min(first + SIZE - 1, #rows) do data[#data + 1] = rows[index] end
  return data, first + SIZE <= #rows and first + SIZE or nil
end

local ROUTES <const> = {}

function ROUTES.numbered(rows, args)
  return { data = page_at(rows, (tonumber(args.page) - 1) * SIZE + 1), total = #rows }
end

function ROUTES.linked(rows, args)
  local first = tonumber(args.after or "1")
  local data, following = page_at(rows, first)
  return { data = data, next = following and ("linked?from=%s&to=%s&after=%d"):format(args.from, args.to,
    following) or json.null }
end

function ROUTES.whole(rows)
  return { data = json.array(rows), total = #rows }
end

function ROUTES.users()
  local list = json.array {}
  for user = 1, USERS do list[user] = { id = user } end
  return { users = list }
end

function ROUTES.user(_, args, number)
  local user = tonumber(number)
  local n = did(user, day_of(args.from), day_of(args.to))
  return { id = user, email = ("u%d@acme.test"):format(user), n = n }
end

local Vendor = {}
Vendor.__index = Vendor

function Vendor:answer(request)
  local args = acme.arguments(request.url)
  local route, number = url.split(request.url).path:match "^/v1/(%l+)/?(%d*)$"
  local rows = args.from and rows_between(day_of(args.from), day_of(args.to)) or {}
  local bent = self.bend and self.bend(rows, args)
  return acme.answer(ROUTES[route](bent or rows, args, number))
end

-- Rows that move between a page and the next, now and then.
local function moving(draw)
  return function(rows, args)
    if args.page == "1" or not args.page or draw:integer(1, 4) > 1 then return nil end
    local moved = table.move(rows, 1, #rows, 1, {})
    table.insert(moved, 1, table.remove(moved))
    return moved
  end
end

-- Ways to ask for the same ----------------------------------------------------

local PAGES <const> = { kind = "page", size_send = "size", size = SIZE, total = "total", unique = "id" }

local FLOWS <const> = {}

function FLOWS.pages(ask, query_view, emit)
  for window in query_view:windows() do
    local users = ask:pages({ path = "/numbered", query = { from = window.from, to = window.to } },
      { rows = "data[]", pages = PAGES })
    for user in users do emit(user) end
  end
end

function FLOWS.each(ask, query_view, emit)
  for window in query_view:windows() do
    for user in ask:each({ path = "/whole", query = { from = window.from, to = window.to } }, "data[]") do
      emit(user)
    end
  end
end

function FLOWS.links(ask, query_view, emit)
  for window in query_view:windows() do
    local page, answer = ask:get("/linked", { query = { from = window.from, to = window.to } })
    while true do
      for _, user in ipairs(page.data) do emit(user) end
      if page.next == kit.null then break end
      page, answer = ask:get(answer:link(page.next))
    end
  end
end

function FLOWS.details(ask, query_view, emit)
  for window in query_view:windows() do
    local users = ask:get("/users").users
    ask:all(users, function(user)
      local detail = ask:get("/user/" .. user.id, { query = { from = window.from, to = window.to } })
      if detail.n > 0 then emit(detail) end
    end)
  end
end

-- The function cuts its window once more, and adds up.
function FLOWS.days(ask, query_view, emit)
  local sums = {}
  for window in query_view:windows { max_days = 5, format = "%Y-%m-%d" } do
    for user in ask:each({ path = "/whole", query = { from = window.from, to = window.to } }, "data[]") do
      sums[user.id] = sums[user.id] or { id = user.id, email = user.email, n = 0 }
      sums[user.id].n = sums[user.id].n + user.n
    end
  end
  for user = 1, USERS do
    if sums[user] then emit(sums[user]) end
  end
end

local WAYS <const> = { "days", "details", "each", "links", "pages" }

local function vendor_of(way)
  local dataset = { window = { max_days = 30, format = "%Y-%m-%d" },
    fields = { user_id = "email", tests = "n", row = { "id", kind = "last", unit = "1" } }, flow = FLOWS[way] }
  if not dataset.flow then
    dataset.request = { path = "/numbered", query = { from = "{from}", to = "{to}" } }
    dataset.rows, dataset.pages = "data[]", PAGES
  end
  return acme.vendor(dataset)
end

-- A run ------------------------------------------------------------------------

local function draw_period(draw)
  local first = FIRST_DAY + draw:integer(0, DAYS - 2)
  local last = draw:integer(first + 1, FIRST_DAY + DAYS)
  return period.between(first * DAY_S, last * DAY_S, zones.parse "UTC")
end

local function new_case(seed, way, weather)
  local draw = random.new(seed)
  local case = { seed = seed, way = way, draw = draw, period = draw_period(draw) }
  case.vendor = setmetatable({}, Vendor)
  case.run = simulated_run.new { seed = seed, weather = weather, loader = acme.loader(vendor_of(way)),
    answer = function(request) return case.vendor:answer(request) end }
  return case
end

local function described(case)
  return ("seed %d, %s, %s"):format(case.seed, case.way, case.period.label)
end

-- Runs the query into a stage that keeps its rows.
local function play(case, stop)
  local one = case.run
  local planned = query.plan({ "acme.usage", period = case.period, in_flight = case.draw:integer(1, 6) },
    { loader = one.loader })
  local keep, cover = kept.new(schema.index { datasets = { query.schema(planned) } }, math.huge), coverage.new()
  if stop then one.scheduler:spawn(stop, one.scheduler) end
  local ok, err = pcall(one.scheduler.run, one.scheduler, execute.run, { planned }, stage.new({}, keep), {
    client = one.client, scheduler = one.scheduler, coverage = cover, warn = function() end })
  return keep, cover, ok, err, planned
end

local function by_window(keep)
  local windows = {}
  for _, batch in ipairs(keep.batches) do
    local list = windows[batch.const.period_start] or { const = batch.const }
    windows[batch.const.period_start] = list
    table.move(batch.rows, 1, #batch.rows, #list + 1, list)
  end
  return windows
end

local function sorted(rows)
  local list = table.move(rows, 1, #rows, 1, {})
  table.sort(list, function(a, b) return a.row < b.row end)
  return list
end

local function expected(const)
  local rows = {}
  for index, row in ipairs(rows_between(calendar.parse_rfc3339(const.period_start) // DAY_S,
    calendar.parse_rfc3339(const.period_end) // DAY_S)) do
    rows[index] = { row = row.id, user_id = row.email, tests = row.n }
  end
  return rows
end

-- Every window that is there is there as the ledger has it.
local function check_windows(case, keep)
  local count = 0
  for _, rows in pairs(by_window(keep)) do
    count = count + 1
    assert.are.same(expected(rows.const), sorted(rows), described(case))
  end
  return count
end

-- Of a run without failures no window is missing that has rows in the ledger.
local function check_all_there(case, keep, planned)
  local there = by_window(keep)
  for _, part in ipairs(planned.parts) do
    local const = part.const
    if #expected(const) > 0 then assert.is_not_nil(there[const.period_start], described(case)) end
  end
end

local function check_coverage(case, cover, keep, planned)
  local entry = cover:list()[1]
  assert.are.equal(#planned.parts, entry.asked)
  assert.are.equal(entry.asked, entry.answered + entry.partial + entry.failed, described(case))
  assert.are.equal(entry.failed, #keep.taints)
  if entry.failed == 0 then check_all_there(case, keep, planned) end
  return entry
end

local function check_nothing_left(case)
  assert.are.equal(0, case.run.transport:active())
  assert.are.equal(0, case.run.transport.in_flight)
end

describe("the rows of a flow", function()
  for _, way in ipairs(WAYS) do
    it("are the ledger's rows of each window in 30 % weather, by " .. way, function()
      local whole = 0
      for seed = FIRST_SEED, FIRST_SEED + RUNS // 4 do
        local case = new_case(seed, way, 0.3)
        local keep, cover, ok, err, planned = play(case)
        assert.is_true(ok, tostring(err))
        check_windows(case, keep)
        local entry = check_coverage(case, cover, keep, planned)
        if entry.answered == entry.asked then whole = whole + 1 end
        check_nothing_left(case)
      end
      assert.is_true(whole > RUNS // 8, tostring(whole))
    end)

    it("are those of whole windows only, when the run is cancelled at any moment, by " .. way, function()
      local stopped, some = 0, 0
      for seed = FIRST_SEED, FIRST_SEED + RUNS // 4 do
        local case = new_case(seed, way, 0.2)
        local moment = case.draw:fraction() ^ 2 * (way == "details" and 30 or 10)
        local keep, _, ok, err = play(case, function(scheduler)
          scheduler:sleep(moment)
          scheduler:cancel_all(errors.new { kind = "cancelled", message = "stopped" })
        end)
        if not ok then
          assert.are.equal("cancelled", errors.from(err).kind, tostring(err))
          stopped = stopped + 1
          if #keep.batches > 0 then some = some + 1 end
        end
        check_windows(case, keep)
        check_nothing_left(case)
      end
      assert.is_true(stopped > 5 and some > 0, ("%d stopped, %d with rows"):format(stopped, some))
    end)
  end

  it("are those of whole windows only, when the time is over", function()
    local late = 0
    for seed = FIRST_SEED, FIRST_SEED + RUNS // 2 do
      local case = new_case(seed, WAYS[seed % #WAYS + 1], 0.3)
      case.run.scheduler:deadline_at(case.run.clock.monotonic() + case.draw:fraction() ^ 2 * 10)
      local keep, cover, ok, err, planned = play(case)
      assert.is_true(ok, tostring(err))
      check_windows(case, keep)
      if check_coverage(case, cover, keep, planned).failed > 0 then late = late + 1 end
      check_nothing_left(case)
    end
    assert.is_true(late > 5, tostring(late))
  end)

  it("are nobody's twice and not missing where rows move between pages", function()
    local moved = 0
    for seed = FIRST_SEED, FIRST_SEED + RUNS do
      local case = new_case(seed, "pages", 0.1)
      case.vendor.bend = moving(case.draw)
      local keep, cover, _, _, planned = play(case)
      check_windows(case, keep)
      if check_coverage(case, cover, keep, planned).failed > 0 then moved = moved + 1 end
    end
    assert.is_true(moved > 5, tostring(moved))
  end)

  it("are those of a table-driven twin", function()
    for seed = FIRST_SEED, FIRST_SEED + RUNS // 8 do
      local twin = by_window((play(new_case(seed, "table", 0))))
      for _, way in ipairs(WAYS) do
        local own = by_window((play(new_case(seed, way, 0))))
        for start, rows in pairs(twin) do
          assert.are.same(rows.const, own[start].const)
          assert.are.same(sorted(rows), sorted(own[start]), way)
        end
        for start in pairs(own) do assert.is_not_nil(twin[start]) end
      end
    end
  end)

  it("are the same for the same seed", function()
    for _, way in ipairs(WAYS) do
      assert.are.same(play(new_case(7, way, 0.4)).batches, play(new_case(7, way, 0.4)).batches)
    end
  end)
end)
