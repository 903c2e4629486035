-- Refuses arguments that a script never looks at: a misspelt option behind the
-- script's name would otherwise be passed over in silence, and the figures of
-- another period taken for those asked for.

local errors = require "usagelua.errors"
local options = require "usagelua.cli.options"

local unread = {}

-- usage.args, arg and `...` are the ways to them.
local function looks_at_arguments(text)
  return text:find("%f[%w_]args?%f[^%w_]") ~= nil or text:find("...", 1, true) ~= nil
end

local function is_period(word)
  if not word:find "^%d%d%d%d" then return false end
  local zone = require("usagelua.time.zone").parse "UTC"
  return (errors.try(require("usagelua.time.period").parse, word, zone, 0))
end

local function what_is_meant(word)
  if is_period(word) then return ("; the period is given by --period %s"):format(word) end
  if word:find "^[%w_]+=" then return "; a script has no --set, declare usage.args" end
  return "; declare them with usage.args"
end

---Raises a usage error for arguments of a script whose text mentions no way to
---them.
---@param text string of the script
---@param values table the options; after_dashes: how many of the arguments stand behind `--`
---@param arguments string[]
function unread.check(text, values, arguments)
  local word = arguments[1]
  if #arguments <= (values.after_dashes or 0) or looks_at_arguments(text) then return end
  if word:find "^%-." then errors.raise_usage("%s", options.unknown(word)) end
  errors.raise_usage("the script takes no arguments, and '%s' is one%s", word, what_is_meant(word))
end

return unread
