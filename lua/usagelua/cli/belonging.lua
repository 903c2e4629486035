-- Whether the options that were given belong to the command that is run.

local errors = require "usagelua.errors"
local options = require "usagelua.cli.options"

local belonging = {}

local function raise_belongs(row, command)
  local instead = command == "script"
    and "; in a script, write it in collect or aggregate, or declare usage.args" or ""
  errors.raise_usage("--%s belongs to `usagelua %s`%s", row.name, row.only[1], instead)
end

---Refuses options that belong to another command, and what no command takes.
---@param values table
---@param command string "script", "fetch", "vendors"
---@param rest string[]
function belonging.check(values, command, rest)
  for _, row in ipairs(options.rows) do
    if row.only and values[row.key] ~= nil and not options.belongs(row, command) then
      raise_belongs(row, command)
    end
  end
  for _, word in ipairs(command ~= "script" and rest or {}) do
    if word:find "^%-." then errors.raise_usage("%s", options.unknown(word)) end
  end
end

return belonging
