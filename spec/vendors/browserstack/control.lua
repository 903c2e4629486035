-- /_control/browserstack/…: settings, the queue, the rate, and the right answers for the specs.
-- Days are startDate and endDate (YYYY-MM-DD, both included; without them the vendor's own two
-- weeks), products as the create call takes them, username: who asks.
local jobs = require "vendors.browserstack.jobs"
local ledger = require "vendors.browserstack.ledger"
local parameters = require "vendors.browserstack.parameters"
local settings = require "vendors.browserstack.settings"
local store = require "vendors.store"

local cjson = require "cjson.safe"

local control = {}

local function list(values)
  return setmetatable(values, cjson.array_mt)
end

local function forget_rate()
  for _, name in ipairs { "rate", "calls", "limited" } do
    store.forget("browserstack:" .. name .. ":")
  end
end

--- POST: replaces the settings, forgets all jobs and counts. GET: the settings.
function control.settings(given)
  local problem = given and settings.write(given)
  if problem then return nil, problem end
  if given then
    jobs.forget()
    forget_rate()
  end
  return settings.read()
end

--- POST: changes some settings; jobs, rate and counts stay.
function control.change(given)
  local problem = settings.change(given or {})
  if problem then return nil, problem end
  return settings.read()
end

local function shown(kept, job)
  return { id = job.id, kind = job.kind, number = job.number, group = job.group,
    username = job.username, alive = not job.deleted_at, deleted = job.deleted_at ~= nil,
    state = jobs.state(kept, job), created_at = job.created_at, deleted_at = job.deleted_at,
    polls = job.polls, reports = job.reports, startDate = job.asked.startDate,
    endDate = job.asked.endDate, products = job.asked.products }
end

--- GET: every job, oldest first: id, kind, number (of its kind), group, username, alive,
--- deleted, state, created_at and deleted_at (real seconds), polls, reports (fetched whole),
--- startDate, endDate, products as asked.
function control.jobs()
  local kept, all = settings.read(), {}
  for i, job in ipairs(jobs.list()) do all[i] = shown(kept, job) end
  return list(all)
end

--- GET: how many jobs there are: created, alive, deleted.
function control.queue()
  local count = { created = 0, alive = 0, deleted = 0 }
  for _, job in ipairs(jobs.list()) do
    count.created = count.created + 1
    local name = job.deleted_at and "deleted" or "alive"
    count[name] = count[name] + 1
  end
  return count
end

--- POST { id, states }: another way for a job to go on, from now.
function control.job(given)
  return jobs.bend(given and given.id, given and given.states)
end

--- GET: calls (all that bore a good credential) and limited (those refused by the rate), in
--- total and by group. POST: the buckets are full again, the counts zero.
function control.rate(given)
  if given then forget_rate() end
  local answer = { calls = 0, limited = 0, groups = {} }
  for _, credential in ipairs(settings.read().credentials) do
    local group = credential.group
    if not answer.groups[group] then
      local calls = store.number("browserstack:calls:" .. group)
      local limited = store.number("browserstack:limited:" .. group)
      answer.groups[group] = { calls = calls, limited = limited }
      answer.calls, answer.limited = answer.calls + calls, answer.limited + limited
    end
  end
  return answer
end

local function question(args)
  local kept = settings.read()
  local asked, problem = parameters.check(kept, { startDate = args.startDate,
    endDate = args.endDate, [kept.products_parameter] = args.products })
  if not asked then return nil, problem end
  asked.kept = kept
  asked.scope = settings.scope(kept, settings.credential(kept, args.username))
  asked.users = ledger.users(asked.scope.ledger, asked.scope.team)
  return asked
end

local function add(sums, name, value)
  if value then sums[name] = (sums[name] or 0) + value end
end

local function product_total(asked, p)
  local self = asked.scope.ledger
  local sums = { tests_run = 0, with_access = 0, with_data = 0 }
  for _, user in ipairs(asked.users) do
    local usage = ledger.usage(self, user, p, asked.first, asked.last)
    add(sums, "with_access", ledger.way(self, user, p).access and 1 or 0)
    add(sums, "with_data", usage and 1 or 0)
    for name, value in pairs(usage or {}) do add(sums, name, value) end
  end
  return sums
end

--- GET: { users, teams, products = { PRODUCT = { tests_run, minutes_used or
--- cypress_executions_run where it has them, with_access, with_data (users) } } }.
function control.total(_, args)
  local asked, problem = question(args)
  if not asked then return nil, problem end
  local self = asked.scope.ledger
  local answer = { users = #asked.users, teams = asked.scope.team and 1 or self.teams,
    products = {} }
  for p, product in ipairs(ledger.PRODUCTS) do
    if not asked.products or asked.products[product] then
      answer.products[product] = product_total(asked, p)
    end
  end
  return answer
end

local function parallels(asked, team, p)
  local self = asked.scope.ledger
  local from, allocated = ledger.parallels(self, team, p)
  return { team = ledger.team_name(self, team), product = ledger.PRODUCTS[p], from = from,
    allocated = allocated, peak = ledger.peak(self, team, p, asked.first, asked.last) }
end

--- GET: of each team and product with parallels: { team (as users bear it), product, from,
--- allocated, peak }.
function control.parallels(_, args)
  local asked, problem = question(args)
  if not asked then return nil, problem end
  local all, own = {}, asked.scope.team
  for team = own or 0, own or asked.scope.ledger.teams - 1 do
    for _, p in ipairs { 3, 4 } do all[#all + 1] = parallels(asked, team, p) end
  end
  return list(all)
end

local function has_access(self, user)
  for p in ipairs(ledger.PRODUCTS) do
    if ledger.way(self, user, p).access then return true end
  end
  return false
end

--- GET: seats nobody used: users with access to some product whose last test is before the
--- range, or never was: { seats, teams = { NAME = seats }, users = emails in lower case }.
function control.idle(_, args)
  local asked, problem = question(args)
  if not asked then return nil, problem end
  local self, answer = asked.scope.ledger, { seats = 0, teams = {}, users = list {} }
  for _, user in ipairs(asked.users) do
    local tested, person = ledger.last_test(self, user), ledger.person(self, user)
    if has_access(self, user) and (not tested or tested < asked.first * ledger.DAY_S) then
      answer.seats = answer.seats + 1
      add(answer.teams, ledger.team_name(self, person.team), 1)
      answer.users[answer.seats] = person.email:lower()
    end
  end
  return answer
end

return control
