local gaps = require "usagelua.report.gaps"

local function entry(answered, partial, failed)
  return { dataset = "acme.usage", asked = answered + partial + failed, answered = answered,
    partial = partial, failed = failed }
end

describe("gaps", function()
  it("are none only where every window was answered whole", function()
    assert.is_true(gaps.is_whole {})
    assert.is_true(gaps.is_whole { entry(2, 0, 0), entry(1, 0, 0) })
    assert.is_false(gaps.is_whole { entry(2, 0, 0), entry(1, 1, 0) })
    assert.is_false(gaps.is_whole { entry(2, 0, 0), entry(1, 0, 1) })
    assert.is_false(gaps.is_whole { entry(2, 1, 0), entry(1, 0, 1) })
  end)

  it("are everything only where every window failed", function()
    assert.is_false(gaps.is_nothing {})
    assert.is_true(gaps.is_nothing { entry(0, 0, 2), entry(0, 0, 1) })
    assert.is_false(gaps.is_nothing { entry(0, 0, 2), entry(1, 0, 0) })
    assert.is_false(gaps.is_nothing { entry(0, 0, 2), entry(0, 1, 0) })
  end)

  it("name a dataset once where its reasons begin with it", function()
    local failed, other = entry(0, 0, 1), entry(0, 0, 1)
    failed.reasons, other.reasons = { "acme.usage 2026-06: answered 503" }, { "acme.usages are no more" }
    assert.are.same({ "acme.usage failed: 2026-06: answered 503",
      "acme.usage failed: acme.usages are no more" }, gaps.lines { failed, other })
  end)
end)
