local notes = require "usagelua.flow.notes"

local DATASET <const> = { notes = { { "always" }, { "narrowed", given = { "a", "b" } },
  { "literal", holds = { pattern = "%*", name = "^x" } },
  { "both", given = { "a" }, holds = { pattern = "%*" } } } }

describe("notes.of", function()
  for _, case in ipairs {
    { {}, "always" }, { { b = false }, "always narrowed" }, { { a = "1", b = "2" }, "always narrowed" },
    { { pattern = "a*" }, "always literal" }, { { pattern = "a.b" }, "always" },
    { { name = "xy" }, "always literal" }, { { name = 7 }, "always" },
    { { a = "1", pattern = "*" }, "always narrowed literal both" },
  } do
    it("says: " .. case[2], function()
      assert.are.equal(case[2], table.concat(notes.of(DATASET, case[1]), " "))
    end)
  end

  it("says nothing of a dataset without notes", function()
    assert.are.same({}, notes.of({}, { a = 1 }))
  end)
end)

describe("notes.of_cut", function()
  it("is said of several windows whose sums may differ, and of no others", function()
    assert.truthy(notes.of_cut({ { may_differ = true }, { may_differ = true } })
      :find("in 2 parts, which may not add up", 1, true))
    assert.is_nil(notes.of_cut { {} , {} })
    assert.is_nil(notes.of_cut { { may_differ = true } })
  end)
end)
