-- Deleting a report job of which the ledger knows the requests: at the vendor
-- that it was created at, below its base URL and nowhere else.

local errors = require "usagelua.errors"
local live = require "usagelua.flow.live"
local raw = require "usagelua.flow.raw"

local deletion = {}

local ATTEMPTS <const> = 5
-- A job that is not there any more, or may not be deleted any more.
local GONE <const> = { [404] = true, [409] = true, [410] = true, [422] = true }

---Whether this answer to a deletion leaves nothing to delete.
---@param err usagelua.error
---@return boolean
function deletion.is_gone(err)
  return err.kind == "gone" or GONE[err.status] or false
end

---Whether an answer says that a job is deleted: a page of HTML with status 200
---is a proxy's or a login's, and says nothing.
---@param response usagelua.response
---@return boolean? ok
---@return usagelua.error? err kind "json", so that it is asked again
function deletion.confirmed(response)
  if response:media_type() ~= "text/html" then return true end
  return nil, errors.new { kind = "json", message = "a page of HTML confirms no deletion" }
end

local function request_of(one, facts, target, tools)
  local lane = tools.client:lane(target.lane, target.vendor.rate)
  return {
    method = one.method, url = raw.address(target.base_url, one.path), auth = target.auth,
    lane = lane, reserve = function() return live.count(lane) end,
    headers = { { "Accept", "application/json" } },
    rules = target.vendor.errors, repeatable = true, attempts = ATTEMPTS, urgent = tools.urgent,
    secret_fields = target.vendor.secret_fields,
    what = ("%s, deleting the report job %s"):format(facts.dataset, facts.id),
  }
end

-- Gone already by an answer that was lost.
local function was_deleted(err)
  return (err.attempts or 1) > 1 and (err.status == 404 or err.status == 410)
end

---Raises a usage error where a request leads out of the vendor's base URL.
---@param facts usagelua.ledger.facts
---@param target usagelua.target
function deletion.check(facts, target)
  for _, one in ipairs(facts.delete or {}) do raw.address(target.base_url, one.path) end
end

---Sends the deletion.
---@param facts usagelua.ledger.facts with an id
---@param target usagelua.target with `auth`
---@param tools { client: usagelua.client, urgent: boolean? }
---@return boolean? ok
---@return usagelua.error? err
function deletion.send(facts, target, tools)
  local err
  for _, one in ipairs(facts.delete or {}) do
    local ok
    ok, err = tools.client:call(request_of(one, facts, target, tools), deletion.confirmed)
    if ok or was_deleted(err) then return true end
    if err.status ~= 404 then return nil, err end
  end
  if err then return nil, err end
  return true
end

return deletion
