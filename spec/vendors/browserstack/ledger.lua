-- The usage of the BrowserStack test vendor: N users in T teams. Counts of a user up to any day
-- are a formula, so that every range costs the same, and sums over days are exact.
local ledger = {}

local DEFAULTS = { seed = 1, users = 60, teams = 4, organization = "Acme Inc.", pool = 50 }
local DAY_S = 86400
local FIRST_DAY = 20000 -- 2024-10-04: nobody has tested before

ledger.PRODUCTS = { "live_testing", "app_live_testing", "automate", "app_automate" }
ledger.DAY_S = DAY_S

local HAS_MINUTES = { live_testing = true, app_live_testing = true }

-- A number that looks random, of up to four small ones. (Park and Miller, 1988.)
local function draw(self, a, b, c)
  local state = (self.seed * 1000003 + a * 8191 + b * 131 + c * 17) % 2147483646 + 1
  for _ = 1, 3 do state = state * 48271 % 2147483647 end
  return state
end

--- A ledger of the settings seed, users, teams (the organisation's own root is the first),
--- organization, pool (its shared parallels); nothing is used after `now`.
function ledger.build(given, now)
  local self = { today = math.floor(now / DAY_S) }
  for name, default in pairs(DEFAULTS) do self[name] = given[name] or default end
  return self
end

local function is_idle(user)
  return user % 10 == 3
end

local function has_left(user)
  return user % 10 == 7
end

-- Who and what: access and usage are independent of each other.
--   access without an object; access with zeros; usage without access; both; neither.
local WAYS = {
  { access = false }, { access = true }, { access = true, zeros = true },
  { access = false, used = true }, { access = true, used = true }, { access = true, used = true },
  { access = true, used = true }, { access = true, used = true },
}
local IDLE_WAYS = 3

-- One in twenty was let in and never did anything.
local function is_guest(user)
  return user % 20 == 13
end

--- How a user stands to a product: { access, used, zeros }.
function ledger.way(self, user, p)
  if is_guest(user) then return WAYS[2] end
  local number = draw(self, user, p, 1)
  return WAYS[number % (is_idle(user) and IDLE_WAYS or #WAYS) + 1]
end

-- The first day without usage: tomorrow, or when the user left.
local function end_day(self, user)
  local tomorrow = self.today + 1
  if not has_left(user) then return tomorrow end
  return math.min(tomorrow, self.today - 15 - draw(self, user, 0, 2) % 60)
end

local function tests_before(self, user, p, day)
  local number = draw(self, user, p, 3)
  local tests, days = number % 23 + 1, math.floor(number / 64) % 9 + 1
  local since = math.max(0, math.min(day, end_day(self, user)) - FIRST_DAY)
  return math.floor((since * tests + number % days) / days)
end

--- What a user did with product number p on the days first to last: { tests_run, minutes_used,
--- cypress_executions_run } where the product has them, or nil when there is no object.
function ledger.usage(self, user, p, first, last)
  local way, product = ledger.way(self, user, p), ledger.PRODUCTS[p]
  if not (way.used or way.zeros) then return nil end
  local before = way.used and tests_before(self, user, p, first) or 0
  local after = way.used and tests_before(self, user, p, last + 1) or 0
  local tests = after - before
  return { tests_run = tests,
    minutes_used = HAS_MINUTES[product] and tests * (1 + draw(self, user, p, 4) % 25) or nil,
    cypress_executions_run = product == "automate" and
      math.floor(after / 3) - math.floor(before / 3) or nil }
end

local function last_day(self, user, p)
  if not ledger.way(self, user, p).used then return nil end
  local day = end_day(self, user) - 1
  local total = tests_before(self, user, p, day + 1)
  while day >= FIRST_DAY do
    if tests_before(self, user, p, day) < total then return day end
    day = day - 1
  end
end

--- When a user last tested anything, ever; nil: never.
function ledger.last_test(self, user)
  local latest
  for p = 1, #ledger.PRODUCTS do
    local day = last_day(self, user, p)
    if day and (not latest or day > latest) then latest = day end
  end
  return latest and latest * DAY_S + draw(self, user, 0, 5) % DAY_S
end

--- When a user was last seen: nil for some who never tested.
function ledger.last_activity(self, user)
  local tested = ledger.last_test(self, user)
  if tested then return tested + draw(self, user, 0, 6) % 3600 end
  if user % 20 == 3 then return nil end
  return (self.today - draw(self, user, 0, 7) % 300) * DAY_S + 3600
end

local function email_of(user)
  return (user % 3 == 0 and "User.%d@Example.COM" or "user.%d@example.com"):format(user)
end

local function role_of(user)
  if user == 0 then return "Owner" end
  return user % 25 == 0 and "Admin" or "User"
end

--- Name, email, role and team (0: the organisation's root) of a user (0 and up).
function ledger.person(self, user)
  return { name = (user % 5 == 0 and "Zoë %d" or "Person %d"):format(user),
    email = email_of(user), role = role_of(user), team = user % self.teams }
end

--- A team's name, as users bear it.
function ledger.team_name(self, team)
  return team == 0 and self.organization .. " (Org)" or ("Team %02d"):format(team)
end

--- The users of a team, or all.
function ledger.users(self, team)
  local list = {}
  for user = team or 0, self.users - 1, team and self.teams or 1 do list[#list + 1] = user end
  return list
end

--- Where a team's parallels of a product come from: "team" or "org", and how many there are.
function ledger.parallels(self, team, p)
  if (team + p) % 3 == 0 then return "org", self.pool end
  return "team", 2 + draw(self, team, p, 8) % 20
end

--- The most parallels that a team used at once on the days first to last.
function ledger.peak(self, team, p, first, last)
  local _, allocated = ledger.parallels(self, team, p)
  local peak = 0
  for day = first, math.min(last, self.today) do
    peak = math.max(peak, draw(self, team, p, 100 + day) % (allocated + 1))
  end
  return peak
end

return ledger
