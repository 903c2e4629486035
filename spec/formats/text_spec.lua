local asked = require "support.asked"
local cells = require "usagelua.formats.cells"
local formats = require "usagelua.formats"
local hostile = require "support.hostile"
local locale = require "support.locale"
local report = require "usagelua.report"
local sample = require "support.sample"
local section = require "usagelua.report.section"

local function lines_of(text)
  local list = {}
  for line in text:gmatch "(.-)\n" do list[#list + 1] = line end
  return list
end

local function has_line(text, wanted)
  for _, line in ipairs(lines_of(text)) do
    if line == wanted then return true end
  end
  return false
end

local function assert_line(wanted, text)
  assert.truthy(has_line(text, wanted), ("no line %q in\n%s"):format(wanted, text))
end

local function assert_says(words, text)
  assert.truthy(text:find(words, 1, true), ("no %q in\n%s"):format(words, text))
end

local function of_table(frame, more, options)
  local spec = { frame }
  for key, value in pairs(more or {}) do spec[key] = value end
  return asked.written(report.new { section.table(spec) }, "text", options)
end

local function by_product(rows, marks, measures)
  return asked.records({ dataset = "testmu.summary", rows = rows, marks = marks })
    :aggregate { group_by = "product", measures = measures or { "tests", "duration_s" } }
end

describe("text", function()
  it("aligns numbers at the point, groups thousands, adds the total", function()
    local text = of_table(by_product {
      { product = "automation", tests = 1234567, duration_s = 312.54 },
      { product = "smartui", tests = 0, duration_s = 43200 },
    }, { title = "By product", total = true })
    assert_says([[
By product

product         tests  duration (h:min:s)
──────────  ─────────  ──────────────────
automation  1,234,567          0:05:12.54
smartui             0         12:00:00
──────────  ─────────  ──────────────────
total       1,234,567         12:05:12.54
]], text)
  end)

  it("says at a total that some rows report nothing to it, and under the table how many", function()
    local text = of_table(by_product({
      { product = "automation", tests = 5, duration_s = 3.5 }, { product = "smartui", tests = 0 },
      { product = "realtime", duration_s = 4 },
    }, { [2] = { tests = { state = "at_least", reason = "cut" } } }), { total = true })
    assert_says([[
automation      5           3.5
realtime        –           4
smartui       ≥ 0           –
──────────  ─────  ────────────
total       * ≥ 5         * 7.5

  ≥ tests: cut
  * tests: 1 of 3 rows reports none; the total is of the other 2
  * duration_s: 1 of 3 rows reports none; the total is of the other 2
]], text)
  end)

  it("says it where the table is a list", function()
    local text = of_table(by_product { { product = ("automation"):rep(3), tests = 5, duration_s = 3.5 },
      { product = ("smartui"):rep(3), tests = 0 } }, { total = true }, { columns = 20 })
    assert_says("* 3.5", text)
  end)

  it("tells unknown, at least, not reported and zero apart", function()
    local why = { state = "unknown", reason = "the answer was cut" }
    local text = of_table(by_product(
      { { product = "a", tests = 8450 }, { product = "b", duration_s = 1 }, { product = "c", tests = 0 },
        { product = "d" } },
      { { tests = { state = "at_least", reason = "the answer was cut" } }, [4] = { tests = why } }))
    assert_line("a        ≥ 8,450             –", text)
    assert_line("b              –             1", text)
    assert_line("c              0             –", text)
    assert_line("d              ?             –", text)
    assert_line("  ≥ tests: the answer was cut", text)
    assert_line("  ? tests: the answer was cut", text)
  end)

  it("says each reason once beneath the table", function()
    local rows, marks = {}, {}
    for i = 1, 30 do
      rows[i] = { product = "p" .. i }
      local mark = { state = "unknown", reason = "cut" }
      marks[i] = { tests = mark, duration_s = mark }
    end
    local text = of_table(by_product(rows, marks))
    local _, count = text:gsub("%? tests, duration_s: cut", "")
    assert.equal(1, count)
  end)

  it("shortens a long list of reasons and says so", function()
    local rows, marks = {}, {}
    for i = 1, 30 do
      rows[i], marks[i] = { product = "p" .. i }, { tests = { state = "unknown", reason = "reason " .. i } }
    end
    assert_says("… and 18 more; -f json holds all of them", of_table(by_product(rows, marks)))
  end)

  it("writes units into the headings", function()
    local measures = { "duration_s", { "duration_s", as = "hours", unit = "h" } }
    local text = of_table(by_product({ { product = "a", duration_s = 5400 } }, nil, measures))
    assert_line("product  duration (h:min:s)  hours (h)", text)
  end)

  it("says why a total is missing, and of how many rows it is", function()
    local frame = asked.records({ dataset = "testmu.summary", rows = {
      { product = "a", users = 1 }, { product = "b", users = 2 }, { product = "c", users = 3, tests = 1 },
    } }):aggregate { group_by = "product", measures = { "tests", "users" }, limit = 2 }
    local text = of_table(frame, { total = true })
    assert_says("total of 2 of 3      –\n", text)
    assert_says("no total of users: different things may be the same ones in several rows", text)
    assert_says("1 more rows are not shown", text)
  end)

  it("says in a table's place why it is empty", function()
    local failed = asked.records { dataset = "browserstack.users", failed = "HTTP 503" }
    assert_line("no rows: browserstack.users failed: HTTP 503", of_table(failed))
    local none = asked.records({ dataset = "testmu.summary", rows = { { product = "web", tests = 1 } } })
      :aggregate { where = { product = "app" }, measures = "tests" }
    assert_line("no rows matched: no row has product = app; there are web", of_table(none))
  end)

  it("says what is incomplete and which period was assumed beside the figures", function()
    local frame = asked.records(
      { dataset = "testmu.summary", rows = { { product = "a", tests = 1 } }, partial = "smartui is missing" },
      { dataset = "browserstack.users", rows = { { product = "b", tests = 1 } }, period = "assumed" },
      { dataset = "acme.usage", rows = { { product = "c", tests = 1 } }, period = "vendor's own" })
    local text = of_table(frame:aggregate { group_by = "product", measures = "tests" })
    assert_line("  incomplete: testmu.summary stayed partial: smartui is missing", text)
    assert_line("  period assumed: browserstack.users does not say which period it answered for", text)
    assert_line("  the period is the vendor's own: acme.usage was asked without dates", text)
  end)

  it("has no column of accounts where no query has one, and dates whole at 80 columns", function()
    local frame = asked.records { dataset = "browserstack.users", rows = { { product = "a", tests = 1 } } }
    local text = of_table(frame:aggregate { group_by = "product", measures = "tests" }, nil, { columns = 80 })
    assert.is_nil(text:find("account", 1, true))
    assert_says("2026-06-01  2026-07-01", text)
  end)

  it("lists what was asked rather than cut its dates", function()
    local frame = asked.records { dataset = "browserstack.users", account = "Acme Corp",
      rows = { { product = "a", tests = 1 } } }
    local text = of_table(frame:aggregate { group_by = "product", measures = "tests" }, nil, { columns = 80 })
    assert_line("dataset        browserstack.users", text)
    assert_line("to (excluded)  2026-07-01", text)
    assert.is_nil(text:find("…", 1, true))
  end)

  it("says of no period that it was assumed where nothing was answered", function()
    local frame = asked.records(
      { dataset = "browserstack.users", failed = "HTTP 503", period = "assumed" },
      { dataset = "testmu.summary", rows = { { product = "a", tests = 1 } }, period = "assumed" })
    local text = of_table(frame:aggregate { group_by = "dataset", measures = "tests" })
    assert_line("  period assumed: testmu.summary does not say which period it answered for", text)
    assert.is_nil(text:find("browserstack.users does not say", 1, true))
  end)

  it("lists what was asked and answered, and why the rest was not", function()
    local text = asked.written(sample.report(), "text")
    assert_says([[
dataset             account  from        to (excluded)  period   asked  answered  partial  failed
──────────────────  ───────  ──────────  ─────────────  ───────  ─────  ────────  ───────  ──────
browserstack.users  Acme     2026-06-01  2026-07-01     assumed      1         1        0       0
testmu.summary      Acme     2026-06-01  2026-07-01     echoed       1         0        1       0
browserstack.users  B        2026-06-01  2026-07-01     echoed       1         0        0       1
]], text)
    assert_line("  browserstack.users: HTTP 503", text)
  end)

  it("ends with where it comes from", function()
    local text = asked.written(sample.report(), "text")
    for _, line in ipairs {
      "period 2026-06: from 2026-06-01T00:00:00+00:00 to 2026-07-01T00:00:00+00:00, excluded", "zone UTC",
      "unit assumed: testmu.summary duration_s is read as ms", "the field names of workato are assumed",
      "as of 2026-07-01T00:00:00Z", "usagelua 0.1.0", "script report.lua, sha256 " .. ("ab"):rep(32),
    } do
      assert_line(line, text)
    end
    assert_says("vendor acme: vendors/acme.lua, unverified", text)
  end)

  it("shows budgets by outcome", function()
    local text = asked.written(sample.report(), "text", { columns = 200 })
    assert_says("✓ passed passed: 0.101 h is within max 1 h", text)
    assert_says("✗ failed failed ::set-env name=x::y: at least 9,223,372,036,854,766,", text)
    assert_says("? undecided undecided: no row matches: no row has vendor = x", text)
  end)

  it("draws a line as sparks, with a sign where a figure is unknown", function()
    local rows, why = {}, { state = "unknown", reason = "cut" }
    for i = 1, 4 do rows[i] = { product = "p" .. i, tests = i == 2 and 0 or i * 10 } end
    local chart = section.chart { by_product(rows, { [2] = { tests = why } }, "tests"), kind = "line",
      x = "product", y = "tests" }
    assert_says([[
       least  most  tests
─────  ─────  ────  ─────
tests     10  ≥ 40  ▂?▆█
p1 … p4
]], asked.written(report.new { chart }, "text"))
  end)

  it("draws a line with another sign where a figure is not reported, and none where no row is", function()
    local frame = asked.records({ dataset = "testmu.summary", rows = {
      { product = "a", team = "x", tests = 8 }, { product = "b", team = "x", duration_s = 1 },
      { product = "c", team = "x", tests = 4 }, { product = "b", team = "y", tests = 8 } } })
      :aggregate { group_by = { "team", "product" }, measures = { "tests", "duration_s" } }
    local chart = section.chart { frame, kind = "line", x = "product", y = "tests", by = "team" }
    assert_says([[
team  least  most  tests
────  ─────  ────  ─────
x         4     8  █–▄
y         8     8   █
a … c
]], asked.written(report.new { chart }, "text"))
  end)

  it("draws stacked bars beside the figures of their parts", function()
    local frame = asked.records({ dataset = "testmu.summary", rows = {
      { product = "a", team = "x", tests = 30 }, { product = "a", team = "y", tests = 10 },
      { product = "b", team = "y", tests = 20 } } })
      :aggregate { group_by = { "product", "team" }, measures = "tests" }
    local chart = section.chart { frame, kind = "stacked", x = "product", y = "tests", by = "team" }
    assert_says([[
product   x   y  sum
───────  ──  ──  ───
a        30  10   40  ████████████████████
b         –  20   20  ██████████
]], asked.written(report.new { chart }, "text", { columns = 60 }))
    assert_says([[
product   x   y  sum
───────  ──  ──  ───
a        30  10   40
b         –  20   20
]], asked.written(report.new { chart }, "text", { columns = 22 }))
    local long = asked.records({ dataset = "testmu.summary", rows = {
      { product = "a", team = "the first of teams", tests = 30 }, { product = "a", team = "the other", tests = 10 },
      { product = "b", team = "the other", tests = 20 } } })
      :aggregate { group_by = { "product", "team" }, measures = "tests" }
    assert_says([[
a: 40
  the first of teams: 30
  the other: 10
b: 20
  the other: 20
]], asked.written(report.new { section.chart { long, kind = "stacked", x = "product", y = "tests",
      by = "team" } }, "text", { columns = 20 }))
  end)

  it("draws bars as long as the numbers, and none for what is not known", function()
    local frame = by_product({
      { product = "a", tests = 100 }, { product = "b", tests = 50 }, { product = "c", tests = 0 },
      { product = "d" }, { product = "e", tests = 1 },
    }, { [4] = { tests = { state = "unknown", reason = "cut" } } })
    local chart = section.chart { frame, x = "product", y = "tests" }
    local text = asked.written(report.new { chart }, "text", { columns = 60 })
    assert_line("a          100  " .. ("█"):rep(20), text)
    assert_line("b           50  " .. ("█"):rep(10), text)
    assert_line("c            0", text)
    assert_line("d            ?", text)
    assert_line("e            1  ▎", text)
  end)

  it("fits the width, with hostile names too", function()
    for _, width in ipairs { 40, 60, 80, 100, 120, 200 } do
      local options = { columns = width }
      local records = report.of_records(sample.records(), { provenance = sample.provenance })
      for _, one in ipairs { sample.report(), records } do
        for _, line in ipairs(lines_of(asked.written(one, "text", options))) do
          assert.truthy(cells.width(line) <= width, ("over %d cells: %s"):format(width, line))
        end
      end
    end
  end)

  it("says once what is the same in all rows rather than cut texts", function()
    local frame = asked.records { dataset = "testmu.summary", rows = {
      { product = "automation", tests = 7 }, { product = "smartui", tests = 7 },
    } }
    local text = asked.written(report.of_records(frame), "text", { columns = 70 })
    assert_says("in all rows: vendor = testmu, dataset = testmu.summary", text)
    assert_line("automation      7", text)
  end)

  it("lists row after row where no table fits", function()
    local frame = by_product { { product = "automation", tests = math.maxinteger, duration_s = 1 } }
    local text = of_table(frame, {}, { columns = 30 })
    assert_line("product       automation", text)
    assert_line("tests         9,223,372,036,85", text)
  end)

  it("is safe for terminals and CI logs", function()
    for _, width in ipairs { 40, 100 } do
      local text = asked.written(sample.report(), "text", { columns = width })
      assert.truthy(utf8.len(text))
      assert.is_nil(text:find "[\0-\9\11-\31\127]")
      for _, code in ipairs { 0x9B, 0x202E, 0x2066, 0x2028, 0x2029, 0x85, 0xFEFF } do
        assert.is_nil(text:find(utf8.char(code), 1, true))
      end
      for _, line in ipairs(lines_of(text)) do
        assert.is_nil(line:find "^%s*::", line)
        assert.is_nil(line:find "##%a*%[", line)
      end
    end
  end)

  it("colours only when asked to", function()
    local plain = asked.written(sample.report(), "text")
    local coloured = asked.written(sample.report(), "text", { color = true })
    assert.is_nil(plain:find "\27")
    assert_says("\27[31m✗ failed", coloured)
    assert.equal(plain, (coloured:gsub("\27%[%d*m", "")))
  end)

  it("writes the paragraphs of a note", function()
    local text = asked.written(report.new { section.note("one\ntwo\n\n" .. hostile.command) }, "text")
    assert_says("\none\ntwo\n\n: :set-env name=x::y\n", text)
  end)
end)

describe("all formats", function()
  local LOCALES <const> = { "de_DE", "ps_AF" }

  local SCRIPT <const> = [[
    local asked, sample = require "support.asked", require "support.sample"
    local formats = require "usagelua.formats"
    for _, name in ipairs(formats.names()) do asked.written(sample.report(), name) end -- loads all
    enter_locale()
    for _, name in ipairs(formats.names()) do
      local texts = asked.written(sample.report(), name)
      if type(texts) == "string" then texts = { texts } end
      for _, key in ipairs(require("usagelua.order").keys(texts)) do io.write(texts[key]) end
    end
  ]]

  for _, name in ipairs(LOCALES) do
    it("give the same bytes in locale " .. name, function()
      local here = locale.printed(SCRIPT)
      assert.truthy(#here > 10000)
      assert.equal(here, locale.printed(SCRIPT, name, { TZ = "Asia/Tokyo" }))
    end)
  end

  it("give the same bytes twice", function()
    for _, name in ipairs(formats.names()) do
      assert.same(asked.written(sample.report(), name), asked.written(sample.report(), name))
    end
  end)
end)
