-- The single calls of a report job: create, status, result, delete. Each is
-- built from its description, and what its answer says is read here; when they
-- are made is the job's own (flow/job.lua).

local core = require "usagelua.core"
local deletion = require "usagelua.flow.deletion"
local errors = require "usagelua.errors"
local live = require "usagelua.flow.live"
local request = require "usagelua.flow.request"
local url = require "usagelua.client.url"
local values = require "usagelua.flow.values"

local calls = {}

-- Of an answer about a job that is no result: ids, states, lists of files.
local ANSWER_BYTES <const> = 8 << 20
local ID <const> = "^[%w_-]+$"
local ID_BYTES <const> = 128
local POLL_ATTEMPTS <const> = 3
local DELETE_ATTEMPTS <const> = 5

---@class usagelua.job_context what a job needs of who asks
---@field client usagelua.client
---@field scheduler usagelua.scheduler
---@field planned table its target: vendor, base_url, auth, lane, name, dataset
---@field label string for messages: "browserstack.users 2026-06"
---@field ledger usagelua.ledger|false|nil
---@field left usagelua.leftovers? of earlier runs, to be taken up
---@field note fun(text: string) a sentence for people beside the figures
---@field part usagelua.query_part? what its requests are told of
---@field tell fun(told: { step: string, number: integer?, state: any, seconds: number? })? how far
---the job is

-- Requests -----------------------------------------------------------------

-- The query's values, and the job's own.
local function with_id(job)
  local given = { job_id = job.id }
  for name, value in pairs(job.values) do given[name] = value end
  return given
end

-- A call leaves a request of the rate to every live job, its own included, so
-- that deleting never waits.
local function build(job, described, what)
  local context = job.context
  local is_result = what == "result" and not job.described.files
  local built = request.build(request.instead(context.planned, described, is_result), with_id(job))
  built.what = ("%s, %s"):format(context.label, what)
  built.part = context.part
  built.lane, built.reserve = job.lane, function() return live.count(job.lane) end
  return built
end

---A digest of what the job's creation asks of whom: another run that asks for
---the same gets the same.
---@param job usagelua.job
---@return string
function calls.identity(job)
  local planned = job.context.planned
  local sent = request.build(request.instead(planned, job.described.create), job.values)
  return core.digest.sha256(table.concat({ planned.vendor.name, planned.account or "",
    planned.region or "", planned.name, sent.method, sent.url, sent.body or "" }, "\n"))
end

---The requests that delete the job, the second one where the first answers 404,
---for who has to do it without its description.
---@param job usagelua.job
---@return { method: string, path: string }[] paths below the base URL
function calls.deletions(job)
  local list, described = {}, job.described.delete
  for _, one in ipairs { described, described and described.instead } do
    local built = build(job, one, "delete")
    list[#list + 1] = { method = built.method,
      path = built.url:sub(#job.context.planned.base_url + 1) }
  end
  return list
end

-- Asks in another place where the first one answers that it knows no such.
local function ask(job, step, what, change, consume)
  local described = job.described[step]
  local function call(one)
    local built = build(job, one, what)
    change(built)
    return job.context.client:call(built, consume)
  end
  if job.instead[step] then return call(described.instead) end
  local found, err = call(described)
  if found ~= nil or not described.instead or err.status ~= 404 then return found, err end
  local other, other_err = call(described.instead)
  job.instead[step] = other ~= nil
  return other, other_err
end

-- Answers about a job ------------------------------------------------------

local function read_json(response, plan)
  local reader <close> = core.json.reader(plan)
  local ok, err = response:feed(reader)
  if ok then ok, err = reader:finish() end
  if not ok then return nil, errors.from(err) end
  local items, item = {}, reader:next()
  while item ~= nil do
    items[#items + 1] = item
    item = reader:next()
  end
  return reader:side(), items
end

---A job's id as it may stand in a path.
---@return string? id
---@return usagelua.error? err kind "shape"
local function checked_id(id, place)
  if math.type(id) == "integer" then id = tostring(id) end
  if type(id) == "string" and #id <= ID_BYTES and id:find(ID) then return id end
  return values.mismatch(place, ("a job id (letters, digits, _ and -, %d at most)"):format(ID_BYTES),
    id)
end

-- The last segment of the Location, which leads nowhere but to the vendor.
local function id_of_location(job, response)
  local location = response.headers.location
  if not location then return values.mismatch("location", "the job's address", nil) end
  local target, reason = url.resolve(response.url, location)
  local origin = url.origin(job.context.planned.base_url)
  if not target or url.origin(target) ~= origin then
    return nil, errors.new { kind = "shape", message = ("location: '%s' leads away from %s%s"):format(
      location, origin, reason and " (" .. reason .. ")" or "") }
  end
  return checked_id(url.split(target).path:match "([^/]*)/?$", "location")
end

local function id_of(job, response)
  local described = job.described
  if described.location then return id_of_location(job, response) end
  if described.id_header then
    return checked_id(response.headers[described.id_header:lower()], described.id_header)
  end
  local side, err = read_json(response, { side = { id = described.id } })
  if not side then return nil, err end
  return checked_id(side.id, described.id)
end

-- What came in the place of an id may say why there is none.
local function with_answer(err, response)
  if err.kind ~= "shape" then return err end
  local told = errors.new(err)
  told.message = ("%s (%d, %s)"):format(err.message, response.status, response:description())
  return told
end

-- The calls ----------------------------------------------------------------

---@class usagelua.job_created
---@field id string?
---@field ready any? the result itself, where the vendor answered with it at once

local function read_created(job, response, on_id)
  local described = job.described
  if described.ready_status == response.status then
    job.is_answered = true
    local read, err = job.read(response)
    if read == nil then return nil, err end
    return { ready = read }
  end
  local id, err = id_of(job, response)
  if not id then return nil, with_answer(err, response) end
  local ok
  ok, err = on_id(id)
  if not ok then return nil, err end
  return { id = id }
end

---@param job usagelua.job
---@param hooks { on_send: function, on_lost: function, on_id: function }
---@return usagelua.job_created?
---@return usagelua.error? err
function calls.create(job, hooks)
  local built = build(job, job.described.create, "create")
  built.repeatable, built.sees_through = not job.has_lost and "once", true
  built.on_send, built.on_lost = hooks.on_send, hooks.on_lost
  return job.context.client:call(built, function(response)
    return read_created(job, response, hooks.on_id)
  end)
end

local function polls(built)
  built.repeatable, built.attempts, built.max_body_bytes = true, POLL_ATTEMPTS, ANSWER_BYTES
  built.unpack = nil -- as the results are
end

---@class usagelua.job_told
---@field state any as the vendor says it; nil where it says none
---@field reason any
---@field files string[]
---@field came string what the answer was, for messages

---@param job usagelua.job
---@return usagelua.job_told?
---@return usagelua.error? err
function calls.status(job)
  local described = job.described
  return ask(job, "status", "status", polls, function(response)
    local side, items = read_json(response, { side = { state = described.state,
      reason = described.reason }, rows = described.files })
    if not side then return nil, items end
    return { state = side.state, reason = side.reason, files = items, came = response:description() }
  end)
end

local function has(list, value)
  for _, item in ipairs(list or {}) do
    if item == value then return true end
  end
  return false
end

local function not_ready(status)
  return errors.new { kind = "not_ready", retry = false, status = status,
    message = "its result is not there yet" }
end

-- An answer that the vendor's own rules take for something else is not late.
local EXPLAINED <const> = { auth = true, permission = true, vendor = true, throttled = true,
  busy = true }

-- What an error means where the vendor answers so before the result is there.
local function told_late(described, err)
  local late = described.not_ready or {}
  local is_late = err.kind == "not_ready" or late.empty and err.code == "no_rows"
    or has(late.status, err.status) and not EXPLAINED[err.kind]
  if not is_late then return err end
  local waiting = not_ready(err.status)
  waiting.retry_after_s, waiting.cause = err.retry_after_s, err
  return waiting
end

---@param job usagelua.job
---@param consume fun(response: usagelua.response): any
---@return any
---@return usagelua.error? err kind "not_ready" where it is to be asked again
function calls.result(job, consume)
  local late = job.described.not_ready or {}
  local found, err = ask(job, "result", "result", function(built) built.repeatable = true end,
    function(response)
      if has(late.status, response.status) then return nil, not_ready(response.status) end
      return consume(response)
    end)
  if found ~= nil then return found end
  return nil, told_late(job.described, err)
end

---The addresses of the result's files, from an answer that lists them.
---@return string[]?
---@return usagelua.error? err
function calls.files_in(job, response)
  local side, items = read_json(response, { rows = job.described.files })
  if not side then return nil, items end
  return items
end

-- Deleted already by an answer that was lost.
local function is_deleted(err)
  return err ~= nil and (err.attempts or 1) > 1 and (err.status == 404 or err.status == 410)
end

---@param job usagelua.job
---@return boolean? ok
---@return usagelua.error? err
function calls.delete(job)
  local scheduler = job.context.scheduler
  local ok, err = ask(job, "delete", "delete", function(built)
    built.repeatable, built.attempts, built.reserve = true, DELETE_ATTEMPTS, nil
    built.unpack = nil
    built.urgent = function() return scheduler:is_cancelled() end
  end, deletion.confirmed)
  if is_deleted(err) then return true end
  return ok, err
end

return calls
