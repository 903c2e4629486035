-- Plays BrowserStack's usage reports (reports/usage/v1: create, status, report, delete of user
-- and team jobs) and the two plan.json below /browserstack, as the vendor's page says; its
-- contradictions are settings. Every call of a report counts against the group's rate.
local caller = require "vendors.caller"
local jobs = require "vendors.browserstack.jobs"
local ordered_json = require "vendors.ordered_json"
local pace = require "vendors.pace"
local parameters = require "vendors.browserstack.parameters"
local report = require "vendors.browserstack.report"
local settings = require "vendors.browserstack.settings"
local store = require "vendors.store"

local object = ordered_json.object

local browserstack = {}

local BASE = "^/reports/usage/v1"
local EDGE_404 = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n"
  .. "<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n"
  .. "</body>\r\n</html>\r\n"

local function answer(status, root, quirks)
  ordered_json.bend(root, quirks)
  return { status = status, type = "application/json; charset=utf-8",
    body = ordered_json.encode(root) }
end

local function failure(status, message)
  return answer(status, object { { "success", false }, { "message", message } })
end

-- The edge answers unknown paths, whatever is accepted.
local function unknown_path()
  return { status = 404, type = "text/html", body = EDGE_404 }
end

local function denied()
  return { status = 401, type = "text/html; charset=utf-8", body = "HTTP Basic: Access denied.\n",
    headers = { { "WWW-Authenticate", 'Basic realm="Application"' } } }
end

local function throttled(kept)
  if kept.throttle == 403 then
    return { status = 403, type = "text/html", body = "403 Forbidden (Rate Limit Exceeded)\n" }
  end
  return failure(429, "Too Many Requests")
end

local REFUSALS = {
  user = function() return failure(403, "Only an Owner or Admin can access this resource.") end,
  disabled = function()
    return failure(403, "Usage reports are not enabled for your plan. Contact Support.")
  end,
}

local function create(context, kind, _, quirks)
  local kept, credential = context.kept, context.credential
  local asked, problem = parameters.read(kept)
  if not asked then return failure(kept.invalid_status, problem) end
  if jobs.is_full(kept, credential.group) then
    return failure(kept.queue.status, "Maximum number of concurrent jobs is reached.")
  end
  local job = jobs.create(kept, kind, credential, asked)
  return answer(200, object { { "success", true }, { "message", "Report is successfully queued." },
    { "data", object { { "job_id", job.id } } } }, quirks)
end

local function find(context, kind, id)
  local job = jobs.find(context.kept, id, context.credential.group)
  return job and job.kind == kind and job or nil
end

local function not_found()
  return failure(404, "Job not found")
end

local function status(context, kind, id, quirks)
  local job = find(context, kind, id)
  if not job then return not_found() end
  local state = jobs.poll(context.kept, job)
  local message = state == "failed" and "Report could not be generated"
    or ("Request %s successfully"):format(state)
  return answer(200, object { { "success", true }, { "status", state }, { "message", message } },
    quirks)
end

-- Where the setting says that a team's calls stand below /user/, they stand nowhere else.
local function find_placed(context, kind, id, place)
  local job = find(context, kind, id)
  if place == "team" or job and kind == "user" then return job end
  return kind == "user" and find(context, "team", id) or nil
end

local function shape(job, place)
  return place == "users" and "user" or job.kind
end

local function fetch(context, kind, id, quirks)
  local kept = context.kept
  local job = find_placed(context, kind, id, kept.team_report)
  if not job then return kind == "user" and not_found() or unknown_path() end
  local refused = jobs.fetch(kept, job)
  if refused then return failure(refused, "Report is not available yet.") end
  local scope = settings.scope(kept, settings.credential(kept, job.username))
  local data = report.data(report.context(kept, scope, job.asked), shape(job, kept.team_report),
    quirks ~= nil)
  return answer(200, object { { "success", true }, { "message", "Success" }, { "data", data } },
    quirks)
end

local function delete(context, kind, id, quirks)
  local kept = context.kept
  local job = find_placed(context, kind, id, kept.team_delete)
  if not job then return not_found() end
  if kept.delete_completed_status and jobs.state(kept, job) == "completed" then
    return failure(kept.delete_completed_status, "Job is no longer in the queue")
  end
  jobs.delete(job)
  return answer(200, object { { "success", true },
    { "message", "Report is successfully removed from queue." } }, quirks)
end

local ROUTES = {
  ["POST "] = create, ["GET /id"] = fetch, ["GET /id/status"] = status,
  ["DELETE /id"] = delete, ["DELETE /id/status"] = delete,
}

-- The call that a path below the base means, its kind and job id; nil for one that is none.
local function route_of(kept, path)
  local kind, rest = path:match(BASE .. "/(%l+)(.*)$")
  if kind ~= "user" and kind ~= "team" then return nil end
  local id, tail = rest:match "^/([%w_-]+)(.*)$"
  local method = ngx.req.get_method()
  if method == "DELETE" and tail ~= kept.delete_path then return nil end
  if method == "GET" and kind == "team" and tail == "" and kept.team_report ~= "team" then
    return nil
  end
  return ROUTES[method .. " " .. (id and "/id" .. tail or rest)], kind, id
end

local function is_granted(kept, group)
  store.add("browserstack:calls:" .. group)
  local rate = "browserstack:rate:" .. group
  if pace.take(rate, kept.rate, kept.second_ms) then return true end
  store.add("browserstack:limited:" .. group)
  return false
end

local function respond(call, kept, credential, kind, id, quirks)
  if not is_granted(kept, credential.group) then return throttled(kept) end
  if REFUSALS[credential.role] then return REFUSALS[credential.role]() end
  return call({ kept = kept, credential = credential }, kind, id, quirks)
end

local function plan_of(kept, path)
  if ngx.req.get_method() ~= "GET" then return nil end
  if path == "/automate/plan.json" then return kept.plan end
  if path == "/app-automate/plan.json" then return kept.app_plan end
end

local PLAN_KEYS = { "automate_plan", "parallel_sessions_running",
  "team_parallel_sessions_max_allowed", "parallel_sessions_max_allowed", "queued_sessions",
  "queued_sessions_max_allowed", "terminal_access" }

-- These have limits of their own, far off: 1,600 in five minutes.
local function snapshot(plan, quirks)
  local list = {}
  for i, name in ipairs(PLAN_KEYS) do list[i] = { name, plan[name] } end
  return answer(200, object(list), quirks)
end

local function plain_answer(path, quirks)
  local kept = settings.read()
  local plan, call, kind, id = plan_of(kept, path), route_of(kept, path)
  if not plan and not call then return unknown_path() end
  local credential = caller.identify(kept.credentials)
  if not credential then return denied() end
  if plan then return snapshot(plan, quirks) end
  return respond(call, kept, credential, kind, id, quirks)
end

--- Answers a request below /browserstack.
---@param quirks table|nil of a fault rule: the bends of ordered_json; status, body, type: the
---  answer that goes out after the work is done (a create whose answer is lost in between)
function browserstack.answer(path, quirks)
  local own = plain_answer(path, quirks)
  if not quirks or not quirks.status then return own end
  return { status = quirks.status, type = quirks.type or "text/html", body = quirks.body or "" }
end

browserstack.control = require "vendors.browserstack.control"

return browserstack
