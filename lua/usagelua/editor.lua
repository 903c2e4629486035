-- `.luarc.json`: tells an editor's Lua language server which Lua this is, and
-- where the annotations of the library lie. One that exists is left alone.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local output = require "usagelua.output"

local editor = {}

local NAME <const> = ".luarc.json"

-- The annotations lie beside the library's files; a binary alone has none.
local function library(root)
  local folder = root and core.file.realpath(root .. "/usagelua/meta")
  return json.array { folder }
end

---@param root string? folder of the library's Lua files
---@return string
function editor.text(root)
  local settings = json.object {
    { "runtime.version", "Lua 5.4" },
    { "workspace.library", library(root) },
    { "workspace.checkThirdParty", false },
  }
  return json.encode(settings, { indent = 2 }) .. "\n"
end

---Writes the settings into a folder that has none.
---@param folder string
---@param root string? folder of the library's Lua files
---@return string? path nil where there are settings already
---Raises kind io where they cannot be written.
function editor.write(folder, root)
  local path = folder == "." and NAME or folder .. "/" .. NAME
  if core.file.exists(path) then return nil end
  local ok, err = output.save(path, editor.text(root))
  if not ok then error(errors.from(err), 0) end
  return path
end

return editor
