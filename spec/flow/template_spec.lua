local template = require "usagelua.flow.template"

describe("template", function()
  it("fills names and leaves out what is unset", function()
    assert.are.equal("a-1-b", template.fill("a-{n}-b", { n = 1 }))
    assert.is_nil(template.fill("a-{n}", {}))
    assert.are.equal("plain", template.fill("plain", {}))
  end)

  it("gives entries sorted, without unset and never empty ones", function()
    assert.are.same({ { "a", "1" }, { "c", true } },
      template.entries({ c = true, b = "{missing}", a = "{x}" }, { x = 1 }))
  end)

  it("tells the names that it needs", function()
    assert.are.same({ x = true, y = true }, template.names { "{x}", { z = "a{y}b" } })
  end)
end)
