-- Lack of memory: every allocation on the way of a credential into a request may fail.
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("a credential is sent whole or not at all", function()
    short_of_memory.play("spec/support/auth_scarce.lua", 18, 1)
  end)
end)
