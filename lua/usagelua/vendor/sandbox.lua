-- Loads a vendor script with a stated set of names (design: the contract's
-- vendor descriptions). It contains accidents and theft through the API; it
-- is no wall against bugs in the interpreter.

local errors = require "usagelua.errors"

local sandbox = {}

local function copy(library, without)
  local names = {}
  for name, value in pairs(library) do names[name] = value end
  for _, name in ipairs(without or {}) do names[name] = nil end
  return names
end

---Lua's plain functions that vendor scripts see.
sandbox.SAFE = { "select", "pairs", "ipairs", "next", "type", "tostring", "tonumber", "error",
  "assert", "pcall" }

local STOPS <const> = { cancelled = true, deadline = true }

local function pass_stops(ok, err, ...)
  if not ok and errors.is(err) and STOPS[err.kind] then error(err, 0) end
  return ok, err, ...
end

-- Who is stopped is not to go on: what cancels a task passes every pcall.
local function guarded_pcall(...)
  return pass_stops(pcall(...))
end

local function environment(kit)
  local names = {
    string = copy(string, { "dump" }),
    table = copy(table),
    math = copy(math, { "randomseed" }),
    utf8 = copy(utf8),
    kit = copy(kit or {}),
  }
  for _, name in ipairs(sandbox.SAFE) do names[name] = _G[name] end
  names.pcall = guarded_pcall
  return names
end

-- What a string finds by itself, `("x"):upper()`, is the same for all scripts of a state: all of the
-- library but for dump, and what a script has added to the library.
local function close_methods()
  local strings = getmetatable ""
  if strings.__index ~= string then return end
  strings.__index = setmetatable(copy(string, { "dump" }), { __index = function(_, name)
    if name ~= "dump" then return string[name] end
  end })
end

local MODULE_NAME = "^[%w_]+$"

-- `require` inside a vendor script reaches only files beside it, loaded under
-- the same rules.
local function make_require(folder, names, read)
  local loaded = {}
  return function(name)
    if type(name) ~= "string" or not name:find(MODULE_NAME) then
      error(("require '%s': a vendor script reaches only modules beside it"):format(
        tostring(name)), 2)
    end
    if loaded[name] == nil then
      local path = ("%s/%s.lua"):format(folder, name)
      local text = read(path)
      if not text then error(("require '%s': no file %s"):format(name, path), 2) end
      loaded[name] = assert(load(text, "@" .. path, "t", names))() or true
    end
    return loaded[name]
  end
end

---Runs a vendor script and returns what it returns.
---@param text string
---@param path string of the script, for messages and `require`
---@param kit table what the flow kit offers to scripts
---@param read fun(path: string): string?
---@return any
function sandbox.run(text, path, kit, read)
  local names = environment(kit)
  close_methods()
  names.require = make_require(path:match "^(.*)/[^/]*$" or ".", names, read)
  local chunk, message = load(text, "@" .. path, "t", names)
  if not chunk then
    error(errors.new { kind = "script", message = "vendor script: " .. message }, 0)
  end
  local ok, result = xpcall(chunk, function(failure)
    if errors.is(failure) then return failure end
    return errors.new { kind = "script", message = "vendor script: " .. tostring(failure) }
  end)
  if not ok then error(result, 0) end
  return result
end

return sandbox
