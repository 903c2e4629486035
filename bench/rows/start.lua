-- Starting and ending: what each program needs to do nothing, or next to it.
local paths = require "paths"
local program = require "program"
local shell = require "support.shell"

local start = {}

-- As valgrind counts them, once: they hardly vary.
local function instructions(one)
  if not one.command or os.execute "command -v valgrind >/dev/null" ~= true then return "–" end
  local words = program.words(one)
  local said = paths.output(("valgrind --tool=callgrind --trace-children=yes "
    .. "--callgrind-out-file=/dev/null %s 2>&1 >/dev/null"):format(shell.words(words)))
  local count = tonumber(said:match ".*Collected : (%d+)") -- the first is env's, which becomes it
  return count and ("%.1f"):format(count / 1e6) or "–"
end

---@return bench.row
function start.row()
  return {
    title = "Start-up", goals = {}, extra = { head = "million instructions", of = instructions },
    programs = {
      program.usagelua("usagelua -e ''", { "-e", "" }),
      program.usagelua("usagelua fetch testmu.summary --replay",
        { "fetch", "testmu.summary", "--replay", paths.root .. "/examples/testmu-monthly.har" }, nil,
        { name = "usagelua_fetch", is_floor = true }),
      program.module("lua5.4 -e 'require \"usagelua\"'", { "-e", "require 'usagelua'" },
        { name = "usagelua_module" }),
      program.peer("lua_start", {}),
      program.peer("python_start", {}),
    },
  }
end

return start
