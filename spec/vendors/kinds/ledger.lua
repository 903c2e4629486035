-- The items that all the small test vendors hand out: number i is the same everywhere. They lie
-- in the months of 2026, many in the first and last second of one.
local calendar = require "vendors.calendar"

local ledger = {}

ledger.PRODUCTS = { "alpha", "beta", "gamma", "delta" }

local function draw(i, salt)
  local state = (i * 8191 + salt * 131) % 2147483646 + 1
  for _ = 1, 3 do state = state * 48271 % 2147483647 end
  return state
end

local function instant(i)
  local month = i % 12 + 1
  local from = calendar.epoch(2026, month, 1, 0, 0, 0)
  local to = calendar.epoch(month == 12 and 2027 or 2026, month % 12 + 1, 1, 0, 0, 0)
  local place = math.floor(i / 12) % 3
  if place == 0 then return from end
  if place == 1 then return to - 1 end
  return from + draw(i, 1) % (to - from)
end

-- What CSV has to quote, and what is not ASCII.
local NAMES = { "Ann, %d", 'Bo "the %d"', "Zoë %d", "Line\nbreak %d", "Plain %d" }

--- Item number i: { id, email, name, product, at (epoch), tests, minutes }.
function ledger.item(i)
  return { id = i, email = ("user%d@example.com"):format(i), name = NAMES[i % #NAMES + 1]:format(i),
    product = ledger.PRODUCTS[draw(i, 2) % #ledger.PRODUCTS + 1], at = instant(i),
    tests = 1 + draw(i, 3) % 100, minutes = draw(i, 4) % 600 }
end

--- The items first to last, of those there are.
function ledger.items(kept, first, last)
  local list = {}
  for i = math.max(first, 1), math.min(last, kept.items) do list[#list + 1] = ledger.item(i) end
  return list
end

--- The items of [from, to), seconds.
function ledger.between(kept, from, to)
  local list = {}
  for _, item in ipairs(ledger.items(kept, 1, kept.items)) do
    if item.at >= from and item.at < to then list[#list + 1] = item end
  end
  return list
end

local function count(sums, item)
  sums.items, sums.tests, sums.minutes = sums.items + 1, sums.tests + item.tests,
    sums.minutes + item.minutes
end

local function new_sums()
  return { items = 0, tests = 0, minutes = 0 }
end

--- Sums over items: { items, tests, minutes, products = { NAME = { items, tests, minutes } } }.
function ledger.total(items)
  local total = new_sums()
  total.products = {}
  for _, product in ipairs(ledger.PRODUCTS) do total.products[product] = new_sums() end
  for _, item in ipairs(items) do
    count(total, item)
    count(total.products[item.product], item)
  end
  return total
end

return ledger
