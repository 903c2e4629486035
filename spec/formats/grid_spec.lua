local cells = require "usagelua.formats.cells"
local grid = require "usagelua.formats.grid"

local TEXT, POINT = "left", "point"

local function columns(...)
  local list = {}
  for i, pair in ipairs { ... } do list[i] = { heading = pair[1], align = pair[2] } end
  return list
end

local function printed(...)
  local lines = grid.lines(...)
  return lines and table.concat(lines, "\n") .. "\n"
end

local NAMES_AND_NUMBERS <const> = columns({ "name", TEXT }, { "count", POINT })

describe("grid.lines", function()
  it("puts decimal points under one another, whatever stands around them", function()
    local rows = { { "a", "1" }, { "b", "1,234.5" }, { "c", "0.25" }, { "d", "≥ 2" }, { "e", "?" } }
    assert.equal([[
name     count
────  ────────
a         1
b     1,234.5
c         0.25
d       ≥ 2
e         ?
]], printed(NAMES_AND_NUMBERS, rows, 80))
  end)
end)

describe("grid.lines at the width's edge", function()
  it("cuts names before dates, and of a time no more than the clock", function()
    local rows = { { "automation-of-the-web", "2026-06-01", "2026-06-01T09:30:00Z" } }
    local cols = columns({ "name", TEXT }, { "from", TEXT }, { "last", TEXT })
    assert.equal("automat…  2026-06-01  2026-06-01…\n",
      table.concat(grid.lines(cols, rows, 33, true), "\n", 3) .. "\n")
    assert.is_nil(grid.lines(cols, rows, 32, true))
  end)

  it("breaks headings before it cuts texts, and never cuts a number", function()
    local rows = { { "automation", "123,456" } }
    local cols = columns({ "product_name", TEXT }, { "parallels_allocated", POINT })
    assert.equal(1 + 1 + 1, #grid.lines(cols, rows, 33))
    assert.equal(2 + 1 + 1, #grid.lines(cols, rows, 32))
    assert.is_nil(grid.lines(cols, rows, 20))
    local lines = grid.lines(cols, rows, 20, true)
    assert.equal("automat…", lines[#lines]:sub(1, #"automat…"))
    assert.truthy(lines[#lines]:find("123,456", 1, true))
    assert.is_nil(grid.lines(cols, rows, 18, true))
  end)

  it("gives lines that fit, for texts of any width", function()
    local rows = {
      { "日本語テスト日本語テスト", "1" }, { "e\u{301}a\u{301}" .. ("o\u{308}"):rep(20), "22" }, { "", "333" },
    }
    for width = 16, 60 do
      for _, line in ipairs(grid.lines(NAMES_AND_NUMBERS, rows, width, true)) do
        assert.truthy(cells.width(line) <= width)
      end
    end
  end)

  it("draws a rule before the footer", function()
    assert.equal([[
name  count
────  ─────
a         1
────  ─────
all       1
]], printed(NAMES_AND_NUMBERS, { { "a", "1" } }, 80, false, { "all", "1" }))
  end)
end)
