-- What a run that failed says on stderr before it ends: the error, each line of
-- it masked and safe, as a vendor may have worded it; with -v the traceback.

local core = require "usagelua.core"
local failure = require "usagelua.cli.failure"
local output = require "usagelua.output"
local safe = require "usagelua.formats.safe"

local last_words = {}

local function say(text)
  local sink = output.stderr()
  sink:write((core.mask.text(text):gsub("[^\n]+", safe.text)) .. "\n")
  sink:commit()
end

local function is_verbose(arguments)
  for _, argument in ipairs(arguments) do
    if argument == "-v" or argument == "--verbose" then return true end
  end
  return false
end

---@param caught usagelua.failure
---@param arguments string[] of the command line
function last_words.say(caught, arguments)
  say("usagelua: " .. failure.text(caught))
  if caught.traceback and is_verbose(arguments) then say((caught.traceback:gsub("\t", "  "))) end
end

return last_words
