local together = require "usagelua.flow.together"

local DATASET <const> = { needs_one_of = { "ids", "names" }, params = { ids = {}, names = {},
  pattern = { without = { "ids", "other" } }, other = {} } }

local function assert_refused(expected, params)
  local ok, err = pcall(together.check, params, DATASET, "acme.usage")
  assert.is_false(ok)
  assert.are.equal("usage", err.kind)
  assert.are.equal(expected, err.message)
end

describe("together.check", function()
  it("wants one of the parameters that are needed", function()
    together.check({ ids = { "1" } }, DATASET, "acme.usage")
    together.check({ ids = { "1" }, names = { "a" } }, DATASET, "acme.usage")
    assert_refused("acme.usage: one of these parameters is needed: ids, names", { other = "x" })
  end)

  it("refuses parameters that exclude one another, whichever says so", function()
    together.check({ names = { "a" }, pattern = "p" }, DATASET, "acme.usage")
    assert_refused("acme.usage: parameters 'pattern' and 'ids' exclude one another; leave one out",
      { ids = { "1" }, pattern = "p" })
    assert_refused("acme.usage: parameters 'pattern' and 'other' exclude one another; leave one out",
      { names = { "1" }, pattern = "p", other = false })
  end)

  it("asks for nothing where the dataset does not", function()
    together.check({}, { params = { a = {} } }, "acme.usage")
  end)
end)
