local asked = require "support.asked"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local report = require "usagelua.report"
local sample = require "support.sample"
local section = require "usagelua.report.section"

local function by_product(rows, marks)
  return asked.records({ dataset = "testmu.summary", rows = rows, marks = marks })
    :aggregate { group_by = "product", measures = { "tests", "duration_s" } }
end

local function written(...)
  return asked.written(report.new { title = "June", ... }, "markdown")
end

local function assert_says(words, text)
  assert.truthy(text:find(words, 1, true), ("no %q in\n%s"):format(words, text))
end

-- The cells of a table's line as GitHub's parser splits them: at each `|` that
-- no backslash stands before.
local function cells_of(line)
  local cells, cell, escaped = {}, "", false
  for character in line:gmatch(utf8.charpattern) do
    if character == "|" and not escaped then
      cells[#cells + 1], cell = cell, ""
    else
      cell = cell .. character
    end
    escaped = character == "\\" and not escaped
  end
  table.remove(cells, 1)
  return cells
end

describe("markdown", function()
  it("writes tables with numbers to the right and the total in bold", function()
    local text = written(section.table { by_product {
      { product = "automation", tests = 1234567, duration_s = 312.54 },
      { product = "smartui", tests = 0 },
    }, title = "By product", total = true })
    assert_says([[
# June

## By product

| product | tests | duration \(s\) |
| --- | ---: | ---: |
| automation | 1,234,567 | 312.54 |
| smartui | 0 | – |
| **total** | **1,234,567** | **\* 312.54** |

- \* duration\_s: 1 of 2 rows reports none; the total is of the other one
]], text)
  end)

  it("says marks with their reasons beneath the table", function()
    local why = { state = "at_least", reason = "the answer was cut" }
    local text = written(section.table { by_product({ { product = "a", tests = 5 } },
      { [1] = { tests = why } }) })
    assert_says("| a | ≥ 5 | – |", text)
    assert_says("- ≥ tests: the answer was cut", text)
  end)

  it("shows budgets first, with signs, reasons and the words for machines' readers", function()
    local frame = by_product { { product = "a", tests = 5 } }
    local text = written(section.table { frame, title = "T" },
      section.budget { frame, name = "b", measure = "tests", max = 4 })
    assert_says("| ❌ | b | failed | 5 is over max 4 |", text)
    assert.is_true(text:find("## Budgets", 1, true) < text:find("## T", 1, true))
  end)

  it("draws charts in a code block", function()
    local text = written(section.chart { by_product { { product = "a", tests = 5 } }, x = "product",
      y = "tests" })
    assert.matches("```text\nproduct .-█.-\n```\n", text)
  end)

  it("folds coverage and provenance", function()
    local text = asked.written(sample.report(), "markdown")
    assert_says("<details>\n<summary>Coverage and provenance</summary>", text)
    assert_says("- zone UTC\n", text)
    assert_says("| testmu.summary | Acme |", text)
  end)

  it("keeps hostile names in their cells: no markup, no column, no line of their own", function()
    local rows = {}
    for i, key in ipairs(order.keys(hostile)) do rows[i] = { product = hostile[key], tests = i } end
    local text = written(section.table { by_product(rows) })
    local tables, lines = text:match "^(.-)<details>", 0
    for line in tables:gmatch "[^\n]+" do
      assert.is_nil(line:find "^%s*::")
      if line:find "^|" then
        assert.equal(3, #cells_of(line))
        lines = lines + 1
      end
    end
    assert.equal(#rows + 2, lines)
    assert.is_nil(tables:find "[<>]")
    assert.is_nil(text:find "[%z\1-\9\11-\31\127]")
  end)

  it("mentions nobody", function()
    local text = written(section.table { by_product { { product = "@octocat", tests = 1 },
      { product = "ann@acme.test", tests = 1 } } }, section.note "@everyone, look")
    assert.is_nil(text:find("@octocat", 1, true))
    assert.is_nil(text:find("@everyone", 1, true))
    assert_says("ann@acme.test", text)
  end)
end)
