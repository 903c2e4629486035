-- Temporary folders, removed when closed or collected, also when a spec fails.
local tmp = {}

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
  if self.removed then return end
  self.removed = true
  os.execute("rm -rf -- '" .. self.path:gsub("'", "'\\''") .. "'")
end

local metatable = {
  __name = "spec.tmp.folder",
  __index = methods,
  __gc = methods.remove,
  __close = methods.remove,
}

--- A fresh folder (0700), kept as long as the handle lives.
---@param within string? folder to make it in
---@return { path: string }
function tmp.folder(within)
  local pipe <close> = assert(io.popen(within and ("mktemp -d -p '%s'"):format(within) or "mktemp -d"))
  local path = pipe:read "l"
  return setmetatable({ path = assert(path, "mktemp gave no folder") }, metatable)
end

return tmp
