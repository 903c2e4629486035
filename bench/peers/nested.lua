-- Group-by-sum in Lua tables: nested.lua FILE. Of rows that stand in memory, a list for each
-- column; only the adding up is timed.
local teams, products, tests = {}, {}, {}
for team, product, count in io.open(arg[1]):read "a":gmatch "([^\t]+)\t([^\t]+)\t(%d+)\n" do
  local place = #teams + 1
  teams[place], products[place], tests[place] = team, product, math.tointeger(count)
end

local began = os.clock()
local sums, groups = {}, 0
for place = 1, #teams do
  local team = sums[teams[place]]
  if not team then
    team = {}
    sums[teams[place]] = team
  end
  local product = products[place]
  local sum = team[product]
  if not sum then groups = groups + 1 end
  team[product] = (sum or 0) + tests[place]
end
local seconds = os.clock() - began

local total, most = 0, 0
for _, team in pairs(sums) do
  for _, sum in pairs(team) do total, most = total + sum, math.max(most, sum) end
end
print(("%d groups, %d in all, %d at most"):format(groups, total, most))
io.stderr:write(("seconds %.6f\n"):format(seconds))
