-- The benchmark, small: its documents are what they say, its programs agree, and what it concludes
-- from its measurements is right.
package.path = "bench/?.lua;" .. package.path

local documents = require "documents"
local goals = require "goals"
local job_vendor = require "job_vendor"
local kept = require "kept"
local paths = require "paths"
local peers = require "peers"
local program = require "program"
local rounds = require "rounds"
local server = require "server"
local shell = require "support.shell"
local statistics = require "statistics"
local tables = require "tables"
local users = require "rows.users"

local cjson = require "cjson"

local function generate(...)
  return shell.run({ peers.tool "generate", ... }, { timeout_s = 300 })
end

local function totals_of(report)
  local totals = { users = #report.data.users, tests = 0, minutes = 0, idle = 0 }
  for _, user in ipairs(report.data.users) do
    if user.usage.last_test == cjson.null then totals.idle = totals.idle + 1 end
    for _, data in pairs(user.usage.product_data) do
      totals.tests = totals.tests + data.tests_run
      totals.minutes = totals.minutes + (data.minutes_used or 0)
    end
  end
  return totals
end

describe("the generator", function()
  it("writes the same bytes for the same words", function()
    for _, words in ipairs { { "users", "50000" }, { "hourly", "50000" }, { "rows", "100", "10", "3" } } do
      local once, again = generate(table.unpack(words)), generate(table.unpack(words))
      assert.are.equal(0, once.status)
      assert.are.equal(once.stdout, again.stdout)
      assert.are.equal(once.stderr, again.stderr)
    end
  end)

  it("says what a report of users holds", function()
    peers.tool "generate"
    local name = documents.users(1)
    local file <close> = assert(io.open(documents.path(name), "rb"))
    local text = file:read "a"
    local said, found = documents.totals(name), totals_of(cjson.decode(text))
    for key, value in pairs(found) do assert.are.equal(said[key], value, key) end
    assert.are.equal(said.bytes, #text)
    assert.is_true(said.bytes >= 1e6 and said.bytes < 1.01e6)
  end)

  it("writes rows and lines that say the same", function()
    local rows = cjson.decode(generate("rows", "500", "40", "1").stdout).rows
    local place = 0
    for team, product, tests in generate("lines", "500", "40").stdout:gmatch "(%S+)\t(%S+)\t(%d+)\n" do
      place = place + 1
      assert.are.same({ team = team, product = product, tests = tonumber(tests) }, rows[place])
    end
    assert.are.equal(500, place)
  end)
end)

describe("the programs of the main job", function()
  it("print the same, as many as are installed", function()
    peers.tool "generate"
    peers.tool "measure"
    job_vendor.write()
    local served <close> = server.start(paths.documents)
    local results = rounds.run(users.main(1)(served.url).programs, 1, function() end)
    for _, result in ipairs(results) do
      local is_missing = result.program.command == nil
      assert.is_true(is_missing or result.problem == nil, result.program.title .. ": "
        .. tostring(result.problem))
    end
    assert.is_nil(results[1].problem)
    assert.are.equal(8, #results[1].output)
  end)
end)

describe("rounds", function()
  local function echo(word, more)
    local made = { name = word, title = word, command = { "echo", word } }
    for key, value in pairs(more or {}) do made[key] = value end
    return made
  end

  local function problems(programs)
    peers.tool "measure"
    local list = {}
    for place, result in ipairs(rounds.run(programs, 2, function() end)) do
      list[place] = result.problem or ""
    end
    return list
  end

  it("refuse figures of a program that prints something else", function()
    local found = problems { echo "a", echo("a", { name = "again" }), echo "b", echo("c", { is_floor = true }) }
    assert.are.same({ "", "" }, { found[1], found[2] })
    assert.matches("^prints %x+, not %x+$", found[3])
    assert.are.equal("", found[4])
  end)

  it("name what is missing, and what fails", function()
    local found = problems { echo "a", { name = "x", title = "x", packages = "some-package" },
      { name = "y", title = "y", command = { "sh", "-c", "echo no >&2; exit 3" } } }
    assert.are.same({ "", "missing: some-package" }, { found[1], found[2] })
    assert.matches("^failed with status 3 after [%d.]+ s, holding %d+ MB: no$", found[3])
  end)
end)

describe("measure", function()
  it("tells time, memory and status of a whole process", function()
    peers.tool "measure"
    local one = { title = "sleep", command = { "sh", "-c", "sleep 0.2; exit 7" } }
    local sample = program.run(one)
    assert.are.equal(7, sample.status)
    assert.is_true(sample.wall >= 0.2)
    assert.is_true(sample.peak_kb > 100)
  end)
end)

local function samples(list)
  local made = {}
  for round, value in pairs(list) do made[round] = { wall = value, cpu = value, peak_kb = value * 1024 } end
  return made
end

describe("statistics", function()
  it("take ratios inside a round, and of shared rounds only", function()
    local spread = statistics.ratio(samples { 2, 8, 30 }, samples { 1, 2 }, "wall")
    assert.are.same({ median = 3, least = 2, most = 4 }, spread)
    assert.is_nil(statistics.ratio(samples {}, samples { 1 }, "wall"))
  end)

  it("give the median and the range", function()
    assert.are.same({ median = 3, least = 1, most = 9 }, statistics.of(samples { 9, 1, 3 }, "wall"))
  end)
end)

describe("goals", function()
  local function judged(goal, own, other)
    local curve = (goal.flat or goal.growth_mb) and "MB" or nil
    local row = { title = "a row", curve = curve, goals = { goal }, results = {
      { program = { name = "usagelua", title = "usagelua", amount = 0 }, samples = samples(own) },
      { program = { name = "peer", title = "Peer", amount = 2 }, samples = samples(other) },
      { program = { name = "third", title = "Third", amount = 4 }, samples = samples { 21, 21, 21 } },
    } }
    return goals.judge(row)[1]
  end

  it("are judged by the median", function()
    local rows = {
      { { to = "peer", at_most = 1 }, { 1, 1, 9 }, { 1, 1, 1 }, true },
      { { to = "peer", at_most = 1 }, { 1.1, 1.1, 0.1 }, { 1, 1, 1 }, false },
      { { to = "peer", at_least = 9 }, { 1, 1, 1 }, { 9, 9, 1 }, true },
      { { to = "peer", at_least = 9 }, { 1, 1, 1 }, { 8, 8, 90 }, false },
      { { peak_mb = 20 }, { 19, 20, 18 }, { 1 }, true },
      { { peak_mb = 20 }, { 19, 21, 18 }, { 1 }, false },
      { { flat = 1.2 }, { 1, 1, 1 }, { 11, 11, 11 }, true },
      { { flat = 1.2 }, { 1, 1, 1 }, { 15, 15, 15 }, false },
      { { growth_mb = 1 }, { 1 }, { 20, 20, 20 }, true },
      { { growth_mb = 1 }, { 1 }, { 18, 18, 18 }, false },
    }
    for place, case in ipairs(rows) do
      assert.are.equal(case[4], judged(case[1], case[2], case[3]).is_met, "case " .. place)
    end
  end)

  it("say why they could not be judged", function()
    local row = { goals = { { to = "peer", at_most = 1 } }, results = {
      { program = { name = "usagelua" }, samples = samples { 1 } },
      { program = { name = "peer", title = "Peer" }, samples = {}, problem = "missing: peer" },
    } }
    local verdict = goals.judge(row)[1]
    assert.is_nil(verdict.is_met)
    assert.are.equal("missing: peer", verdict.reason)
  end)
end)

describe("rows that were kept", function()
  local function measured(name, date)
    return { name = name, title = "Row " .. name, mb = 10, goals = { { to = "peer", at_most = 1 } },
      origin = { date = date, command = "run --rows " .. name, revision = "0.1.0 (abc)", machine = "a machine",
        load = "0.10", rounds = 3, seconds = 90, versions = { "peer " .. date } },
      results = {
        { program = { name = "usagelua", title = "usagelua", figure = print }, output = "a",
          samples = samples { 1, 2, 3 } },
        { program = { name = "peer", title = "Peer" }, output = "a", samples = samples { 4, 4, 4 } },
        { program = { name = "gone", title = "Gone" }, samples = {}, problem = "missing: gone" },
      } }
  end

  it("stand beside those of another run, each with its own origin", function()
    local old, new = measured("spec-old", "2026-01-01"), measured("spec-new", "2026-02-02")
    kept.put(old)
    local rows = kept.beside({ new }, { "spec-new", "spec-none", "spec-old" })
    assert(os.remove(paths.build .. "/measured/spec-old.json"))
    assert.are.equal(tables.text { new, old }, tables.text(rows))
    assert.matches("2026%-01%-01, by `run %-%-rows spec%-old`, of usagelua 0.1.0 %(abc%)", tables.text(rows))
    assert.matches("Versions: peer 2026%-01%-01, peer 2026%-02%-02%.", tables.text(rows))
  end)
end)
