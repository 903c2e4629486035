-- Jobs and their files:
--   POST /export                 202 { id, state } with Location, or 200 { data } (export.create)
--   GET, DELETE /export/ID       { id, state, download_urls }; or 202 and then 200 { data }
--   GET /files/ID/N?signature=   a file of the job, without credentials, on any port: with an
--                                Authorization header it is refused, as object stores do
local answers = require "vendors.kinds.answers"
local ledger = require "vendors.kinds.ledger"
local ordered_json = require "vendors.ordered_json"
local pace = require "vendors.pace"
local reply = require "vendors.kinds.reply"
local steps = require "vendors.steps"
local store = require "vendors.store"

local object, array = ordered_json.object, ordered_json.array

local exports = {}

local LIST, PREFIX = "kinds:jobs", "kinds:job:"
local DONE = "completed"

local function keep(job)
  store.set(PREFIX .. job.id, job)
end

--- Every job, oldest first.
function exports.list()
  local list = {}
  for i, id in ipairs(store.list(LIST)) do list[i] = store.get(PREFIX .. id) end
  return list
end

local function signature(id, number)
  return ngx.md5(("signed %s %d"):format(id, number))
end

local function urls(kept, job)
  local list, origin = {}, kept.file_origin or reply.origin()
  for number = 1, kept.export.files do
    list[number] = ("%s/kinds/files/%s/%d?signature=%s"):format(origin, job.id, number,
      signature(job.id, number))
  end
  return array(list)
end

local function all_rows(request)
  return reply.json(200, object { { "data",
    reply.rows(ledger.items(request.kept, 1, request.kept.items)) } }, request.quirks)
end

local function location(kept, job)
  local path = "/kinds/export/" .. job.id
  if kept.export.location == "none" then return nil end
  return { { "Location", kept.export.location == "absolute" and reply.origin() .. path or path } }
end

local function create(request)
  local kept = request.kept
  if kept.export.create == "answer" then return all_rows(request) end
  local number = store.add "kinds:created"
  local job = { id = ("export_%d-%s"):format(number, ngx.md5(number):sub(1, 8)),
    created_at = pace.now(), polls = 0 }
  steps.begin(job, kept.export.states)
  store.push(LIST, job.id)
  keep(job)
  return reply.json(202, object { { "id", job.id },
    { "state", steps.state(job, kept.second_ms) } }, request.quirks, location(kept, job))
end

local function poll(request, job)
  local kept = request.kept
  local state = steps.tell(job, kept.second_ms)
  job.polls = job.polls + 1
  keep(job)
  local by_status = kept.export.poll == "status"
  if by_status and state == DONE then return all_rows(request) end
  return reply.json(by_status and 202 or 200, object { { "id", job.id }, { "state", state },
    { "download_urls", state == DONE and urls(kept, job) or array {} } }, request.quirks)
end

local function delete(request, job)
  if not request.kept.export.deletable then return reply.failure(405, "method not allowed") end
  job.deleted_at = pace.now()
  keep(job)
  return { status = 204, body = "" }
end

local METHODS = { GET = poll, DELETE = delete }

local function export(request)
  if request.rest == "" then
    return request.method == "POST" and create(request) or reply.failure(405, "POST is needed")
  end
  local job = store.get(PREFIX .. request.rest:sub(2))
  if not job or job.deleted_at then return reply.failure(404, "no such export") end
  local method = METHODS[request.method]
  return method and method(request, job) or reply.failure(405, "method not allowed")
end

local function note_file(request)
  local header = ngx.req.get_headers()
  store.push("kinds:files", { path = request.rest, port = tonumber(ngx.var.server_port),
    authorization = header.authorization ~= nil, cookie = header.cookie ~= nil,
    keys = header["x-api-key"] ~= nil or header["x-app-key"] ~= nil })
end

local function xml_error(status, code)
  return { status = status, type = "application/xml",
    body = ("<Error><Code>%s</Code></Error>"):format(code) }
end

-- The items of file `number`: as even a share as there is.
local function share(kept, number)
  local count = kept.export.files
  return ledger.items(kept, math.floor((number - 1) * kept.items / count) + 1,
    math.floor(number * kept.items / count))
end

local function files(request)
  note_file(request)
  local id, number = request.rest:match "^/([%w_-]+)/(%d+)$"
  number = tonumber(number)
  if ngx.var.http_authorization then return xml_error(400, "InvalidArgument") end
  if not number or request.args.signature ~= signature(id, number) then
    return xml_error(403, "AccessDenied")
  end
  return answers.text(request.kept, request.kept.export.format, share(request.kept, number))
end

exports.routes = { export = export, files = files }

return exports
