-- What no single key of a dataset's `job` can say: parts that need one another,
-- and requests that name the job.

local errors = require "usagelua.errors"
local template = require "usagelua.flow.template"

local job_consistency = {}

local IDS <const> = { "id", "id_header", "location" }
-- The steps that concern a job which is there already.
local STEPS <const> = { "status", "result", "delete" }

local function check_id(job, place)
  local count = 0
  for _, key in ipairs(IDS) do
    if job[key] then count = count + 1 end
  end
  if count ~= 1 then
    errors.raise_usage("%s: where the job's id is found is said by id, id_header or location, one "
      .. "of them", place)
  end
end

local function check_needs(job, place)
  if job.status and not (job.state and job.done) then
    errors.raise_usage("%s.status: needs the keys 'state' (where the answer says it) and 'done'", place)
  elseif not job.result and not (job.status and job.files) then
    errors.raise_usage("%s: the key 'result' is missing, or 'files' beside the state", place)
  elseif not job.status and not job.not_ready then
    errors.raise_usage("%s: needs 'status' (how its state is asked for) or 'not_ready' (how the "
      .. "result looks before it is there)", place)
  elseif job.hosts and not job.files then
    errors.raise_usage("%s.hosts: there are no files that could lie there", place)
  end
end

-- The dataset with a step's request as its own, which may name the job.
local function of_step(dataset, described)
  local params = { job_id = { required = true } }
  for name, param in pairs(dataset.params) do params[name] = param end
  return setmetatable({ request = described, params = params }, { __index = dataset })
end

---All requests of a dataset's job, each as a dataset's own.
---@param dataset table
---@return { step: string, dataset: table }[]
function job_consistency.requests(dataset)
  local create = setmetatable({ request = dataset.job.create }, { __index = dataset })
  local list = { { step = "create", dataset = create } }
  for _, step in ipairs(STEPS) do
    local described = dataset.job[step]
    if described then list[#list + 1] = { step = step, dataset = of_step(dataset, described) } end
    if described and described.instead then
      list[#list + 1] = { step = step .. ".instead", dataset = of_step(dataset, described.instead) }
    end
  end
  return list
end

local function check_names(dataset, place)
  if dataset.params.job_id then
    errors.raise_usage("%s.params: 'job_id' is the name of the job's own id", place)
  end
  for _, one in ipairs(job_consistency.requests(dataset)) do
    local request = one.dataset.request
    local names = template.names { request.path, request.query, request.json, request.form }
    if one.step ~= "create" and not names.job_id then
      errors.raise_usage("%s.job.%s: names no {job_id}: which job is meant?", place, one.step)
    end
  end
end

---@param dataset table whose keys are checked, with defaults
---@param place string for messages
function job_consistency.check(dataset, place)
  if dataset.pages then
    errors.raise_usage("%s.pages: the result of a job has no pages", place)
  end
  check_id(dataset.job, place .. ".job")
  check_needs(dataset.job, place .. ".job")
  check_names(dataset, place)
end

return job_consistency
