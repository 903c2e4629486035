local marks = require "usagelua.marks"

describe("marks", function()
  it("tell equal reasons once, sorted, and not too many", function()
    local reasons
    for _, reason in ipairs { "b", "a", "b" } do reasons = marks.with(reasons, reason) end
    assert.equal("a; b", marks.told(reasons))
    reasons = marks.union(reasons, { e = true, d = true, c = true })
    assert.equal("a; b; c; and 2 more", marks.told(reasons))
    assert.is_nil(marks.union(nil, nil))
  end)

  local doubts = {
    { 5, true, "at_least" }, { 0, true, "at_least" }, { nil, true, "unknown" }, { 5, false,
      "unknown" },
  }
  for i, case in ipairs(doubts) do
    it("bound a figure from below only where it grows and something is known, case " .. i,
      function()
      assert.same({ state = case[3], reason = "late" }, marks.doubted(case[1], { late = true },
        case[2]))
    end)
  end

  it("take the worse of two", function()
    local at_least, unknown = { state = "at_least", reason = "a" }, { state = "unknown",
      reason = "b" }
    assert.same({ state = "unknown", reason = "a; b" }, marks.worse(at_least, unknown))
    assert.same(at_least, marks.worse(nil, at_least))
    assert.same(at_least, marks.worse(at_least, nil))
    assert.is_nil(marks.worse(nil, nil))
  end)

  it("become the text of the column", function()
    local of_row = {
      users = { state = "unknown", reason = "x" }, tests = { state = "at_least", reason = "y" },
    }
    assert.equal("tests:at_least users:unknown", marks.text(of_row))
    assert.is_nil(marks.text {})
    assert.is_nil(marks.text(nil))
  end)
end)
