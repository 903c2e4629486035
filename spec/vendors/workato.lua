-- Plays Workato's Embedded usage below /workato: POST /api/v2/managed_users/statistics/usage and
-- GET /api/managed_users/usage. Names of the answers' fields are assumed: nobody documents them.
local caller = require "vendors.caller"
local ordered_json = require "vendors.ordered_json"
local pace = require "vendors.pace"
local parameters = require "vendors.workato.parameters"
local settings = require "vendors.workato.settings"
local store = require "vendors.store"
local usage = require "vendors.workato.usage"
local zones = require "vendors.zones"

local cjson = require "cjson.safe"

local object, array = ordered_json.object, ordered_json.array

local workato = {}

local TYPE = "application/json; charset=utf-8"

local function answer(status, root, quirks)
  ordered_json.bend(root, quirks)
  return { status = status, type = TYPE, body = ordered_json.encode(root) }
end

local function message(status, text)
  return answer(status, object { { "message", text } })
end

local function server_error(number)
  return answer(500, object { { "message", "Server error" },
    { "id", ("00000000-0000-4000-8000-%012d"):format(number) } })
end

local function bad_request(reason)
  store.push("workato:refusals", reason)
  return message(400, "Bad request")
end

-- A date-time as the vendor writes it: the zone's wall clock.
local function date_time(kept, ms)
  local seconds = math.floor(ms / 1000)
  local offset = zones.offset(kept.zone, seconds)
  return ("%s.%03d%s"):format(os.date("!%Y-%m-%dT%H:%M:%S", seconds + offset), ms % 1000,
    kept.returned == "z" and "Z" or zones.offset_text(offset))
end

local function end_time(kept, ms)
  return date_time(kept, kept.returned_end == "inclusive" and ms - 1 or ms)
end

local function or_null(value)
  if value == nil then return cjson.null end
  return value
end

local function renamed(kept, list)
  local named = {}
  for _, pair in ipairs(list) do
    local name = kept.fields[pair[1]]
    if name == nil then name = pair[1] end
    if name then named[#named + 1] = { name, pair[2] } end
  end
  return object(named)
end

local function row_of(kept, row)
  local workspace, recipe = row.workspace, row.recipe
  local list = { { "workspace_id", workspace.id }, { "workspace_name", workspace.name },
    { "external_id", or_null(workspace.external_id) }, { "recipe_id", recipe and recipe.id },
    { "recipe_name", recipe and recipe.name }, { "folder_id", recipe and recipe.folder_id },
    { "folder_name", recipe and recipe.folder_name },
    { "from", date_time(kept, row.from) }, { "to", end_time(kept, row.to) },
    { "recipe_count", not recipe and row.recipes or nil }, { "task_count", row.tasks },
    { "job_succeeded_count", row.succeeded }, { "job_failed_count", row.failed } }
  for _, name in ipairs(kept.extra_fields) do list[#list + 1] = { name, 2 * row.tasks + 1 } end
  return renamed(kept, list)
end

local function remember(args, asked)
  store.push("workato:requests", { fields = args, ids = asked.workspaces.count })
end

local function too_slow(kept, asked)
  local timeout = kept.timeout
  if not timeout.above or asked.workspaces.count <= timeout.above then return nil end
  store.add "workato:timeouts"
  ngx.sleep(timeout.hang_s)
  if timeout.status == 500 then return server_error(asked.workspaces.count) end
  return { status = timeout.status, type = "text/html",
    body = "<html><h1>Gateway Time-out</h1></html>\n" }
end

local function statistics(kept, credential, quirks)
  local self = settings.ledger(kept, credential)
  local args, problem = parameters.read(kept)
  if not args then return bad_request(problem) end
  local asked
  asked, problem = parameters.check(kept, self, args)
  if not asked then return bad_request(problem) end
  remember(args, asked)
  local slow = too_slow(kept, asked)
  if slow then return slow end
  local list = usage.rows(kept, self, asked)
  for i, row in ipairs(list) do list[i] = row_of(kept, row) end
  local data = (#list > 0 or kept.null_as == "empty") and array(list) or cjson.null
  return answer(200, object { { "data", data } }, quirks)
end

local function monthly_row(kept, row)
  return renamed(kept, { { "workspace_id", row.workspace.id },
    { "workspace_name", row.workspace.name },
    { "external_id", or_null(row.workspace.external_id) },
    { "from", date_time(kept, row.from) }, { "to", end_time(kept, row.to) },
    { "task_count", row.tasks } })
end

local function nested(kept, rows)
  local list, last = {}, nil
  for _, row in ipairs(rows) do
    if row.workspace ~= last then
      last = row.workspace
      list[#list + 1] = { row = row, months = {} }
    end
    local months = list[#list].months
    months[#months + 1] = renamed(kept, { { "from", date_time(kept, row.from) },
      { "to", end_time(kept, row.to) }, { "task_count", row.tasks } })
  end
  for i, item in ipairs(list) do
    local workspace = item.row.workspace
    list[i] = object { { "id", workspace.id }, { "name", workspace.name },
      { "external_id", or_null(workspace.external_id) }, { "usage", array(item.months) } }
  end
  return list
end

local function monthly(kept, credential, quirks)
  if ngx.var.args then return bad_request "v1 takes no parameters" end
  local rows = usage.monthly(kept, settings.ledger(kept, credential))
  if kept.monthly_shape == "nested" then
    rows = nested(kept, rows)
  else
    for i, row in ipairs(rows) do rows[i] = monthly_row(kept, row) end
  end
  return answer(200, object { { "result", array(rows) } }, quirks)
end

local ROUTES = {
  ["POST /api/v2/managed_users/statistics/usage"] = statistics,
  ["GET /api/managed_users/usage"] = monthly,
}

local function is_granted(kept, group)
  store.add("workato:calls:" .. group)
  if pace.take("workato:rate:" .. group, kept.rate, kept.second_ms) then return true end
  store.add("workato:limited:" .. group)
  return false
end

--- Answers a request below /workato.
---@param quirks table|nil of a fault rule: the bends of ordered_json
function workato.answer(path, quirks)
  local kept = settings.read()
  local credential = caller.identify(kept.credentials)
  if not credential then return message(401, "Unauthorized") end
  local route = ROUTES[ngx.req.get_method() .. " " .. path]
  if not route then return message(404, "Not found") end
  if not is_granted(kept, credential.group) then return message(429, "Too many requests") end
  if credential.role ~= "admin" then return message(403, "Forbidden") end
  return route(kept, credential, quirks)
end

workato.control = require "vendors.workato.control"

return workato
