-- Starting and ending: what each program needs to do nothing, or next to it.
local instructions = require "instructions"
local paths = require "paths"
local program = require "program"

local start = {}

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
