local asked = require "support.asked"
local cjson = require "cjson"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local python = require "support.python"
local report = require "usagelua.report"
local sample = require "support.sample"
local section = require "usagelua.report.section"
local shell = require "support.shell"

local READ_BACK <const> = [[
import json, sys
import xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
def told(case):
    child = next(iter(case), None)
    return {"class": case.get("classname"), "name": case.get("name"),
            "outcome": "passed" if child is None else child.tag,
            "message": None if child is None else child.get("message")}
print(json.dumps({"counts": root.attrib,
                  "cases": [told(case) for case in root.iter("testcase")]}))
]]

local function assert_valid(text)
  local checked = shell.run({ "xmllint", "--noout", "--schema", "spec/support/junit.xsd", "-" },
    { stdin = text })
  assert.equal(0, checked.status, checked.stderr)
end

local function read(made)
  local text = asked.written(made, "junit")
  assert_valid(text)
  return cjson.decode(python.run(READ_BACK, text)), text
end

local function case_named(read_back, name)
  for _, case in ipairs(read_back.cases) do
    if case.name == name then return case end
  end
  error("no case " .. name, 2)
end

local function by_product(query)
  query.dataset = "testmu.summary"
  return asked.records(query):aggregate { group_by = "product", measures = { "tests" } }
end

describe("junit", function()
  it("makes a budget a test case: passed, failed, skipped while it is undecided", function()
    local rows = { { product = "web", tests = 10 }, { product = "app" } }
    local why = { state = "at_least", reason = "the answer was cut" }
    local frame = by_product { rows = rows, marks = { [1] = { tests = why } }, partial = "cut" }
    local function budget(name, limits)
      limits[1], limits.name, limits.measure, limits.where = frame, name, "tests", { product = "web" }
      return section.budget(limits)
    end
    local back = read(report.new { budget("low", { max = 9 }), budget("floor", { min = 5 }),
      budget("high", { max = 100 }) })
    assert.equal("failure", case_named(back, "low").outcome)
    assert.matches("10 is over max 9", case_named(back, "low").message)
    assert.equal("passed", case_named(back, "floor").outcome)
    assert.equal("skipped", case_named(back, "high").outcome)
    assert.matches("may be over max 100", case_named(back, "high").message)
  end)

  it("makes a query that did not bring all an error with its reason", function()
    local failed = asked.records { dataset = "browserstack.users", account = "B", failed = "HTTP 503" }
    local whole = by_product { rows = { { product = "a", tests = 1 } } }
    local back = read(report.new { section.table { failed }, section.table { whole } })
    local errors, passed = {}, 0
    for _, case in ipairs(back.cases) do
      if case.outcome == "error" then errors[#errors + 1] = case else passed = passed + 1 end
    end
    assert.equal(1, #errors)
    assert.matches("browserstack.users failed: HTTP 503", errors[1].message)
    assert.equal("usagelua.coverage", errors[1].class)
    assert.equal(1, passed)
    assert.same({ "2", "0", "1", "0" },
      { back.counts.tests, back.counts.failures, back.counts.errors, back.counts.skipped })
  end)

  it("says where the figures come from", function()
    local text = asked.written(sample.report(), "junit")
    assert.truthy(text:find('<property name="provenance" value="zone UTC">', 1, true), text)
    assert.truthy(text:find("usagelua 0.1.0", 1, true))
  end)

  it("stays well formed and valid with hostile names, each still told apart", function()
    local rows = {}
    for i, key in ipairs(order.keys(hostile)) do rows[i] = { product = hostile[key], tests = i } end
    local frame = by_product { rows = rows }
    local sections = { section.table { frame } }
    for _, key in ipairs(order.keys(hostile)) do
      sections[#sections + 1] = section.budget { frame, name = key .. hostile[key], measure = "tests",
        max = 1 }
    end
    local back, text = read(report.new(sections))
    assert.equal(#sections, #back.cases)
    assert.is_nil(text:find "[%z\1-\8\11\12\14-\31]")
    assert.is_nil(text:find "\n *::")
    assert_valid(asked.written(sample.report(), "junit"))
  end)
end)
