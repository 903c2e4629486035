-- The report jobs that were created at vendors and are not deleted yet, in a
-- folder that outlives the run: an intent before each creation, the id at once
-- after it. Whatever ends a run, the next one knows what it left.

local core = require "usagelua.core"
local entries = require "usagelua.ledger.entry"
local errors = require "usagelua.errors"

local ledger = {}

local SUFFIX <const> = ".job"
-- An orphan of another machine may be somebody's who still lives.
local FOREIGN_S <const> = 24 * 3600
-- A job is taken up again while its result is worth having.
local FRESH_S <const> = 3600

---@class usagelua.ledger
---@field folder string
---@field host string
---@field run string of this process
local methods = {}
local metatable = { __name = "usagelua.ledger", __index = methods }

-- Where it lies ------------------------------------------------------------

local function variable(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- The XDG specification has relative folders ignored.
local function default_folder()
  local state, home = variable "XDG_STATE_HOME", variable "HOME"
  if state and state:sub(1, 1) == "/" then return state .. "/usagelua" end
  return home and home .. "/.local/state/usagelua"
end

---The folder of state: USAGELUA_STATE, or the user's own.
---@return string? nil where nothing says one
function ledger.state_folder()
  return variable "USAGELUA_STATE" or default_folder()
end

local RANDOM <const> = "/dev/urandom"

local function random_name()
  local source <close>, why = io.open(RANDOM, "rb")
  local bytes
  if source then bytes, why = source:read(8) end
  if not bytes then
    error(errors.new { kind = "io", message = ("cannot read %s: %s"):format(RANDOM, why) }, 0)
  end
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local function raise(problem)
  errors.raise_usage("report jobs need a folder that can be written, so that none is left at a "
    .. "vendor: %s; set USAGELUA_STATE to one", problem)
end

local function check_writable(self)
  local probe = self:new_path()
  local lock, err = core.file.lock(probe)
  if not lock then raise(errors.from(err).message) end
  local removed, problem = core.file.remove(probe)
  lock:close()
  if not removed then raise(errors.from(problem).message) end
end

local function new(folder, clock)
  return setmetatable({ folder = folder, clock = clock, host = assert(core.system.host()),
    run = random_name(), count = 0 }, metatable)
end

---Opens the ledger for a run. Raises a usage error where it cannot be written.
---@param options { clock: usagelua.clock, folder: string? }
---@return usagelua.ledger
function ledger.open(options)
  local state = options.folder or ledger.state_folder()
  if not state then raise "neither XDG_STATE_HOME nor HOME is set" end
  local self = new(state .. "/jobs", options.clock)
  for _, folder in ipairs { state, self.folder } do
    local ok, err = core.file.mkdirs(folder, "0700")
    if not ok then raise(errors.from(err).message) end
  end
  check_writable(self)
  return self
end

---Opens the ledger to look at what is there; makes nothing.
---@param options { clock: usagelua.clock, jobs: string? } jobs: the very folder
---@return usagelua.ledger? nil where nothing can be there
function ledger.look(options)
  local state = not options.jobs and ledger.state_folder()
  local folder = options.jobs or state and state .. "/jobs"
  return folder and new(folder, options.clock) or nil
end

---@return string path of a file that is not there yet
function methods:new_path()
  self.count = self.count + 1
  return ("%s/%s-%d%s"):format(self.folder, self.run, self.count, SUFFIX)
end

-- This run's own -----------------------------------------------------------

---An entry for a job that is going to be created; nothing is written yet.
---@param about { vendor: string, account: string?, region: string?, base_url: string,
---  dataset: string, query: string }
---@return usagelua.ledger.entry
function methods:entry(about)
  local facts = { schema = entries.SCHEMA, created = math.floor(self.clock.now()),
    host = self.host, run = self.run }
  for name, value in pairs(about) do facts[name] = value end
  return entries.new(self:new_path(), facts)
end

-- What others left ---------------------------------------------------------

---Seconds since it was created.
---@param facts usagelua.ledger.facts
---@return number
function methods:age_s(facts)
  return math.max(0, self.clock.now() - facts.created)
end

---@param facts usagelua.ledger.facts
---@return boolean
function methods:is_fresh(facts)
  return self:age_s(facts) < FRESH_S
end

local function is_orphan(self, facts)
  return facts.host == self.host or self:age_s(facts) >= FOREIGN_S
end

-- Also what kept the folder from being read, if it is there.
local function paths(self)
  local names, err = core.file.list(self.folder)
  if not names and err.code ~= "ENOENT" then return {}, { errors.from(err) } end
  local list, problems = {}, {}
  names = names or {}
  for _, name in ipairs(names) do
    if name:sub(-#SUFFIX) == SUFFIX then list[#list + 1] = self.folder .. "/" .. name end
  end
  return list, problems
end

-- Whose owner lives, what is gone by now, and what is no entry is nobody's
-- problem.
local function add_problem(problems, err)
  if errors.is(err) and err.code ~= "ENOENT" and err.code ~= entries.FOREIGN then
    problems[#problems + 1] = err
  end
end

---Takes over the entries whose owners are gone; another machine's after a day.
---@param at_once boolean? another machine's too, however young: somebody says so
---@return usagelua.ledger.entry[] oldest first
---@return usagelua.error[] problems kind "io": what could not be looked into
function methods:orphans(at_once)
  local list, files, problems = {}, paths(self)
  for _, path in ipairs(files) do
    local taken, why = entries.take(path)
    if taken and (at_once or is_orphan(self, taken.facts)) then
      list[#list + 1] = taken
    elseif taken then
      taken:leave()
    else
      add_problem(problems, why)
    end
  end
  table.sort(list, function(a, b) return a.facts.created < b.facts.created end)
  return list, problems
end

---The entries of a run that still holds them.
---@param run string
---@return usagelua.ledger.entry[]
function methods:of_run(run)
  local list = {}
  for _, path in ipairs(paths(self)) do
    local facts = entries.read(path)
    if facts and facts.run == run and facts.host == self.host then
      list[#list + 1] = entries.new(path, facts)
    end
  end
  return list
end

---@alias usagelua.ledger.state "live here"|"orphan"|"other host"

---@class usagelua.ledger.line
---@field path string
---@field facts usagelua.ledger.facts
---@field state usagelua.ledger.state
---@field age_s number

local function state_of(self, path, facts)
  local taken, why = entries.take(path)
  if not taken then return why == "live" and "live here" or nil, why end
  taken:leave()
  return is_orphan(self, facts) and "orphan" or "other host"
end

---All jobs that are in it, oldest first.
---@return usagelua.ledger.line[]
---@return usagelua.error[] problems kind "io": what could not be looked into
function methods:list()
  local list, files, problems = {}, paths(self)
  for _, path in ipairs(files) do
    local facts, err = entries.read(path)
    local state
    if facts then state, err = state_of(self, path, facts) end
    if state then
      list[#list + 1] = { path = path, facts = facts, state = state, age_s = self:age_s(facts) }
    else
      add_problem(problems, err)
    end
  end
  table.sort(list, function(a, b) return a.facts.created < b.facts.created end)
  return list, problems
end

return ledger
