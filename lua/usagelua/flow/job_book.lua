-- A job's place in the ledger: what is written of it, and what an earlier run
-- left of the same. Without a ledger (a replay) nothing is written.

local calls = require "usagelua.flow.job_calls"

local book = {}

---The entry of a job that is written nowhere.
book.NONE = {
  intend = function() return true end,
  identify = function() return true end,
  lose = function() return true end,
  forget = function() end,
  leave = function() end,
}

---The entry of a job that is going to be created.
---@param job usagelua.job
---@return usagelua.ledger.entry
function book.entry(job)
  local context = job.context
  if not context.ledger then return book.NONE end
  local planned = context.planned
  return context.ledger:entry { vendor = planned.vendor.name, account = planned.account,
    region = planned.region, base_url = planned.base_url, dataset = planned.name,
    query = calls.identity(job), is_lost = job.has_lost or nil }
end

---The entry of an earlier run's job that answers the same question, if one was
---kept for it.
---@param job usagelua.job
---@return usagelua.ledger.entry?
function book.take(job)
  local left = job.context.left
  if not left then return nil end
  left:settle(job.context)
  local entry = left:take(calls.identity(job))
  if entry then entry:sign(job.context.ledger) end
  return entry
end

return book
