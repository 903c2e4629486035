-- The interpreter's allocator (csrc/interpreter/memory.c).
local command = require "support.command"

describe("the allocator", function()
  local usagelua

  before_each(function() usagelua = command.new() end)
  after_each(function() usagelua.folder:remove() end)

  it("keeps what is in blocks of every size that grow, shrink and are given back", function()
    local code = [[
      local function filled(size)
        local list = {}
        for i = 1, size do list[i] = i * size end
        return list
      end
      local kept = {}
      for size = 0, 700 do
        kept[size] = { text = ("%d,"):format(size):rep(size // 4), list = filled(size) }
        local _ = ("x"):rep(size) .. size, filled(size)
      end
      for size = 0, 700 do
        for i = size, size // 3 + 1, -1 do kept[size].list[i] = nil end
        kept[size].list.named = size
      end
      collectgarbage()
      for size = 0, 700 do
        local one = kept[size]
        assert(one.text == ("%d,"):format(size):rep(size // 4) and one.list.named == size)
        for i = 1, size // 3 do assert(one.list[i] == i * size) end
        assert(one.list[size // 3 + 1] == nil)
      end
      print "whole"]]
    local result = usagelua:run { "-e", code }
    assert.are.equal("whole\n", result.stdout, result.stderr)
  end)
end)
