-- A dataset that is asked for as a report job: what the job needs of the
-- query, and its results as answers of one part.

local answer = require "usagelua.flow.answer"
local job = require "usagelua.flow.job"
local telling = require "usagelua.flow.telling"

local job_part = {}

---What a job needs of who asks.
---@param tools usagelua.tools
---@param planned usagelua.query
---@param one usagelua.query_part
---@return usagelua.job_context
function job_part.context(tools, planned, one)
  return {
    client = tools.client, scheduler = tools.scheduler, planned = planned, label = one.label,
    ledger = tools.ledger, left = tools.left, note = function(text) tools.note(planned, text) end,
    part = telling.whole(one), tell = function(event)
      event.event = "job"
      telling.of(tools, one, event)
    end }
end

---Asks for a part's results; each is one answer.
---@param tools usagelua.tools
---@param planned usagelua.query
---@param one usagelua.query_part
---@param take fun(read: usagelua.answer)
---@return boolean? ok
---@return usagelua.error? err
function job_part.each(tools, planned, one, take)
  local report <close>, err = job.open(planned.dataset.job, one.values,
    job_part.context(tools, planned, one), function(response)
      return answer.read(response, planned, one.values, tools.columns, tools.folding, one.const)
    end)
  if not report then return nil, err end
  local results
  results, err = report:result()
  if not results then return nil, err end
  for _, read in ipairs(results) do take(read) end
  return true
end

return job_part
