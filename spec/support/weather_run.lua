-- Plays cases of support/weather_case.lua in the simulator, with the test vendors of spec/vendors
-- answering inside this process: the library as a script has it, in virtual time.
local clock = require "usagelua.time.clock"
local cjson = require "cjson"
local core = require "usagelua.core"
local in_process = require "support.in_process"
local ledger = require "usagelua.ledger"
local library = require "usagelua.library"
local simulated_run = require "support.simulated_run"
local weather = require "usagelua.transport.weather"
local weather_case = require "support.weather_case"

local weather_run = {}

---What passes and what lasts: a run in 30 % weather meets one of the latter now and then.
local LASTING <const> = 0.02

-- A deletion is not answered by who has not acted: nobody could tell.
local function is_fit(request, fault)
  return not (request.method == "DELETE" and weather.pretending[fault] and fault ~= "html")
end

-- The fault of a request by the case: the first ones' own, a dead vendor's, or a drawn one.
local function drawer(case)
  local passing = weather.random(case.probability)
  local lasting = weather.random(case.probability > 0 and case.has_lasting and LASTING or 0, weather.lasting)
  local left = case.first and (case.times or 1) or 0
  return function(request, count, draw)
    left = left - 1
    if left >= 0 then return case.first end
    if in_process.vendor(request) == case.dead then return "busy_bare" end
    return lasting(request, count, draw) or passing(request, count, draw)
  end
end

-- A plan of faults that notes what it did to whom.
local function plan_of(case)
  local draw_fault = drawer(case)
  return function(request, count, draw)
    local fault = draw_fault(request, count, draw)
    if not fault or not is_fit(request, fault) then return nil end
    case.met[#case.met + 1] = { fault = fault, vendor = in_process.vendor(request) }
    return fault
  end
end

-- The script has the library of this run and nothing else from `require`.
local function load_script(case, run)
  local usage = library.new(run)
  local environment = setmetatable({ require = function() return usage end }, { __index = _G })
  return assert(load(weather_case.script(case), "=case.lua", "t", environment))
end

local function fail(case, format, ...)
  error(("seed %d: %s"):format(case.seed, format:format(...)), 0)
end

local function ledger_files(folder)
  return core.file.exists(folder .. "/jobs") and core.file.list(folder .. "/jobs") or {}
end

local function named(run)
  local count = 0
  for _, note in ipairs(run.notes) do
    if note:find("perhaps one job more", 1, true) then count = count + 1 end
  end
  return count
end

-- A job is left only where its creation's answer or its deletion was taken by the weather, and that
-- is told, or stands in the ledger for the next run.
local function check_jobs(case, world, run, folder)
  local alive = world:control("/browserstack/queue").alive
  local told = 2 * named(run) + #ledger_files(folder)
  if alive > told then
    fail(case, "%d jobs are left, %d are told of: %s", alive, told, table.concat(run.notes, "; "))
  end
  return alive
end

---@param seed integer
---@param options { probability: number, has_lasting: boolean?, dead: string?, first: string?, times: integer?,
---  only: string?, folder: string, replay: string? } dead: a vendor that is down; first: the fault of the
---  first requests (one, or `times`); only: a dataset; folder: for the ledger
---@return table case with whole, status, by_dataset, requests, met (faults), seconds, alive, text (JSON)
function weather_run.play(seed, options)
  local case = weather_case.draw(seed, options.only)
  for name, value in pairs(options) do case[name] = value end
  case.met = {}
  local passing = clock.virtual(weather_case.NOW)
  local world = in_process.new { clock = passing, settings = weather_case.SETTINGS }
  local folder = ("%s/%d"):format(options.folder, seed)
  local run = simulated_run.new { clock = passing, seed = seed, weather = plan_of(case),
    ledger = ledger.open { clock = passing, folder = folder },
    answer = function(request) return world:answer(request) end }
  local report
  run.scheduler:run(function()
    report = load_script(case, run)()
    report:evaluate()
  end)
  case.status, case.seconds = report:status(), passing.monotonic()
  case.requests, case.text = run.transport.requests, report:rendered "json"
  case.whole, case.by_dataset = weather_case.check(case, cjson.decode(case.text), case.status,
    function(path) return world:control(path) end)
  case.alive = check_jobs(case, world, run, folder)
  if run.transport.in_flight > 0 then fail(case, "%d requests are still under way", run.transport.in_flight) end
  if run.transport.too_early > 0 then fail(case, "%d requests undercut a Retry-After", run.transport.too_early) end
  return case
end

return weather_run
