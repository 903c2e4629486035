-- Temporary folders, removed when closed, also when a spec fails; what nobody
-- closes goes at the end of its spec file. Not when the handle is collected:
-- a name that was handed on, as in `return shell.run { folder:write(...) }`,
-- is in use when nothing holds the handle any more.
local tmp = {}

local function remove(path)
  os.execute("rm -rf -- '" .. path:gsub("'", "'\\''") .. "'")
end

-- Paths of the folders that are there. Every handle holds this table by its
-- methods; it is collected after the last of them, with this module.
local present = setmetatable({}, {
  __gc = function(paths)
    for path in pairs(paths) do remove(path) end
  end,
})

local methods = {}

--- Writes a file in the folder.
---@param name string relative to the folder
---@param text string
---@return string path
function methods:write(name, text)
  local path = self.path .. "/" .. name
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
  return path
end

--- Reads a file of the folder.
---@param name string
---@return string? text, string? err
function methods:read(name)
  local file <close>, err = io.open(self.path .. "/" .. name, "rb")
  if not file then return nil, err end
  return file:read "a"
end

--- Removes the folder and all in it; may be called again.
function methods:remove()
  if not present[self.path] then return end
  present[self.path] = nil
  remove(self.path)
end

local metatable = {
  __name = "spec.tmp.folder",
  __index = methods,
  __close = methods.remove,
}

--- A fresh folder (0700).
---@param within string? folder to make it in
---@return { path: string }
function tmp.folder(within)
  local pipe <close> = assert(io.popen(within and ("mktemp -d -p '%s'"):format(within) or "mktemp -d"))
  local path = pipe:read "l"
  present[assert(path, "mktemp gave no folder")] = true
  return setmetatable({ path = path }, metatable)
end

return tmp
