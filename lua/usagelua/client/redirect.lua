-- Which redirects are followed: those of a GET to the same scheme, host and
-- port, three at most. Everything else is refused by name, since a redirect is
-- how credentials get lost.

local errors = require "usagelua.errors"
local url = require "usagelua.client.url"

local MOST <const> = 3
local STATUSES <const> = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

local redirect = {}

local function is_get(request)
  return (request.method or "GET") == "GET"
end

---Whether the answer sends us elsewhere and is not itself what is wanted.
---@return boolean
function redirect.leads_on(response, request)
  if not STATUSES[response.status] or not response.headers.location then return false end
  return is_get(request) or not request.any_status
end

local function refused(response, format, ...)
  return nil, errors.new { kind = "refused", status = response.status,
    message = ("answered %d with a redirect%s"):format(response.status, format:format(...)) }
end

local function with_url(request, target)
  local copy = {}
  for key, value in pairs(request) do copy[key] = value end
  copy.url = target
  return copy
end

---The request to send next.
---@param hops integer how many redirects this makes
---@return table? request
---@return usagelua.error? err kind "refused", naming the host
function redirect.follow(response, request, hops)
  if not is_get(request) then return refused(response, ", which is followed for GET only") end
  if hops > MOST then return refused(response, ", the %dth; at most %d are followed", hops, MOST) end
  local target, reason = url.resolve(request.url, response.headers.location)
  if not target then return refused(response, " that is not followed: %s", reason) end
  local here, there = url.origin(request.url), url.origin(target)
  if here ~= there then
    return refused(response, " to %s, which is not followed: %s", there,
      url.misprint(target) or "this is asked of " .. here .. " only")
  end
  return with_url(request, target)
end

return redirect
