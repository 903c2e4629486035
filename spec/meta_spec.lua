-- lua/usagelua/meta/ describes each function that C binds, and none that it does not.
local core = require "usagelua.core"
local shell = require "support.shell"

local PARTS <const> = { "clock", "csv", "digest", "file", "fold", "json", "mask", "origin", "rows", "secret",
  "spool", "system", "terminal", "token", "zone" }

-- Annotations of what is written in Lua.
local OF_LUA <const> = { ["lua/usagelua/meta/flow.lua"] = true }

local function described()
  local names = {}
  for path in shell.output("ls lua/usagelua/meta/*.lua"):gmatch "[^\n]+" do
    for line in io.lines(path) do
      local name = line:gsub("^local ", ""):match "^function ([%w_.:]+)"
        or line:match "^  ([%w_]+) = function" or line:match "^%-%-%-@field ([%w_]+) fun"
      if name and not OF_LUA[path] then names[name:match "([%w_]+)$"] = path .. ": " .. name end
    end
  end
  return names
end

-- A part may be its one function itself.
local function add_functions(names, holder, place)
  if type(holder) == "function" then holder = { new = holder } end
  for name, value in pairs(holder) do
    if type(value) == "function" then names[name] = place .. "." .. name end
  end
end

-- Functions of the modules, and methods of their types.
local function bound()
  local names = {}
  for _, part in ipairs(PARTS) do add_functions(names, core[part], part) end
  add_functions(names, require "usagelua.transfer", "transfer")
  for name, metatable in pairs(debug.getregistry()) do
    local methods = type(metatable) == "table" and tostring(name):find "^usagelua"
      and rawget(metatable, "__index")
    if type(methods) == "table" then add_functions(names, methods, name) end
  end
  return names
end

describe("lua/usagelua/meta", function()
  it("describes every function that C binds", function()
    local names = described()
    for name, place in pairs(bound()) do assert.is_not_nil(names[name], place) end
  end)

  it("describes none that there is not", function()
    local names = bound()
    for name, place in pairs(described()) do assert.is_not_nil(names[name], place) end
  end)

  it("knows every part of the core", function()
    local file <close> = assert(io.open "csrc/core/core.c")
    local parts = {}
    for name in file:read("a"):gmatch '{"(%l+)", ul_open_' do parts[#parts + 1] = name end
    table.sort(parts)
    assert.are.same(PARTS, parts)
  end)
end)
