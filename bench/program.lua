-- One program of a row: what is run, and what one run of it took and printed.
local paths = require "paths"
local peers = require "peers"
local shell = require "support.shell"
local tmp = require "support.tmp"

local program = {}

local LIMIT_S <const> = 1200

---@class bench.program
---@field name string
---@field title string
---@field command string[]? nil where it cannot be run here
---@field packages string? what would bring it then
---@field columns string? of its CSV that count as its output, as cut takes them
---@field amount number? what it does in a run, on a scale curve
---@field figure? fun(output: string, errors: string): number? seconds that it tells itself
---@field reads string? the document that the server sends it, which has to be in memory
---@field is_floor boolean? prints something else, or nothing
---@field may_fail boolean? known not to be able to do it
---@field rounds integer? so many only

---@class bench.sample
---@field wall number seconds
---@field cpu number seconds of user and system
---@field peak_kb integer
---@field status integer
---@field figure number seconds that it told itself, else of the whole run
---@field output string hash of what it printed

---A peer in a row.
---@param name string of peers
---@param arguments string[]
---@param more table? further fields
---@return bench.program
function program.peer(name, arguments, more)
  local peer, missing = peers.get(name)
  local made = { name = name, title = missing.title, packages = missing.packages }
  if peer then made.command, made.env = peers.command(peer, arguments), peer.env end
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

-- No setting of a developer's own reaches the program; the credentials are for
-- the two vendors of the benchmark.
local ENVIRONMENT <const> = {
  BENCH_USERNAME = "someone", BENCH_ACCESS_KEY = "0123456789abcdef",
  PLAIN_TOKEN = "0123456789abcdef", NO_COLOR = "1",
}

---usagelua in a row.
---@param title string
---@param words string[] behind the program's name
---@param env table<string, string>?
---@param more table?
---@return bench.program
function program.usagelua(title, words, env, more)
  local made = { name = "usagelua", title = title, env = {} }
  made.command = table.move(words, 1, #words, 2, { paths.binary })
  for key, value in pairs(ENVIRONMENT) do made.env[key] = value end
  made.env.USAGELUA_STATE = paths.build .. "/state"
  made.env.USAGELUA_VENDORS = paths.vendors
  for key, value in pairs(env or {}) do made.env[key] = value end
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

---A script in a row that prints by itself.
---@param script string below bench/reports
---@param words string[]
---@param env table<string, string>?
---@param more table?
---@return bench.program
function program.script(script, words, env, more)
  local all = { ("%s/%s.lua"):format(paths.reports, script), "--" }
  table.move(words, 1, #words, #all + 1, all)
  return program.usagelua("usagelua " .. script .. ".lua", all, env, more)
end

---The library in plain lua5.4.
---@param title string
---@param words string[] behind the interpreter's name
---@param more table?
---@return bench.program
function program.module(title, words, more)
  local home = paths.binary:match "^(.*)/"
  local made = { name = "usagelua", title = title, env = {
    LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(home, home),
    LUA_CPATH = home .. "/build/lib/?.so;;",
  } }
  made.command = table.move(words, 1, #words, 2, { "lua5.4" })
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

---A report script in a row, its table as CSV.
---@param script string below bench/reports
---@param words string[]
---@param env table<string, string>?
---@param more table?
---@return bench.program
function program.report(script, words, env, more)
  local all = { ("%s/%s.lua"):format(paths.reports, script), "-f", "csv", "--" }
  table.move(words, 1, #words, #all + 1, all)
  return program.usagelua("usagelua " .. script .. ".lua", all, env, more)
end

local UNSET <const> = { "http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy",
  "no_proxy", "NO_PROXY", "USAGELUA_GRANT", "USAGELUA_CA_FILE", "CI", "LUA_PATH", "LUA_CPATH", "LUA_INIT",
  "PYTHONPATH", "NODE_OPTIONS" }

local function env_words(env)
  local names, words = {}, { "env" }
  for _, name in ipairs(UNSET) do table.move({ "-u", name }, 1, 2, #words + 1, words) end
  for name in pairs(env or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do words[#words + 1] = name .. "=" .. env[name] end
  return words
end

local folder = tmp.folder()

local function output_file()
  return folder.path .. "/output"
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function hash(self)
  local cut = self.columns and ("cut -d, -f%s "):format(self.columns) or "cat "
  return paths.output(cut .. shell.quote(output_file()) .. " | sha256sum"):sub(1, 8)
end

---The words of its command, with its environment.
---@param self bench.program
---@return string[]
function program.words(self)
  local words = env_words(self.env)
  return table.move(self.command, 1, #self.command, #words + 1, words)
end

local function sample_of(self, line)
  local wall, user, system, peak, status = line:match "^(%S+) (%S+) (%S+) (%S+) (%S+)$"
  assert(wall, "measure said: " .. line)
  return { wall = tonumber(wall), figure = tonumber(wall), cpu = user + system,
    peak_kb = math.tointeger(peak), status = math.tointeger(status), output = hash(self) }
end

---Runs it once.
---@param self bench.program
---@return bench.sample
function program.run(self)
  local words = { paths.build .. "/measure", tostring(LIMIT_S), output_file() }
  local command = program.words(self)
  table.move(command, 1, #command, #words + 1, words)
  local sample = sample_of(self, paths.output(shell.words(words)))
  if self.figure and sample.status == 0 then
    sample.figure = assert(self.figure(read(output_file()), program.errors()), self.title)
  end
  return sample
end

---What the last run said to stderr.
---@return string
function program.errors()
  return read(output_file() .. ".err")
end

return program
