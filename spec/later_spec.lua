local later = require "usagelua.later"

describe("later", function()
  local loaded

  before_each(function()
    loaded = 0
    package.preload["spec.later.made"] = function()
      loaded = loaded + 1
      return { name = "made" }
    end
  end)

  after_each(function()
    package.preload["spec.later.made"], package.loaded["spec.later.made"] = nil, nil
  end)

  it("loads a module when it is first asked for, and once", function()
    local modules = later { made = "spec.later.made", other = "spec.later.not_there" }
    assert.are.equal(0, loaded)
    assert.are.equal("made", modules.made.name)
    assert.are.equal(modules.made, modules.made)
    assert.are.equal(1, loaded)
  end)

  it("has nothing under any other name", function()
    assert.is_nil(later({ made = "spec.later.made" }).spec)
    assert.are.equal(0, loaded)
  end)
end)
