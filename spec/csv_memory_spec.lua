-- Lack of memory: every allocation of the reader of CSV and of a held answer may fail.
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("CSV and held answers end well or raise, and are ready again", function()
    short_of_memory.play("spec/support/answers_scarce.lua", 10, 1)
  end)
end)
