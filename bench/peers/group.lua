-- The second half of the main job in plain Lua, of a decoded report: what the
-- programs with lua-cjson share, whichever way they got its text.
local function add_user(teams, user)
  local team = teams[user.team]
  if not team then
    team = {}
    teams[user.team] = team
  end
  for product, data in pairs(user.usage.product_data) do
    local usage = team[product]
    if not usage then
      usage = { tests = 0 }
      team[product] = usage
    end
    usage.tests = usage.tests + data.tests_run
    if data.minutes_used then usage.minutes = (usage.minutes or 0) + data.minutes_used end
  end
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function print_team(name, team)
  for _, product in ipairs(sorted_keys(team)) do
    local usage = team[product]
    local minutes = usage.minutes and ("%.0f"):format(usage.minutes) or ""
    print(("%s,%s,%.0f,%s"):format(name, product, usage.tests, minutes))
  end
end

---@param report table
---@param where fun(user: table): boolean which users count; nil: all
return function(report, where)
  local teams = {}
  for _, user in ipairs(report.data.users) do
    if not where or where(user) then add_user(teams, user) end
  end
  print "team,product,tests,minutes"
  for _, name in ipairs(sorted_keys(teams)) do print_team(name, teams[name]) end
end
