-- The queue of report jobs, which go on by steps.
local pace = require "vendors.pace"
local steps = require "vendors.steps"
local store = require "vendors.store"

local jobs = {}

local LIST, PREFIX = "browserstack:jobs", "browserstack:job:"

local function keep(job)
  store.set(PREFIX .. job.id, job)
end

local function is_among(nth, number)
  if nth == nil or type(nth) == "number" then return nth == nil or nth == number end
  for _, item in ipairs(nth) do
    if item == number then return true end
  end
  return false
end

local function plan_of(kept, kind, number)
  for _, plan in ipairs(kept.plans) do
    if (plan.kind or kind) == kind and is_among(plan.nth, number) then return plan end
  end
  return {}
end

--- Every job, oldest first.
function jobs.list()
  local list = {}
  for i, id in ipairs(store.list(LIST)) do list[i] = store.get(PREFIX .. id) end
  return list
end

--- The state of a job now.
function jobs.state(kept, job)
  local state = steps.state(job, kept.second_ms)
  keep(job)
  return state
end

local function is_queued(kept, job)
  if job.deleted_at then return false end
  return kept.queue.counts_completed or steps.state(job, kept.second_ms) ~= "completed"
end

--- Whether the group's queue, shared by both kinds, takes no more jobs.
function jobs.is_full(kept, group)
  local count = 0
  for _, job in ipairs(jobs.list()) do
    if job.group == group and is_queued(kept, job) then count = count + 1 end
  end
  return count >= kept.queue.limit
end

--- Puts a job into the queue.
---@param asked table { first, last (days), from, to (texts sent, or nil), products }
function jobs.create(kept, kind, credential, asked)
  local number = store.add("browserstack:created:" .. kind)
  local plan, now = plan_of(kept, kind, number), pace.now()
  local job = { id = ngx.md5(("%s %d %s"):format(kind, number, now)):sub(1, 24), kind = kind,
    number = number, group = credential.group, username = credential.username, asked = asked,
    not_ready = plan.not_ready or kept.not_ready, created_at = now, polls = 0, fetches = 0,
    reports = 0 }
  steps.begin(job, plan.states or kept.states)
  store.push(LIST, job.id)
  keep(job)
  return job
end

--- The live job with this id, if the credential's group has one.
function jobs.find(kept, id, group)
  local job = store.get(PREFIX .. id)
  if not job or job.deleted_at or job.group ~= group then return nil end
  local is_old = kept.lifetime_s and pace.since(job.created_at, kept.second_ms) > kept.lifetime_s
  return not is_old and job or nil
end

--- Tells a job's state to who asks for it.
function jobs.poll(kept, job)
  local state = steps.tell(job, kept.second_ms)
  job.polls = job.polls + 1
  keep(job)
  return state
end

local function is_late(kept, job)
  local late = job.not_ready
  if job.fetches <= (late.fetches or 0) then return true end
  return late.for_s and pace.since(job.entered_at, kept.second_ms) < late.for_s
end

--- Asks for a job's report: nil, or the status with which it is refused.
function jobs.fetch(kept, job)
  local state = steps.state(job, kept.second_ms)
  local refused
  if state ~= "completed" then
    refused = kept.early_status
  else
    job.fetches = job.fetches + 1
    if is_late(kept, job) then refused = job.not_ready.status or 404
    else job.reports = job.reports + 1 end
  end
  keep(job)
  return refused
end

--- Takes a job out of the queue.
function jobs.delete(job)
  job.deleted_at = pace.now()
  keep(job)
end

--- Gives a job another way to go on, from now.
function jobs.bend(id, states)
  local job = store.get(PREFIX .. id)
  if not job then return nil, "no such job: " .. tostring(id) end
  steps.begin(job, states)
  keep(job)
  return true
end

--- Forgets every job.
function jobs.forget()
  store.forget "browserstack:job"
  store.forget "browserstack:created:"
end

return jobs
