local asked = require "support.asked"
local cjson = require "cjson"
local hostile = require "support.hostile"
local python = require "support.python"
local report = require "usagelua.report"
local sample = require "support.sample"
local section = require "usagelua.report.section"

local VALIDATE <const> = [[
import json, sys, jsonschema
schema = json.load(open("docs/schema/report.schema.json"))
jsonschema.Draft202012Validator.check_schema(schema)
def no_twins(pairs):
    assert len({k for k, _ in pairs}) == len(pairs), "duplicate key"
    return dict(pairs)
document = json.load(open(sys.argv[1], encoding="utf-8"), object_pairs_hook=no_twins)
for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
    print(error.message[:500], list(error.absolute_path))
]]

local function assert_valid(text)
  assert.equal("", python.run(VALIDATE, text))
end

local function records_report()
  return report.of_records(sample.records(), { provenance = sample.provenance })
end

-- The places where the keys stand in the text, which must go up.
local function assert_in_order(text, keys)
  local at = 0
  for _, key in ipairs(keys) do
    local found = text:find(('"%s":'):format(key), at + 1, true)
    assert.truthy(found, key .. " is missing or out of order")
    at = found
  end
end

describe("json", function()
  local has_schema = python.has "jsonschema"

  it("agrees with its schema, for scripts and for fetch", function()
    if not has_schema then pending "python3-jsonschema is not installed" end
    assert_valid(asked.written(sample.report(), "json"))
    assert_valid(asked.written(sample.report {}, "json"))
    assert_valid(asked.written(records_report(), "json"))
    assert_valid(asked.written(report.of_records(asked.records {
      dataset = "testmu.summary", failed = "refused",
    }), "json"))
  end)

  it("is refused by its schema when it is broken", function()
    if not has_schema then pending "python3-jsonschema is not installed" end
    local text = asked.written(sample.report(), "json")
    for _, change in ipairs {
      { '"schema": 1', '"schema": 2' }, { '"outcome":"passed"', '"outcome":"ok"' },
      { '"complete":true', '"complete":null' }, { '"asked":1', '"asked":"1"' },
      { '"budgets":', '"budget":' }, { '"state":"at_least"', '"state":"maybe"' },
    } do
      local broken, count = text:gsub(change[1], change[2], 1)
      assert.equal(1, count)
      assert.not_equal("", python.run(VALIDATE, broken), change[2])
    end
  end)

  it("has its keys in the contract's order", function()
    assert_in_order(asked.written(sample.report(), "json"),
      { "schema", "title", "sections", "kind", "name", "title", "columns", "rows", "budgets", "name",
        "outcome", "value", "limit", "reason", "coverage", "dataset", "account", "period_start",
        "period_end", "period", "asked", "answered", "partial", "failed", "reasons", "provenance" })
    assert_in_order(asked.written(records_report(), "json"),
      { "schema", "records", "vendor", "dataset", "product", "period", "period_start", "period_end", "tests",
        "complete", "marks", "budgets", "coverage", "provenance" })
  end)

  it("keeps integers exact", function()
    local text = asked.written(records_report(), "json")
    assert.truthy(text:find(('"tests":%d,'):format(math.maxinteger - 10000), 1, true))
    local print_int = "import json, sys; print(json.load(open(sys.argv[1]))['records'][0]['tests'])"
    local frame = asked.records { dataset = "testmu.summary", rows = { { tests = math.maxinteger } } }
    local one = report.of_records(frame)
    assert.equal("9223372036854775807\n", python.run(print_int, asked.written(one, "json")))
  end)

  it("holds hostile names exactly, and none of them acts on a terminal or in a CI log", function()
    local text = asked.written(records_report(), "json")
    local names = {}
    for _, row in ipairs(cjson.decode(text).records) do names[row.product] = row.user_name end
    for key, name in pairs(hostile) do
      if utf8.len(name) then assert.equal(name, names[key]) end
    end
    assert.equal("a\u{FFFD}b\u{FFFD}", names.bad_utf8)
    assert.is_nil(text:find "[\0-\9\11-\31\127]")
    assert.is_nil(text:find("\u{9B}", 1, true))
    assert.is_nil(text:find("\u{202E}", 1, true))
    assert.is_nil(text:find "##%a*%[")
    assert.is_nil(text:find "\n%s*::")
  end)

  it("writes marks as objects with state and reason", function()
    local rows = {}
    for _, row in ipairs(cjson.decode(asked.written(records_report(), "json")).records) do
      rows[row.product] = row
    end
    local why = "testmu.summary 2026-06: the answer stayed partial"
    assert.same({ tests = { state = "unknown", reason = why } }, rows.smartui.marks)
    assert.equal(cjson.null, rows.smartui.tests)
    assert.is_false(rows.smartui.complete)
    assert.equal("at_least", rows.realdevice.marks.tests.state)
    assert.equal(540, rows.realdevice.tests)
    assert.same({}, rows["app-automation"].marks)
    assert.is_true(rows["app-automation"].complete)
    assert.equal("assumed", rows.live_testing.marks.period.state)
    assert.is_true(rows.live_testing.complete)
  end)

  it("tells how many rows a limit cut off, which are in no total", function()
    local frame = asked.records({ dataset = "testmu.summary", rows = {
      { product = "a", tests = 3 }, { product = "b", tests = 2 }, { product = "c", tests = 1 },
    } }):aggregate { group_by = "product", measures = { "tests" }, sort = "-tests", limit = 2 }
    local text = asked.written(report.new { title = "Cut off",
      section.table { frame, total = true },
      section.chart { frame, kind = "bar", x = "product", y = "tests", name = "chart" },
    }, "json")
    if has_schema then assert_valid(text) end
    local cut, chart = table.unpack(cjson.decode(text).sections)
    assert.same({ 1, 5, 1 }, { cut.left_out, cut.total.tests, chart.left_out })
  end)

  it("tells the total, what it refuses, and why a table is empty", function()
    local sections = cjson.decode(asked.written(sample.report(), "json")).sections
    local total = sections[1].total
    assert.equal("at_least", total.marks.tests.state)
    assert.is_string(total.refused.users)
    assert.equal(cjson.null, total.users)
    assert.same({ rows = 4, inapplicable = 0, reported = 30 }, total.unreported.hours)
    assert.equal("no rows: browserstack.users failed: HTTP 503", sections[5].empty)
    assert.same({ kind = "bar", x = "product", y = "hours", by = cjson.null }, sections[2].chart)
    assert.same({ kind = "note", text = "What it is.\n" .. hostile.lines }, sections[4])
  end)

  it("says what the script has read that is incomplete", function()
    local frame = asked.records {
      dataset = "testmu.summary", rows = { { product = "web" } },
      marks = { { tests = { state = "unknown", reason = "cut" } } },
    }
    assert.is_nil(frame:value "tests")
    local one = report.new { section.table { frame } }
    local notes = cjson.decode(asked.written(one, "json")).provenance.notes
    assert.same({ "the script read tests, which is unknown: cut" }, notes)
  end)
end)
