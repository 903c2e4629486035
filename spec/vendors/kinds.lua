-- Plays, below /kinds, one small vendor for each kind of paging, answer, window, job and
-- credential that the flow kit knows. The files of kinds/ say what each endpoint is like.
local account = require "vendors.account"
local credentials = require "vendors.kinds.credentials"
local reply = require "vendors.kinds.reply"
local settings = require "vendors.kinds.settings"

local cjson = require "cjson.safe"

local kinds = {}

local ROUTES = {}
for _, module in ipairs { credentials, require "vendors.kinds.pages",
  require "vendors.kinds.answers", require "vendors.kinds.windows",
  require "vendors.kinds.batches", require "vendors.kinds.exports" } do
  for name, route in pairs(module.routes) do
    assert(not ROUTES[name], name)
    ROUTES[name] = route
  end
end

local function body()
  ngx.req.read_body()
  return ngx.req.get_body_data() or ""
end

local function form()
  if not (ngx.var.http_content_type or ""):find "^application/x%-www%-form%-urlencoded" then
    return nil
  end
  local args = {}
  for _, pair in ipairs(account.arguments(body())) do args[pair[1]] = pair[2] end
  return args
end

local function json()
  if not (ngx.var.http_content_type or ""):find "^application/json" then return nil end
  return (cjson.decode(body()))
end

-- What an endpoint gets: settings, method, the path after its name, the query's parameters by
-- name and as a list, the body as form or JSON, and the quirks of a fault rule.
local function new_request(kept, rest, quirks)
  local list, args = account.arguments(ngx.var.args), {}
  for _, pair in ipairs(list) do args[pair[1]] = pair[2] end
  return { kept = kept, method = ngx.req.get_method(), rest = rest, list = list, args = args,
    form = form, json = json, quirks = quirks }
end

--- Answers a request below /kinds.
---@param quirks table|nil of a fault rule: the bends of ordered_json
function kinds.answer(path, quirks)
  local kept = settings.read()
  local name, rest = path:match "^/(%l+)(.*)$"
  local route = ROUTES[name]
  if not route then return reply.failure(404, "no such kind: " .. path) end
  return credentials.refuse(kept, name) or route(new_request(kept, rest, quirks))
end

kinds.control = require "vendors.kinds.control"

return kinds
