-- Deleting a report job of which the ledger knows the requests: at the vendor
-- that it was created at, below its base URL and nowhere else.

local errors = require "usagelua.errors"
local excerpt = require "usagelua.client.excerpt"
local json = require "usagelua.json"
local live = require "usagelua.flow.live"
local path = require "usagelua.flow.path"
local refusal = require "usagelua.client.refusal"
local words = require "usagelua.client.words"

local deletion = {}

local ATTEMPTS <const> = 5
local LARGEST_BYTES <const> = 1 << 20
-- Of the vendor's own words, in characters.
local MESSAGE <const> = 200
local MESSAGES <const> = { "message", "error.message", "error", "errors[].message", "errors[]", "detail" }
local NO <const> = { false, "false", "no", "fail", "failed", "failure", "error" }
-- Members of an answer, and what they hold where nothing was deleted.
local DENIALS <const> = { success = NO, ok = NO, deleted = NO,
  status = { "fail", "failed", "failure", "error" } }
-- A job that is not there any more, or may not be deleted any more.
local GONE <const> = { [404] = true, [409] = true, [410] = true, [422] = true }

---Whether this answer to a deletion leaves nothing to delete.
---@param err usagelua.error
---@return boolean
function deletion.is_gone(err)
  return err.kind == "gone" or GONE[err.status] or false
end

-- What the vendor's own rules say of a good answer.
local function own_words(response, document)
  local rules, side = response.request.rules, {}
  for _, at in ipairs(refusal.said_at(rules, response.request.message_paths)) do
    side[at] = path.compile(at) { item = document }
  end
  return refusal.of_document(response, rules, side)
end

local function is_one_of(value, list)
  if type(value) == "string" then value = value:lower() end
  for _, one in ipairs(list) do
    if value == one then return true end
  end
  return false
end

-- Whoever counts errors, or has a code for each, says 0 where there is none.
local function holds_something(document, name)
  return document[name] ~= 0 and words.says({ path = name }, document)
end

-- Whether a good status has a bad word in it.
local function denies(document)
  if type(document) ~= "table" then return false end
  for name, list in pairs(DENIALS) do
    if is_one_of(document[name], list) then return true end
  end
  return holds_something(document, "error") or holds_something(document, "errors")
end

local function denial(response, document)
  local err = own_words(response, document)
  if err or not denies(document) then return err end
  local said = words.first(document, response.request.message_paths) or words.first(document, MESSAGES)
  return errors.new { kind = "vendor", status = response.status,
    message = ("answered %d, but not that it is deleted: %s"):format(response.status,
      said and excerpt.of(response:masked(said), MESSAGE) or response:description()) }
end

local function unclear(what)
  return nil, errors.new { kind = "json", message = what .. " confirms no deletion" }
end

---Whether an answer says that a job is deleted. A page of HTML with status 200 is a
---proxy's or a login's, and says nothing; JSON is looked at for what says no: the
---vendor's error rules, `success`, `ok` or `deleted` that are false, a `status` of
---failure, an `error` or `errors` that hold something other than 0. Whatever else
---has a good status is a yes.
---@param response usagelua.response
---@return boolean? ok
---@return usagelua.error? err kind "json", so that it is asked again, or what the vendor says
function deletion.confirmed(response)
  if response:media_type() == "text/html" then return unclear "a page of HTML" end
  local text, err = response:text(LARGEST_BYTES)
  if err and err.kind == "io" then return true end -- a cassette that holds its header only
  if not text then return nil, err end
  if not text:find "^%s*[%[{]" then return true end
  local document, broken = json.decode(text)
  if broken then return unclear "JSON that cannot be read" end
  err = denial(response, document)
  return not err or nil, err
end

local function address_of(one, target)
  return require("usagelua.flow.raw").address(target.base_url, one.path)
end

local function request_of(one, facts, target, tools)
  local lane = tools.client:lane(target.lane, target.vendor.rate)
  return {
    method = one.method, url = address_of(one, target), auth = target.auth,
    lane = lane, reserve = function() return live.count(lane) end,
    headers = { { "Accept", "application/json" } },
    rules = target.vendor.errors, repeatable = true, attempts = ATTEMPTS, urgent = tools.urgent,
    secret_fields = target.vendor.secret_fields, message_paths = target.vendor.error_message,
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
  for _, one in ipairs(facts.delete or {}) do address_of(one, target) end
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
