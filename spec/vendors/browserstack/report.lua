-- The rows of user and team reports, in the shape of the documentation's samples.
local ledger = require "vendors.browserstack.ledger"
local ordered_json = require "vendors.ordered_json"

local cjson = require "cjson.safe"

local object, array = ordered_json.object, ordered_json.array

local report = {}

local HAS_PARALLELS = { automate = true, app_automate = true }

local function timestamp(instant)
  return instant and os.date("!%Y-%m-%dT%H:%M:%S+00:00", instant) or cjson.null
end

local function is_asked(asked, product)
  return not asked.products or asked.products[product] ~= nil
end

local function peak_value(kept, peak)
  if kept.parallels_as_object then return object { { "value", peak } } end
  return peak
end

-- Computed once per team: it stands on each of its members' rows.
local function parallels_of(context, team, p)
  local key = team * 10 + p
  if not context.parallels[key] then
    local from, allocated = ledger.parallels(context.ledger, team, p)
    context.parallels[key] = { from = from, allocated = allocated,
      peak = ledger.peak(context.ledger, team, p, context.asked.first, context.asked.last) }
  end
  return context.parallels[key]
end

local function add_parallels(context, list, team, p)
  if not HAS_PARALLELS[ledger.PRODUCTS[p]] then return end
  local parallels = parallels_of(context, team, p)
  list[#list + 1] = { "current_parallels_allocated", parallels.allocated }
  list[#list + 1] = { "max_parallels_used", peak_value(context.kept, parallels.peak) }
  list[#list + 1] = { "parallel_consumption_type", parallels.from }
end

local function user_product(context, user, team, p)
  local asked = context.asked
  local usage = ledger.usage(context.ledger, user, p, asked.first, asked.last)
  if not usage or not is_asked(asked, ledger.PRODUCTS[p]) then return nil end
  local list = { { "tests_run", usage.tests_run }, { "minutes_used", usage.minutes_used },
    { "cypress_executions_run", usage.cypress_executions_run } }
  add_parallels(context, list, team, p)
  return object(list)
end

local function each_product(value)
  local list = {}
  for p, product in ipairs(ledger.PRODUCTS) do list[p] = { product, value(p) } end
  return object(list)
end

local function user_row(context, user)
  local self = context.ledger
  local person = ledger.person(self, user)
  return object {
    { "name", person.name }, { "email", person.email }, { "role", person.role },
    { "team", ledger.team_name(self, person.team) },
    { "product_access", each_product(function(p) return ledger.way(self, user, p).access end) },
    { "usage", object {
      { "last_activity", timestamp(ledger.last_activity(self, user)) },
      { "last_test", timestamp(ledger.last_test(self, user)) },
      { "product_data", each_product(function(p)
        return user_product(context, user, person.team, p)
      end) } } },
  }
end

local function new_team()
  return { access = {}, used = {}, minutes = {}, count = 0 }
end

local function add_member(context, sum, user)
  local self, asked = context.ledger, context.asked
  sum.count = sum.count + 1
  for p in ipairs(ledger.PRODUCTS) do
    local usage = ledger.usage(self, user, p, asked.first, asked.last)
    sum.access[p] = sum.access[p] or ledger.way(self, user, p).access
    sum.used[p] = sum.used[p] or usage ~= nil
    sum.minutes[p] = (sum.minutes[p] or 0) + (usage and usage.minutes_used or 0)
  end
  sum.last_test = math.max(sum.last_test or 0, ledger.last_test(self, user) or 0)
  sum.last_activity = math.max(sum.last_activity or 0, ledger.last_activity(self, user) or 0)
end

local function team_sum(context, team)
  local everybody = team == 0 and context.kept.org_row == "all"
  local sum = new_team()
  for _, user in ipairs(ledger.users(context.ledger, not everybody and team or nil)) do
    add_member(context, sum, user)
  end
  return sum
end

local function team_product(context, sum, team, p)
  local product = ledger.PRODUCTS[p]
  if not sum.used[p] or not is_asked(context.asked, product) then return nil end
  local list = { { "minutes_used", not HAS_PARALLELS[product] and sum.minutes[p] or nil } }
  add_parallels(context, list, team, p)
  return object(list)
end

local function positive(instant)
  return instant and instant > 0 and instant or nil
end

local function team_row(context, team)
  local sum = team_sum(context, team)
  return object {
    { "name", team == 0 and context.ledger.organization or ledger.team_name(context.ledger, team) },
    { "user_count", sum.count }, { "type", team == 0 and "org" or "team" },
    { "product_access", each_product(function(p) return sum.access[p] or false end) },
    { "usage", object {
      { "last_activity", timestamp(positive(sum.last_activity)) },
      { "last_test", timestamp(positive(sum.last_test)) },
      { "product_data", each_product(function(p)
        return team_product(context, sum, team, p)
      end) } } },
  }
end

local function teams_of(context)
  if context.team then return { context.team } end
  local list = {}
  for team = 0, context.ledger.teams - 1 do list[team + 1] = team end
  return list
end

--- What a report is made from: its ledger and team, what was asked, and the settings.
function report.context(kept, scope, asked)
  return { kept = kept, ledger = scope.ledger, team = scope.team, asked = asked, parallels = {} }
end

-- Rows that nobody will bend are written one by one, so that a large report stays cheap.
local function rows(items, row, is_bent)
  local list = {}
  for i, item in ipairs(items) do
    local node = row(item)
    list[i] = is_bent and node or ordered_json.literal(ordered_json.encode(node))
  end
  return array(list)
end

--- The `data` of a report of this kind, "user" or "team".
function report.data(context, kind, is_bent)
  if kind == "team" then
    return object { { "teams", rows(teams_of(context), function(team)
      return team_row(context, team)
    end, is_bent) } }
  end
  return object { { "users", rows(ledger.users(context.ledger, context.team), function(user)
    return user_row(context, user)
  end, is_bent) } }
end

return report
