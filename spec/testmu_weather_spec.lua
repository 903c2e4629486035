-- The laws of spec/flow/law_spec.lua over real HTTP: 30 % of the answers are broken on the wire, and
-- the figures are the ledger's, or marked.
local asking = require "support.asking"
local calendar = require "vendors.calendar"
local cjson = require "cjson"
local random = require "support.random"
local tmp = require "support.tmp"

local SEEDS, QUERIES = 4, 6
local ZONES = { "UTC", "Europe/Berlin", "+05:30", "America/St_Johns" }

-- Faults that pass: asked again, the answer comes.
local WEATHER = {
  { wire = "reset" }, { wire = "close" }, { wire = "cut_headers" }, { wire = "cut_body" },
  { wire = "cut_chunked" }, { wire = "long_length" }, { wire = "gzip_cut" }, { wire = "gzip_broken" },
  { wire = "garbage" }, { status = 503, retry_after = 0 }, { status = 500 },
  { status = 200, body = "<html>Sorry</html>", type = "text/html" }, { status = 200, body = "" },
}

local SCRIPT = [[
local usage = require "usagelua"
local frames = {}
for index, query in ipairs(QUERIES) do
  local records = usage.collect { period = usage.period(query.period, query.zone), in_flight = 12,
    { query.dataset, product = query.product } }
  frames[index] = records:aggregate { measures = { "tests", "screenshots", "duration_s" } }
end
for index, frame in ipairs(frames) do
  local shown = usage.json.object {}
  for _, measure in ipairs { "tests", "screenshots", "duration_s" } do
    local value, _, state = frame:value(measure)
    shown[measure] = { value = value, state = state or "known" }
  end
  shown.coverage = frame:coverage()
  print(usage.json.encode(shown))
end
]]

local world
setup(function() world = asking.start "testmu" end)
teardown(function() world:stop() end)

-- One rule for each fault, together `probability`.
local function weather(seed, probability)
  local rules, left = {}, 1
  for i, fault in ipairs(WEATHER) do
    local rule = { name = "weather " .. i }
    for key, value in pairs(fault) do rule[key] = value end
    rule.probability = probability / #WEATHER / left
    left = left * (1 - rule.probability)
    rules[i] = rule
  end
  world.server:control("/faults", { seed = seed, rules = rules })
end

local function draw_queries(draw)
  local list = {}
  for i = 1, QUERIES do
    local first = calendar.epoch(2025, 1, 1, 0, 0, 0) + draw:integer(0, 400) * 86400
    local last = first + draw:integer(0, 150) * 86400
    local dataset = draw:item { "testmu.summary", "testmu.users" }
    list[i] = { dataset = dataset, zone = draw:item(ZONES),
      product = dataset == "testmu.users" and draw:item { "automation", "smartui" } or nil,
      period = os.date("!%Y-%m-%d", first) .. ".." .. os.date("!%Y-%m-%d", last) }
  end
  return list
end

local function literal(queries)
  local lines = {}
  for i, query in ipairs(queries) do
    lines[i] = ("{ dataset = %q, zone = %q, period = %q, product = %s },"):format(query.dataset,
      query.zone, query.period, query.product and ("%q"):format(query.product) or "nil")
  end
  return "local QUERIES = {\n" .. table.concat(lines, "\n") .. "\n}\n"
end

-- What the script shows of each query.
local function ask(queries, deadline)
  local folder <close> = tmp.folder()
  local path = folder:write("ask.lua", literal(queries) .. SCRIPT)
  local result = world:run { path, "--deadline", deadline }
  assert.are.equal(0, result.status, result.stderr)
  local shown = {}
  for line in result.stdout:gmatch "[^\n]+" do shown[#shown + 1] = cjson.decode(line) end
  return shown
end

-- The ledger's sums, over the span that the coverage names.
local function right_of(query, entry)
  local right = world.server:control(("/testmu/total?from_epoch=%d&to_epoch=%d%s"):format(
    calendar.parse_rfc3339(entry.period_start), calendar.parse_rfc3339(entry.period_end),
    query.product and "&product=" .. query.product or ""))
  return { tests = right.tests, screenshots = right.screenshots, duration_s = right.duration_ms / 1000 }
end

local function described(seed, query)
  return ("seed %d, %s %s %s"):format(seed, query.dataset, query.period, query.zone)
end

local function check(seed, query, shown)
  local entry = shown.coverage[1]
  assert.are.equal(entry.asked, entry.answered + entry.partial + entry.failed)
  local whole = entry.asked == entry.answered
  for measure, right in pairs(right_of(query, entry)) do
    local figure, where = shown[measure], described(seed, query) .. " " .. measure
    if figure.state == "known" then
      assert.is_true(math.abs(figure.value - right) < 1e-6, where)
    elseif figure.state == "at_least" then
      assert.is_true(figure.value <= right + 1e-6, where)
    else
      assert.is_nil(figure.value, where)
    end
    if whole and right > 0 then assert.are.equal("known", figure.state, where) end
  end
  return whole
end

local function play(seed, probability, deadline)
  world:reset()
  weather(seed, probability)
  local queries, whole = draw_queries(random.new(seed)), 0
  for i, shown in ipairs(ask(queries, deadline)) do
    if check(seed, queries[i], shown) then whole = whole + 1 end
  end
  return whole, #world.server:log()
end

describe("testmu over broken connections", function()
  for seed = 1, SEEDS do
    it("is exact in 30 % weather, seed " .. seed, function()
      assert.are.equal(QUERIES, (play(seed, 0.3, "30s")))
    end)
  end

  it("is marked where the weather is too bad", function()
    local whole = play(99, 0.9, "3s")
    assert.is_true(whole < QUERIES)
  end)
end)
