local asked = require "support.asked"
local simulated_jobs = require "support.simulated_jobs"

local function check(changes, dataset)
  return simulated_jobs.vendor(simulated_jobs.dataset(changes, dataset))
end

local function assert_refused(part, changes, dataset)
  local message = asked.refusal(check, changes, dataset)
  assert.truthy(message:find(part, 1, true), message)
end

describe("a described job", function()
  it("gets the methods and limits that it does not say", function()
    local job = check().datasets.usage.job
    assert.are.same({ "POST", "GET", "GET", "DELETE", 900, 4 }, { job.create.method,
      job.status.method, job.result.method, job.delete.method, job.time_s, job.live })
    job = check({ delete = { path = "/reports/{job_id}", instead = { path = "/x/{job_id}" } },
      create = { method = "PUT", path = "/reports", json = { f = "{from}", t = "{to}" } } }).datasets.usage.job
    assert.are.same({ "PUT", "DELETE", "DELETE" }, { job.create.method, job.delete.method,
      job.delete.instead.method })
  end)

  for part, changes in pairs {
    ["id, id_header or location"] = { id = false },
    ["one of them"] = { location = true },
    ["'state' (where the answer says it) and 'done'"] = { done = false },
    ["'result' is missing, or 'files' beside the state"] = { result = false },
    ["needs 'status' (how its state is asked for) or 'not_ready'"] = { status = false, state = false,
      not_ready = false },
    ["job.hosts: there are no files"] = { hosts = { "files.acme.test" } },
    ["job.status: names no {job_id}"] = { status = { path = "/reports/status" } },
    ["job.delete.instead: names no {job_id}"] = { delete = { path = "/r/{job_id}",
      instead = { path = "/r" } } },
    ["job.create.request: {job_id}"] = { create = { path = "/reports/{job_id}" } },
    ["did you mean 'team'?"] = { create = { path = "/reports", json = { team = "{taem}" } } },
    ["time_s must be 900 or less, not 901"] = { time_s = 901 },
    ["first_s must be more than 0"] = { poll = { first_s = 0 } },
    ["in front only"] = { files = "urls[]", hosts = { "*" } },
    ["does not end in []"] = { files = "urls" },
    ["a list of HTTP statuses"] = { not_ready = { status = { "404" } } },
    ["begins at the root of the answer"] = { state = "$.status" },
    ["did you mean 'delete'?"] = { delet = { path = "/reports/{job_id}" } },
  } do
    it("is refused: " .. part, function() assert_refused(part, changes) end)
  end

  it("stands in the place of a request, without pages", function()
    assert_refused("either the key 'request' or the key 'job'", nil, { request = { path = "/x" } })
    assert_refused("the result of a job has no pages", nil, { pages = { kind = "page" } })
    assert_refused("the name of the job's own id", nil, { params = { job_id = {},
      team = { list = true } } })
  end)
end)
