-- What `make docs` prints is what stands in the repository.
local shell = require "support.shell"

local function read(path)
  local file <close> = assert(io.open(path, "rb"), path)
  return file:read "a"
end

describe("make docs", function()
  local files = dofile "docs/print.lua"

  for path, text in pairs(files) do
    it("printed " .. path, function()
      assert.is_true(text == read(path), path .. " is not what is printed: run make docs")
    end)
  end

  it("printed every page of a vendor that there is", function()
    local listed = shell.output "ls docs/vendors/*.md completions/* man/*"
    for path in listed:gmatch "[^\n]+" do assert.truthy(files[path], path) end
  end)

  it("names no vendor of the user's own", function()
    assert.is_nil(files["docs/vendors/acme.md"])
    assert.truthy(files["docs/vendors/testmu.md"]:find("`testmu.summary`", 1, true))
  end)
end)

describe("docs/reference.md", function()
  it("has each name of the library", function()
    local text = read "docs/reference.md"
    for _, name in ipairs(require("usagelua.library").names()) do
      local shown = text:find(("### `usage.%s("):format(name), 1, true)
        or text:find(("## usage.%s\n"):format(name), 1, true)
        or text:find(("| `%s` |"):format(name), 1, true)
      assert.truthy(shown, name)
    end
  end)
end)
