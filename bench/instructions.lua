-- How many instructions a program takes, as valgrind counts them, once: they
-- hardly vary.
local paths = require "paths"
local program = require "program"
local shell = require "support.shell"

---@param one bench.program
---@return string millions, or a dash where that is not known
return function(one)
  if not one.command or os.execute "command -v valgrind >/dev/null" ~= true then return "–" end
  local words = program.words(one)
  local said = paths.output(("valgrind --tool=callgrind --trace-children=yes "
    .. "--callgrind-out-file=/dev/null %s 2>&1 >/dev/null"):format(shell.words(words)))
  local count = tonumber(said:match ".*Collected : (%d+)") -- the first is env's, which becomes it
  return count and ("%.1f"):format(count / 1e6) or "–"
end
