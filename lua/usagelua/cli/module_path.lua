-- Where a script's `require` looks.

local module_path = {}

-- Lua's default path holds the current folder; what LUA_PATH says stays.
local function without_current(path, variable)
  if os.getenv(variable .. "_5_4") or os.getenv(variable) then return path end
  return ((";" .. path):gsub(";%./[^;]*", ""):sub(2))
end

---A script's own modules lie beside it, wherever it is started from.
---@param folder string
function module_path.set(folder)
  package.path = ("%s;%s/?.lua;%s/?/init.lua"):format(
    without_current(package.path, "LUA_PATH"), folder, folder)
  package.cpath = ("%s;%s/?.so"):format(without_current(package.cpath, "LUA_CPATH"), folder)
end

return module_path
