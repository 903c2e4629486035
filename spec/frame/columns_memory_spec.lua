-- Lack of memory while rows are kept as columns: every allocation may fail.
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("rows kept as columns end well or raise", function()
    local printed = short_of_memory.run "spec/support/rows_scarce.lua"
    for mode in ("once on"):gmatch "%a+" do
      local runs, raised = printed:match("rows\t" .. mode .. "\t(%d+)\t(%d+)\n")
      assert.is_true(tonumber(raised) > 50 and tonumber(runs) > tonumber(raised), printed)
    end
  end)
end)
