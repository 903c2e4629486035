-- Runs commands for the specs: environment, time limit, everything captured.
-- What is run stands in a script file, so that no value shows in a command line.
local tmp = require "support.tmp"
local until_end = require "support.until_end"

local shell = {}

--- One word for a POSIX shell.
---@param text string
---@return string
function shell.quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

--- A command line of words, each quoted.
---@param words string[]
---@return string
function shell.words(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = shell.quote(word) end
  return table.concat(quoted, " ")
end

local function environment_lines(env)
  local names, lines = {}, {}
  for name in pairs(env) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    local value = env[name]
    lines[i] = value and ("export %s=%s"):format(name, shell.quote(value)) or "unset " .. name
  end
  return lines
end

local function script(command, options, last)
  local lines = environment_lines(options.env or {})
  table.insert(lines, 1, "cd " .. shell.quote(options.cwd or ".") .. " || exit 127")
  local line = type(command) == "table" and shell.words(command) or "sh -c " .. shell.quote(command)
  lines[#lines + 1] = last:format(line)
  return table.concat(lines, "\n") .. "\n"
end

local function signal_of(how, status)
  if how == "signal" then return status end
  if status > 128 and status <= 128 + 64 then return status - 128 end
end

---@class shell.Result
---@field status integer exit status (124: the time limit was reached)
---@field signal integer? the signal that ended it, where one did
---@field stdout string
---@field stderr string
---@field timed_out boolean

---@class shell.Options
---@field env table<string, string|false>? variables to set; false takes one away
---@field stdin string? text for its standard input (default: none)
---@field cwd string? folder to run in
---@field timeout_s number? seconds until it is ended (default 120)

local function paths(folder, options)
  if options.stdin then folder:write("stdin", options.stdin) end
  return {
    stdin = options.stdin and folder.path .. "/stdin" or "/dev/null",
    stdout = folder.path .. "/stdout",
    stderr = folder.path .. "/stderr",
  }
end

local function redirected(names)
  return ("<%s >%s 2>%s"):format(shell.quote(names.stdin), shell.quote(names.stdout),
    shell.quote(names.stderr))
end

local function result_of(folder, how, status)
  return {
    status = status,
    signal = signal_of(how, status),
    stdout = folder:read "stdout" or "",
    stderr = folder:read "stderr" or "",
    timed_out = status == 124,
  }
end

--- Runs a command to its end.
---@param command string|string[] shell text, or words taken as they are
---@param options shell.Options?
---@return shell.Result
function shell.run(command, options)
  options = options or {}
  local folder <close> = tmp.folder()
  local limit = ("timeout -k 2 %g %%s "):format(options.timeout_s or 120)
  local line = (limit .. redirected(paths(folder, options)):gsub("%%", "%%%%"))
  folder:write("script", script(command, options, "exec " .. line))
  local _, how, status = os.execute("exec sh " .. shell.quote(folder.path .. "/script"))
  return result_of(folder, how, status)
end

--- The output of a command that must succeed.
---@param command string|string[]
---@param options shell.Options?
---@return string stdout
function shell.output(command, options)
  local result = shell.run(command, options)
  if result.status ~= 0 then
    local text = type(command) == "table" and table.concat(command, " ") or command
    error(("command ended with status %d: %s\n%s"):format(result.status, text, result.stderr), 2)
  end
  return result.stdout
end

--- The interpreter under test: USAGELUA_BIN, default ./usagelua, as an absolute path.
---@return string
function shell.usagelua()
  local name = os.getenv "USAGELUA_BIN" or "./usagelua"
  return (shell.output { "realpath", "--", name }:gsub("\n$", ""))
end

--- The Lua that loads the modules under test: USAGELUA_LUA, default lua5.4.
---@return string
function shell.lua()
  return os.getenv "USAGELUA_LUA" or "lua5.4"
end

local process = {}

---@return boolean
function process:has_ended()
  return self.folder:read "status" ~= nil
end

--- Sends a signal, unless it has ended.
---@param name string "INT", "TERM", "KILL", ...
function process:signal(name)
  if not self:has_ended() then os.execute(("kill -%s %d"):format(name, self.pid)) end
end

local UNTIL_STATUS <const> = "timeout %g sh -c 'until [ -e status ]; do sleep 0.01; done'"

--- Waits until it has ended.
---@param limit_s number seconds
---@return shell.Result? nil when it is still running then
function process:wait(limit_s)
  os.execute("cd " .. shell.quote(self.folder.path) .. " && " .. UNTIL_STATUS:format(limit_s))
  local status = tonumber((self.folder:read "status"))
  return status and result_of(self.folder, "exit", status)
end

--- What it has written so far.
---@return string stdout, string stderr
function process:output()
  return self.folder:read "stdout" or "", self.folder:read "stderr" or ""
end

--- Kills it if need be and forgets it; may be called again.
function process:close()
  if not until_end.let_go(self) then return end
  self:signal "KILL"
  self:wait(30)
  self.folder:remove()
end

local process_metatable = { __name = "spec.process", __index = process, __close = process.close }

-- A shell's background commands ignore SIGINT and SIGQUIT, hence env. `exec` in the script
-- makes the shell's process id the command's own. When this Lua, $PPID, has died without closing
-- it, the watch ends the command and removes the folder.
local IN_BACKGROUND <const> = [[
d=%s
( sh "$d/script" & command=$!
  ( while [ -d "$d" ] && kill -0 $PPID; do sleep 0.5; done
    [ -d "$d" ] || exit
    [ -e "$d/status" ] || kill -9 $command
    tries=0 # the status is the last that comes into the folder
    until [ -e "$d/status" ] || [ $tries = 200 ]; do tries=$((tries + 1)); sleep 0.05; done
    rm -rf -- "$d" ) &
  echo $command >"$d/pid.new"; mv "$d/pid.new" "$d/pid"
  wait $command; echo $? >"$d/status.new"; mv "$d/status.new" "$d/status" ) </dev/null >/dev/null 2>&1 &
until [ -e "$d/pid" ]; do sleep 0.01; done
]]

--- Starts a command in the background; its process id is the command's own.
---   local run <close> = shell.start({ shell.usagelua(), "report.lua" }, { env = environment })
---   run:signal "INT"
---   local result = run:wait(5)
---@param command string[]
---@param options shell.Options? timeout_s is of no effect: the handle ends it
---@return { pid: integer }
function shell.start(command, options)
  options = options or {}
  local folder = tmp.folder()
  local line = "exec env --default-signal=INT,QUIT %s " ..
    redirected(paths(folder, options)):gsub("%%", "%%%%")
  folder:write("script", script(command, options, line))
  os.execute(IN_BACKGROUND:format(shell.quote(folder.path)))
  local started = setmetatable({ folder = folder, pid = tonumber((folder:read "pid")) }, process_metatable)
  until_end.keep(started, process.close)
  return started
end

return shell
