-- The ledger of the TestMu test vendor: made-up tests of which every total is known. The same
-- settings give the same tests, in every process. Dense where windows begin and end: at each
-- local midnight of many offsets, and at quarter hours, one test in the first second and one
-- in the last second before it.
local calendar = require "vendors.calendar"
local random = require "vendors.random"

local ledger = {}

ledger.TYPES = { "account-user", "service-user" }
ledger.PRODUCTS = { "automation", "app-automation", "hyperexecute", "realtime", "realdevice",
  "smartui" }

local DEFAULTS = { seed = 1, users = 24, first = "2021-01-01", last = "2028-01-01",
  quarters_a_day = 6, others_a_day = 6 }

-- Minutes east of UTC, summer and winter of zones that tests like to use.
local MIDNIGHT_OFFSETS = { 0, 60, 120, 330, 345, 630, 660, 765, 825, 840, -150, -210, -240, -300,
  -420, -480, -720 }

local DAY_S, QUARTER_S = 86400, 900

local function add(events, instant)
  events[#events + 1] = instant
end

local function add_border(events, instant)
  add(events, instant)
  add(events, instant - 1)
end

local function add_day(events, midnight, settings, next_random)
  for _, offset in ipairs(MIDNIGHT_OFFSETS) do add_border(events, midnight - offset * 60) end
  for _ = 1, settings.quarters_a_day do
    add_border(events, midnight + next_random(DAY_S / QUARTER_S) * QUARTER_S)
  end
  for _ = 1, settings.others_a_day do add(events, midnight + next_random(DAY_S)) end
end

local function instants(settings, next_random)
  local events = {}
  local first = calendar.parse_wall_clock(settings.first .. " 00:00:00")
  local last = calendar.parse_wall_clock(settings.last .. " 00:00:00")
  for midnight = first, last - DAY_S, DAY_S do add_day(events, midnight, settings, next_random) end
  table.sort(events)
  return events
end

local function new_series()
  return { at = {}, user = {}, tests = { [0] = 0 }, duration_ms = { [0] = 0 },
    screenshots = { [0] = 0 } }
end

-- Sums are kept as running totals, so that any window costs two look-ups.
local function append(series, instant, user, tests, duration_ms, screenshots)
  local n = #series.at + 1
  series.at[n], series.user[n] = instant, user
  series.tests[n] = series.tests[n - 1] + tests
  series.duration_ms[n] = series.duration_ms[n - 1] + duration_ms
  series.screenshots[n] = series.screenshots[n - 1] + screenshots
end

local function users_of(settings, kind)
  if kind == "account-user" then return settings.users end
  return math.max(1, math.floor(settings.users / 4))
end

local function fill(series, settings)
  local next_random = random.generator(settings.seed)
  for _, instant in ipairs(instants(settings, next_random)) do
    local kind = ledger.TYPES[next_random(3) == 0 and 2 or 1]
    local product = ledger.PRODUCTS[next_random(#ledger.PRODUCTS) + 1]
    -- The product of two draws makes some users busier than others.
    local count = users_of(settings, kind)
    local user = math.floor(next_random(count) * next_random(1000) / 1000)
    local is_smartui = product == "smartui"
    append(series[kind][product], instant, user, is_smartui and 0 or 1,
      is_smartui and 0 or 500 + next_random(120000), is_smartui and 1 + next_random(40) or 0)
  end
end

--- Builds the ledger of some settings: seed, users (humans; a quarter of that are service
--- users), first and last (dates at UTC, last excluded), quarters_a_day, others_a_day.
function ledger.build(given)
  local settings, series = {}, {}
  for name, default in pairs(DEFAULTS) do settings[name] = given[name] or default end
  for _, kind in ipairs(ledger.TYPES) do
    series[kind] = {}
    for _, product in ipairs(ledger.PRODUCTS) do series[kind][product] = new_series() end
  end
  fill(series, settings)
  return { settings = settings, series = series }
end

-- The number of events before the instant.
local function events_before(at, instant)
  local low, high = 0, #at
  while low < high do
    local middle = math.floor((low + high + 1) / 2)
    if at[middle] < instant then low = middle else high = middle - 1 end
  end
  return low
end

--- Sums of one product and type over [from, to): tests, duration_ms, screenshots.
function ledger.total(self, kind, product, from, to)
  local series = self.series[kind][product]
  local i, j = events_before(series.at, from), events_before(series.at, to)
  return {
    tests = series.tests[j] - series.tests[i],
    duration_ms = series.duration_ms[j] - series.duration_ms[i],
    screenshots = series.screenshots[j] - series.screenshots[i],
  }
end

--- Every event of one product and type over [from, to), oldest first.
function ledger.events(self, kind, product, from, to)
  local series, list = self.series[kind][product], {}
  for i = events_before(series.at, from) + 1, events_before(series.at, to) do
    list[#list + 1] = {
      type = kind, product = product, user = series.user[i], at = series.at[i],
      tests = series.tests[i] - series.tests[i - 1],
      duration_ms = series.duration_ms[i] - series.duration_ms[i - 1],
      screenshots = series.screenshots[i] - series.screenshots[i - 1],
    }
  end
  return list
end

--- How many different users of a type used any of the products over [from, to).
function ledger.distinct_users(self, kind, products, from, to)
  local seen, count = {}, 0
  for _, product in ipairs(products) do
    local series = self.series[kind][product]
    for i = events_before(series.at, from) + 1, events_before(series.at, to) do
      local user = series.user[i]
      if not seen[user] then seen[user], count = true, count + 1 end
    end
  end
  return count
end

local function person(kind, user)
  if kind == "service-user" then
    return { id = tostring(90000 + user), username = "bot-" .. user,
      email = ("bot-%d@service.example.com"):format(user) }
  end
  -- Some addresses bear capital letters and names beyond ASCII, as people type them.
  local name = user % 5 == 0 and "Zoë" or "Person"
  return { id = tostring(60000 + user), username = ("%s %d"):format(name, user),
    email = (user % 3 == 0 and "Person.%d@Example.COM" or "person.%d@example.com"):format(user) }
end

local function row_of(rows, kind, user)
  if not rows[user] then
    local row = person(kind, user)
    row.tests, row.duration_ms, row.screenshots = 0, 0, 0
    rows[user] = row
    rows.list[#rows.list + 1] = row
  end
  return rows[user]
end

local function by_usage(a, b)
  if a.tests ~= b.tests then return a.tests > b.tests end
  if a.screenshots ~= b.screenshots then return a.screenshots > b.screenshots end
  return a.id < b.id
end

--- The users of one product and type over [from, to), most usage first.
function ledger.rows(self, kind, product, from, to)
  local rows = { list = {} }
  for _, event in ipairs(ledger.events(self, kind, product, from, to)) do
    local row = row_of(rows, kind, event.user)
    row.tests = row.tests + event.tests
    row.duration_ms = row.duration_ms + event.duration_ms
    row.screenshots = row.screenshots + event.screenshots
  end
  table.sort(rows.list, by_usage)
  return rows.list
end

return ledger
