local editor = require "usagelua.editor"
local json = require "usagelua.json"
local shell = require "support.shell"
local tmp = require "support.tmp"

local LUA_FILES <const> = (shell.output "cd lua && pwd -P"):gsub("\n", "")

describe("editor.write", function()
  it("names the Lua and the folder of the annotations", function()
    local folder <close> = tmp.folder()
    assert.are.equal(folder.path .. "/.luarc.json", editor.write(folder.path, "lua"))
    local settings = assert(json.decode((folder:read ".luarc.json")))
    assert.are.equal("Lua 5.4", settings["runtime.version"])
    assert.are.same({ LUA_FILES .. "/usagelua/meta" }, { table.unpack(settings["workspace.library"]) })
    assert.truthy(io.open(settings["workspace.library"][1] .. "/library/usagelua.lua"))
  end)

  it("names no folder where there are no files", function()
    assert.are.equal(0, #json.decode(editor.text(nil))["workspace.library"])
    assert.are.equal(0, #json.decode(editor.text "/nowhere")["workspace.library"])
  end)

  it("leaves settings that exist as they are", function()
    local folder <close> = tmp.folder()
    folder:write(".luarc.json", "mine")
    assert.is_nil(editor.write(folder.path, "lua"))
    assert.are.equal("mine", folder:read ".luarc.json")
  end)
end)

describe("usagelua new", function()
  local function new(folder, kind, name)
    return shell.output({ shell.usagelua(), "new", kind, name }, { cwd = folder.path,
      env = { USAGELUA_VENDORS = false } })
  end

  -- A binary that stands alone has no annotations beside it.
  local function has_library()
    local folder = shell.usagelua():match "^(.*)/" or "."
    local file <close> = io.open(folder .. "/lua/usagelua/meta/library/usagelua.lua")
    return file ~= nil
  end

  it("makes the settings with a report, once", function()
    local folder <close> = tmp.folder()
    assert.truthy(new(folder, "report", "usage"):find("made .luarc.json\n", 1, true))
    local first = folder:read ".luarc.json"
    assert.are.equal(has_library(), first:find("/usagelua/meta", 1, true) ~= nil, first)
    assert.is_nil(new(folder, "report", "second"):find(".luarc.json", 1, true))
    assert.are.equal(first, folder:read ".luarc.json")
  end)

  it("makes them in the folder of a vendor, whose script says its class", function()
    local folder <close> = tmp.folder()
    assert.truthy(new(folder, "vendor", "acme"):find("made usagelua-acme/.luarc.json\n", 1, true))
    local script = folder:read "usagelua-acme/vendors/acme.lua"
    assert.truthy(script:find("---@type usagelua.vendor_description\nlocal vendor = {", 1, true))
  end)

  it("makes none with a workflow", function()
    local folder <close> = tmp.folder()
    new(folder, "workflow", "usage")
    assert.is_nil(folder:read ".luarc.json")
  end)
end)
