-- One interpreter that makes run after run over real HTTP in bad weather, as a service that embeds the library
-- would, and watches itself: memory, descriptors, threads. Started by spec/long/soak.lua, which tells it
-- where the vendors are: RESIDENT_URL (of their server), RESIDENT_SECONDS, and the credentials.
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;" .. package.path
package.cpath = "build/lib/?.so;" .. package.cpath

local cjson = require "cjson"
local core = require "usagelua.core"
local curl = require "support.curl"
local library = require "usagelua.library"
local run = require "usagelua.run"
local weather_case = require "support.weather_case"
local weather_server = require "support.weather_server"

local SERVER <const> = os.getenv "RESIDENT_URL"
local SECONDS <const> = tonumber(os.getenv "RESIDENT_SECONDS")
local FIRST <const> = tonumber(os.getenv "RESIDENT_FIRST")
local MINUTE_S <const> = 60

-- The vendors ---------------------------------------------------------------------

local function integers(value)
  if type(value) == "number" then return math.tointeger(value) or value end
  if type(value) == "table" then
    for key, item in pairs(value) do value[key] = integers(item) end
  end
  return value
end

local function control(path, body)
  local answer = curl.request(SERVER .. "/_control" .. path, { body = body and cjson.encode(body) })
  if answer.status ~= 200 then error("control " .. path .. ": " .. tostring(answer.body)) end
  return integers(cjson.decode(answer.body))
end

-- Itself --------------------------------------------------------------------------

local function of_status(name)
  for line in io.lines "/proc/self/status" do
    local value = line:match("^" .. name .. ":%s+(%d+)")
    if value then return tonumber(value) end
  end
end

-- The highest memory from now on, where the system lets it be counted anew.
local function forget_peak()
  local file <close> = io.open("/proc/self/clear_refs", "w")
  if file then file:write "5" end
end

local function descriptors()
  return #core.file.list "/proc/self/fd"
end

local function settle()
  collectgarbage()
  collectgarbage()
end

-- A run ---------------------------------------------------------------------------

local function report_of(case, one)
  local usage = library.new(one)
  local environment = setmetatable({ require = function() return usage end }, { __index = _G })
  return assert(load(weather_case.script(case), "=case.lua", "t", environment))()
end

local function play(case)
  control("/reset", {})
  control("/faults", { seed = case.seed, rules = weather_server.rules(case) })
  local one = run.new { options = { now = weather_case.NOW_TEXT }, deadline_s = 120 }
  local report = report_of(case, one)
  local status = report:status()
  local document = cjson.decode(report:rendered "json")
  one:close(true)
  control("/faults", { rules = {} })
  return document, status
end

local function told_in(document)
  local told = 0
  for _, note in ipairs(document.provenance.notes) do
    if note:find("perhaps one job more", 1, true) then told = told + 2 end
  end
  return told
end

local state = { runs = 0, exact = 0, marked = 0, wrong = 0, told = 0, peaks = {}, rss = {}, files = {},
  threads = {} }

local function one_run(seed, probability, only)
  local case = weather_case.draw(seed, only)
  case.probability, case.has_lasting = probability, seed % 2 == 0
  local document, status = play(case)
  state.told = state.told + told_in(document)
  return weather_case.check(case, document, status, control)
end

local function count(ok, whole)
  state.runs = state.runs + 1
  local name = not ok and "wrong" or whole and "exact" or "marked"
  state[name] = state[name] + 1
  if not ok then print("resident: " .. tostring(whole)) end
end

local function note_minute()
  state.peaks[#state.peaks + 1] = of_status "VmHWM"
  state.rss[#state.rss + 1] = of_status "VmRSS"
  state.files[#state.files + 1] = descriptors()
  state.threads[#state.threads + 1] = of_status "Threads"
  forget_peak()
end

local function write(path)
  local file <close> = assert(io.open(path .. ".new", "w"))
  file:write(cjson.encode(state))
  file:close()
  os.rename(path .. ".new", path)
end

local began, minute = core.clock.monotonic(), 1
local seed, path = FIRST, os.getenv "RESIDENT_OUT"
weather_server.prepare(control, { queue = { limit = 1000000 } })
while core.clock.monotonic() - began < SECONDS do
  count(pcall(one_run, seed, 0.3))
  seed = seed + 1
  settle()
  if core.clock.monotonic() - began >= minute * MINUTE_S then
    note_minute()
    minute = minute + 1
    write(path)
  end
end
-- What earlier runs left in the ledger is deleted by one in fair weather.
count(pcall(one_run, 2 * seed + 1, 0, "browserstack.users"))
settle()
note_minute()
state.alive = control("/browserstack/queue").alive
write(path)
io.stdout:flush()
os.exit(state.wrong == 0 and 0 or 1, true)
