-- Runs commands for the specs: environment, time limit, everything captured.
-- What is run stands in a script file, so that no value shows in a command line.
local tmp = require "support.tmp"

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
---@field timeout_s number? seconds until it is ended (default 30)

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

--- Runs a command to its end.
---@param command string|string[] shell text, or words taken as they are
---@param options shell.Options?
---@return shell.Result
function shell.run(command, options)
  options = options or {}
  local folder <close> = tmp.folder()
  local limit = ("timeout -k 2 %g %%s "):format(options.timeout_s or 30)
  local line = (limit .. redirected(paths(folder, options)):gsub("%%", "%%%%"))
  folder:write("script", script(command, options, "exec " .. line))
  local _, how, status = os.execute("sh " .. shell.quote(folder.path .. "/script"))
  return {
    status = status,
    signal = signal_of(how, status),
    stdout = folder:read "stdout" or "",
    stderr = folder:read "stderr" or "",
    timed_out = status == 124,
  }
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

return shell
