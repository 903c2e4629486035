local asked = require "support.asked"
local cjson = require "cjson"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local python = require "support.python"
local report = require "usagelua.report"
local sample = require "support.sample"
local section = require "usagelua.report.section"
local shell = require "support.shell"
local tmp = require "support.tmp"

-- What a parser of HTML makes of the page: its elements, attributes and texts.
local PARSED <const> = [[
import json, sys
from html.parser import HTMLParser
VOID = {"meta", "rect", "line", "circle", "polyline"}
class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open, self.unbalanced = {}, {}, [], [], 0
    def handle_starttag(self, tag, attributes):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, _ in attributes:
            self.attributes[name] = self.attributes.get(name, 0) + 1
        if tag not in {"meta"}:
            self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced += 1
    def handle_data(self, text):
        if self.open and self.open[-1] in {"td", "th", "li", "p", "text", "title", "h1", "h2"}:
            self.texts.append(text)
reader = Reader()
reader.feed(open(sys.argv[1], encoding="utf-8").read())
print(json.dumps({"tags": reader.tags, "attributes": reader.attributes, "texts": reader.texts,
                  "unbalanced": reader.unbalanced + len(reader.open)}))
]]

local function parsed(text)
  return cjson.decode(python.run(PARSED, text))
end

local function written(...)
  return asked.written(report.new { title = "June", ... }, "html")
end

local function by_product(rows, marks, groups)
  return asked.records({ dataset = "testmu.summary", rows = rows, marks = marks })
    :aggregate { group_by = groups or "product", measures = { "tests", "duration_s" } }
end

local function assert_says(words, text)
  assert.truthy(text:find(words, 1, true), ("no %q in\n%s"):format(words, text))
end

local function has(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted then return true end
  end
  return false
end

local function rect_widths(text)
  local widths = {}
  for width in text:gmatch '<rect x="[%d.]+" y="[%d.]+" width="([%d.]+)"' do
    widths[#widths + 1] = tonumber(width)
  end
  return widths
end

describe("html", function()
  it("is one well-formed page that asks nobody and runs nothing", function()
    local page = parsed(asked.written(sample.report(), "html"))
    assert.equal(0, page.unbalanced)
    for _, tag in ipairs { "script", "link", "img", "iframe", "object", "a", "form" } do
      assert.is_nil(page.tags[tag], tag)
    end
    for _, name in ipairs { "src", "href", "onclick", "onload", "style" } do
      assert.is_nil(page.attributes[name], name)
    end
  end)

  it("keeps hostile names as text", function()
    local rows = {}
    for i, key in ipairs(order.keys(hostile)) do rows[i] = { product = hostile[key], tests = i } end
    local frame = by_product(rows)
    local text = written(section.table { frame, title = hostile.markup },
      section.chart { frame, x = "product", y = "tests", title = hostile.quotes })
    local page = parsed(text)
    assert.equal(0, page.unbalanced)
    assert.is_nil(page.tags.b or page.tags.script)
    assert.is_true(has(page.texts, hostile.markup))
    assert.is_nil(text:find "[%z\1-\8\11\12\14-\31\127]")
    assert.is_nil(text:find("\u{202E}", 1, true))
  end)

  it("breaks no date in two", function()
    local text = written(section.table { by_product { { product = "a", tests = 1 } } })
    assert_says('<td class="date">2026-06-01</td><td class="date">2026-07-01</td>', text)
    assert_says(".date { white-space: nowrap; }", text)
    assert_says("<td>a</td>", text)
  end)

  it("writes figures as the text does, with marks and the total", function()
    local why = { state = "at_least", reason = "the answer was cut" }
    local text = written(section.table { by_product({ { product = "a", tests = 1234567 },
      { product = "b", tests = 0 } }, { [1] = { tests = why } }), total = true })
    assert_says('<td>a</td><td class="number">≥ 1,234,567</td><td class="number">–</td>', text)
    assert_says('<td>b</td><td class="number">0</td>', text)
    assert_says('<td>total</td><td class="number">≥ 1,234,567</td>', text)
    assert_says("<li>≥ tests: the answer was cut</li>", text)
  end)

  it("says at a total that some rows report nothing to it", function()
    local text = written(section.table { by_product { { product = "a", tests = 5 }, { product = "b", tests = 0,
      duration_s = 7 } }, total = true })
    assert_says('<td>total</td><td class="number">5</td><td class="number">* 7</td>', text)
    assert_says("<li>* duration_s: 1 of 2 rows reports none; the total is of the other one</li>", text)
  end)

  it("folds what a long table has beyond thirty rows, and loses none", function()
    local rows = {}
    for i = 1, 75 do rows[i] = { product = ("p%02d"):format(i), tests = i } end
    local text = written(section.table { by_product(rows), total = true })
    assert_says("<details><summary>45 more rows</summary>", text)
    local _, count = text:gsub("<td>p%d%d</td>", "")
    assert.equal(75, count)
    assert.is_true(text:find("<tfoot>", 1, true) < text:find("<details>", 1, true))
  end)

  it("draws bars as long as their figures, with a title each", function()
    local text = written(section.chart { by_product { { product = "a", tests = 100 },
      { product = "b", tests = 50 }, { product = "c", tests = 0 } }, x = "product", y = "tests" })
    local widths = rect_widths(text)
    assert.equal(2, #widths)
    assert.is_true(math.abs(widths[1] / widths[2] - 2) < 0.01)
    assert_says("<title>a: 100</title>", text)
    assert_says('role="img" aria-labelledby="chart-1"', text)
    assert_says('<title id="chart-1">tests by product</title>', text)
  end)

  it("tells a figure that is not reported from one that is zero", function()
    local text = written(section.chart { by_product { { product = "a", tests = 0, duration_s = 5 },
      { product = "b", tests = 3 } }, x = "product", y = "duration_s" })
    assert_says('class="value">–</text>', text)
    assert.is_nil(text:find('class="value">0</text>', 1, true))
  end)

  it("stacks series of one label and names them in a legend", function()
    local frame = by_product({ { product = "a", team = "x", tests = 30 },
      { product = "a", team = "y", tests = 10 }, { product = "b", team = "y", tests = 5 } },
      nil, { "product", "team" })
    local text = written(section.chart { frame, kind = "stacked", x = "product", y = "tests",
      by = "team" })
    assert_says('<title>a, x: 30</title>', text)
    assert_says('class="value">40</text>', text)
    local page = parsed(text)
    assert.is_true(has(page.texts, "x") and has(page.texts, "y"))
  end)

  it("leaves a gap in a line where a figure is unknown, and none is zero for it", function()
    local why, rows = { state = "unknown", reason = "cut" }, {}
    for i = 1, 5 do rows[i] = { product = "p" .. i, tests = i == 3 and 0 or i * 10 } end
    local text = written(section.chart { by_product(rows, { [3] = { tests = why } }), kind = "line",
      x = "product", y = "tests" })
    local _, lines = text:gsub("<polyline ", "")
    local _, dots = text:gsub("<circle ", "")
    assert.same({ 2, 4 }, { lines, dots })
    assert_says(">?</text>", text)
  end)

  it("writes figures below zero down instead of drawing them", function()
    local frame = by_product({ { product = "a", tests = 5 }, { product = "b", tests = 8 } })
      :aggregate { group_by = "product", measures = { "tests" },
        derive = { change = function(g) return g.tests - 7 end } }
    local text = written(section.chart { frame, x = "product", y = "change" })
    assert.is_nil(text:find("<svg", 1, true))
    assert_says("-2", text:match "<pre>(.-)</pre>")
  end)

  it("shows without an error and without a request in Chromium", function()
    if shell.run("command -v chromium").status ~= 0 then return pending "needs chromium" end
    local folder <close> = tmp.folder()
    folder:write("page.html", asked.written(sample.report(), "html"))
    local result = shell.run({ "chromium", "--headless", "--no-sandbox", "--disable-gpu",
      "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--user-data-dir=" .. folder.path .. "/profile",
      "--enable-logging=stderr", "--window-size=400,900", "--screenshot=" .. folder.path .. "/page.png",
      "file://" .. folder.path .. "/page.html" }, { timeout_s = 300 })
    assert.equal(0, result.status, result.stderr)
    assert.is_nil(result.stderr:find("CONSOLE", 1, true), result.stderr)
    assert.equal("\137PNG", folder:read("page.png"):sub(1, 4))
  end)
end)
