-- /_control: how the specs set the test server up and read it out. JSON in and out.
local account = require "vendors.account"
local cjson = require "cjson.safe"
local faults = require "vendors.faults"
local pace = require "vendors.pace"
local registry = require "vendors.registry"

local control = {}

local function refuse(status, message)
  ngx.status = status
  ngx.print(cjson.encode { message = message })
  return ngx.exit(ngx.HTTP_OK)
end

local function list(values)
  return setmetatable(values, cjson.array_mt)
end

local actions = {}

function actions.log()
  return list(account.log())
end

function actions.counts()
  return account.counts()
end

function actions.faults(body)
  local problem = body and faults.set(body)
  if problem then return nil, problem end
  return list(faults.counts())
end

function actions.pass(body)
  pace.pass(body.seconds)
  return true
end

function actions.reset()
  account.reset()
  faults.clear()
  return true
end

local function find(path)
  local vendor, name = path:match "^(%w+)/(%w+)$"
  if registry[vendor] then return registry[vendor].control[name] end
  return actions[path]
end

local function body()
  ngx.req.read_body()
  local text = ngx.req.get_body_data()
  if not text or text == "" then return nil end
  return cjson.decode(text)
end

function control.answer()
  local action = find(ngx.var.uri:sub(#"/_control/" + 1))
  if not action then return refuse(404, "no such control: " .. ngx.var.uri) end
  local given, problem = body()
  if problem then return refuse(400, problem) end
  local result, message = action(given, ngx.req.get_uri_args())
  if result == nil then return refuse(400, message or "refused") end
  ngx.header.content_type = "application/json"
  ngx.print(cjson.encode(result))
end

return control
