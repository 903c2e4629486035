-- Lack of memory: every allocation of the JSON core may fail.
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("the JSON core ends well or raises, and is ready again", function()
    local printed = short_of_memory.play("spec/support/json_scarce.lua", 14, 0)
    assert.is_truthy(printed:find "read\tonce\t%d+\t[1-9]")
  end)
end)
