-- What queries of a dataset have in common is made once. None of it may be another
-- query's: asked together, in any order and weather, each gives what it gives alone.
local acme = require "support.acme"
local collect = require "usagelua.collect"
local order = require "usagelua.order"
local period = require "usagelua.time.period"
local random = require "support.random"
local simulated_run = require "support.simulated_run"

local FIRST_SEED <const>, RUNS <const> = 4100, 40

-- Some records pass by a function of the description, and so through Lua.
local function described(has_function)
  return acme.vendor({
    record = has_function and function(row) row.team = row.team or row.user_id end or nil,
    params = {
      by = { one_of = { "user", "team" }, default = "user" },
      unit = { one_of = { "s", "min", "h" }, default = "min" },
      clock = { one_of = { "UTC", "+05:30", "Europe/Berlin" }, default = "UTC" },
      team = { list = true }, days = { type = "integer", default = 40 },
      kind = { one_of = { "human", "robot" }, default = "human", words = { human = "H", robot = "R" } },
      page = { type = "integer", default = 7, omit_default = true },
      ids = { list = true }, names = { list = true },
      place = { one_of = { "query", "form" }, default = "query" },
      as = { one_of = { "commas", "repeated" }, default = "commas" },
    },
    fan_out = { "team" }, batch = { param = { "ids", "names" }, most = 2 }, idempotent = true,
    window = { zone = "{clock}", max_days = "{days}", cut = "allowed" },
    request = { method = "POST", path = "/usage/{by}", params_in = "{place}", lists_as = "{as}",
      query = { from = "{from}", to = "{to}", kind = "{kind}", team = "{team}", unit = "{unit}", page = "{page}" },
      params = { ids = "{ids}", names = "{names}" } },
    fields = {
      tests = "n", duration_s = { "t", unit = "{unit}" }, product = "p", user_type = { param = "kind" },
      team = { "who", when = { by = "team" } }, user_id = { "who", when = { by = "user" } },
      role = { value = "one" },
    },
  }, { regions = { eu = "https://eu.acme.test/v1" } })
end

-- An answer that nobody else gets: its figures follow from what was asked.
local function answer(request)
  local draw = random.new(1 + #request.url)
  for i = 1, #request.url do draw = random.new(request.url:byte(i) + draw:integer(1, 1 << 40)) end
  for i = 1, #(request.body or "") do draw = random.new(request.body:byte(i) + draw:integer(1, 1 << 40)) end
  local items = {}
  for i = 1, draw:integer(0, 4) do
    items[i] = { n = draw:integer(0, 99), t = draw:integer(0, 99), p = "p" .. draw:integer(1, 3),
      who = "w" .. draw:integer(1, 3) }
  end
  return acme.answer { data = require("usagelua.json").array(items) }
end

-- Drawing -------------------------------------------------------------------

local ZONES <const> = { "UTC", "+05:30", "-08:00", "Europe/Berlin" }
local PERIODS <const> = { "2026-03", "2026-Q1", "2026-03-01..2026-03-09" }
local VALUES <const> = {
  by = { "user", "team" }, unit = { "s", "min", "h" }, clock = { "UTC", "+05:30", "Europe/Berlin" },
  team = { { "a" }, { "b" } }, days = { 10, 31, 40 }, kind = { "human", "robot" }, page = { 7, 8 },
  ids = { { "1", "2", "3" }, { "4" } }, names = { { "1", "2" } }, place = { "query", "form" },
  as = { "commas", "repeated" }, account = { "emea", "apac" }, region = { "eu" }, in_flight = { 1, 3 },
}

-- What lets queries share most of what is made; the rest sets them apart.
local OFTEN <const> = { unit = true, kind = true, account = true, region = true, page = true }

local function draw_query(draw)
  local spec = { "acme.usage", team = { "a" }, period = period.parse(draw:item(PERIODS), draw:item(ZONES)) }
  for _, name in ipairs(order.keys(VALUES)) do
    if draw:integer(1, OFTEN[name] and 2 or 9) == 1 then spec[name] = draw:item(VALUES[name]) end
  end
  return spec
end

local WHERES <const> = {
  { product = "p1" }, { product = { "p1", "p2" } }, { tests = { min = 20 } }, { user_type = "robot" },
  { duration_s = { min = 1200 } }, { region = "eu" }, { period_start = { after = "2026-03-02T00:00:00Z" } },
  function(row) return (row.tests or 0) % 2 == 0 end,
}
local GROUPS <const> = {
  "product", { "product", "user_type" }, { "period" },
  { { "half", function(row) return (row.tests or 0) < 50 and "few" or "many" end } },
}
local MEASURES <const> = {
  "tests", { "tests", { "duration_s", as = "hours", unit = "h" } },
  { { "tests", as = "most", kind = "max" }, { "user_id", as = "users", kind = "distinct" } },
}

local function draw_rule(draw)
  return { where = draw:integer(1, 2) == 1 and draw:item(WHERES) or nil, group_by = draw:item(GROUPS),
    measures = draw:item(MEASURES) }
end

local function draw_case(seed)
  local draw, list = random.new(seed), {}
  for i = 1, draw:integer(2, 7) do
    list[i] = { rule = draw:integer(1, 4) > 1 and draw_rule(draw) or nil }
    for place = 1, draw:integer(1, 3) do
      list[i][place] = draw_query(draw)
      if place > 1 then list[i][place].team = { "t" .. place } end -- so that they may be added
    end
    if i > 1 and draw:integer(1, 3) == 1 then list[i][1] = list[draw:integer(1, i - 1)][1] end
  end
  return list, draw
end

-- Asking --------------------------------------------------------------------

local function new_run(seed, urls, has_function)
  local vendor = described(has_function)
  return simulated_run.new { loader = acme.loader(vendor), seed = seed, now = "2026-06-01T00:00:00Z",
    latency_s = { 0.01, 2 },
    answer = function(request)
      urls[#urls + 1] = ("%s %s"):format(request.url, request.body or "")
      return answer(request)
    end }
end

-- A rule that the query's columns cannot take has no frame, and always so.
local function frame_of(one, case)
  local records = collect.new(one, table.move(case, 1, #case, 1, {}))
  if not case.rule then return records end
  local ok, made = pcall(records.aggregate, records, case.rule)
  if ok then return made end
  assert(made.kind == "usage", tostring(made))
end

local function spelled(value)
  if type(value) ~= "table" then return ("%q"):format(value) end
  local parts = {}
  for i, key in ipairs(order.keys(value)) do parts[i] = ("%s=%s"):format(key, spelled(value[key])) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function text_of(frame)
  if not frame then return "none" end
  local lines = {}
  for _, column in ipairs(frame:columns()) do lines[#lines + 1] = ("%s %s"):format(column.name, column.unit) end
  for row, marks in frame:each_marked() do lines[#lines + 1] = spelled { row, marks or false } end
  for _, entry in ipairs(frame:coverage()) do lines[#lines + 1] = spelled(entry) end
  table.sort(lines) -- what is equal as far as it is sorted stands as it came
  return table.concat(lines, "\n")
end

local function asked_together(list, seed, urls, has_function)
  local one, frames, made, texts = new_run(seed, urls, has_function), {}, {}, {}
  for i, case in ipairs(list) do
    frames[i] = frame_of(one, case) or false
    made[#made + 1] = frames[i] or nil
  end
  one:ask_together(made, "report")
  for i, frame in ipairs(frames) do texts[i] = text_of(frame) end
  return texts, one
end

local function reversed(case)
  local copy = { rule = case.rule }
  for i = 1, #case do copy[i] = case[#case + 1 - i] end
  return copy
end

local function shuffled(list, draw)
  local copy, from = table.move(list, 1, #list, 1, {}), {}
  for i, case in ipairs(list) do copy[i], from[i] = reversed(case), i end
  for i = #copy, 2, -1 do
    local j = draw:integer(1, i)
    copy[i], copy[j], from[i], from[j] = copy[j], copy[i], from[j], from[i]
  end
  return copy, from
end

local function check_case(seed, seen)
  local list, draw = draw_case(seed)
  local has_function = draw:integer(1, 3) == 1
  local alone, urls_alone, urls = {}, {}, {}
  for i, case in ipairs(list) do alone[i] = asked_together({ case }, seed + i, urls_alone, has_function)[1] end
  local mixed, from = shuffled(list, draw)
  local texts, one = asked_together(mixed, seed, urls, has_function)
  for i, text in ipairs(texts) do
    assert.are.equal(alone[from[i]], text, ("seed %d, frame %d"):format(seed, from[i]))
  end
  assert.are.same(order.sorted(urls_alone), order.sorted(urls))
  seen.at_once = math.max(seen.at_once, one.transport.most_in_flight)
  for _, text in ipairs(texts) do seen.rows = seen.rows + select(2, text:gsub("\n", "")) end
end

describe("queries of one dataset that are asked at the same time", function()
  it("give what each gives alone, whatever tells them apart", function()
    local seen = { at_once = 0, rows = 0 }
    for seed = FIRST_SEED, FIRST_SEED + RUNS - 1 do check_case(seed, seen) end
    assert.is_true(seen.at_once > 3 and seen.rows > 500, spelled(seen))
  end)

  it("have their own units where figures are compared and added", function()
    for _, units in ipairs { { "s", "min", "h" }, { "h", "min", "s" }, { "min", "s", "h" } } do
      local spec = { period = period.parse("2026-03", "UTC") }
      for i, unit in ipairs(units) do spec[i] = { "acme.usage", team = { unit }, unit = unit } end
      local one = simulated_run.new { loader = acme.loader(described()), now = "2026-06-01T00:00:00Z",
        answer = function() return acme.answer { data = { { n = 1, t = 30, p = "p1", who = "w1" } } } end }
      local long = collect.new(one, spec):aggregate { where = { duration_s = { min = 1200 } }, group_by = "user_id",
        measures = { "tests", "duration_s" } }
      one:ask_together({ long }, "report")
      assert.are.equal(2, long:value "tests")
      assert.are.equal(30 * 60 + 30 * 3600, long:value "duration_s")
    end
  end)
end)
