-- TestMu in plain Lua, for the simulator: summary and drilldown from the test vendor's ledger,
-- every parameter checked, and on demand what the real one has been seen or is feared to do.
local calendar = require "vendors.calendar"
local json = require "usagelua.json"
local ledger = require "vendors.testmu.ledger"
local url = require "usagelua.client.url"

local testmu = {}

local SPAN_S = 90 * 86400

---@class spec.testmu_quirks
---@field partial string[]? products whose fetch failed: zero counts, and the flag
---@field metadata table<string, any>? fields of the metadata that say something else
---@field fields table<string, any>? fields of every product, or of every user, likewise
---@field swap boolean? the rows were ranked anew since the last page
---@field gone integer? so many rows went after the first page was read, also from the total
---@field total integer? the stated number of rows

local methods = {}
local metatable = { __index = methods }

local function arguments(text)
  local args = {}
  for pair in (text or ""):gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=(.*)$"
    assert(not args[name], "a parameter came twice: " .. name)
    args[url.decode(name)] = url.decode(value)
  end
  return args
end

local function offset_s(text)
  local sign, hours, minutes = text:match "^([+-])(%d%d):(%d%d)$"
  local size = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return sign == "-" and -size or size
end

local KNOWN = { type = true, product = true, from = true, to = true, timezone = true, page = true,
  limit = true }

-- What was asked, or the documented message of what is wrong with it.
local function read(args)
  for name in pairs(args) do
    if not KNOWN[name] then return nil, "unexpected parameter: " .. name end
  end
  local from = calendar.parse_wall_clock(args.from or "")
  local to = calendar.parse_wall_clock(args.to or "")
  if not from then return nil, "from is required" end
  if not to then return nil, "to is required" end
  if to <= from and to ~= from then return nil, "to must be after from" end
  if to - from > SPAN_S - 1 then return nil, "date range exceeds maximum allowed span of 90 days" end
  local east_s = offset_s(args.timezone)
  return { type = args.type, product = args.product, from = from - east_s, to = to - east_s + 1,
    args = args, page = tonumber(args.page or 1), limit = tonumber(args.limit or 10) }
end

local function metadata(asked, fields, quirks)
  local list = { type = asked.type, product = asked.product, from = asked.args.from, to = asked.args.to,
    timezone = asked.args.timezone, organization = { id = "4711", name = "Acme Corp" },
    partial = quirks.partial and true or nil }
  for name, value in pairs(fields) do list[name] = value end
  for name, value in pairs(quirks.metadata or {}) do list[name] = value end
  return list
end

local function figures(product, total, names)
  if product == "smartui" then return { totalScreenshots = total.screenshots } end
  return { [names.tests] = total.tests, totalDuration = total.duration_ms }
end

local SUMMARY_NAMES = { tests = "totalTests" }
local ROW_NAMES = { tests = "totalTestsRun" }
local ZERO = { tests = 0, duration_ms = 0, screenshots = 0 }

local function set_of(list)
  local set = {}
  for _, name in ipairs(list or {}) do set[name] = true end
  return set
end

local function bend(object, fields)
  for name, value in pairs(fields or {}) do object[name] = value end
  return object
end

function methods:summary(asked, quirks)
  local failed, products, counted = set_of(quirks.partial), {}, {}
  for _, product in ipairs(ledger.PRODUCTS) do
    local total = failed[product] and ZERO or self:total(asked.type, product, asked.from, asked.to)
    products[product] = bend(figures(product, total, SUMMARY_NAMES), quirks.fields)
    if not failed[product] then counted[#counted + 1] = product end
  end
  local users = ledger.distinct_users(self.ledger, asked.type, counted, asked.from, asked.to)
  return { metadata = metadata(asked, { totalUsers = users }, quirks), products = products }
end

local function user_row(product, row, quirks)
  local item = figures(product, row, ROW_NAMES)
  item.id, item.username, item.email = row.id, row.username, row.email
  return bend(item, quirks.fields)
end

-- What the pages are cut from: later pages may be cut from another ranking.
local function ranked(rows, asked, quirks)
  local first = (asked.page - 1) * asked.limit + 1
  local list = table.move(rows, first > 1 and quirks.gone and 1 + quirks.gone or 1, #rows, 1, {})
  if quirks.swap and first > 1 and list[first] then
    list[first - 1], list[first] = list[first], list[first - 1]
  end
  return list, first
end

function methods:drilldown(asked, quirks)
  local rows = quirks.partial and {} or self:rows(asked.type, asked.product, asked.from, asked.to)
  local list, first = ranked(rows, asked, quirks)
  local users = json.array {}
  for i = first, math.min(first + asked.limit - 1, #list) do
    users[#users + 1] = user_row(asked.product, list[i], quirks)
  end
  -- Of both types: "intentionally independent" of the rows.
  local both = self:total("account-user", asked.product, asked.from, asked.to)
  local extra = figures(asked.product, both, SUMMARY_NAMES)
  extra.totalUsers = #list
  extra.pagination = { limit = asked.limit, page = asked.page, total = quirks.total or #list,
    totalPages = math.ceil(#list / asked.limit) }
  return { metadata = metadata(asked, extra, quirks), users = users }
end

local function answer(status, value)
  return { status = status, headers = { ["content-type"] = "application/json" },
    body = json.encode(value) }
end

function methods:refuse(message)
  self.problems[#self.problems + 1] = message
  return answer(400, { status = "error", message = message })
end

---Answers a request of the simulator.
---@param request table
---@return table
function methods:answer(request)
  local parts = assert(url.split(request.url))
  local asked, problem = read(arguments(parts.query))
  if not asked then return self:refuse(problem) end
  local report = parts.path:match "/usage%-report/(%l+)$"
  self.requests = self.requests + 1
  asked.report = report
  local quirks = self.quirks and self.quirks(asked, self.requests) or {}
  self.asked[#self.asked + 1] = asked
  return answer(200, { status = "success", data = self[report](self, asked, quirks) })
end

---The ledger's sums of one product and type: tests, duration_ms, screenshots.
function methods:total(kind, product, from, to)
  return ledger.total(self.ledger, kind, product, from, to)
end

---@return integer
function methods:users(kind, from, to)
  return ledger.distinct_users(self.ledger, kind, ledger.PRODUCTS, from, to)
end

---The ledger's rows of one product and type, in the vendor's order.
function methods:rows(kind, product, from, to)
  local key = ("%s %s %d %d"):format(kind, product, from, to)
  self.known[key] = self.known[key] or ledger.rows(self.ledger, kind, product, from, to)
  return self.known[key]
end

---The row of one user, by the address that it bears.
function methods:row_of(email, kind, product, from, to)
  local rows = self:rows(kind, product, from, to)
  if not rows.by_email then
    rows.by_email = {}
    for _, row in ipairs(rows) do rows.by_email[row.email:lower()] = row end
  end
  return rows.by_email[email]
end

testmu.TYPES, testmu.PRODUCTS = ledger.TYPES, ledger.PRODUCTS

---The same settings give the same ledger.
---@param settings table of the ledger
function testmu.build(settings)
  return ledger.build(settings)
end

---@param options { ledger: table, quirks: (fun(asked: table, count: integer): table?)? }
function testmu.new(options)
  return setmetatable({ ledger = options.ledger, quirks = options.quirks, requests = 0, problems = {},
    asked = {}, known = {} }, metatable)
end

return testmu
