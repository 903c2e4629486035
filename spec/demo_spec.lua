-- The example of all vendors in every format, from its recording: each file
-- passes its own format's reader, and the same input gives the same bytes.
local cjson = require "cjson"
local locale = require "support.locale"
local python = require "support.python"
local shell = require "support.shell"
local tmp = require "support.tmp"

local FILES <const> = { "demo.txt", "demo.html", "demo.md", "demo.xml", "demo.prom", "demo.json",
  "demo-by-product.csv", "demo-by-team.csv", "demo-by-workspace.csv" }
local WRITES <const> = { "demo.txt", "demo.html", "demo.md", "demo.xml", "demo.prom", "demo.json",
  "demo.csv" }

local function written(folder, script, env)
  local words = { shell.usagelua(), script, "--replay", "examples/org-usage.har", "-q" }
  for _, name in ipairs(WRITES) do
    words[#words + 1], words[#words + 2] = "-o", folder.path .. "/" .. name
  end
  local result = shell.run(words, { env = env })
  assert.are.equal(0, result.status, result.stderr)
  local texts = { stdout = result.stdout }
  for _, name in ipairs(FILES) do texts[name] = assert(folder:read(name), name) end
  return texts
end

-- A script's text is part of what a report says of itself.
local function without_script(text)
  return (text:gsub("%x+", function(run) return #run == 64 and "" or nil end)
    :gsub("script [^\n\"<&]*", ""):gsub('"name":"[^"]*%.lua"', ""):gsub("\n%s*\n", "\n"))
end

describe("the demo's files", function()
  local folder, texts

  setup(function()
    folder = tmp.folder()
    texts = written(folder, "examples/org-usage.lua")
  end)

  teardown(function() folder:remove() end)

  it("are the ones that make demo names", function()
    local result = shell.output { "make", "-s", "demo" }
    assert.truthy(result:find("build/demo.html .md .xml .prom .json, and demo-*.csv", 1, true), result)
  end)

  it("pass each its own reader", function()
    for _, check in ipairs {
      { "xmllint", "--noout", "--schema", "spec/support/junit.xsd", folder.path .. "/demo.xml" },
      { "/usr/bin/python3", "-m", "jsonschema", "-i", folder.path .. "/demo.json",
        "docs/schema/report.schema.json" },
    } do
      local result = shell.run(check)
      assert.are.equal(0, result.status, result.stderr .. result.stdout)
    end
    local metrics = shell.run({ "promtool", "check", "metrics" }, { stdin = texts["demo.prom"] })
    assert.are.same({ 0, "" }, { metrics.status, metrics.stdout .. metrics.stderr })
    assert.truthy(texts["demo.html"]:find("</html>\n$"))
    assert.truthy(texts["demo.md"]:find("\n| **total** | ", 1, true))
  end)

  it("are the same table to Python's csv as to the JSON", function()
    local rows = cjson.decode(python.run([[
import csv, json, sys
print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))))
]], texts["demo-by-workspace.csv"]))
    local section = cjson.decode(texts["demo.json"]).sections[4]
    assert.are.equal("by-workspace", section.name)
    assert.are.equal(#section.rows, #rows)
    for i, row in ipairs(section.rows) do
      assert.are.equal(("%d"):format(row.tasks), rows[i].tasks)
    end
  end)

  it("have the same bytes in another locale and another zone", function()
    local german <const> = locale.compiled "de_DE"
    local other <close> = tmp.folder()
    -- The C library keeps what it reads of LOCPATH: in a run with a checker,
    -- leaks do not count here, all else that it finds does.
    assert.are.same(texts, written(other, "examples/org-usage.lua",
      { LOCPATH = german.path, LC_ALL = "de_DE.utf8", TZ = "Asia/Tokyo",
        ASAN_OPTIONS = os.getenv "ASAN_OPTIONS" and "detect_leaks=0" or nil }))
  end)

  it("have the same figures where one request goes at a time", function()
    local file <close> = assert(io.open "examples/org-usage.lua")
    local script = file:read("a"):gsub('{ ("%a+%.%a+")', "{ %1, in_flight = 1")
    local other <close> = tmp.folder()
    local one_by_one = written(other, other:write("org-usage.lua", script))
    for name, text in pairs(texts) do
      assert.are.equal(without_script(text), without_script(one_by_one[name]), name)
    end
  end)
end)
