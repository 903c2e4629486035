-- Lack of memory while rows are added up: every allocation may fail.
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("a fold ends well or raises", function()
    local printed = short_of_memory.run "spec/support/fold_scarce.lua"
    for mode in ("once on"):gmatch "%a+" do
      for _, job in ipairs { "fold", "arrays" } do
        local runs, raised = printed:match(job .. "\t" .. mode .. "\t(%d+)\t(%d+)\n")
        assert.is_true(tonumber(raised) > 30 and tonumber(runs) > tonumber(raised), printed)
      end
    end
  end)
end)
