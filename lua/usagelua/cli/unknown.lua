-- What was probably meant by a first word that is no command.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local unknown = {}

local function raise(word, format)
  errors.raise_usage("unknown command '%s'; " .. format, word, word)
end

---Raises a usage error that says what to write.
---@param word string
---@param commands table<string, any> by name
function unknown.raise(word, commands)
  if core.file.exists(word .. ".lua") then
    raise(word, "to run the script, write usagelua %s.lua")
  elseif core.file.exists(word) then
    raise(word, "to run the file as a script, write usagelua ./%s")
  elseif word:find "^[%w_]+%.[%w_]+$" then
    raise(word, "to ask for a dataset, write usagelua fetch %s")
  end
  local names = {}
  for name in pairs(commands) do names[#names + 1] = name end
  errors.raise_usage("%s; a report script ends in .lua", errors.unknown("command", word, names))
end

return unknown
