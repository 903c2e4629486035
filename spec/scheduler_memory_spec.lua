-- Lack of memory: every allocation of tasks that wait for each other may fail.
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("a scheduler raises, and closing it still ends every task", function()
    local printed = short_of_memory.run "spec/support/scheduler_scarce.lua"
    local runs = {}
    for mode, count, raised in printed:gmatch "scheduler\t(%a+)\t(%d+)\t(%d+)\n" do
      runs[mode] = { tonumber(count), tonumber(raised) }
    end
    assert.is_true(runs.once[1] > 100 and runs.once[2] == 0)
    assert.is_true(runs.twice[2] > 100 and runs.on[2] > 100)
  end)
end)
