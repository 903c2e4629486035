local path = require "usagelua.flow.path"

local item = { a = { b = 7 }, access = { live = true, app = false }, ["x.y"] = { ["z z"] = 3 } }
local place = { item = item, key = "live", outer = { team = "QA" }, side = { ["m.total"] = 9 } }

describe("path.compile", function()
  local CASES = {
    { "a.b", 7 }, { "a.x", nil }, { "b.c", nil }, { "@key", "live" }, { "access.{key}", true },
    { "^.team", "QA" }, { "$.m.total", 9 }, { '["x.y"].["z z"]', 3 }, { ".", item },
    { "^", place.outer },
  }
  for _, case in ipairs(CASES) do
    it("reads " .. case[1], function()
      local value, wrong = path.compile(case[1])(place)
      assert.are.equal(case[2], value)
      assert.is_nil(wrong)
    end)
  end

  it("tells what stands where an object should, and lets null be absent", function()
    local value, wrong = path.compile "a.b.c" (place)
    assert.is_nil(value)
    assert.are.equal(7, wrong)
    value, wrong = path.compile "a.b" { item = { a = require "usagelua.json".null } }
    assert.is_nil(value)
    assert.is_nil(wrong)
  end)

  it("reads nothing where there is no item", function()
    assert.is_nil((path.compile "a" {}))
    assert.is_nil((path.compile "^.a" { item = item }))
  end)
end)

describe("path.head", function()
  it("tells the first name below the item", function()
    assert.are.equal("a", path.head "a.b")
    assert.are.equal("access", path.head "access.{key}")
    assert.are.equal("x.y", path.head '["x.y"].z')
    for _, text in ipairs { "@key", "$.m.total", "^.a", ".", "{key}.a" } do
      assert.is_nil(path.head(text))
    end
  end)
end)

describe("path.selecting", function()
  it("is the path as the reader takes it, as far as it is the same for all keys", function()
    assert.are.equal("a.b", path.selecting "a.b")
    assert.are.equal("access", path.selecting "access.{key}.since")
    assert.are.equal('["x.y"].z', path.selecting '["x.y"].z')
    assert.is_nil(path.selecting "@key")
    assert.is_nil(path.selecting "$.a")
  end)
end)

describe("path.check", function()
  it("refuses what is no path", function()
    for _, text in ipairs { "", "a..b", ".a", "a.", "a b", "a[]", "a{}", "^^.a", "^a", "$.", "$.a..b",
      '["a', "{keys}" } do
      local ok, err = pcall(path.check, text, "acme.fields.x")
      assert.is_false(ok, text)
      assert.are.equal("usage", err.kind)
      assert.truthy(err.message:find("acme.fields.x", 1, true))
    end
  end)

  it("takes every form that is one", function()
    for _, text in ipairs { "a", "a.b-c", "@key", ".", "^.a", "$.a.b", "a.{key}.b", '["a.b"]', "a_1.ü" } do
      path.check(text, "x")
    end
  end)
end)
