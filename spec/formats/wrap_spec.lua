local cells = require "usagelua.formats.cells"
local wrap = require "usagelua.formats.wrap"

describe("wrap.lines", function()
  it("breaks at spaces and indents the rest", function()
    assert.same({ "- one two", "  three" }, wrap.lines("one two three", 10, "- ", "  "))
    assert.same({ "one" }, wrap.lines("one", 10))
    assert.same({ "" }, wrap.lines("", 10))
    assert.same({ "a b" }, wrap.lines("  a   b ", 10))
  end)

  it("breaks words that are too long, by cells", function()
    assert.same({ "abcdefghij", "klm no" }, wrap.lines("abcdefghijklm no", 10))
    assert.same({ "日本語日本", "語" }, wrap.lines("日本語日本語", 10))
  end)

  it("loses nothing but spaces and fits, for any width", function()
    local text = "≥ tests: testmu.summary 2026-06 " .. ("x"):rep(70) .. " 日本語テスト 👩‍👩‍👧 end"
    for width = 10, 90 do
      local lines = wrap.lines(text, width)
      for _, line in ipairs(lines) do assert.truthy(cells.width(line) <= width) end
      assert.equal((text:gsub(" ", "")), (table.concat(lines):gsub(" ", "")))
    end
  end)
end)
