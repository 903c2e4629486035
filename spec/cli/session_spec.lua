-- A run from its options to its exit status, against the test vendor.
local cjson = require "cjson"
local command = require "support.command"
local nginx = require "support.nginx"
local monotonic = require("usagelua.core").clock.monotonic
local shell = require "support.shell"

local KEY <const> = "LT_ada-key/with+odd=chars&%"
local HEAD <const> = "local usage = require 'usagelua'\nlocal records = usage.collect {"
  .. " { 'testmu.summary', type = 'account-user' } }\n"
local BY_PRODUCT <const> = HEAD .. [[
  local by_product = records:aggregate { group_by = "product", measures = { "tests" }, sort = "-tests" }
  return usage.report { title = "Tests", usage.table { by_product, name = "by-product", total = true }, %s }
]]

local server, usagelua

setup(function() server = nginx.start() end)
teardown(function() server:stop() end)

before_each(function()
  server:reset()
  server:control("/testmu/settings", {})
  usagelua = command.new(server:environment())
end)

after_each(function() usagelua.folder:remove() end)

local function fetch(...)
  return usagelua:run { "fetch", "testmu.summary", "--period", "2026-06", "--set",
    "type=account-user", ... }
end

local function report(section, words, options)
  return usagelua:script(BY_PRODUCT:format(section or ""), words or { "--period", "2026-06" }, options)
end

local function assert_ends(status, result)
  assert.are.equal(status, result.status, result.stdout .. result.stderr)
end

local function assert_said(expected, result)
  assert.truthy(result.stderr:find(expected, 1, true), result.stderr)
end

local function asked()
  return #server:log()
end

describe("the exit status", function()
  it("is 0 where all was answered", function()
    assert_ends(0, fetch())
    assert_ends(0, report())
    assert_ends(0, report("usage.budget { by_product, name = 'b', measure = 'tests', where = "
      .. "{ product = 'automation' }, max = 1e9 }"))
  end)

  it("is 1 where the script fails, also after asking", function()
    local result = usagelua:script(HEAD .. "for row in records:rows() do error 'boo' end",
      { "--period", "2026-06" })
    assert_ends(1, result)
    assert_said("report.lua:3: boo", result)
  end)

  it("is 2 for wrong use, and nothing is sent", function()
    for _, words in ipairs {
      { "--perod", "2026" }, { "fetch" }, { "fetch", "testmu.sumary" }, { "fetch", "testmu" },
      { "fetch", "testmu.summary", "--period", "2026-02-30" },
      { "fetch", "testmu.summary", "--set", "typ=x" }, { "fetch", "testmu.summary", "--set", "type=x" },
      { "fetch", "testmu.summary", "-f", "xml" }, { "fetch", "testmu.summary", "-o", "x.pdf" },
      { "fetch", "testmu.summary", "-o", "none/x.csv" }, { "fetch", "testmu.summary", "--zone", "Mars" },
      { "fetch", "testmu.summary", "--grain", "minute" }, { "fetch", "testmu.summary", "--now", "now" },
      { "fetch", "testmu.summary", "--group-by", "prodct" }, { "fetch", "testmu.summary", "--limit", "1" },
      { "fetch", "testmu.summary", "--replay", "none.har" }, { "vendors", "none" }, { "none.lua" }, {},
    } do
      local result = usagelua:run(words)
      assert_ends(2, result)
      assert.are.equal("", result.stdout)
    end
    assert.are.equal(0, asked())
  end)

  it("is 2 for missing credentials, all named at once", function()
    local result = usagelua:run({ "fetch", "testmu.summary" },
      { env = { LT_USERNAME = false, LT_ACCESS_KEY = "" } })
    assert_ends(2, result)
    assert_said("LT_USERNAME", result)
    assert_said("LT_ACCESS_KEY", result)
    assert.are.equal(0, asked())
  end)

  it("is 3 where a budget failed, before 4", function()
    server:control("/faults", { rules = { { path = "summary", quirks = { partial = "smartui" } } } })
    local result = report("usage.budget { by_product, name = 'few', measure = 'tests', where = "
      .. "{ product = 'automation' }, max = 1 }")
    assert_ends(3, result)
    assert.truthy(result.stdout:find("few", 1, true))
  end)

  it("is 4 where something is missing, and 0 where that is allowed", function()
    server:control("/faults", { rules = { { path = "summary", quirks = { partial = "automation" } } } })
    assert_ends(4, fetch())
    assert_ends(4, report())
    local allowed = report("", { "--period", "2026-06", "--allow-partial" })
    assert_ends(0, allowed)
    assert.truthy(allowed.stdout:find("?", 1, true))
  end)

  it("is 5 where nothing could be fetched", function()
    assert_ends(5, usagelua:run({ "fetch", "testmu.summary", "--period", "2026-06" },
      { env = { LT_ACCESS_KEY = "LT_wrong-key-0123456789" } }))
    local closed = ("http://127.0.0.1:%d/insights/api/v3/public"):format(server.ports.closed)
    local result = report("", { "--period", "2026-06", "--deadline", "2s" },
      { env = { USAGELUA_TESTMU_URL = closed } })
    assert_ends(5, result)
    assert.truthy(result.stdout:find("refused", 1, true), result.stdout)
  end)
end)

describe("options", function()
  it("stand before or after the script or the command", function()
    local before = usagelua:run { "--period", "2026-05", "-fjson", "fetch", "testmu.summary",
      "--now", "2026-06-02T00:00:00Z" }
    local after = usagelua:run { "fetch", "--now=2026-06-02T00:00:00Z", "--period=2026-05",
      "testmu.summary", "-f", "json" }
    assert_ends(0, before)
    assert.are.equal(before.stdout, after.stdout)
  end)

  it("may have values that begin with a minus sign", function()
    local result = fetch("--zone", "-08:00", "-f", "json")
    assert_ends(0, result)
    assert.are.equal("2026-06-01T00:00:00-08:00", cjson.decode(result.stdout).records[1].period_start)
    local lowest = fetch("--group-by", "product", "--measures", "tests", "--sort", "-tests", "-f", "csv")
    assert_ends(0, lowest)
  end)

  it("end with --", function()
    local result = usagelua:script("print(...)", { "--period", "2026-06", "--", "--period", "x", "--" })
    assert.are.equal("--period\tx\t--\n", result.stdout)
  end)

  it("of fetch are refused in a script, with what to write there", function()
    local result = report("", { "--group-by", "team" })
    assert_ends(2, result)
    assert_said("--group-by belongs to `usagelua fetch`; in a script, write it in collect or aggregate",
      result)
  end)

  it("that are misspelt are not passed over in silence", function()
    for words, expected in pairs {
      ["--perod 2026-05"] = "unknown option '--perod'; did you mean '--period'?",
      ["2026-05"] = "the script takes no arguments, and '2026-05' is one; "
        .. "the period is given by --period 2026-05",
      ["type=x"] = "'type=x' is one; a script has no --set, declare usage.args",
      ["x"] = "'x' is one; declare them with usage.args",
    } do
      local list = {}
      for word in words:gmatch "%S+" do list[#list + 1] = word end
      local result = report("", list)
      assert_ends(2, result)
      assert_said(expected, result)
    end
    local result = usagelua:run { "fetch", "testmu.summary", "--perod", "2026-05" }
    assert_said("unknown option '--perod'; did you mean '--period'?", result)
    assert.are.equal(0, asked())
  end)

  it("that are commands in the wrong place say what to write", function()
    usagelua.folder:write("monthly.lua", "")
    for word, expected in pairs {
      ["testmu.summary"] = "write usagelua fetch testmu.summary",
      monthly = "write usagelua monthly.lua",
      fecth = "did you mean 'fetch'?",
    } do
      assert_said(expected, usagelua:run { word })
    end
    assert_said("period is an option of its own: write --period VALUE", fetch("--set", "period=2026"))
    assert_said("'testmu' is a vendor; name one of its datasets: testmu.concurrency",
      usagelua:run { "fetch", "testmu" })
  end)
end)

describe("--help and --version", function()
  it("say what there is, and send nothing", function()
    assert.truthy(usagelua:run({ "--help" }).stdout:find("--allow-partial", 1, true))
    assert.truthy(usagelua:run({ "help", "fetch" }).stdout:find("--group-by", 1, true))
    assert.truthy(usagelua:run({ "fetch", "testmu.summary", "-h" }).stdout:find("--set", 1, true))
    assert.truthy(usagelua:run({ "vendors", "--help" }).stdout:find("VENDOR", 1, true))
    assert.truthy(usagelua:run({ "--version" }).stdout:find("^usagelua %d+%.%d+%.%d+\n$"))
  end)

  it("fit a terminal of 80 cells, short and long name of an option in one line", function()
    for _, words in ipairs { { "--help" }, { "help", "fetch" }, { "help", "plan" } } do
      for line in usagelua:run(words).stdout:gmatch "[^\n]+" do assert.is_true(#line <= 80, line) end
    end
    local help = usagelua:run({ "--help" }).stdout
    for _, words in ipairs { "\n  -f, --format FORMAT  ", "\n  -o, --output [FORMAT=]FILE  ",
      "\n  -e, --execute CODE  ", "\n  --period P  ", "\nUsage: usagelua " } do
      assert.truthy(("\n" .. help):find(words, 1, true), words)
    end
  end)

  it("list a script's own arguments", function()
    local text = HEAD:gsub("\n", "\nlocal args = usage.args { team = { help = 'which one' } }\n", 1)
      .. "return records"
    local result = usagelua:script(text, { "--help" })
    assert_ends(0, result)
    assert.truthy(result.stdout:find("--team TEXT", 1, true), result.stdout)
    assert.truthy(result.stdout:find("which one", 1, true))
  end)

  it("say that a script has none, before it asks", function()
    for _, tail in ipairs { "return records", "print(#records)", "usage.http.get 'http://127.0.0.1:1'" } do
      local result = usagelua:script(HEAD .. tail, { "--help" },
        { env = { LT_USERNAME = false, LT_ACCESS_KEY = false } })
      assert_ends(0, result)
      assert.are.equal("report.lua declares no arguments of its own (usage.args); "
        .. "usagelua --help lists the options\n", result.stdout)
    end
    assert.are.equal(0, asked())
  end)
end)

describe("-f and -o", function()
  it("give stdout a format, and files the one of their endings or names", function()
    local result = report("", { "--period", "2026-06", "-f", "json", "-o", "a.csv", "-o", "b.ndjson",
      "-o", "text=c" })
    assert_ends(0, result)
    assert.are.equal("Tests", cjson.decode(result.stdout).title)
    assert.truthy(usagelua.folder:read("a.csv"):find("^product,tests"))
    assert.is_number(cjson.decode(usagelua.folder:read("b.ndjson"):match "^[^\n]+").tests)
    assert.truthy(usagelua.folder:read("c"):find("Tests", 1, true))
    assert.are.equal("a.csv b.ndjson c report.lua", usagelua:files())
  end)

  it("keep fetch from printing", function()
    local result = fetch("-o", "a.json")
    assert_ends(0, result)
    assert.are.equal("", result.stdout)
    assert.is_table(cjson.decode(usagelua.folder:read "a.json").records)
  end)

  it("leave the old file, and nothing beside it, where the run fails", function()
    usagelua.folder:write("a.json", "old")
    assert_ends(1, usagelua:script(HEAD .. "for _ in records:rows() do error 'boo' end",
      { "--period", "2026-06", "-o", "a.json" }))
    assert.are.equal("old", usagelua.folder:read "a.json")
    assert.are.equal("a.json report.lua", usagelua:files())
  end)

  it("refuse what cannot be written, and one file twice, before asking", function()
    for words, expected in pairs {
      ["-o json="] = "'json=' names no file: write json=FILE",
      ["-o json"] = "-o: 'json' is a format, not a file: write -o json=FILE",
      ["-o none/a.json"] = "-o: cannot write none/a.json: ",
      ["-o a.json -o a.json"] = "-o: 'a.json' is written by -o already",
      ["-o a.json -o ./a.json"] = "-o: './a.json' is written by -o already",
      ["-o a.json -o csv=.//a.json"] = "-o: './/a.json' is written by -o already",
      ["-o a.json --trace a.json"] = "--trace: 'a.json' is written by -o already",
      ["--record a.har --replay b.har"] = "--record and --replay",
    } do
      local list = {}
      for word in words:gmatch "%S+" do list[#list + 1] = word end
      local result = fetch(table.unpack(list))
      assert_ends(2, result)
      assert_said(expected, result)
    end
    assert.are.equal(0, asked())
    assert.are.equal("", usagelua:files())
  end)

  it("are an error where the place is closed or full", function()
    for place, expected in pairs { [">&-"] = "Bad file descriptor", [">/dev/full"] = "No space left" } do
      local line = shell.words { usagelua.binary, "fetch", "testmu.summary", "--period", "2026-06" }
      local result = shell.run(line .. " " .. place, { env = usagelua.env })
      assert_ends(1, result)
      assert_said("cannot write standard output: " .. expected, result)
    end
    local result = fetch("-o", "csv=/dev/full")
    assert_ends(1, result)
    assert_said("/dev/full", result)
  end)
end)

describe("--trace", function()
  it("writes each request as a curl line that works, masked, for its owner only", function()
    assert_ends(0, fetch("--trace", "trace"))
    local line = usagelua.folder:read "trace"
    assert.is_nil(line:find(KEY, 1, true))
    assert.are.equal("600\n", shell.output { "stat", "-c", "%a", usagelua.folder.path .. "/trace" })
    assert.are.equal(1, asked())
    local again = shell.run(line:gsub("^curl", "curl -q -s -f"), { env = usagelua.env })
    assert_ends(0, again)
    assert.are.equal("success", cjson.decode(again.stdout).status)
    local log = server:log()
    assert.are.same(log[1].args, log[2].args)
  end)

  it("is written where the run fails, too", function()
    assert_ends(5, usagelua:run({ "fetch", "testmu.summary", "--period", "2026-06", "--trace", "trace" },
      { env = { LT_ACCESS_KEY = "LT_wrong-key-0123456789" } }))
    assert.truthy(usagelua.folder:read("trace"):find("^curl "))
  end)
end)

describe("-v and -q", function()
  it("tell each attempt, or nothing but errors", function()
    server:control("/faults", { rules = { { path = "summary", nth = 1, status = 503 } } })
    local loud = fetch "-v"
    assert_ends(0, loud)
    assert_said("attempt 1: GET ", loud)
    assert_said("again in ", loud)
    assert_said("status 200 in ", loud)
    assert.is_nil(loud.stderr:find(KEY, 1, true))
    assert.are.equal("", fetch("-q").stderr)
  end)
end)

describe("--now", function()
  it("is the time that periods are counted from", function()
    local result = usagelua:run { "fetch", "testmu.summary", "--now", "2026-03-15T12:00:00Z", "-f", "json" }
    assert_ends(0, result)
    assert.are.equal("2026-02", cjson.decode(result.stdout).records[1].period)
  end)
end)

describe("--deadline", function()
  -- Well before the slow answer comes; but there is time to ask on a busy machine.
  local function timed(...)
    local before = monotonic()
    local result = fetch("--deadline", "4s", ...)
    assert.is_true(monotonic() - before < 60)
    return result
  end

  it("ends a run in time; what was cut off is marked and said", function()
    server:control("/faults", { rules = { { path = "summary", args = { type = "account-user" },
      delay_ms = 60000 } } })
    local result = timed("-f", "json")
    assert_ends(5, result)
    assert.truthy(result.stdout:find("the time for the whole run is over", 1, true), result.stdout)
    result = usagelua:run { "fetch", "testmu.summary", "--period", "2026-06", "--deadline", "4s",
      "-f", "json" }
    assert_ends(4, result)
    local document = cjson.decode(result.stdout)
    assert.are.equal(1, document.coverage[1].failed)
    assert.are.equal(1, document.coverage[1].answered)
  end)

  it("lets a script print its report with marks", function()
    server:control("/faults", { rules = { { path = "summary", delay_ms = 60000 } } })
    local result = report("", { "--period", "2026-06", "--deadline", "4s" })
    assert_ends(5, result)
    assert.truthy(result.stdout:find("Tests", 1, true))
    assert.truthy(result.stdout:find("the time for the whole run is over", 1, true), result.stdout)
  end)

  it("marks what the script would have asked after it", function()
    server:control("/faults", { rules = { { path = "summary", delay_ms = 60000, nth = 1 } } })
    local result = usagelua:script(HEAD .. [[
      local first = records:value "tests"
      local second = usage.collect { { "testmu.summary", type = "service-user" } }
      return usage.report { usage.table { records, name = "a" }, usage.table { second, name = "b" } }
    ]], { "--period", "2026-06", "--deadline", "4s", "-f", "json" })
    assert_ends(5, result)
    assert.are.equal(1, asked())
    for _, entry in ipairs(cjson.decode(result.stdout).coverage) do assert.are.equal(1, entry.failed) end
  end)

  it("gives up a wait that cannot fit, at once", function()
    server:control("/faults", { rules = { { path = "summary", status = 429, retry_after = "60" } } })
    local before = monotonic()
    local result = fetch("--deadline", "30s", "-f", "json")
    assert.is_true(monotonic() - before < 30)
    assert_ends(5, result)
    assert.truthy(result.stdout:find("the next attempt would be in 6%d s, and only %d+ s are left"),
      result.stdout)
  end)
end)

describe("--max-body", function()
  it("refuses larger answers by name", function()
    local result = fetch("--max-body", "100")
    assert_ends(5, result)
    assert.truthy(result.stdout:find("100 bytes", 1, true), result.stdout)
  end)
end)

describe("credentials", function()
  it("come from files that NAME_FILE names", function()
    local path = usagelua.folder:write("key", KEY .. "\n")
    assert_ends(0, usagelua:run({ "fetch", "testmu.summary", "--period", "2026-06" },
      { env = { LT_ACCESS_KEY = false, LT_ACCESS_KEY_FILE = path } }))
  end)

  it("of another account come by its name", function()
    local env = { LT_USERNAME__EMEA = "emil", LT_ACCESS_KEY__EMEA = "LT_emil-key-0123456789" }
    local result = usagelua:run({ "fetch", "testmu.summary", "--period", "2026-06", "--set",
      "account=emea", "-f", "json" }, { env = env })
    assert_ends(0, result)
    assert.are.equal("Acme EMEA", cjson.decode(result.stdout).records[1].account)
    local both = usagelua:script([[
      local usage = require "usagelua"
      return usage.collect { { "testmu.summary" }, { "testmu.summary", account = "emea" } }
    ]], { "--period", "2026-06", "-f", "csv" }, { env = env })
    assert_ends(0, both)
    for _, name in ipairs { "Acme Corp", "Acme EMEA" } do
      assert.truthy(both.stdout:find(name, 1, true), both.stdout)
    end
  end)

  it("go by TLS to a server of the authority that USAGELUA_CA_FILE names", function()
    usagelua.env = server:environment "https"
    assert_ends(0, fetch())
    assert.are.equal(2, server:log()[1].http)
    usagelua.env.USAGELUA_CA_FILE = false
    local result = fetch()
    assert_ends(5, result)
    assert.truthy(result.stdout:find("certificate", 1, true), result.stdout)
  end)
end)

describe("--step-summary", function()
  it("appends markdown to what the step has written before", function()
    usagelua.folder:write("summary.md", "# before\n")
    local env = { GITHUB_STEP_SUMMARY = usagelua.folder.path .. "/summary.md" }
    assert_ends(0, report("", { "--period", "2026-06", "--step-summary" }, { env = env }))
    local text = usagelua.folder:read "summary.md"
    assert.matches("^# before\n# Tests\n\n| product | tests |\n", text)
    assert.matches("<summary>Coverage and provenance</summary>", text)
  end)

  it("is refused where there is no such file, before anything is asked", function()
    local result = report("", { "--period", "2026-06", "--step-summary" },
      { env = { GITHUB_STEP_SUMMARY = false } })
    assert_ends(2, result)
    assert_said("GITHUB_STEP_SUMMARY is not set", result)
    result = report("", { "--period", "2026-06", "--step-summary" },
      { env = { GITHUB_STEP_SUMMARY = usagelua.folder.path .. "/none/summary.md" } })
    assert_ends(2, result)
    assert_said("--step-summary: cannot write ", result)
    assert.are.equal(0, asked())
  end)
end)

describe("the period that a report tells", function()
  local TWO <const> = [[
    local usage = require "usagelua"
    local function of(text)
      return usage.collect { period = usage.period(text), { "testmu.summary", type = "account-user" } }
        :aggregate { group_by = "product", measures = "tests" }
    end
    return usage.report { usage.table { of "%s" }, usage.table { of "%s" } }
  ]]

  local function told(first, second)
    local result = usagelua:script(TWO:format(first, second), { "--period", "2026-06", "-f", "json" })
    assert_ends(0, result)
    return cjson.decode(result.stdout).provenance.period
  end

  it("is the one that was asked for, whatever the option says", function()
    assert.are.equal("2026-05", told("2026-05", "2026-05").label)
    assert.are.equal("2026-06", told("2026-05", "2026-06").label)
  end)

  it("is none where several were", function()
    assert.are.equal(cjson.null, told("2026-04", "2026-05"))
  end)

  it("is said to have no end yet where it has none", function()
    local function notes(now)
      local result = fetch("-f", "json", "--now", now)
      assert_ends(0, result)
      return cjson.decode(result.stdout).provenance.notes
    end
    local words = "2026-06 has not ended yet: its figures may still grow"
    assert.are.same({ words }, notes "2026-06-30T23:59:59Z")
    assert.are.same({}, notes "2026-07-01T00:00:00Z")
    assert.truthy(fetch("--now", "2026-06-10T00:00:00Z").stdout:find("\n" .. words .. "\n", 1, true))
  end)
end)
