-- A vendor of queued reports for the simulator, with its own count of what was created and what
-- is still there.
local acme = require "support.acme"
local json = require "usagelua.json"

local simulated_jobs = {}

local methods = {}
local metatable = { __index = methods }

simulated_jobs.ROWS = { { email = "a", n = 5 }, { email = "b", n = 7 } }
simulated_jobs.TOTAL = 12

---The description of its one dataset, `usage`.
---@param changes table? keys of the job
---@param dataset table? keys of the dataset
function simulated_jobs.dataset(changes, dataset)
  local job = {
    create = { path = "/reports", json = { startDate = "{from}", endDate = "{to}", team = "{team}" } },
    id = "data.job_id", status = { path = "/reports/{job_id}/status" }, state = "status",
    reason = "message", done = { "completed" }, failed = { "failed" },
    result = { path = "/reports/{job_id}" }, not_ready = { status = { 404 } },
    delete = { path = "/reports/{job_id}" },
  }
  for key, value in pairs(changes or {}) do job[key] = value or nil end
  local described = { job = job, window = { format = "%Y-%m-%d", ends = "inclusive" },
    params = { team = { list = true } }, fan_out = { "team" }, rows = "data.users[]",
    fields = { user_id = "email", tests = "n", team = { param = "team" } } }
  for key, value in pairs(dataset or {}) do described[key] = value end
  return described
end

---@param changes table? keys of the vendor
function simulated_jobs.vendor(described, changes)
  local vendor = { rate = { burst = 5, per_minute = 15, in_flight = 4 }, errors = {
    { status = 422, body = "concurrent jobs", kind = "busy" },
  } }
  for key, value in pairs(changes or {}) do vendor[key] = value end
  return acme.vendor(described, vendor)
end

---@param options table polls (until completed), states (nth job -> its last state), limit (of the
---  queue), late (so many fetches are too early), rate ({ burst, per_minute }, which it enforces),
---  answer (function(method, path, vendor, now): an answer in place of its own)
function simulated_jobs.new(options)
  return setmetatable({ options = options, jobs = {}, by_id = {}, limited = 0, refused = 0,
    asked = {}, most_alive = 0 }, metatable)
end

---Jobs that are created and not deleted.
function methods:alive()
  local count = 0
  for _, job in ipairs(self.jobs) do
    if not job.deleted_at then count = count + 1 end
  end
  return count
end

local function is_granted(self, now)
  local rate = self.options.rate
  if not rate then return true end
  local bucket = self.bucket or { tokens = rate.burst, at = now }
  bucket.tokens = math.min(rate.burst, bucket.tokens + (now - bucket.at) * rate.per_minute / 60)
  bucket.at, self.bucket = now, bucket
  if bucket.tokens < 1 - 1e-9 then return false end
  bucket.tokens = bucket.tokens - 1
  return true
end

local function create(self, request, now)
  if self:alive() >= (self.options.limit or math.huge) then
    self.refused = self.refused + 1
    return acme.answer({ message = "Maximum number of concurrent jobs is reached" }, 422)
  end
  local number = #self.jobs + 1
  local job = { id = ("job-%d"):format(number), number = number, created_at = now, polls = 0,
    fetches = 0, body = request.body }
  self.jobs[number], self.by_id[job.id] = job, job
  self.most_alive = math.max(self.most_alive, self:alive())
  return acme.answer { data = { job_id = job.id } }
end

local function state_of(self, job)
  if job.polls <= (self.options.polls or 2) then return "enqueued" end
  return (self.options.states or {})[job.number] or "completed"
end

local function status(self, job)
  job.polls = job.polls + 1
  return acme.answer { status = state_of(self, job), message = "as it is" }
end

local function fetch(self, job)
  job.fetches = job.fetches + 1
  if state_of(self, job):lower() ~= "completed" or job.fetches <= (self.options.late or 0) then
    return acme.answer({ message = "not yet" }, 404)
  end
  return acme.answer { data = { users = json.array(simulated_jobs.ROWS) } }
end

local function delete(_, job, now)
  job.deleted_at = now
  return acme.answer {}
end

local STEPS <const> = { ["GET /status"] = status, ["GET "] = fetch, ["DELETE "] = delete }

local function own_answer(self, request, path, now)
  if not is_granted(self, now) then
    self.limited = self.limited + 1
    return acme.answer({ message = "Too Many Requests" }, 429)
  end
  if request.method == "POST" then return create(self, request, now) end
  local id, rest = path:match "^/v1/reports/([%w-]+)(.*)$"
  local job = self.by_id[id]
  if not job or job.deleted_at then return acme.answer({ message = "no such job" }, 404) end
  return STEPS[request.method .. " " .. rest](self, job, now)
end

---Answers as the simulator asks.
function methods:answer(request, now)
  local path = request.url:match "^https?://[^/]*([^?]*)"
  self.asked[#self.asked + 1] = request.method .. " " .. path
  local planned = self.options.answer and self.options.answer(request.method, path, self, now)
  return planned or own_answer(self, request, path, now)
end

return simulated_jobs
