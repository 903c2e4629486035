-- The query parameters of the usage report, checked as the vendor's API file says
-- (LambdaTest/documentation, api-specs/analytics.yaml). Where it gives no message for a
-- mistake, one of the same style stands here, marked "ours".
local account = require "vendors.account"
local calendar = require "vendors.calendar"
local ledger = require "vendors.testmu.ledger"

local parameters = {}

local DAY_S = 86400
local MAX_SPAN_S = 90 * DAY_S
local MAX_OFFSET_MINUTES = 14 * 60
local TIMEZONE_MESSAGE = "invalid timezone format: %s (expected +HH:MM or -HH:MM, e.g. +05:30)"
local DEFAULT_LIMIT, MAX_LIMIT = 10, 100

local function is_among(value, list)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

-- Each parameter once and known: ours, since the documentation names no others.
local function read_query(known)
  local args = {}
  for _, pair in ipairs(account.arguments(ngx.var.args)) do
    local name = pair[1]
    if not is_among(name, known) then return nil, "unexpected parameter: " .. name end
    if args[name] then return nil, "repeated parameter: " .. name end
    args[name] = pair[2]
  end
  return args
end

local function offset_text(minutes)
  local size = math.abs(minutes)
  return ("%s%02d:%02d"):format(minutes < 0 and "-" or "+", math.floor(size / 60), size % 60)
end

-- Minutes east of UTC of the ISO form; a leading space is a `+` that was not escaped.
local function iso_offset(text)
  local sign, hours, minutes = text:match "^([+%- ]?)(%d%d):(%d%d)$"
  if not hours or tonumber(minutes) > 59 then return nil end
  local offset = tonumber(hours) * 60 + tonumber(minutes)
  return sign == "-" and -offset or offset
end

-- Minutes as JavaScript's getTimezoneOffset() gives them: west is positive.
local function javascript_offset(text)
  local minutes = text:match "^%-?%d%d?%d?%d?$"
  return minutes and -tonumber(minutes)
end

--- Minutes east of UTC of the `timezone` parameter, or nil and the documented message.
function parameters.offset(text)
  local offset = iso_offset(text) or javascript_offset(text)
  if offset and math.abs(offset) <= MAX_OFFSET_MINUTES then return offset end
  return nil, TIMEZONE_MESSAGE:format(text)
end

local function instant(args, name)
  local text = args[name]
  if not text or text == "" then return nil, name .. " is required" end
  local epoch = calendar.parse_wall_clock(text)
  if epoch then return epoch end
  return nil, ("invalid %s format: %s (expected YYYY-MM-DD HH:MM:SS)"):format(name, text) -- ours
end

local function check_range(from, to)
  if to <= from then return "to must be after from" end
  if to - from > MAX_SPAN_S then return "date range exceeds maximum allowed span of 90 days" end
end

local function range(args)
  local from, to, offset, problem
  from, problem = instant(args, "from")
  if not from then return nil, problem end
  to, problem = instant(args, "to")
  if not to then return nil, problem end
  offset, problem = parameters.offset(args.timezone or "+00:00")
  if not offset then return nil, problem end
  problem = check_range(from, to)
  if problem then return nil, problem end
  -- `to` is the last second that counts; inside, windows end before their end.
  return { type = args.type, from = from - offset * 60, to = to - offset * 60 + 1,
    from_text = args.from, to_text = args.to, timezone = offset_text(offset) }
end

local function bracketed(list)
  return "[" .. table.concat(list, " ") .. "]"
end

local function check_type(kind)
  if not is_among(kind, ledger.TYPES) then
    return ("invalid or missing type (valid: %s)"):format(bracketed(ledger.TYPES))
  end
end

local function check_product(product)
  if not is_among(product, ledger.PRODUCTS) then
    return ("invalid or missing product (valid: %s)"):format(bracketed(ledger.PRODUCTS))
  end
end

--- The parameters of /usage-report/summary: { type, from, to (epoch, excluded), from_text,
--- to_text, timezone }, or nil and a message.
function parameters.summary()
  local args, problem = read_query { "type", "from", "to", "timezone" }
  problem = problem or check_type(args.type)
  if problem then return nil, problem end
  return range(args)
end

local function whole_number(text, default, least, most)
  if text == nil then return default end
  local number = text:match "^%d+$" and tonumber(text)
  if number and number >= least and number <= most then return number end
end

local function page_of(args)
  local page = whole_number(args.page, 1, 1, math.huge)
  if not page then return nil, nil, "page must be a positive integer" end -- ours
  local limit = whole_number(args.limit, DEFAULT_LIMIT, 1, MAX_LIMIT)
  if not limit then return nil, nil, "limit must be a positive integer between 1 and 100" end -- ours
  return page, limit
end

--- The parameters of /usage-report/drilldown: those of summary, product, page, limit.
function parameters.drilldown()
  local args, problem = read_query { "type", "product", "from", "to", "timezone", "page", "limit" }
  if not args then return nil, problem end
  problem = check_type(args.type) or check_product(args.product)
  if problem then return nil, problem end
  local window
  window, problem = range(args)
  if not window then return nil, problem end
  window.product = args.product
  window.page, window.limit, problem = page_of(args)
  if problem then return nil, problem end
  return window
end

local GRANULARITIES = { ["10m"] = 600, ["1h"] = 3600, ["6h"] = 21600, ["12h"] = 43200,
  ["1d"] = DAY_S }
local CONCURRENCY_PRODUCTS = { "app-automation", "automation", "hyperexecute", "realdevice",
  "realtime" }
local CONCURRENCY_SPAN_S, CONCURRENCY_DEFAULT_S, FUTURE_S = 31 * DAY_S, 7 * DAY_S, 3600

local function missing_timestamp(args)
  for name, other in pairs { from_timestamp = "to_timestamp", to_timestamp = "from_timestamp" } do
    if not args[name] and args[other] then
      return ("%s is required when %s is provided"):format(name, other)
    end
  end
end

local function utc_instant(args, name)
  local epoch = args[name]:match "Z$" and calendar.parse_rfc3339(args[name])
  if epoch then return epoch end
  return nil, ("invalid %s format: %s (expected RFC3339 UTC)"):format(name, args[name]) -- ours
end

local function check_timestamps(from, to, now)
  if to <= from then return "to_timestamp must be after from_timestamp" end
  if to - from > CONCURRENCY_SPAN_S then
    return "date range exceeds maximum allowed span of 31 days per API call"
  end
  if to > now + FUTURE_S then
    return "to_timestamp cannot be more than 1 hour in the future" -- ours
  end
end

local function timestamps(args, now)
  local problem = missing_timestamp(args)
  if problem then return nil, nil, problem end
  if not args.from_timestamp then return now - CONCURRENCY_DEFAULT_S, now end
  local from, to
  from, problem = utc_instant(args, "from_timestamp")
  if not from then return nil, nil, problem end
  to, problem = utc_instant(args, "to_timestamp")
  if not to then return nil, nil, problem end
  return from, to, check_timestamps(from, to, now)
end

local function check_concurrency_product(product)
  if not product or product == "" then return "product is required" end
  if not is_among(product, CONCURRENCY_PRODUCTS) then
    return ('invalid product: "%s" (valid: %s)'):format(product,
      table.concat(CONCURRENCY_PRODUCTS, ", "))
  end
end

-- /concurrency takes the ISO form with a sign only.
local function signed_offset(text)
  if text:match "^[+-]%d%d:%d%d$" then return parameters.offset(text) end
  return nil, TIMEZONE_MESSAGE:format(text)
end

--- The parameters of /concurrency: { product, from, to (excluded), granularity, step_s,
--- offset_s }, or nil and a message.
function parameters.concurrency(now)
  local args, problem = read_query { "product", "from_timestamp", "to_timestamp", "granularity",
    "timezone" }
  problem = problem or check_concurrency_product(args.product)
  if problem then return nil, problem end
  local granularity = args.granularity or "10m"
  if not GRANULARITIES[granularity] then
    return nil, ("invalid granularity: %s (valid: 10m, 1h, 6h, 12h, 1d)"):format(granularity)
  end
  local offset, from, to
  offset, problem = signed_offset(args.timezone or "+00:00")
  if not offset then return nil, problem end
  from, to, problem = timestamps(args, now)
  if problem then return nil, problem end
  return { product = args.product, from = from, to = to, granularity = granularity,
    step_s = GRANULARITIES[granularity], offset_s = offset * 60 }
end

return parameters
