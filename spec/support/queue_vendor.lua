-- A vendor of a user's own, `acme`, that is asked by queued report jobs, and runs of the binary that
-- ask the BrowserStack test vendor through it.
local cjson = require "cjson"
local command = require "support.command"
local monotonic = require("usagelua.core").clock.monotonic
local nginx = require "support.nginx"
local tmp = require "support.tmp"

local queue_vendor = {}

local SCRIPT <const> = [[
local RATE = { burst = %d, per_minute = %d }
local function report(kind, rows)
  return {
    params = { team = { help = "none", list = true } },
    window = { format = "%%Y-%%m-%%d", ends = "inclusive" },
    job = {
      create = { path = "/reports/usage/v1/" .. kind,
        json = { startDate = "{from}", endDate = "{to}" } },
      id = "data.job_id",
      status = { path = "/reports/usage/v1/" .. kind .. "/{job_id}/status" },
      state = "status", reason = "message", done = { "completed" }, failed = { "failed" },
      result = { path = "/reports/usage/v1/" .. kind .. "/{job_id}" },
      not_ready = { status = { 404, 409 } },
      delete = { path = "/reports/usage/v1/" .. kind .. "/{job_id}/status" },
      poll = { first_s = 0.2, longest_s = 2 },
    },
    ok = { success = true }, rows = rows,
    fields = { user_id = "email", team = "name",
      user_count = { "user_count", kind = "last", of = "team", unit = "1" } },
  }
end
return {
  name = "acme", version = 1, base_url = "https://api.acme.test",
  auth = { kind = "basic", username_env = "ACME_USER", password_env = "ACME_KEY" },
  rate = { burst = RATE.burst, per_minute = RATE.per_minute, in_flight = 4 },
  errors = { { status = 422, body = "concurrent jobs", kind = "busy" } },
  datasets = { users = report("user", "data.users[]"), teams = report("team", "data.teams[]") },
}
]]

local methods = {}
local metatable = { __index = methods }

local UNLIMITED <const> = { burst = 1000, per_minute = 60000 }

---A server that plays the vendor, one for a spec file.
function queue_vendor.start()
  local server = nginx.start { tls = false, vendors = { "browserstack" } }
  return setmetatable({ server = server }, metatable)
end

---Settings of the vendor, and a folder of its own for each case: `command`, and `state`, where the
---ledger lies.
function methods:case(settings)
  local given = { rate = UNLIMITED, states = { { state = "enqueued", polls = 1 },
    { state = "completed" } } }
  for key, value in pairs(settings or {}) do given[key] = value end
  self.server:reset()
  self.server:control("/browserstack/settings", given)
  local credential = self.server:control("/browserstack/settings").credentials[1]
  self.command = command.new()
  self.state = tmp.in_memory().path .. "/state"
  self.command.folder:write("acme.lua", SCRIPT:format(given.rate.burst, given.rate.per_minute))
  self.command.env = { USAGELUA_VENDORS = self.command.folder.path, ACME_USER = credential.username,
    ACME_KEY = credential.key, USAGELUA_ACME_URL = self.server:vendor_url "browserstack",
    USAGELUA_STATE = self.state, XDG_STATE_HOME = false, HOME = self.command.folder.path }
end

---The vendor's own list of jobs.
function methods:jobs()
  return self.server:control "/browserstack/jobs"
end

---How many jobs there are: created, alive, deleted.
function methods:queue()
  return self.server:control "/browserstack/queue"
end

local FETCH <const> = { "fetch", "acme.users", "--period", "2026-06", "-f", "json" }

---Runs `fetch` of the users, or of these datasets.
---@param names string[]?
---@param more string[]? words
---@param options table? of the command
function methods:fetch(names, more, options)
  local words = self:words(names, more)
  local result = self.command:run(words, options)
  local ok, document = pcall(cjson.decode, result.stdout)
  return ok and document or nil, result
end

function methods.words(_, names, more)
  local words = table.move(FETCH, 3, #FETCH, 1, {})
  for place, name in ipairs(names or { "acme.users" }) do table.insert(words, place, name) end
  table.insert(words, 1, "fetch")
  return table.move(more or {}, 1, #(more or {}), #words + 1, words)
end

---Waits until the condition holds; raises after so many seconds.
function queue_vendor.wait_until(condition, seconds)
  local ends = monotonic() + (seconds or 60)
  while not condition() do
    if monotonic() > ends then error("it never came", 2) end
    os.execute "sleep 0.02"
  end
end

-- The time that the processor gave to a process, in ticks.
local function ticks_of(pid)
  local file <close> = assert(io.open(("/proc/%d/stat"):format(pid)))
  local user, system = file:read("a"):match("^.*%)" .. (" %S+"):rep(11) .. " (%d+) (%d+)")
  return tonumber(user) + tonumber(system)
end

-- What a run that waits for a job does not come to in a minute.
local BUSY_TICKS <const> = 30

---Waits until a process is one that works without a pause: a script that does not come back.
---@param pid integer
function queue_vendor.wait_until_busy(pid)
  local before = ticks_of(pid)
  queue_vendor.wait_until(function() return ticks_of(pid) - before >= BUSY_TICKS end)
end

---Names of the files in the ledger.
function methods:files()
  local pipe <close> = assert(io.popen(("ls -A %q 2>/dev/null"):format(self.state .. "/jobs")))
  local list = {}
  for name in pipe:lines() do list[#list + 1] = name end
  return list
end

function methods:stop()
  self.server:stop()
end

return queue_vendor
