local asked = require "support.asked"
local period = require "usagelua.time.period"
local report = require "usagelua.report"
local section = require "usagelua.report.section"
local spans = require "usagelua.rule.spans"

-- The weeks of a month, each with as many tests as its place in it.
local function weeks(month)
  local windows = {}
  for i, part in ipairs(period.parse(month):split "week") do
    windows[i] = { from = part.from, to = part.to, label = part.label,
      rows = { { product = "web", tests = i } } }
  end
  return windows
end

local function frame_of(windows)
  return asked.records { dataset = "testmu.summary", windows = windows }
end

local function tests_of(frame)
  local list = {}
  for row in frame:rows() do list[#list + 1] = row.tests end
  return list
end

describe("spans.places", function()
  local function places(...)
    local list = {}
    for i, text in ipairs { ... } do
      local one = period.parse(text)
      list[i] = { label = one.label, from = one.from, to = one.to }
    end
    return spans.places { { periods = list } }
  end

  it("is none where labels are in the order of time by their text", function()
    assert.is_nil(places("2026-06", "2026-07", "2025-12"))
    assert.is_nil(places "2026-06-15")
  end)

  it("puts the days before a month's first whole week and after its last where they are", function()
    assert.same({ ["2026-07-01..2026-07-05"] = 1, ["2026-W28"] = 2, ["2026-07-27..2026-07-31"] = 3 },
      places("2026-07-27..2026-07-31", "2026-W28", "2026-07-01..2026-07-05"))
  end)

  it("knows no place of a vendor's own period", function()
    assert.is_nil(spans.places { { periods = { { label = "vendor" } } } })
  end)
end)

describe("a rule by period", function()
  local by_week = { group_by = "period", measures = "tests" }

  it("has its rows in the order of time, whatever the labels are", function()
    assert.same({ 1, 2, 3, 4, 5 }, tests_of(frame_of(weeks "2026-07"):aggregate(by_week)))
    assert.same({ 1, 2, 3, 4, 5 }, tests_of(frame_of(weeks "2026-06"):aggregate(by_week)))
  end)

  it("is sorted by time where the rule sorts by period", function()
    local rule = { group_by = { "product", "period" }, measures = "tests", sort = "-period" }
    assert.same({ 5, 4, 3, 2, 1 }, tests_of(frame_of(weeks "2026-07"):aggregate(rule)))
  end)

  it("keeps that order in a rule over its result", function()
    local first = frame_of(weeks "2026-07"):aggregate {
      group_by = { "period", "product" }, measures = "tests" }
    assert.same({ 1, 2, 3, 4, 5 }, tests_of(first:aggregate(by_week)))
  end)

  it("is turned into columns in that order", function()
    local one = report.new { section.table {
      frame_of(weeks "2026-07"):aggregate { group_by = { "product", "period" }, measures = "tests" },
      pivot = "period" } }:evaluate().sections[1]
    local row, list = one.result.rows[1], {}
    for i = 2, #one.result.columns do list[i - 1] = row[one.result.columns[i].name] end
    assert.same({ 1, 2, 3, 4, 5 }, list)
  end)
end)
