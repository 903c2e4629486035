-- Plays the vendor of examples/vendors/acme.lua below /acme/v1:
--   /usage?from=&to=&team=&page=&limit=   days, both included, 31 at most: { meta: { total, from,
--     to }, data: [ { id, email, team: { name, seats }, tests_run, minutes } ] }
--   /users?since=&until=                  seconds since the epoch, the latter excluded
local account = require "vendors.account"
local calendar = require "vendors.calendar"
local caller = require "vendors.caller"
local options = require "vendors.options"
local ordered_json = require "vendors.ordered_json"
local random = require "vendors.random"

local object, array = ordered_json.object, ordered_json.array

local acme = { control = {} }

local settings = options.of("acme", {
  credentials = { { token = "acme-token/with+odd=chars&%" } },
  users = 7,
})

local DAY_S, MAX_DAYS = 86400, 31
local TEAMS = { { name = "Web", seats = 5 }, { name = "Mobile", seats = 4 } }
local PRODUCTS = { "live", "grid" }

local function draw(below, ...)
  return math.floor(random.fraction(table.concat({ ... }, " ")) * below)
end

-- Every third user does nothing; minutes are whole quarters.
local function usage_of(user, day, product)
  if user % 3 == 0 then return 0, 0 end
  return draw(6, "tests", user, day, product), draw(40, "minutes", user, day, product) / 4
end

local function sum_of(user, from, to, product)
  local tests, minutes = 0, 0
  for day = math.floor(from / DAY_S), math.ceil(to / DAY_S) - 1 do
    local more_tests, more_minutes = usage_of(user, day, product)
    tests, minutes = tests + more_tests, minutes + more_minutes
  end
  return tests, minutes
end

local function email_of(user)
  return ("user%d@example.com"):format(user)
end

local function team_of(user)
  return TEAMS[user % #TEAMS + 1]
end

local function usage_row(user, from, to)
  local tests, minutes = sum_of(user, from, to, "all")
  local team = team_of(user)
  return object { { "id", user }, { "email", email_of(user) },
    { "team", object { { "name", team.name }, { "seats", team.seats } } },
    { "tests_run", tests }, { "minutes", minutes } }
end

local function users_of(kept, team)
  local users = {}
  for user = 1, kept.users do
    if not team or team_of(user).name == team then users[#users + 1] = user end
  end
  return users
end

local function refuse(status, message)
  return { status = status, body = ordered_json.encode(object { { "error", message } }) }
end

local function ok(root, quirks)
  ordered_json.bend(root, quirks)
  return { status = 200, body = ordered_json.encode(root) }
end

local function date(text)
  return calendar.parse_wall_clock((text or "") .. " 00:00:00")
end

local routes = {}

routes["/usage"] = function(kept, args, quirks)
  local from, last = date(args.from), date(args.to)
  if not from or not last then return refuse(400, "from and to are days") end
  local to = last + DAY_S
  if to <= from or to - from > MAX_DAYS * DAY_S then return refuse(400, "1 to 31 days") end
  local page, limit = tonumber(args.page), tonumber(args.limit)
  if not page or not limit then return refuse(400, "page and limit are numbers") end
  local users, rows = users_of(kept, args.team), {}
  for index = (page - 1) * limit + 1, math.min(page * limit, #users) do
    rows[#rows + 1] = usage_row(users[index], from, to)
  end
  return ok(object { { "meta", object { { "total", #users }, { "from", args.from },
    { "to", args.to } } }, { "data", array(rows) } }, quirks)
end

local function used(user, from, to)
  local products = {}
  for _, product in ipairs(PRODUCTS) do
    local tests = sum_of(user, from, to, product)
    if tests > 0 then products[#products + 1] = { product, object { { "tests_run", tests } } } end
  end
  return object(products)
end

local function access(user)
  local list = {}
  for index, product in ipairs(PRODUCTS) do list[index] = { product, (user + index) % 4 ~= 0 } end
  return object(list)
end

local function user_row(user, from, to)
  return object { { "id", user }, { "email", email_of(user) },
    { "product_access", access(user) }, { "usage", object { { "product_data", used(user, from, to) } } } }
end

routes["/users"] = function(kept, args, quirks)
  local from, to = tonumber(args.since), tonumber(args["until"])
  if not from or not to or to <= from then return refuse(400, "since and until are seconds") end
  local rows = {}
  for _, user in ipairs(users_of(kept)) do rows[#rows + 1] = user_row(user, from, to) end
  return ok(object { { "data", object { { "users", array(rows) } } } }, quirks)
end

local function arguments()
  local args = {}
  for _, pair in ipairs(account.arguments(ngx.var.args)) do args[pair[1]] = pair[2] end
  return args
end

--- Answers a request below /acme.
---@param quirks table|nil of a fault rule: the bends of ordered_json
function acme.answer(path, quirks)
  local kept = settings.read()
  local route = routes[path:match "^/v1(/.*)$" or ""]
  if not route then return refuse(404, "no such path: " .. path) end
  if not caller.identify(kept.credentials) then return refuse(401, "unauthorized") end
  return route(kept, arguments(), quirks)
end

--- POST: replaces the settings. GET: the settings.
function acme.control.settings(given)
  local problem = given and settings.write(given)
  if problem then return nil, problem end
  return settings.read()
end

--- GET ?from=&to= (days, both included): { tests, minutes, seats } of all users.
function acme.control.total(_, args)
  local sums, teams = { tests = 0, minutes = 0, seats = 0 }, {}
  for _, user in ipairs(users_of(settings.read())) do
    local tests, minutes = sum_of(user, date(args.from), date(args.to) + DAY_S, "all")
    sums.tests, sums.minutes = sums.tests + tests, sums.minutes + minutes
    local team = team_of(user)
    if not teams[team] then teams[team], sums.seats = true, sums.seats + team.seats end
  end
  return sums
end

return acme
