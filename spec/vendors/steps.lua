-- How a report job goes on: a list of steps { state, polls, for_s }. It leaves a step when its
-- state was told `polls` times and `for_s` seconds of the vendor have passed (what is said of
-- the two); a step that says neither is the last.
local pace = require "vendors.pace"

local steps = {}

--- Puts a job (any table) at the first of the steps, from now.
function steps.begin(job, list)
  job.states, job.step, job.told, job.entered_at = list, 1, 0, pace.now()
end

local function is_over(step, job, second_ms)
  if not step.polls and not step.for_s then return false end
  return job.told >= (step.polls or 0)
    and pace.since(job.entered_at, second_ms) >= (step.for_s or 0)
end

local function enter_next(job, second_ms)
  local step = job.states[job.step]
  -- Steps of time follow each other exactly, however rarely somebody looks.
  local left_at = job.entered_at + (step.for_s or 0) * second_ms / 1000
  job.entered_at = step.polls and math.max(left_at, pace.now()) or left_at
  job.step, job.told = job.step + 1, 0
end

--- The state of a job now.
function steps.state(job, second_ms)
  while job.states[job.step + 1] and is_over(job.states[job.step], job, second_ms) do
    enter_next(job, second_ms)
  end
  return job.states[job.step].state
end

--- The same, told to who asks: it counts as a poll.
function steps.tell(job, second_ms)
  local state = steps.state(job, second_ms)
  job.told = job.told + 1
  return state
end

return steps
