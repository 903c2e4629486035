-- Files for specs where the core's own are not built.
local files = {}

local methods = {}
local metatable = { __index = methods, __close = function(self) self:close() end }

function files.writer(path)
  local file, reason = io.open(path .. ".part", "wb")
  if not file then return nil, { kind = "io", message = reason } end
  return setmetatable({ file = file, path = path }, metatable)
end

function methods:write(text)
  self.file:write(text)
  return true
end

function methods:commit()
  self.file:close()
  self.file = nil
  return os.rename(self.path .. ".part", self.path)
end

function methods:close()
  if not self.file then return end
  self.file:close()
  self.file = nil
  os.remove(self.path .. ".part")
end

function files.read(path)
  local file <close>, reason = io.open(path, "rb")
  if not file then return nil, { kind = "io", message = reason } end
  return file:read "a"
end

return files
