-- Where in a vendor's script something was done: file and line of its innermost
-- function that is running, for messages.

local errors = require "usagelua.errors"

local script_place = {}

local STOPS <const> = { cancelled = true, deadline = true }

local function folder_of(source)
  return source:match "^(@.*/)[^/]*$"
end

-- The script itself, or a file beside it that it required.
local function is_of(source, chunk)
  return source == chunk or folder_of(chunk) ~= nil and folder_of(source) == folder_of(chunk)
end

---@param chunk string the script's chunk name, "@vendors/acme.lua"
---@param level integer of the stack, from where to look outwards
---@return string? "vendors/acme.lua:12"
function script_place.running(chunk, level)
  local info = debug.getinfo(level, "Sl")
  while info do
    if info.currentline > 0 and is_of(info.source, chunk) then
      return ("%s:%d"):format(info.source:gsub("^[@=]", ""), info.currentline)
    end
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
end

local function message_of(value)
  if type(value) == "string" then return value end
  return ("the error value is a %s, not a text"):format(type(value))
end

---A message handler for xpcall that notes the place with the error. A text that
---the script raised, or Lua for it, names its place already.
---@param chunk string
---@return fun(value: any): usagelua.error
function script_place.handler(chunk)
  return function(value)
    if not errors.is(value) then
      return errors.new { kind = "script", message = message_of(value), place = "", cause = value }
    end
    if value.place or STOPS[value.kind] then return value end
    local located = errors.new(value)
    located.place = script_place.running(chunk, 3) -- a tail call leaves no line; who called may know one
    return located
  end
end

return script_place
