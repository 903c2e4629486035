local json = require "usagelua.json"
local template = require "usagelua.flow.template"

describe("template.fill", function()
  it("fills names, and gives nothing where one is unset", function()
    assert.are.equal("a-1-b", template.fill("a-{n}-b", { n = 1 }))
    assert.is_nil(template.fill("a-{n}", {}))
    assert.are.equal("plain", template.fill("plain", {}))
  end)

  it("takes values as they are", function()
    assert.are.equal("%1{n}", template.fill("{n}", { n = "%1{n}" }))
  end)
end)

describe("template.entries", function()
  it("gives entries sorted, without unset and never empty ones", function()
    assert.are.same({ { "a", "1" }, { "c", true } },
      template.entries({ c = true, b = "{missing}", a = "{x}" }, { x = 1 }))
  end)
end)

describe("template.tree", function()
  local function encoded(tree, values)
    return json.encode(template.tree(tree, values))
  end

  it("fills texts at any depth and leaves out what is unset, with what it leaves empty", function()
    local tree = { range = { from = "{from}", to = "{to}" }, filter = { team = "{team}" }, n = 5,
      ids = { "{a}", "{team}", "{b}" }, deep = { { x = "{team}" } } }
    assert.are.equal('{"ids":["1","2"],"n":5,"range":{"from":"A","to":"B"}}',
      encoded(tree, { from = "A", to = "B", a = 1, b = 2 }))
  end)

  it("keeps what the description itself has empty", function()
    assert.are.equal('{"filter":{}}', encoded({ filter = {} }, {}))
  end)

  it("does not change the description", function()
    local tree = { a = { "{x}" } }
    template.tree(tree, { x = "1" })
    assert.are.same({ a = { "{x}" } }, tree)
  end)
end)

describe("template.names", function()
  it("tells the names that it needs", function()
    assert.are.same({ x = true, y = true }, template.names { "{x}", { z = "a{y}b" } })
  end)
end)
