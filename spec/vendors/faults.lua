-- The fault plan: which requests meet which trouble. Set by the specs through
-- /_control/faults: { seed = 1, rules = { rule, ... } }; the first rule that fires counts.
--
-- A rule matches by: vendor, path (Lua pattern), method, not_method, args ({ name = value });
-- nothing said matches all. Of the requests that match it fires on: all, or nth (number or list),
-- first (the first n), from (the n-th and later), every (each n-th), probability (drawn from
-- seed, rule, request and how often that very request came: the same in any order), and at
-- most `times` times.
-- Its effect: delay_ms; at_once (answered when so many wait at the same time, 400 when they do not
-- come); or status, body, type, headers ({ name = value or list }); retry_after
-- (as given), retry_after_date_s (an HTTP date so far from the answer's own Date),
-- date_skew_s (Date of the answer); wire (a way of wire.lua) with its options at, by, piece,
-- gap_ms, stall_s, mib, bytes, count, coding, fill; quirks (given to the vendor's own code).
local random = require "vendors.random"
local store = require "vendors.store"
local wire = require "vendors.wire"

local faults = {}

local KEYS = {}
for key in ([[vendor path method not_method args nth first from every probability times name delay_ms at_once status
  body type headers retry_after retry_after_date_s date_skew_s wire at by piece gap_ms stall_s mib
  bytes count coding fill quirks]]):gmatch "%S+" do
  KEYS[key] = true
end

local function problem_of(rule)
  for key in pairs(rule) do
    if not KEYS[key] then return "unknown key of a fault rule: " .. tostring(key) end
  end
  if rule.wire and not wire.has(rule.wire) then return "unknown wire fault: " .. rule.wire end
end

--- Sets the plan; gives what is wrong with it, or nil.
function faults.set(plan)
  for _, rule in ipairs(plan.rules or {}) do
    local problem = problem_of(rule)
    if problem then return problem end
  end
  faults.clear()
  store.set("faults:plan", plan)
end

function faults.clear()
  store.forget "faults:"
end

local function has_args(request, args)
  for name, value in pairs(args or {}) do
    if tostring(request.args[name]) ~= tostring(value) then return false end
  end
  return true
end

local function matches(rule, request)
  return (not rule.vendor or rule.vendor == request.vendor)
    and (not rule.method or rule.method == request.method)
    and rule.not_method ~= request.method
    and (not rule.path or request.path:find(rule.path) ~= nil)
    and has_args(request, rule.args)
end

local function is_among(nth, number)
  if type(nth) == "number" then return nth == number end
  for _, item in ipairs(nth) do
    if item == number then return true end
  end
  return false
end

-- Drawn per request and repetition, so that concurrency does not change the draw.
local function is_drawn(plan, index, rule, request)
  local text = table.concat({ plan.seed or 0, index, request.method, request.path,
    request.query or "" }, "\n")
  local occurrence = store.add("faults:seen:" .. ngx.md5(text))
  return random.fraction(text .. "\n" .. occurrence) < rule.probability
end

local function is_due(plan, index, rule, request, number)
  if rule.nth and not is_among(rule.nth, number) then return false end
  if rule.first and number > rule.first then return false end
  if rule.from and number < rule.from then return false end
  if rule.every and number % rule.every ~= 0 then return false end
  if rule.probability and not is_drawn(plan, index, rule, request) then return false end
  return not rule.times or store.number("faults:fired:" .. index) < rule.times
end

local function fires(plan, index, rule, request)
  if not matches(rule, request) then return false end
  local number = store.add("faults:matched:" .. index)
  return is_due(plan, index, rule, request, number)
end

--- The rule that this request meets, or nil. Every rule counts the requests that match it,
--- also those that meet another rule's trouble.
function faults.draw(request)
  local plan, drawn = store.get "faults:plan", nil
  for index, rule in ipairs(plan and plan.rules or {}) do
    if fires(plan, index, rule, request) and not drawn then
      drawn = rule
      store.add("faults:fired:" .. index)
      request.fault = rule.name or rule.wire or rule.status or index
    end
  end
  return drawn
end

--- How often each rule matched and fired.
function faults.counts()
  local plan, counts = store.get "faults:plan" or {}, {}
  for index, rule in ipairs(plan.rules or {}) do
    counts[index] = { name = rule.name, matched = store.number("faults:matched:" .. index),
      fired = store.number("faults:fired:" .. index) }
  end
  return counts
end

local function add_headers(list, headers)
  for name, value in pairs(headers or {}) do
    for _, item in ipairs(type(value) == "table" and value or { value }) do
      list[#list + 1] = { name, tostring(item) }
    end
  end
end

local function headers_of(rule)
  local list, now = {}, ngx.time() + (rule.date_skew_s or 0)
  add_headers(list, rule.headers)
  if rule.retry_after then list[#list + 1] = { "Retry-After", tostring(rule.retry_after) } end
  if rule.retry_after_date_s then
    list[#list + 1] = { "Retry-After", ngx.http_time(now + rule.retry_after_date_s) }
  end
  if rule.date_skew_s then list[#list + 1] = { "Date", ngx.http_time(now) } end
  return list
end

local function planned(rule)
  local status = rule.status or 200
  return { status = status, type = rule.type, headers = {}, body = rule.body or
    (status >= 400 and '{"status":"error","message":"planned fault"}' or "") }
end

local function with_headers(answer, rule)
  local headers = headers_of(rule)
  for _, pair in ipairs(answer.headers or {}) do headers[#headers + 1] = pair end
  return { status = answer.status, type = answer.type, headers = headers, body = answer.body,
    framing = answer.framing }
end

-- An answer may itself say in which way of wire.lua it goes out.
local function deliver(answer)
  if answer.framing then return wire.play(answer.framing, answer, {}) end
  return wire.send(answer)
end

local TOGETHER_LIMIT_S, LOOK_S = 20, 0.005

-- Waits for the others; their number is what no clock has to tell.
local function have_come(count)
  store.add "faults:together"
  for _ = 1, TOGETHER_LIMIT_S / LOOK_S do
    if store.number "faults:together" >= count then return true end
    ngx.sleep(LOOK_S)
  end
  return false
end

--- Answers, with the rule's trouble or without one.
---@param rule table|nil
---@param answer fun(quirks: table|nil): table|nil the endpoint; nil when it has answered itself
function faults.play(rule, answer)
  if not rule then
    local plain = answer()
    return plain and deliver(plain)
  end
  if rule.delay_ms then ngx.sleep(rule.delay_ms / 1000) end
  if rule.at_once and not have_come(rule.at_once) then
    return wire.send { status = 400, type = "text/plain", body = "the others did not come" }
  end
  local own = (rule.status or rule.body) and planned(rule) or answer(rule.quirks)
  if not own then return end
  own = with_headers(own, rule)
  if rule.wire then return wire.play(rule.wire, own, rule) end
  return deliver(own)
end

return faults
