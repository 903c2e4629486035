local silence = require "usagelua.report.silence"

local function counts(rows, inapplicable, reported, apart)
  return { rows = rows, inapplicable = inapplicable, reported = reported,
    all = rows + inapplicable + reported + (apart or 0) }
end

describe("silence", function()
  it("says of a total how many rows it is of", function()
    for _, case in ipairs {
      { counts(2, 0, 3), "2 of 5 rows report none; the total is of the other 3" },
      { counts(1, 0, 1), "1 of 2 rows reports none; the total is of the other one" },
      { counts(1234, 0, 4321), "1,234 of 5,555 rows report none; the total is of the other 4,321" },
      { counts(2, 4, 3), "2 of 9 rows report none; the total is of the 3 that do" },
      { counts(2, 0, 1, 1), "2 of 4 rows report none; the total is of the one that does" },
    } do
      assert.equal(case[2], silence.of_total(case[1]))
    end
  end)

  it("says of a figure what it leaves out", function()
    assert.equal("2 of 5 rows report no hours", silence.of_figure(counts(2, 0, 3), "hours"))
    assert.equal("1 of 5 rows reports no hours", silence.of_figure(counts(1, 0, 4), "hours"))
  end)

  it("says nothing where nothing is missing", function()
    assert.is_nil(silence.of_total(counts(0, 4, 3)))
    assert.is_nil(silence.of_figure(counts(0, 4, 3), "hours"))
    assert.is_nil(silence.of_inapplicable(counts(1, 0, 3)))
    assert.equal("1 of 4 rows has none to report: its dataset has no such measure",
      silence.of_inapplicable(counts(0, 1, 3)))
    assert.equal("4 of 7 rows have none to report: their dataset has no such measure",
      silence.of_inapplicable(counts(0, 4, 3)))
  end)
end)
