-- What an answer means that is none: mostly one with another status than 2xx,
-- but some vendors say it with a good one. The vendor's own rules go first, then
-- the meaning of the status. A body is read to 64 KiB, matched and quoted; it is
-- taken for JSON only where it is all of it.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local excerpt = require "usagelua.client.excerpt"
local once = require "usagelua.once"
local retry = require "usagelua.client.retry"
local words = require "usagelua.client.words"

local BODY_BYTES <const> = 65536

local KINDS <const> = {
  [401] = "auth", [403] = "permission", [404] = "not_found", [410] = "gone", [413] = "too_large",
  [414] = "too_large", [429] = "throttled",
}

-- Of the vendor's own message, in characters.
local MESSAGE <const> = 200

local refusal = {}

---@class usagelua.refusal.rule
---@field status integer|integer[]? any when absent
---@field header table<string, string>? lower-case names -> Lua patterns of their values
---@field body string? Lua pattern
---@field path string? of a value in a JSON body, also of a good answer
---@field value string|number|boolean|table|nil what stands there, or a list; anything where absent
---@field kind usagelua.error_kind?
---@field message string? takes the place of ours
---@field hint string?
---@field retry boolean? whether asking again makes sense, against the kind's own habit
---@field retry_after_s number? how long to wait where the answer does not say

-- The first bytes of an error's body; what goes wrong meanwhile does not matter.
local function read_body(response)
  local pieces, bytes = {}, 0
  while bytes < BODY_BYTES do
    local piece = response:read()
    if not piece then break end
    pieces[#pieces + 1] = piece
    bytes = bytes + #piece
  end
  return table.concat(pieces):sub(1, BODY_BYTES)
end

local function has_status(rule, status)
  if type(rule.status) ~= "table" then return rule.status == nil or rule.status == status end
  for _, each in ipairs(rule.status) do
    if each == status then return true end
  end
  return false
end

local function has_headers(rule, headers)
  for name, pattern in pairs(rule.header or {}) do
    if not (headers[name:lower()] or ""):find(pattern) then return false end
  end
  return true
end

-- The body as JSON, where somebody asks and it is.
local function document_of(body, rules, message_paths)
  local is_asked = message_paths ~= nil
  for _, rule in ipairs(rules or {}) do is_asked = is_asked or rule.path ~= nil end
  if not is_asked or not body:find "^%s*[%[{]" then return nil end
  return (core.json.decode(body))
end

local function has_body(rule, body, document)
  if rule.body and not body:find(rule.body) then return false end
  return not rule.path or document ~= nil and words.says(rule, document)
end

local function find_rule(rules, response, body, document)
  for _, rule in ipairs(rules or {}) do
    if has_status(rule, response.status) and has_headers(rule, response.headers)
      and has_body(rule, body, document) then
      return rule
    end
  end
  return {}
end

-- The vendor's own message where it is known where that stands, else the
-- beginning of the body.
local function describe(response, rule, said)
  local what = ("answered %d (%s)"):format(response.status, response:description())
  if said then
    what = ("answered %d: %s (%s)"):format(response.status, excerpt.of(response:masked(said), MESSAGE),
      response:media_type())
  end
  return rule.message and rule.message .. ": " .. what or what
end

local function error_of(response, rule, now, said)
  return errors.new {
    kind = rule.kind or KINDS[response.status] or "http",
    message = describe(response, rule, said),
    hint = rule.hint,
    status = response.status,
    retry = rule.retry,
    retry_after_s = retry.retry_after(response.headers, now) or rule.retry_after_s,
  }
end

---@param response usagelua.response
---@param rules usagelua.refusal.rule[]?
---@param now number seconds since the epoch, for a Retry-After without Date
---@param message_paths string[]? where the vendor's own message may stand in a JSON body
---@return usagelua.error
function refusal.of(response, rules, now, message_paths)
  local body = read_body(response)
  local document = document_of(body, rules, message_paths)
  return error_of(response, find_rule(rules, response, body, document), now,
    document and words.first(document, message_paths))
end

-- Answers with a good status ------------------------------------------------

local function is_good(status) return status >= 200 and status < 300 end

-- Good statuses of answers that are not all of what was asked for, whatever they
-- hold: a list that is still being made is often an empty one.
-- Source: RFC 9110, 15.3.3 and 15.3.7.
local NOT_WHOLE <const> = {
  [202] = { kind = "not_ready", retry = true,
    message = "answered 202 (Accepted): what was asked for is still being made" },
  [206] = { kind = "shape", code = "partial_content",
    message = "answered 206 (Partial Content), and no part was asked for: the rest is missing" },
}

---Why an answer with a good status is not to be counted; nil where it may be.
---@param response usagelua.response
---@return usagelua.error? err
function refusal.of_part(response)
  local known = NOT_WHOLE[response.status]
  if not known then return nil end
  local err = errors.new(known)
  err.status = response.status
  err.retry_after_s = retry.retry_after(response.headers, response.now)
  return err
end

-- The first rule that names the answer's good status and nothing else of it but
-- what `fits` looks at.
local function find_good(rules, response, fits)
  for _, rule in ipairs(rules or {}) do
    if has_status(rule, response.status) and has_headers(rule, response.headers) and fits(rule) then
      return rule
    end
  end
end

---What a good status or its header fields mean, before the body is read: only a
---rule that names the status says that it is no answer.
---@param response usagelua.response with a status of 2xx
---@param rules usagelua.refusal.rule[]?
---@param now number
---@return usagelua.error? err
function refusal.of_headers(response, rules, now)
  local rule = find_good(rules, response, function(rule)
    return rule.status ~= nil and not rule.body and not rule.path
  end)
  return rule and error_of(response, rule, now)
end

local function is_of_good(rule)
  for status = 200, 299 do
    if has_status(rule, status) then return true end
  end
  return false
end

---Whether rules look into the body of a good answer.
---@param rules usagelua.refusal.rule[]
---@return boolean
refusal.reads_body = once.of(function(rules)
  for _, rule in ipairs(rules) do
    if (rule.path or rule.body) and is_of_good(rule) then return true end
  end
  return false
end)

---The paths, as far as a reader of streams keeps them, at which rules look in a
---good answer, and those of the message that would be quoted then.
---@param rules usagelua.refusal.rule[]?
---@param message_paths string[]?
---@return string[]
function refusal.said_at(rules, message_paths)
  local list = {}
  for _, rule in ipairs(rules or {}) do
    if rule.path and (rule.status == nil or is_good(rule.status)) then
      list[#list + 1] = words.head(rule.path)
    end
  end
  for _, path in ipairs(#list > 0 and message_paths or {}) do list[#list + 1] = words.head(path) end
  return list
end

---What the values beside the items of a good answer mean.
---@param response usagelua.response
---@param rules usagelua.refusal.rule[]?
---@param side table<string, any>
---@return usagelua.error? err
function refusal.of_document(response, rules, side)
  if not rules or next(side) == nil then return nil end
  local document = words.document(side)
  local rule = find_good(rules, response, function(rule)
    return rule.path and not rule.body and words.says(rule, document)
  end)
  if not rule then return nil end
  local said = words.first(document, response.request.message_paths)
    or ("%s is '%s'"):format(rule.path, tostring(words.at(document, rule.path)[1]))
  return error_of(response, rule, response.now, said)
end

---What the beginning of a good answer means that could not be read.
---@param response usagelua.response
---@param rules usagelua.refusal.rule[]?
---@return usagelua.error? err
function refusal.of_text(response, rules)
  local rule = find_good(rules, response, function(rule)
    return rule.status ~= nil and rule.body and not rule.path and response:head():find(rule.body)
  end)
  return rule and error_of(response, rule, response.now)
end

---The same from status and headers alone, for callers to whom any status is an
---answer: the body stays theirs.
---@return usagelua.error
function refusal.of_status(response, now)
  return errors.new {
    kind = response.status == 429 and "throttled" or "http",
    message = ("answered %d"):format(response.status),
    status = response.status,
    retry_after_s = retry.retry_after(response.headers, now),
  }
end

return refusal
