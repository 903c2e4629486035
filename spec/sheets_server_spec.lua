-- Tables end to end: the binary against the test vendor over real HTTP, held to the
-- vendor's own ledger.
local cjson = require "cjson"
local nginx = require "support.nginx"
local python = require "support.python"
local shell = require "support.shell"
local tmp = require "support.tmp"

local server, env, binary, folder

setup(function()
  server = nginx.start { vendors = { "testmu" } }
  env = server:environment()
  binary = shell.usagelua()
end)

teardown(function() server:stop() end)

before_each(function()
  server:reset()
  server:control("/testmu/settings", {})
  folder = tmp.folder()
end)

local function usagelua(script, ...)
  return shell.run({ binary, folder:write("report.lua", script), ... },
    { env = env, timeout_s = 300, cwd = folder.path })
end

local function document(script, ...)
  local result = usagelua(script, "-f", "json", ...)
  local ok, decoded = pcall(cjson.decode, result.stdout)
  assert.is_true(ok, result.stdout .. result.stderr)
  return decoded, result
end

local function epoch(text)
  return tonumber((shell.output { "date", "-u", "-d", text, "+%s" }))
end

local function right(from, to)
  return server:control(("/testmu/total?from_epoch=%d&to_epoch=%d"):format(epoch(from), epoch(to)))
end

local COMPARED <const> = [[
local usage = require "usagelua"
local records = usage.collect { { "testmu.summary" } }
local total = records:aggregate { measures = "tests" }
return usage.report {
  usage.table { total, name = "before", compare = "previous" },
  usage.table { total, name = "year", compare = "last year", total = true },
  usage.table { usage.rules.by_product(records, { measures = "tests" }), name = "products", compare = "previous" },
}
]]

describe("compare", function()
  it("asks the vendor for the period before and the year before, once each", function()
    local made, result = document(COMPARED, "--period", "2026-06")
    assert.are.equal(0, result.status, result.stderr)
    local june, may = right("2026-06-01", "2026-07-01").tests, right("2026-05-01", "2026-06-01").tests
    local before = made.sections[1].rows[1]
    assert.same({ june, may, june - may },
      { before.tests, before.tests_previous, before.tests_previous_change })
    assert.are.equal(right("2025-06-01", "2025-07-01").tests, made.sections[2].rows[1].tests_last_year)
    local requests = 0
    for _, request in ipairs(server:log()) do
      if request.path:find("/summary", 1, true) then requests = requests + 1 end
    end
    assert.are.equal(6, requests)
    assert.are.equal(3, #made.coverage)
    local products = 0
    for _, row in ipairs(made.sections[3].rows) do
      if row.tests_previous ~= cjson.null then products = products + row.tests_previous end
    end
    assert.are.equal(may, products)
  end)

  it("moves each query's own period, and compares months in their order", function()
    local made, result = document([[
local usage = require "usagelua"
local records = usage.collect { period = usage.period "2026-06", grain = "month",
  { "testmu.summary", period = usage.period "2026-02..2026-03" } }
return usage.report { usage.table { usage.rules.trend(records, { measures = "tests" }), compare = "last year" } }
]])
    assert.are.equal(0, result.status, result.stderr)
    local rows = made.sections[1].rows
    assert.same({ "2026-02", "2026-03" }, { rows[1].period, rows[2].period })
    assert.are.equal(right("2026-02-01", "2026-03-01").tests, rows[1].tests)
    assert.are.equal(right("2025-02-01", "2025-03-01").tests, rows[1].tests_last_year)
    assert.are.equal(right("2025-03-01", "2025-04-01").tests, rows[2].tests_last_year)
  end)

  it("is refused where the periods have not as many parts, or none, and nothing is sent", function()
    local script = [[
local usage = require "usagelua"
local records = usage.collect { { DATASET } }
return usage.report { usage.table { records:aggregate { group_by = GROUP, measures = { { kind = "count", as = "n" } } },
  compare = "previous" } }
]]
    local uneven = usagelua(script:gsub("DATASET", '"testmu.summary"'):gsub("GROUP", '"period"'),
      "--period", "2026-06", "--grain", "day")
    assert.are.equal(2, uneven.status)
    assert.truthy(uneven.stderr:find("the period has 30 parts and the other one 31", 1, true), uneven.stderr)
    os.execute("mkdir -p '" .. folder.path .. "/vendors'")
    folder:write("vendors/acme.lua", [[
return { name = "acme", version = 1, base_url = "https://api.acme.test", auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = { seats = { request = { method = "GET", path = "/seats" }, rows = "data[]", fields = { user_id = "email" } } } }
]])
    local now = usagelua(script:gsub("DATASET", '"acme.seats"'):gsub("GROUP", '"user_id"'), "--period", "2026-06")
    assert.are.equal(2, now.status)
    assert.truthy(now.stderr:find("acme.seats tells what is the case now: it has no other period", 1, true), now.stderr)
    assert.are.equal(0, #server:log())
  end)

  it("is counted by plan, and sends nothing then", function()
    local planned = shell.run({ binary, "plan", folder:write("report.lua", COMPARED), "--period", "2026-06" },
      { env = env, timeout_s = 300 })
    assert.are.equal(0, planned.status, planned.stderr)
    assert.truthy(planned.stdout:find("least time 0 s, 6 calls; nothing was sent", 1, true), planned.stdout)
    assert.are.equal(0, #server:log())
  end)

  it("leaves this month's figures known where the other month fails", function()
    server:control("/faults", { rules = { { path = "summary", args = { from = "2026-05-01 00:00:00" },
      status = 403, body = "{}" } } })
    local made, result = document(COMPARED, "--period", "2026-06")
    assert.are.equal(4, result.status, result.stdout .. result.stderr)
    local row = made.sections[1].rows[1]
    assert.are.equal(right("2026-06-01", "2026-07-01").tests, row.tests)
    assert.are.equal(cjson.null, row.tests_previous)
    assert.are.equal(cjson.null, row.tests_previous_change)
    assert.are.equal("unknown", row.marks.tests_previous_change.state)
  end)
end)

describe("pivot", function()
  it("puts the months of a quarter side by side", function()
    local made, result = document([[
local usage = require "usagelua"
local records = usage.collect { { "testmu.summary" } }
local by = records:aggregate { group_by = { "product", "period" }, measures = "tests" }
return usage.report { usage.table { by, pivot = "period", total = true } }
]], "--period", "2026-Q2", "--grain", "month")
    assert.are.equal(0, result.status, result.stderr)
    local total = made.sections[1].total
    assert.are.equal(right("2026-04-01", "2026-05-01").tests, total["tests 2026-04"])
    assert.are.equal(right("2026-05-01", "2026-06-01").tests, total["tests 2026-05"])
    assert.are.equal(right("2026-06-01", "2026-07-01").tests, total["tests 2026-06"])
  end)
end)

local TEAMS <const> = [[
local usage = require "usagelua"
local args = usage.args { people = { required = true }, product = { list = true } }
local people = usage.csv(args.people, { columns = { "email", "team" } })
local team_of = people:lookup("email", "team")
local records = usage.collect { { "testmu.users", type = "account-user", product = args.product } }
local by_team = records:aggregate {
  fields   = { "user_id" },
  group_by = { { "team", function(row) return team_of(row.user_id) end } },
  measures = "tests",
}
local heads = people:records():aggregate { group_by = "team", measures = { { kind = "count", as = "heads" } } }
return usage.report {
  usage.table { by_team:join(heads, { on = "team", derive = {
    per_head = function(row) return row.tests / row.heads end } }), name = "teams", total = true },
}
]]

describe("usage.csv", function()
  it("gives each user its team, and what matches nothing is unassigned", function()
    local fetched = shell.run({ binary, "fetch", "testmu.users", "--period", "2026-06", "--set",
      "type=account-user", "--set", "product=automation", "-f", "json" }, { env = env, timeout_s = 300 })
    local records = cjson.decode(fetched.stdout).records
    assert.is_true(#records >= 3)
    folder:write("people.csv", ("email,team\r\n%s,\"qa; =1+1\"\r\n%s,web\r\nnobody@x.test,web\r\n"):format(
      records[1].user_id:upper(), records[2].user_id))
    local made, result = document(TEAMS, "--period", "2026-06", "--people", "people.csv", "--product", "automation")
    assert.are.equal(0, result.status, result.stderr)
    local teams, all = {}, 0
    for _, record in ipairs(records) do all = all + record.tests end
    for _, row in ipairs(made.sections[1].rows) do teams[row.team] = row end
    assert.are.equal(records[1].tests, teams["qa; =1+1"].tests)
    assert.same({ records[2].tests, 2, records[2].tests / 2 },
      { teams.web.tests, teams.web.heads, teams.web.per_head })
    assert.are.equal(all - records[1].tests - records[2].tests, teams["(unassigned)"].tests)
    assert.are.equal(cjson.null, teams["(unassigned)"].heads)
    assert.are.equal(cjson.null, teams["(unassigned)"].per_head)
  end)

  it("ends a run with status 2 before anything is sent where the file is wrong", function()
    folder:write("people.csv", "email,team\na@x.test\n")
    local result = usagelua(TEAMS, "--people", "people.csv")
    assert.are.equal(2, result.status)
    assert.truthy(result.stderr:find("people.csv, line 2: a row of 1 cells under a header of 2", 1, true), result.stderr)
    assert.are.equal(0, #server:log())
  end)
end)

describe("--prices", function()
  local REPORT <const> = [[
local usage = require "usagelua"
local records = usage.collect { { "testmu.summary" } }
return usage.report { usage.table { usage.rules.by_product(records, { measures = "tests" }), name = "t" } }
]]

  it("fills the costs of FOCUS exactly, from a file", function()
    folder:write("rates.csv", "measure,price,per,unit,currency,product\ntests,0.01,,,EUR,\n")
    local result = usagelua(REPORT, "--period", "2026-06", "--prices", "rates.csv", "-o", "focus=out.csv")
    assert.are.equal(0, result.status, result.stderr)
    local total = python.run([[
import csv, sys
from decimal import Decimal
print(sum(Decimal(row["BilledCost"]) for row in csv.DictReader(open(sys.argv[1], newline=""))
      if row["BilledCost"] not in ("", "null")).normalize())
]], folder:read "out.csv")
    local tests = right("2026-06-01", "2026-07-01").tests
    assert.are.equal(tests, math.tointeger(tonumber(total) * 100 + 0.0) or math.floor(tonumber(total) * 100 + 0.5))
  end)

  it("names a price that nothing has, at once and beside the figures", function()
    folder:write("rates.csv", "measure,price,currency\ntets,0.01,EUR\n")
    local result = usagelua(REPORT, "--period", "2026-06", "--prices", "rates.csv")
    assert.are.equal(0, result.status, result.stderr)
    for _, text in ipairs { result.stdout, result.stderr } do
      assert.truthy(text:find("these prices of the rate card: tets (", 1, true), text)
    end
  end)

  it("is refused before anything is sent, by file, line and column", function()
    folder:write("rates.csv", "measure,price,currency\ntests,\"0,01\",EUR\n")
    local result = usagelua(REPORT, "--period", "2026-06", "--prices", "rates.csv")
    assert.are.equal(2, result.status)
    assert.truthy(result.stderr:find("rates.csv, line 2: column 'price': '0,01' is not a decimal", 1, true), result.stderr)
    assert.are.equal(0, #server:log())
    assert.are.equal(2, usagelua(REPORT, "--prices", "none.csv").status)
    local reading = REPORT:gsub("return", "print(records:value 'tests')\nreturn")
    assert.are.equal(2, usagelua(reading, "--period", "2026-06", "--prices", "rates.csv").status)
    assert.are.equal(0, #server:log())
  end)
end)

describe("csv-excel", function()
  it("is written beside the others, with the separator that was asked for", function()
    local result = usagelua([[
local usage = require "usagelua"
local records = usage.collect { { "testmu.summary" } }
return records:aggregate { group_by = "product", measures = { { "duration_s", as = "hours", unit = "h" } } }
]], "--period", "2026-06", "-o", "csv-excel=out.csv", "--csv-separator", ";")
    assert.are.equal(0, result.status, result.stderr)
    local text = folder:read "out.csv"
    assert.are.equal("\u{FEFF}product;hours (h);complete;marks\r\n", text:match "^[^\n]*\n")
    assert.truthy(text:find(";%d+,%d+;true;"), text)
    assert.are.equal(2, usagelua("return", "--csv-separator", "x").status)
  end)
end)

describe("fetch", function()
  it("puts several datasets into one table", function()
    local result = shell.run({ binary, "fetch", "testmu.summary", "testmu.concurrency", "--period", "2026-06-01..2026-06-03",
      "-f", "csv" }, { env = env, timeout_s = 300 })
    assert.are.equal(0, result.status, result.stderr)
    local datasets = {}
    for line in result.stdout:gmatch "[^\r\n]+" do
      datasets[line:match "^[^,]*,([^,]*)"] = true
    end
    assert.same({ dataset = true, ["testmu.summary"] = true, ["testmu.concurrency"] = true }, datasets)
  end)
end)
