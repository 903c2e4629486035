local outcome = require "support.asked"
local scaffold = require "usagelua.scaffold"
local tmp = require "support.tmp"

describe("scaffold.write", function()
  it("fills known names and leaves all else", function()
    local folder <close> = tmp.folder()
    local paths = scaffold.write({ { path = folder.path .. "/a/@name@.txt",
      text = "@name@ ada@example.com @other@ @NAME@" } }, { name = "x", NAME = "X" })
    assert.are.same({ folder.path .. "/a/x.txt" }, paths)
    assert.are.equal("x ada@example.com @other@ X", folder:read "a/x.txt")
  end)

  it("writes nothing where one of its files exists", function()
    local folder <close> = tmp.folder()
    folder:write("b", "mine")
    local message = outcome.refusal(scaffold.write, { { path = folder.path .. "/a", text = "" },
      { path = folder.path .. "/b", text = "" } }, {})
    assert.truthy(message:find("/b exists already", 1, true), message)
    assert.is_nil(folder:read "a")
    assert.are.equal("mine", folder:read "b")
  end)

  it("raises what cannot be written", function()
    local ok, err = pcall(scaffold.write, { { path = "/proc/nowhere/x", text = "" } }, {})
    assert.is_false(ok)
    assert.are.equal("io", err.kind)
  end)
end)
