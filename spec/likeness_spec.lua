local likeness = require "usagelua.likeness"
local monotonic = require("usagelua.core").clock.monotonic

describe("likeness.nearest", function()
  it("gives the name that was probably meant", function()
    assert.equal("Europe/Berlin", likeness.nearest("europe/berln", { "Europe/Paris", "Europe/Berlin" }))
    assert.is_nil(likeness.nearest("tests", { "duration_s", "user_id" }))
  end)

  it("compares no names that their lengths keep apart", function()
    local known = {}
    for i = 1, 400 do known[i] = ("Region/Place-%03d"):format(i) end
    local began = monotonic()
    assert.is_nil(likeness.nearest(("x"):rep(100000), known))
    assert.is_true(monotonic() - began < 20)
  end)
end)
