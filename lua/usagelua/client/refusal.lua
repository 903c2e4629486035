-- What an answer with another status than 2xx means. The vendor's own rules go
-- first, then the meaning of the status. The body is read to 64 KiB, matched
-- against patterns and quoted; it is never parsed.

local errors = require "usagelua.errors"
local retry = require "usagelua.client.retry"

local BODY_BYTES <const> = 65536

local KINDS <const> = {
  [401] = "auth", [403] = "permission", [404] = "not_found", [410] = "not_found",
  [413] = "too_large", [414] = "too_large", [429] = "throttled",
}

local refusal = {}

---@class usagelua.refusal.rule
---@field status integer|integer[]? any when absent
---@field header table<string, string>? lower-case names -> Lua patterns of their values
---@field body string? Lua pattern
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

local function find_rule(rules, response, body)
  for _, rule in ipairs(rules or {}) do
    if has_status(rule, response.status) and has_headers(rule, response.headers)
      and (not rule.body or body:find(rule.body)) then
      return rule
    end
  end
  return {}
end

local function describe(response, rule)
  local what = ("answered %d (%s)"):format(response.status, response:description())
  return rule.message and rule.message .. ": " .. what or what
end

---@param response usagelua.response
---@param rules usagelua.refusal.rule[]?
---@param now number seconds since the epoch, for a Retry-After without Date
---@return usagelua.error
function refusal.of(response, rules, now)
  local rule = find_rule(rules, response, read_body(response))
  return errors.new {
    kind = rule.kind or KINDS[response.status] or "http",
    message = describe(response, rule),
    hint = rule.hint,
    status = response.status,
    retry = rule.retry,
    retry_after_s = retry.retry_after(response.headers, now) or rule.retry_after_s,
  }
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
