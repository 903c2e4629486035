-- The way of every request through the test server: counted and logged, a planned fault or
-- none, then the endpoint that answers it.
local account = require "vendors.account"
local faults = require "vendors.faults"
local primitives = require "vendors.primitives"
local registry = require "vendors.registry"

local front = {}

local function is_control()
  return ngx.var.uri:sub(1, 9) == "/_control"
end

--- Access phase: notes the request, unless it is one of the specs' own.
function front.open()
  if not is_control() then ngx.ctx.request = account.open() end
end

--- Log phase; also runs when the client went away.
function front.close()
  if ngx.ctx.request then account.close(ngx.ctx.request) end
end

local function handler()
  local vendor, path = ngx.var.uri:match "^/(%w+)(/.*)$"
  if registry[vendor] then return registry[vendor].answer, path end
  return primitives.answer, ngx.var.uri
end

--- Content phase.
function front.answer()
  local answer, path = handler()
  local fault = faults.draw(ngx.ctx.request)
  faults.play(fault, function(quirks) return answer(path, quirks) end)
end

return front
