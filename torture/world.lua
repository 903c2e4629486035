-- Where flows run: one server that plays all vendors, a folder that begins anew with each run, and
-- the program under build/torture/failing.so.
local base64 = require "usagelua.cassette.base64"
local cjson = require "cjson"
local core = require "usagelua.core"
local http = require("usagelua").http
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local world = {}

local LIMIT_S <const> = 60
local LIBRARY <const> = "build/torture/failing.so"
local OLD <const> = "old\n"
world.OLD = OLD

-- A clock fifty times as fast, and few rows.
local SETTINGS <const> = {
  ["/testmu/settings"] = { ledger = { users = 5 } },
  ["/workato/settings"] = { ledger = { workspaces = 4, recipes = 2 } },
  ["/browserstack/settings"] = { second_ms = 20, ledger = { users = 6, teams = 2 },
    rate = { burst = 1000, per_minute = 60000 } },
}

local methods = {}
local metatable = { __index = methods, __close = function(self) self:stop() end }

-- A sanitizer wants to be loaded first, and need not be; what is given back is counted anyway.
local function sanitizer_options()
  local given = os.getenv "ASAN_OPTIONS"
  return given and given .. ":verify_asan_link_order=0:detect_leaks=0" or nil
end

local function spec_environment(server)
  local env = { PATH = os.getenv "PATH", NO_PROXY = "*", ASAN_OPTIONS = sanitizer_options() }
  for name, value in pairs(server:environment()) do env[name] = value or nil end
  return env
end

-- The program in a folder of its own with its library in files beside it.
local function install(binary, folder)
  assert(os.execute(("cp %q %q && ln -s \"$PWD/lua\" %q/lua"):format(binary, folder.path, folder.path)))
  return folder.path .. "/" .. binary:match "[^/]+$"
end

---@param binary string absolute path of the program
function world.start(binary)
  local server = nginx.start { tls = false, vendors = { "testmu", "workato", "browserstack" } }
  local self = setmetatable({ server = server, folder = tmp.in_memory(), program = tmp.folder(),
    library_folder = tmp.folder(), env = spec_environment(server), host = core.system.host() }, metatable)
  self.alone = self.program.path .. "/usagelua"
  self.library = self.program.path .. "/failing.so" -- the path of a checkout may hold a space
  assert(os.execute(("cp %q %q && cp %q %q"):format(binary, self.alone, LIBRARY, self.library)))
  self.beside = install(binary, self.library_folder)
  for path, settings in pairs(SETTINGS) do server:control(path, settings) end
  return self
end

-- Asking the server's control endpoint without a process of its own.
function methods:control(path, body)
  local answer, err = http.request { method = body and "POST" or "GET",
    url = self.server.url .. "/_control" .. path, body = body and cjson.encode(body),
    headers = body and { ["Content-Type"] = "application/json" } }
  if not answer or answer.status ~= 200 then
    error(("control %s: %s"):format(path, answer and answer.body or err), 2)
  end
  return cjson.decode(answer.body)
end

---The vendor's own list of jobs that are not deleted: their ids.
function methods:jobs_alive()
  local ids = {}
  for _, job in ipairs(self:control "/browserstack/jobs") do
    if job.alive then ids[#ids + 1] = job.id end
  end
  return ids
end

---How many requests the vendors got.
function methods:asked()
  return #self:control "/log"
end

-- A run's folder -------------------------------------------------------------

local function path_of(self, name) return self.folder.path .. "/" .. name end

local function empty(path)
  for _, name in ipairs(core.file.list(path) or {}) do
    local child = path .. "/" .. name
    if core.file.stat(child).kind == "folder" then empty(child) end
    core.file.remove(child)
  end
end

local function write_inputs(self, flow)
  for name, text in pairs(flow.inputs or {}) do
    local folder = name:match "^(.*)/"
    if folder then core.file.mkdirs(path_of(self, folder)) end
    self.folder:write(name, text)
  end
  for _, name in ipairs(flow.files or {}) do self.folder:write(name, OLD) end
end

local function create_job(self)
  local env = self.env
  local login = base64.encode(env.BROWSERSTACK_USERNAME .. ":" .. env.BROWSERSTACK_ACCESS_KEY)
  local answer = assert(http.request { method = "POST", body = "{}",
    headers = { Authorization = "Basic " .. login, ["Content-Type"] = "application/json" },
    url = env.USAGELUA_BROWSERSTACK_URL .. "/reports/usage/v1/team" })
  return answer:json().data.job_id
end

-- As a run leaves it that was killed.
local function leave_job(self, number)
  local id, entry = create_job(self), "state/jobs/left%d.job"
  core.file.mkdirs(path_of(self, "state/jobs"))
  self.folder:write(entry:format(number), cjson.encode { schema = 1, vendor = "browserstack",
    base_url = self.env.USAGELUA_BROWSERSTACK_URL, dataset = "browserstack.teams", query = "other",
    created = os.time() - 100, host = self.host, run = "r" } .. "\n" .. cjson.encode { id = id,
    delete = { { method = "DELETE", path = "/reports/usage/v1/team/" .. id .. "/status" } } } .. "\n")
end

function methods:prepare(flow)
  empty(self.folder.path)
  write_inputs(self, flow)
  self:control("/reset", {})
  if flow.jobs then self:control("/browserstack/settings", SETTINGS["/browserstack/settings"]) end
  for number = 1, flow.left or 0 do leave_job(self, number) end
end

---The names of all files below the run's folder that are no inputs.
function methods:outputs(flow)
  local names = {}
  local function walk(folder)
    for _, name in ipairs(core.file.list(path_of(self, folder)) or {}) do
      local path = folder == "." and name or folder .. "/" .. name
      if core.file.stat(path_of(self, path)).kind == "folder" then walk(path)
      elseif not (flow.inputs or {})[path] then names[#names + 1] = path end
    end
  end
  walk "."
  return names
end

-- Running it -----------------------------------------------------------------

local function environment_of(self, flow, plan)
  local env = { USAGELUA_STATE = path_of(self, "state"), USAGELUA_VENDORS = path_of(self, "vendors"),
    LD_PRELOAD = self.library, TORTURE = plan, TORTURE_REPORT = self.program.path .. "/report" }
  for _, more in ipairs { self.env, flow.env or {} } do
    for name, value in pairs(more) do env[name] = value or nil end
  end
  local assignments = {}
  for name, value in pairs(env) do assignments[#assignments + 1] = name .. "=" .. value end
  return assignments
end

local function command_line(self, flow, plan)
  local list = { "timeout", "-k", "2", tostring(LIMIT_S), "env", "-i" }
  local env = environment_of(self, flow, plan)
  table.move(env, 1, #env, #list + 1, list)
  list[#list + 1] = flow.beside and self.beside or self.alone
  table.move(flow.words, 1, #flow.words, #list + 1, list)
  local out = shell.quote(self.program.path)
  return ("cd %s && exec %s </dev/null >%s/stdout 2>%s/stderr"):format(shell.quote(self.folder.path),
    shell.words(list), out, out)
end

local function read_files(self, flow)
  local contents = {}
  for _, name in ipairs(self:outputs(flow)) do contents[name] = self.folder:read(name) end
  return contents
end

---@class torture.result
---@field status integer? where it ended by itself
---@field signal integer? where a signal ended it
---@field is_late boolean
---@field stdout string
---@field stderr string
---@field files table<string, string> all that is there afterwards and was not given
---@field report string of the library

---Runs the flow with this plan of the library, from the beginning.
---@param flow torture.flow
---@param plan string FAMILY:N:HOW:ERROR
---@return torture.result
function methods:run(flow, plan)
  self:prepare(flow)
  os.remove(self.program.path .. "/report")
  local _, how, code = os.execute(command_line(self, flow, plan))
  return {
    status = how == "exit" and code <= 128 and code or nil,
    signal = how == "signal" and code or code > 128 and code - 128 or nil,
    is_late = code == 124,
    stdout = self.program:read "stdout", stderr = self.program:read "stderr",
    files = read_files(self, flow), report = self.program:read "report" or "",
  }
end

function methods:stop()
  self.server:stop()
  self.folder:remove()
  self.program:remove()
  self.library_folder:remove()
end

return world
