-- What a create call may say: dates and products, under the names and in the place that the
-- settings give them, and nothing else. The vendor documents neither; the messages are ours.
local account = require "vendors.account"
local calendar = require "vendors.calendar"
local ledger = require "vendors.browserstack.ledger"

local cjson = require "cjson.safe"

local parameters = {}

local DEFAULT_DAYS = 14

local function read_query()
  local args = {}
  for _, pair in ipairs(account.arguments(ngx.var.args)) do
    if args[pair[1]] then return nil, "repeated parameter: " .. pair[1] end
    args[pair[1]] = pair[2]
  end
  return args
end

local function read_body()
  ngx.req.read_body()
  local text = ngx.req.get_body_data()
  if ngx.var.args then return nil, "no query is expected" end
  if not text then return {} end
  if not (ngx.var.http_content_type or ""):find "^application/json" then
    return nil, "the body is not sent as application/json"
  end
  local args = cjson.decode(text)
  if type(args) ~= "table" then return nil, "the body is no JSON object" end
  return args
end

local function unexpected(kept, args)
  for name in pairs(args) do
    if name ~= "startDate" and name ~= "endDate" and name ~= kept.products_parameter then
      return "unexpected parameter: " .. tostring(name)
    end
  end
end

local function day_of(args, name)
  local text = args[name]
  local y, m, d = tostring(text):match "^(%d%d%d%d)%-(%d%d)%-(%d%d)$"
  local epoch = type(text) == "string" and y and
    calendar.epoch(tonumber(y), tonumber(m), tonumber(d), 0, 0, 0)
  if not epoch then return nil, name .. " is invalid: " .. tostring(text) end
  return epoch / ledger.DAY_S
end

local function days(kept, args)
  if args.startDate == nil and args.endDate == nil then
    local today = math.floor(kept.now / ledger.DAY_S)
    return today - DEFAULT_DAYS + 1, today
  end
  local first, last, problem
  first, problem = day_of(args, "startDate")
  if not first then return nil, nil, problem end
  last, problem = day_of(args, "endDate")
  if not last then return nil, nil, problem end
  if last < first then return nil, nil, "endDate is before startDate" end
  if kept.max_days and last - first >= kept.max_days then
    return nil, nil, "the range is too long"
  end
  return first, last
end

local function product_of(kept, word)
  for _, product in ipairs(ledger.PRODUCTS) do
    if (kept.product_words[product] or product) == word then return product end
  end
end

local function words_of(value)
  if type(value) == "table" then return value end
  local words = {}
  for word in tostring(value):gmatch "[^,]+" do words[#words + 1] = word end
  return words
end

-- The set of products asked for, or nil for all.
local function products(kept, value)
  if value == nil then return nil end
  local chosen = {}
  for _, word in ipairs(words_of(value)) do
    local product = product_of(kept, word)
    if not product then return nil, "unknown product: " .. tostring(word) end
    chosen[product] = true
  end
  if not next(chosen) then return nil, "no product is named" end
  return chosen
end

--- What is asked for with these values: { first, last (days since the epoch), products (a set,
--- or nil: all) }, or nil and a message.
function parameters.check(kept, args)
  local first, last, problem = days(kept, args)
  if problem then return nil, problem end
  local chosen
  chosen, problem = products(kept, args[kept.products_parameter])
  if problem then return nil, problem end
  return { first = first, last = last, products = chosen,
    startDate = args.startDate, endDate = args.endDate }
end

--- The same of the request at hand.
function parameters.read(kept)
  local read = kept.params_in == "query" and read_query or read_body
  local args, problem = read()
  problem = problem or unexpected(kept, args)
  if problem then return nil, problem end
  return parameters.check(kept, args)
end

return parameters
