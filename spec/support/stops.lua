-- Runs of the binary with BrowserStack's report jobs and output files that are stopped at a point drawn
-- from a seed, by a signal or by kill -9, and the run after it: what promises F1, F2 and A7 say must be so.
-- A point is a call by which the program touches files or the network (support/interrupt.c), or an instant.
local browserstack = require "support.browserstack"
local core = require "usagelua.core"
local random = require "support.random"
local shell = require "support.shell"
local tmp = require "support.tmp"

local stops = {}

local STATUSES <const> = { INT = 130, TERM = 143, HUP = 129, KILL = 137 }
local NUMBERS <const> = { INT = 2, TERM = 15, HUP = 1, KILL = 9 }
local SIGNALS <const> = { "INT", "TERM", "HUP" }
local OLD <const> = "the old file\n"
local FILES <const> = { "out.json", "out.csv" }
local TO_SETTLE_S <const> = 0.3
local TO_END_S <const> = 60
local MEASURED <const> = 2
local TRIES <const> = 20
-- From this part of a run on files are written: one stop in four comes there.
local LATE <const> = 0.92

local methods = {}
local metatable = { __index = methods }

local function compile(folder)
  local library = folder.path .. "/interrupt.so"
  shell.output({ "cc", "-shared", "-fPIC", "-O1", "-o", library, "spec/support/interrupt.c", "-ldl" })
  return library
end

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

local function words(self, more)
  local list = { "fetch", "browserstack.users", "browserstack.teams", "--period", "2026-06" }
  for _, name in ipairs(FILES) do
    list[#list + 1] = "-o"
    list[#list + 1] = self.out.path .. "/" .. name
  end
  return table.move(more or {}, 1, #(more or {}), #list + 1, list)
end

-- Nothing at the vendor, an empty ledger, old files.
local function begin(self)
  self.world:begin { ledger = { users = 120 } } -- files of several writes
  for _, name in ipairs(FILES) do self.out:write(name, OLD) end
end

-- The records without what tells of the run.
local function figures_of(name, text)
  if name == "out.json" then return text:match '"records": (%[.-\n  %])' end
  return text
end

local function start(self, env)
  local given = {}
  for key, value in pairs(self.world.env) do given[key] = value end
  for key, value in pairs(env or {}) do given[key] = value end
  return shell.start({ self.world.binary, table.unpack(words(self)) }, { env = given })
end

local function under(self, at, signal)
  return { LD_PRELOAD = self.library, INTERRUPT_IN = "usagelua", INTERRUPT_COUNT = self.count,
    INTERRUPT_AT = at, INTERRUPT_BY = signal and NUMBERS[signal] or 0,
    -- Where a sanitizer's library would be the first one.
    ASAN_OPTIONS = (os.getenv "ASAN_OPTIONS" or "") .. ":verify_asan_link_order=0" }
end

-- How many points an undisturbed run has at least, how long it takes, and what it writes.
local function measure(self)
  self.points, self.seconds, self.right = math.maxinteger, math.huge, {}
  for _ = 1, MEASURED do
    begin(self)
    local start_s = core.clock.monotonic()
    local run <close> = start(self, under(self, 0))
    local result = assert(run:wait(60), "the undisturbed run does not end")
    assert(result.status == 0, result.stderr)
    self.seconds = math.min(self.seconds, core.clock.monotonic() - start_s)
    self.points = math.min(self.points, (("i8"):unpack(read(self.count))))
  end
  for _, name in ipairs(FILES) do self.right[name] = figures_of(name, self.out:read(name)) end
end

---@return table world
function stops.start()
  local self = setmetatable({ world = browserstack.start(), tools = tmp.folder(), out = tmp.in_memory() }, metatable)
  self.library = compile(self.tools)
  self.count = self.tools:write("count", ("\0"):rep(8))
  measure(self)
  return self
end

function methods:stop()
  self.world:stop()
  self.tools:remove()
  self.out:remove()
end

-- What is drawn ---------------------------------------------------------------

---@param seed integer
---@param is_kill boolean
---@return table stop: seed, signal, and the call `at` or the instant `at_s` at which it comes
local function draw_stop(self, seed, is_kill)
  local draw = random.new(seed)
  local stop = { seed = seed, signal = is_kill and "KILL" or SIGNALS[seed % #SIGNALS + 1] }
  local way = draw:integer(1, 4)
  if way == 1 then
    stop.at_s = draw:fraction() * self.seconds
  else
    stop.at = draw:integer(way == 2 and math.ceil(self.points * LATE) or 1, self.points)
  end
  return stop
end

local function fail(stop, format, ...)
  error(("seed %d, SIG%s at %s: %s%s"):format(stop.seed, stop.signal,
    stop.at and "call " .. stop.at or ("%.3f s"):format(stop.at_s), format:format(...),
    stop.replay and "; " .. stop.replay or ""), 0)
end

-- What must be so -------------------------------------------------------------

local function ledger_texts(self)
  local texts, folder = {}, self.world.state.path .. "/jobs"
  for _, name in ipairs(core.file.exists(folder) and core.file.list(folder) or {}) do
    texts[#texts + 1] = read(folder .. "/" .. name)
  end
  return texts
end

local function alive(self)
  local list = {}
  for _, job in ipairs(self.world:control "jobs") do
    if job.alive then list[#list + 1] = job end
  end
  return list
end

local function is_named(texts, id)
  for _, text in ipairs(texts) do
    if text:find(id, 1, true) then return true end
  end
  return false
end

local function count(text, part)
  local _, found = text:gsub(part, "")
  return found
end

-- Jobs that are neither deleted nor named by the ledger have an intent there, or were told of; who was
-- asked about is known by its id.
local function check_jobs(self, stop, told)
  local texts, unnamed, intents = ledger_texts(self), 0, 0
  for _, job in ipairs(alive(self)) do
    local is_unnamed = not is_named(texts, job.id)
    if is_unnamed and job.polls > 0 then fail(stop, "%s was known, and nothing names it", job.id) end
    if is_unnamed then unnamed = unnamed + 1 end
  end
  for _, text in ipairs(texts) do
    if not text:find '"id"' then intents = intents + 1 end
  end
  if unnamed > intents + told then
    fail(stop, "%d jobs are left, %d are in the ledger, %d told of", unnamed, intents, told)
  end
end

-- Old or new, and never half: how many are new.
local function check_files(self, stop, must_be_new)
  local new = 0
  for _, name in ipairs(FILES) do
    local text = self.out:read(name)
    local is_new = text ~= nil and text ~= OLD and figures_of(name, text) == self.right[name]
    if not is_new and (must_be_new or text ~= OLD) then
      fail(stop, "%s is neither old nor new: %s", name, text and text:sub(1, 200) or "gone")
    end
    if is_new then new = new + 1 end
  end
  return new
end

-- A run that ends by itself has written all of them or none.
local function check_all_or_none(self, stop, result)
  local new = check_files(self, stop, result.status == 0)
  if new > 0 and new < #FILES then fail(stop, "of %d files %d are new: %s", #FILES, new, result.stderr) end
  return new > 0
end

local function check_no_other_file(self, stop)
  for _, name in ipairs(core.file.list(self.out.path)) do
    if name ~= FILES[1] and name ~= FILES[2] then fail(stop, "%s is left", name) end
  end
end

-- An instant may come when the run has ended; before any of its calls it has not.
local function check_status(stop, result)
  local is_over = result.status == 0 and stop.at_s
  if result.status ~= STATUSES[stop.signal] and not is_over then
    fail(stop, "status %d: %s", result.status, result.stderr)
  end
end

-- The stopped run -------------------------------------------------------------

local function play_stop(self, stop)
  local run <close> = start(self, stop.at and under(self, stop.at, stop.signal))
  if stop.at_s then
    os.execute(("sleep %.3f"):format(stop.at_s))
    run:signal(stop.signal)
  end
  local signalled = core.clock.monotonic()
  local result = run:wait(TO_END_S)
  if not result then fail(stop, "it does not end") end
  return result, core.clock.monotonic() - signalled
end

local function told_in(text)
  return count(text, "perhaps one job more")
end

-- What it leaves after a signal: nothing.
local function check_stopped(self, stop, result)
  stop.wrote = check_all_or_none(self, stop, result)
  check_no_other_file(self, stop)
  check_jobs(self, stop, told_in(result.stderr))
  if #ledger_texts(self) > 0 and not result.stderr:find "ledger" and told_in(result.stderr) == 0 then
    fail(stop, "the ledger still holds %s", table.concat(ledger_texts(self), " | "))
  end
end

-- The next run takes up or deletes what the killed one left, and names what nobody knows.
local function check_next(self, stop)
  repeat -- a creation that is still on its way arrives, and is answered
    os.execute(("sleep %g"):format(TO_SETTLE_S))
  until (self.world.server:control("/counts").in_flight.browserstack or 0) == 0
  check_jobs(self, stop, 0)
  local result = self.world:run(words(self))
  if result.status ~= 0 then fail(stop, "the next run: status %d: %s", result.status, result.stderr) end
  check_files(self, stop, true)
  local left, told = #alive(self), told_in(self.out:read "out.json")
  if left > 0 and told == 0 then fail(stop, "the next run leaves %d jobs and says nothing", left) end
  if #ledger_texts(self) > 0 then fail(stop, "the next run leaves an entry") end
  return left
end

-- A run that had ended before its signal is made anew: how often it asks depends on how busy the machine is.
local function stop_one(self, seed, options)
  for _ = 1, TRIES do
    local stop = draw_stop(self, seed, options.is_kill or false)
    stop.replay = options.replay
    begin(self)
    local result, seconds = play_stop(self, stop)
    local points = ("i8"):unpack(read(self.count))
    if not stop.at or points >= stop.at then return stop, result, seconds end
    check_stopped(self, stop, result)
    self.points = points
  end
  error(("seed %d: no run lasted until its signal"):format(seed), 0)
end

---Plays a stop and judges it; raises with the seed where a promise is broken.
---@param seed integer
---@param options { is_kill: boolean?, replay: string? }
---@return table stop with signal, status, seconds (until it had ended), left (jobs nobody knows, told of), and
---wrote of a signal: whether its files are the new ones
function methods:play(seed, options)
  local stop, result, seconds = stop_one(self, seed, options)
  stop.status, stop.seconds, stop.left = result.status, seconds, 0
  if stop.signal == "KILL" then
    check_status(stop, result)
    check_files(self, stop, false)
    stop.left = check_next(self, stop)
    self.out:remove()
    self.out = tmp.in_memory() -- what kill -9 left of a file that was being written
  else
    check_status(stop, result)
    check_stopped(self, stop, result)
    stop.left = #alive(self)
  end
  return stop
end

return stops
