-- What is put to torture: whole runs of the binary, each with the folder that it begins with, its
-- words, and the files that it writes. Small, so that there may be thousands of them.
local browserstack = require "support.browserstack"

local flows = {}

---@class torture.flow
---@field words string[] behind the program's name
---@field files string[]? that it writes; each is there before, with old words
---@field inputs table<string, string>? files that it reads, with their text
---@field jobs boolean? it creates report jobs
---@field left integer? jobs that an earlier run left, each with its entry in the ledger
---@field beside boolean? the program that has its library in files beside it
---@field env table<string, string|false>? false takes one away
---@field document string? which of its outputs is JSON: a file's name, or "stdout"

local JUNE <const> = { "--period", "2026-06", "--now", "2026-07-15T10:00:00Z", "--deadline", "8s" }

local function words(list)
  return table.move(JUNE, 1, #JUNE, #list + 1, list)
end

local REPORT <const> = [[
local usage = require "usagelua"
local records = usage.collect {
  { "testmu.summary" },
  { "testmu.users", product = "automation" },
}
local by_product = records:aggregate { where = { dataset = "testmu.summary" },
  group_by = { "product", "user_type" },
  measures = { "tests", { "duration_s", as = "hours", unit = "h" }, "screenshots" } }
local by_user = records:aggregate { where = { dataset = "testmu.users" },
  group_by = { "user_id" }, measures = { "tests" }, sort = "-tests", limit = 5 }
return usage.report { title = "Tests",
  usage.table { by_product, name = "products", total = true },
  usage.table { by_user, name = "users" },
  usage.chart { by_user, kind = "bar", x = "user_id", y = "tests" },
  usage.budget { by_product, name = "tests", measure = "tests", max = 100000000 },
}
]]

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local MONTHLY <const> = { ["monthly.lua"] = read "examples/testmu-monthly.lua",
  ["monthly.har"] = read "examples/testmu-monthly.har" }

local VENDOR <const> = { ["vendors/browserstack.lua"] = browserstack.description() }

flows.start = { words = { "-e", "print(1)" }, beside = true }

flows.report = { words = words { "report.lua", "-o", "r.json", "-o", "r.html", "-o", "r.csv", "-o",
    "r.md", "-o", "r.xml", "-o", "r.prom" },
  files = { "r.json", "r.html", "r-products.csv", "r-users.csv", "r.md", "r.xml", "r.prom" },
  inputs = { ["report.lua"] = REPORT }, document = "r.json" }

flows.fetch = { words = words { "fetch", "workato.usage", "--group-by", "workspace_name", "--measures",
    "tasks,jobs_failed", "--set", "workspace_ids=1001,1002,1003", "--zone", "Europe/Berlin", "-f", "json" },
  document = "stdout" }

flows.record = { words = words { "fetch", "testmu.users", "--set", "product=realtime", "--record", "run.har",
    "--trace", "trace.txt", "-o", "r.json", "-o", "r.ndjson" },
  files = { "run.har", "r.json", "r.ndjson" }, document = "r.json" }

flows.replay = { words = { "monthly.lua", "--replay", "monthly.har", "--contract", "10", "-o", "r.json",
    "-o", "r.csv", "--step-summary" },
  files = { "r.json", "r-by-product.csv", "r-by-type.csv" }, inputs = MONTHLY,
  env = { GITHUB_STEP_SUMMARY = "summary.md", USAGELUA_TESTMU_URL = false }, document = "r.json" }

-- What is read besides the script: a key, authorities of one's own, a rate card.
flows.keys = { words = words { "fetch", "testmu.users", "--set", "product=realtime", "--group-by", "user_id",
    "--measures", "tests", "--prices", "rates.csv", "--zone", "Europe/Berlin", "-f", "json" },
  inputs = { key = "LT_ada-key/with+odd=chars&%\n", ["rates.csv"] = read "examples/rates.csv",
    ["ca.pem"] = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" },
  env = { LT_ACCESS_KEY = false, LT_ACCESS_KEY_FILE = "key", USAGELUA_CA_FILE = "ca.pem" },
  document = "stdout" }

flows.jobs = { words = words { "fetch", "browserstack.users", "browserstack.teams", "-f", "json" },
  jobs = true, inputs = VENDOR, document = "stdout" }

flows.orphans = { words = words { "fetch", "browserstack.teams", "-f", "json" }, jobs = true, left = 1,
  inputs = VENDOR, document = "stdout" }

flows.delete = { words = { "ledger", "--delete", "-f", "json", "--deadline", "8s" }, left = 2, jobs = true,
  inputs = VENDOR }

return flows
