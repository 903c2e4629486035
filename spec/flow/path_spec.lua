local path = require "usagelua.flow.path"

local item = { a = { b = 7 }, access = { live = true, app = false } }
local place = { item = item, key = "live", outer = { team = "QA" }, side = { ["m.total"] = 9 } }

describe("path", function()
  local CASES = {
    { "a.b", 7 }, { "a.x", nil }, { "a.b.c", nil }, { "@key", "live" }, { "access.{key}", true },
    { "^.team", "QA" }, { "$.m.total", 9 },
  }
  for _, case in ipairs(CASES) do
    it("reads " .. case[1], function()
      assert.are.equal(case[2], path.compile(case[1])(place))
    end)
  end

  it("tells the first name below the item", function()
    assert.are.equal("a", path.head "a.b")
    assert.are.equal("access", path.head "access.{key}")
    assert.is_nil(path.head "@key")
    assert.is_nil(path.head "$.m.total")
  end)

  it("refuses what is no path", function()
    assert.has_error(function() path.check("a..b", "acme") end)
    assert.has_error(function() path.check("", "acme") end)
  end)
end)
