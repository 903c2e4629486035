-- Plays cases of support/weather_case.lua over real HTTP: the binary asks the three test vendors, on
-- whose wire things go wrong (support/weather_kinds.lua). BrowserStack and its client are on a clock
-- that goes fifty times as fast (support/browserstack.lua).
local browserstack = require "support.browserstack"
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"
local weather_case = require "support.weather_case"
local weather_kinds = require "support.weather_kinds"

local weather_server = {}

local VENDORS <const> = { "testmu", "browserstack", "workato" }
local LASTING <const> = 0.02

local methods = {}
local metatable = { __index = methods }

---@return table world
function weather_server.start()
  local server = nginx.start { tls = false, vendors = VENDORS }
  local self = setmetatable({ server = server, env = server:environment(), binary = shell.usagelua(),
    folder = tmp.folder() }, metatable)
  self.folder:write("browserstack.lua", browserstack.description())
  self.env.USAGELUA_VENDORS = self.folder.path
  return self
end

function methods:stop()
  self.server:stop()
  self.folder:remove()
  if self.state then self.state:remove() end
end

---Settings and ledgers of the three vendors; forgets their jobs.
---@param control fun(path: string, body: table?): any
---@param own table? further settings of BrowserStack
function weather_server.prepare(control, own)
  for _, vendor in ipairs(VENDORS) do
    local is_fast = vendor == "browserstack"
    local settings = { second_ms = is_fast and 1000 // browserstack.SPEED or nil, now = weather_case.NOW }
    for _, more in ipairs { weather_case.SETTINGS[vendor], is_fast and own or {} } do
      for key, value in pairs(more) do settings[key] = value end
    end
    control(("/%s/settings"):format(vendor), settings)
  end
end

-- Defaults again, no jobs, an empty ledger.
local function begin(self)
  self.server:reset()
  weather_server.prepare(function(path, body) return self.server:control(path, body) end)
  if self.state then self.state:remove() end
  self.state = tmp.in_memory()
  self.env.USAGELUA_STATE = self.state.path
end

local function append(list, more)
  table.move(more, 1, #more, #list + 1, list)
end

---The fault plan of a case: `each` are met by one request each, in their order.
---@return table[] rules
function weather_server.rules(case)
  local rules = {}
  if case.dead then rules[1] = { vendor = case.dead, status = 503, body = "down", type = "text/plain" } end
  for i, kind in ipairs(case.each or {}) do rules[#rules + 1] = weather_kinds.rule(kind, { nth = i }) end
  if case.probability > 0 then
    if case.has_lasting then append(rules, weather_kinds.rules(weather_kinds.lasting, LASTING)) end
    if case.has_slow then append(rules, weather_kinds.rules(weather_kinds.slow, LASTING, { times = 1 })) end
    append(rules, weather_kinds.rules(weather_kinds.passing, case.probability))
  end
  return rules
end

---Starts a run.
---@param options { probability: number, has_lasting: boolean?, has_slow: boolean?, dead: string?, each: table[]?,
---  count: integer?, deadline: string?, replay: string? } count: so many queries of one call each, and no others
---@return table case with `process`
function methods:launch(seed, options)
  local case = options.count and weather_case.single_calls(options.count) or weather_case.draw(seed)
  for name, value in pairs(options) do case[name] = value end
  begin(self)
  self.server:control("/faults", { seed = seed, rules = weather_server.rules(case) })
  local script = self.folder:write("case.lua", weather_case.script(case))
  case.process = shell.start({ self.binary, script, "-f", "json", "--now", weather_case.NOW_TEXT, "--deadline",
    case.deadline or "3m" }, { env = self.env })
  return case
end

local function fail(case, format, ...)
  error(("seed %d: %s%s"):format(case.seed, format:format(...), case.replay and "; " .. case.replay or ""), 0)
end

---Names of the files in the ledger.
---@return string[]
function methods:ledger_files()
  local list = {}
  local pipe <close> = assert(io.popen(("ls -A %s/jobs 2>/dev/null"):format(shell.quote(self.state.path))))
  for name in pipe:lines() do list[#list + 1] = name end
  return list
end

-- A job is left where its creation's answer or its deletion was taken by the weather, and that is told, or
-- stands in the ledger for the next run.
local function check_jobs(self, case, document)
  local alive, told = self.server:control("/browserstack/queue").alive, #self:ledger_files()
  for _, note in ipairs(document.provenance.notes) do
    if note:find("perhaps one job more", 1, true) then told = told + 2 end
  end
  if alive > told then fail(case, "%d jobs are left, %d are told of", alive, told) end
  case.alive = alive
end

---Holds a run that has ended to the law.
---@param case table of launch
---@param result table of its process
function methods:judge(case, result)
  local ok, document = pcall(cjson.decode, result.stdout)
  if not ok then fail(case, "no report, status %d: %s", result.status, result.stderr) end
  case.status, case.text, case.stderr = result.status, result.stdout, result.stderr
  case.whole, case.by_dataset = weather_case.check(case, document, result.status, function(path)
    return self.server:control(path)
  end)
  check_jobs(self, case, document)
  case.requests = self.server:control("/counts").vendors
  case.met = self:met()
  return case
end

---Plays a run to its end.
function methods:play(seed, options)
  local case = self:launch(seed, options)
  local process <close> = case.process
  local result = process:wait(240)
  if not result then fail(case, "it did not end") end
  return self:judge(case, result)
end

---How often each fault of the plan was met, by its name.
---@return table<string, integer>
function methods:met()
  local met = {}
  for _, count in ipairs(self.server:control "/faults") do
    if count.name and count.fired > 0 then met[count.name] = (met[count.name] or 0) + count.fired end
  end
  return met
end

return weather_server
