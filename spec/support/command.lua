-- Runs the interpreter under test as a user does, in an environment without a
-- developer's own settings.
local shell = require "support.shell"
local tmp = require "support.tmp"

local command = {}

local UNSET <const> = { "http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy",
  "no_proxy", "NO_PROXY", "USAGELUA_VENDORS", "USAGELUA_GRANT", "USAGELUA_CA_FILE",
  "USAGELUA_TESTMU_URL", "NO_COLOR", "CI", "LT_USERNAME", "LT_ACCESS_KEY", "LUA_PATH", "LUA_CPATH",
  "LUA_INIT" }

local function environment(...)
  local env = {}
  for _, name in ipairs(UNSET) do env[name] = false end
  for _, more in ipairs { ... } do
    for name, value in pairs(more) do env[name] = value end
  end
  return env
end

local methods = {}
local metatable = { __index = methods }

---Runs it to its end.
---@param words string[] behind the program's name
---@param options shell.Options?
---@return shell.Result
function methods:run(words, options)
  options = options or {}
  return shell.run({ self.binary, table.unpack(words) }, {
    env = environment(self.env, options.env or {}), stdin = options.stdin,
    cwd = options.cwd or self.folder.path, timeout_s = options.timeout_s,
  })
end

---Runs a script of this text, written as report.lua in the folder.
---@param text string
---@param words string[]? behind the script's name
---@param options shell.Options?
---@return shell.Result
function methods:script(text, words, options)
  self.folder:write("report.lua", text)
  return self:run({ "report.lua", table.unpack(words or {}) }, options)
end

---Starts it in the background.
---@param words string[]
---@param options shell.Options?
function methods:start(words, options)
  options = options or {}
  return shell.start({ self.binary, table.unpack(words) },
    { env = environment(self.env, options.env or {}), cwd = options.cwd or self.folder.path })
end

---Names of the files in its folder, as `ls -A` gives them.
---@return string
function methods:files()
  return (shell.output({ "ls", "-A" }, { cwd = self.folder.path }):gsub("%s+$", ""):gsub("\n", " "))
end

---@param env table<string, string|false>? for every run
---@param folder table? of support/tmp.lua, for the case
---@return table with folder, a fresh one for the case unless it is given
function command.new(env, folder)
  return setmetatable({ binary = shell.usagelua(), env = env or {}, folder = folder or tmp.folder() }, metatable)
end

return command
