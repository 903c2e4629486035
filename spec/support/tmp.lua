-- Temporary folders, removed when closed, also when a spec fails (support/until_end.lua).
local until_end = require "support.until_end"

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
  if until_end.let_go(self) then os.execute("rm -rf -- '" .. self.path:gsub("'", "'\\''") .. "'") end
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
  local folder = setmetatable({ path = assert(pipe:read "l", "mktemp gave no folder") }, metatable)
  until_end.keep(folder, methods.remove)
  return folder
end

local IS_WRITABLE <const> = "test -d /dev/shm -a -w /dev/shm"

--- A fresh folder for small files, in memory where the system has such a place: that a busy disk takes
--- seconds to have a line for good is not what a case about seconds shows.
---@return { path: string }
function tmp.in_memory()
  return tmp.folder(os.execute(IS_WRITABLE) and "/dev/shm" or nil)
end

return tmp
