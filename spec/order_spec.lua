local locale = require "support.locale"
local order = require "usagelua.order"

describe("order", function()
  it("puts absent, false, true, numbers, text in this order", function()
    local compare = order.comparer()
    local ranked = { false, true, -1, 0.5, 1, math.maxinteger, "", "\0", "1", "A", "a", "a\0", "aa",
      "é" }
    for i = 1, #ranked do
      assert.equal(1, compare(ranked[i], nil))
      assert.equal(-1, compare(nil, ranked[i]))
      for j = 1, #ranked do
        local expected = i == j and 0 or (i < j and -1 or 1)
        assert.equal(expected, compare(ranked[i], ranked[j]), ("%d against %d"):format(i, j))
      end
    end
  end)

  it("goes by bytes under any locale", function()
    local before = os.setlocale(nil, "collate")
    for _, name in ipairs { "C.UTF-8", "en_US.UTF-8", "de_DE.UTF-8" } do
      if os.setlocale(name, "collate") then
        assert.same({ "B", "a", "b", "é" }, order.sorted { "é", "b", "a", "B" })
      end
    end
    os.setlocale(before, "collate")
  end)

  it("goes by bytes under a locale of another order", function()
    local code = [[
      local order = require "usagelua.order"
      enter_locale()
      print(("b" < "C"), table.concat(order.sorted { "é", "b", "a", "C", "B" }, " "))]]
    assert.equal("false\tB C a b é\n", locale.printed(code))
    assert.equal("true\tB C a b é\n", locale.printed(code, "de_DE"))
  end)

  it("sorts rows by columns", function()
    local rows = { { a = "x", b = 2 }, { a = "x" }, { b = 9 }, { a = "w", b = 1 } }
    table.sort(rows, order.by { "a", "b" })
    assert.same({ { b = 9 }, { a = "w", b = 1 }, { a = "x" }, { a = "x", b = 2 } }, rows)
  end)
end)
