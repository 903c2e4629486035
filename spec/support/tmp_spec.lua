local shell = require "support.shell"
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

  it("is removed, closed or not, when the Lua that made it ends", function()
    local path = shell.output { shell.lua(), "-e", [[package.path = "spec/?.lua;" .. package.path
      io.write(require("support.tmp").folder().path)]] }
    assert.truthy(path:find "^/")
    assert.is_false(exists(path))
  end)
end)
