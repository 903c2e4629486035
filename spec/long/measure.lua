-- What the long plays of this folder share: the words of their command line, time, and the exit.
local core = require "usagelua.core"

local measure = {}

---NAME=VALUE words as whole numbers, over these defaults.
---@param words string[]
---@param defaults table<string, integer>
---@return table<string, integer>
function measure.options(words, defaults)
  local options = {}
  for name, value in pairs(defaults) do options[name] = value end
  for _, word in ipairs(words) do
    local name, value = word:match "^(%u+)=(%d+)$"
    if not name or defaults[name] == nil then
      io.stderr:write("not a setting: ", word, "\n")
      os.exit(2)
    end
    options[name] = math.tointeger(value)
  end
  return options
end

measure.now = core.clock.monotonic

---Seconds since then, to be shown.
function measure.since(start)
  return ("%.0f s"):format(core.clock.monotonic() - start)
end

function measure.say(format, ...)
  print(format:format(...))
  io.stdout:flush()
end

function measure.sleep(seconds)
  os.execute(("sleep %g"):format(seconds))
end

---Ends the process: status 1 where something broke.
function measure.exit(broken)
  os.exit(broken == 0 and 0 or 1, true)
end

return measure
