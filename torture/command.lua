-- The command line of torture/run.lua: cases in turn, or by several processes, and a table at the end.
local cases = require "torture.cases"
local core = require "usagelua.core"
local failures = require "torture.failures"
local flows = require "torture.flows"
local shell = require "support.shell"

local OPTIONS <const> = { j = "jobs", ["-every"] = "every", ["-first"] = "first", ["-flow"] = "flow",
  ["-family"] = "family", ["-plan"] = "plan" }

local function read_options(words)
  local options = { jobs = 1, every = 100, first = 1 }
  for i = 1, #words, 2 do
    local name = OPTIONS[words[i]:match "^%-(.*)$"]
    if not name then error("no option: " .. words[i], 0) end
    options[name] = math.tointeger(tonumber(words[i + 1])) or words[i + 1]
  end
  return options
end

local function sorted_names(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function tell(begun, plan, law, what, result)
  local failed = result.report:match "failed ([^\n]+)" or "-"
  print(("BROKEN %s %s (%s): %s: %s"):format(begun.name, plan, failed, law, what))
end

-- Here ------------------------------------------------------------------------------

local function play_family(begun, family, options)
  local is_lua = family == "lua"
  local plans = cases.plans(begun, family, is_lua and options.every or 1, is_lua and options.first or 1)
  local started, broken = core.clock.monotonic(), 0
  for _, plan in ipairs(plans) do
    local law, what, result = cases.play(begun, plan)
    if law then
      broken = broken + 1
      tell(begun, plan, law, what, result)
    end
  end
  print(("  torture  %s %s: %d cases, %d broken, %.0f s"):format(begun.name, family, #plans, broken,
    core.clock.monotonic() - started))
  io.flush()
  return broken
end

local function play_one(begun, plan)
  local law, what, result = cases.play(begun, plan)
  print("status", result.status, "signal", result.signal, result.report:match "failed [^\n]+")
  print(result.stdout)
  print(result.stderr)
  for name, text in pairs(result.files) do print(("== %s\n%s"):format(name, text)) end
  print(law or "good", what or "")
  return law and 1 or 0
end

local function run_here(options)
  local world <close> = require("torture.world").start(shell.usagelua())
  local broken = 0
  for _, name in ipairs(options.flow and { options.flow } or sorted_names(flows)) do
    local begun = cases.begin(world, name, flows[name])
    if options.plan then return play_one(begun, options.plan) end
    for _, family in ipairs(options.family and { options.family } or failures.FAMILIES) do
      broken = broken + play_family(begun, family, options)
    end
  end
  return broken
end

-- By several processes, one for each flow and family --------------------------------

local function all_pairs(options)
  local list = {}
  for _, family in ipairs(options.family and { options.family } or failures.FAMILIES) do
    for _, name in ipairs(options.flow and { options.flow } or sorted_names(flows)) do
      table.insert(list, 1, name .. " " .. family) -- the longest first
    end
  end
  return list
end

local WORKER <const> = 'out=$("$0" torture/run.lua --every %d --first %d --flow "$1" --family "$2" 2>&1); '
  .. 'status=$?; printf "%%s\\n" "$out"; exit $status'

local function run_apart(options)
  local worker = shell.quote(WORKER:format(options.every, options.first))
  local command = ("printf '%%s\\n' %s | tr ' ' '\\n' | xargs -P %d -n 2 sh -c %s %s"):format(
    shell.words(all_pairs(options)), options.jobs, worker, shell.quote(arg[-1]))
  return os.execute(command) and 0 or 1
end

return function(words)
  local options = read_options(words)
  local is_apart = options.jobs > 1 and not options.plan
  local broken = (is_apart and run_apart or run_here)(options)
  os.exit(broken == 0 and 0 or 1, true)
end
