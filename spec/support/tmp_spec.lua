local tmp = require "support.tmp"

local function exists(path)
  local file <close> = io.open(path)
  return file ~= nil
end

describe("tmp.folder", function()
  it("writes and reads files", function()
    local folder <close> = tmp.folder()
    folder:write("a", "one\0two\n")
    assert.equal("one\0two\n", folder:read "a")
    assert.is_nil(folder:read "b")
  end)

  it("is removed with all in it when closed, once", function()
    local folder = tmp.folder()
    folder:write("a", "")
    folder:remove()
    folder:remove()
    assert.is_false(exists(folder.path))
  end)

  it("outlives a handle that nobody holds", function()
    local path = tmp.folder().path
    collectgarbage()
    assert.is_true(exists(path))
  end)
end)
