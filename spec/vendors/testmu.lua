-- Plays TestMu AI's analytics API below /testmu/insights/api/v3/public, as the vendor's API
-- file says (LambdaTest/documentation, api-specs/analytics.yaml, read 2026-09): usage-report
-- summary and drilldown, concurrency. Figures come from the ledger.
local calendar = require "vendors.calendar"
local caller = require "vendors.caller"
local concurrency = require "vendors.testmu.concurrency"
local ledger = require "vendors.testmu.ledger"
local ordered_json = require "vendors.ordered_json"
local parameters = require "vendors.testmu.parameters"
local sample = require "vendors.testmu.sample"
local settings = require "vendors.testmu.settings"

local object, array = ordered_json.object, ordered_json.array

local testmu = {}

local BASE = "/insights/api/v3/public"

local PERMISSION = "access restricted: your role does not have the required permissions to view "
  .. "the usage report. Required permissions to add: analytics:admin"

-- Three envelopes of errors live on this one base URL.
local function usage_error(status, message)
  return { status = status,
    body = ordered_json.encode(object { { "status", "error" }, { "message", message } }) }
end

local function sibling_error(status, message)
  return { status = status,
    body = ordered_json.encode(object { { "error", message }, { "status", "failed" } }) }
end

local function message_error(status, message)
  return { status = status, body = ordered_json.encode(object { { "message", message } }) }
end

local function success(data, quirks, metadata)
  local root = object { { "status", "success" }, { "data", data }, { "metadata", metadata } }
  ordered_json.bend(root, quirks)
  return { status = 200, body = ordered_json.encode(root) }
end

local function zero()
  return { tests = 0, duration_ms = 0, screenshots = 0 }
end

local function is_failed(quirks, product)
  local failed = quirks and quirks.partial
  if type(failed) ~= "table" then return failed == product end
  for _, name in ipairs(failed) do
    if name == product then return true end
  end
  return false
end

local function sample_total(kind, product)
  return kind == sample.type and sample.products[product] or zero()
end

local function total_of(context, kind, product)
  local asked = context.asked
  if context.kept.sample then return sample_total(kind, product) end
  return ledger.total(context.ledger, kind, product, asked.from, asked.to)
end

local function users_of(context)
  local asked = context.asked
  if context.kept.sample then return asked.type == sample.type and sample.users or 0 end
  return ledger.distinct_users(context.ledger, asked.type, ledger.PRODUCTS, asked.from, asked.to)
end

local function figures(product, total)
  if product == "smartui" then return object { { "totalScreenshots", total.screenshots } } end
  return object { { "totalTests", total.tests }, { "totalDuration", total.duration_ms } }
end

local function products(context, quirks)
  local list = {}
  for i, product in ipairs(ledger.PRODUCTS) do
    local total = is_failed(quirks, product) and zero() or
      total_of(context, context.asked.type, product)
    list[i] = { product, figures(product, total) }
  end
  return object(list)
end

local function organization(context)
  local own = settings.organization(context.kept, context.credential)
  return object { { "id", own.id }, { "name", own.name } }
end

local function range_pairs(context)
  local asked = context.asked
  return { "from", asked.from_text }, { "to", asked.to_text }, { "timezone", asked.timezone },
    { "organization", organization(context) }
end

local function summary(context, quirks)
  local from, to, timezone, owner = range_pairs(context)
  local metadata = object { { "type", context.asked.type }, { "totalUsers", users_of(context) },
    from, to, timezone, owner, { "partial", quirks and quirks.partial and true or nil } }
  return success(object { { "metadata", metadata }, { "products", products(context, quirks) } },
    quirks)
end

-- The whole organisation's, both types: "intentionally independent" of the rows.
local function product_total(context)
  local sum = zero()
  for _, kind in ipairs(ledger.TYPES) do
    for name, value in pairs(total_of(context, kind, context.asked.product)) do
      sum[name] = sum[name] + value
    end
  end
  return sum
end

local function user_row(product, row)
  local is_smartui = product == "smartui"
  return object { { "id", row.id }, { "username", row.username }, { "email", row.email },
    { "totalTestsRun", not is_smartui and row.tests or nil },
    { "totalDuration", not is_smartui and row.duration_ms or nil },
    { "totalScreenshots", is_smartui and row.screenshots or nil } }
end

local function page_of(asked, rows)
  local list, first = {}, (asked.page - 1) * asked.limit
  for i = first + 1, math.min(first + asked.limit, #rows) do
    list[#list + 1] = user_row(asked.product, rows[i])
  end
  return array(list)
end

local function pagination(asked, total)
  return object { { "limit", asked.limit }, { "page", asked.page }, { "total", total },
    { "totalPages", math.ceil(total / asked.limit) } }
end

local function drilldown_rows(context, quirks)
  local asked = context.asked
  if quirks and quirks.partial then return {} end
  if context.kept.sample then
    return asked.type == sample.type and sample.rows[asked.product] or {}
  end
  return ledger.rows(context.ledger, asked.type, asked.product, asked.from, asked.to)
end

local function drilldown(context, quirks)
  local asked, rows = context.asked, drilldown_rows(context, quirks)
  local total = quirks and quirks.partial and zero() or product_total(context)
  local from, to, timezone, owner = range_pairs(context)
  local metadata = { { "type", asked.type }, { "product", asked.product }, { "totalUsers", #rows } }
  for _, pair in ipairs(figures(asked.product, total)) do metadata[#metadata + 1] = pair end
  for _, pair in ipairs { from, to, timezone, owner, { "pagination", pagination(asked, #rows) },
    { "partial", quirks and quirks.partial and true or nil } } do
    metadata[#metadata + 1] = pair
  end
  return success(object { { "metadata", object(metadata) }, { "users", page_of(asked, rows) } },
    quirks)
end

local REFUSALS = {
  member = function() return usage_error(403, "admin access required") end,
  unpermitted = function() return usage_error(403, PERMISSION) end,
  broken = function() return usage_error(500, "failed to resolve org users") end,
}

local function new_context(kept, credential, asked)
  return { kept = kept, credential = credential, asked = asked,
    ledger = settings.ledger(kept, credential) }
end

local function usage_report(read, respond)
  return function(quirks)
    local kept = settings.read()
    local credential = caller.identify(kept.credentials)
    if not credential then return usage_error(401, "Invalid or missing Basic Auth credentials") end
    if REFUSALS[credential.role] then return REFUSALS[credential.role]() end
    local asked, problem = read()
    if not asked then return usage_error(400, problem) end
    return respond(new_context(kept, credential, asked), quirks)
  end
end

local function bucket(asked, item)
  return object { { "timestamp", calendar.rfc3339(item.at) }, { "product", asked.product },
    { "max_concurrency", item.sessions }, { "max_queued", item.queued },
    { "max_allowed_concurrency", concurrency.ALLOWED },
    { "max_queued_limit", concurrency.QUEUE_LIMIT } }
end

local function series(context, quirks)
  local asked, list = context.asked, {}
  local buckets = concurrency.buckets(context.ledger.settings.seed, asked)
  for i, item in ipairs(buckets) do list[i] = bucket(asked, item) end
  local metadata = object { { "granularity", asked.granularity }, { "product", asked.product },
    { "total_buckets", #list }, { "date_range", object {
      { "start", calendar.rfc3339(asked.from) }, { "end", calendar.rfc3339(asked.to) } } } }
  return success(array(list), quirks, metadata)
end

-- On the siblings a missing Authorization header is 403, and only a wrong one 401.
local function concurrency_report(quirks)
  local kept = settings.read()
  if not ngx.var.http_authorization then
    return message_error(403, "Authorization token missing.")
  end
  local credential = caller.identify(kept.credentials)
  if not credential then return message_error(401, "Invalid Token") end
  if credential.role == "broken" then return sibling_error(500, "error fetching concurrency data") end
  local asked, problem = parameters.concurrency(kept.now or ngx.time())
  if not asked then return sibling_error(400, problem) end
  return series(new_context(kept, credential, asked), quirks)
end

local ROUTES = {
  [BASE .. "/usage-report/summary"] = usage_report(parameters.summary, summary),
  [BASE .. "/usage-report/drilldown"] = usage_report(parameters.drilldown, drilldown),
  [BASE .. "/concurrency"] = concurrency_report,
}

--- Answers a request below /testmu.
---@param path string
---@param quirks table|nil of a fault rule: partial (product or list: its fetch failed), and
---  the bends of ordered_json
function testmu.answer(path, quirks)
  local route = ROUTES[path]
  if not route then return message_error(404, "no Route matched with those values") end
  if ngx.req.get_method() ~= "GET" then return message_error(405, "method not allowed") end
  return route(quirks)
end

testmu.control = require("vendors.testmu.control")

return testmu
