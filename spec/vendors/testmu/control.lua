-- /_control/testmu/…: settings, and the right answers for the specs.
-- Ranges are from_epoch (included) to to_epoch (excluded), seconds.
local concurrency = require "vendors.testmu.concurrency"
local ledger = require "vendors.testmu.ledger"
local settings = require "vendors.testmu.settings"

local cjson = require "cjson.safe"

local control = {}

--- POST: replaces the settings { credentials, organization, ledger, sample, now }; {} gives the
--- defaults back. GET: the settings.
function control.settings(given)
  local problem = given and settings.write(given)
  if problem then return nil, problem end
  return settings.read()
end

local function chosen(name, all)
  return name and { name } or all
end

local function question(args)
  local kept = settings.read()
  return {
    from = tonumber(args.from_epoch), to = tonumber(args.to_epoch),
    types = chosen(args.type, ledger.TYPES), products = chosen(args.product, ledger.PRODUCTS),
    ledger = settings.ledger(kept, settings.credential(kept, args.username)),
  }
end

local function add_row(answer, kind, product, total)
  answer.rows[#answer.rows + 1] = { type = kind, product = product, tests = total.tests,
    duration_ms = total.duration_ms, screenshots = total.screenshots }
  for name, value in pairs(total) do answer[name] = answer[name] + value end
end

--- GET ?from_epoch&to_epoch&type&product&username: { tests, duration_ms, screenshots, users,
--- rows = { { type, product, tests, duration_ms, screenshots }, ... } }; without type, product
--- all of them; users are different ones within a type. username: whose ledger.
function control.total(_, args)
  local asked = question(args)
  if not asked.from or not asked.to then return nil, "from_epoch and to_epoch are needed" end
  local answer = { tests = 0, duration_ms = 0, screenshots = 0, users = 0, rows = {} }
  for _, kind in ipairs(asked.types) do
    answer.users = answer.users +
      ledger.distinct_users(asked.ledger, kind, asked.products, asked.from, asked.to)
    for _, product in ipairs(asked.products) do
      add_row(answer, kind, product,
        ledger.total(asked.ledger, kind, product, asked.from, asked.to))
    end
  end
  return answer
end

--- GET, same parameters, type and product needed: the users' rows, most usage first.
function control.users(_, args)
  local asked = question(args)
  local rows = ledger.rows(asked.ledger, args.type, args.product, asked.from, asked.to)
  return setmetatable(rows, cjson.array_mt)
end

--- GET, same parameters: every test of the range, for counting in another way:
--- { { type, product, user, at, tests, duration_ms, screenshots }, ... }, in no order.
function control.events(_, args)
  local asked, list = question(args), {}
  for _, kind in ipairs(asked.types) do
    for _, product in ipairs(asked.products) do
      for _, event in ipairs(ledger.events(asked.ledger, kind, product, asked.from, asked.to)) do
        list[#list + 1] = event
      end
    end
  end
  return setmetatable(list, cjson.array_mt)
end

--- GET ?from_epoch&to_epoch&product: { max_concurrency, max_queued }.
function control.concurrency(_, args)
  local asked = question(args)
  local sessions, queued = concurrency.peak(asked.ledger.settings.seed, args.product, asked.from,
    asked.to)
  return { max_concurrency = sessions, max_queued = queued }
end

return control
