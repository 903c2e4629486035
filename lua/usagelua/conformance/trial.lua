-- One run of one dataset against given answers, with a planted credential that
-- must not come out anywhere.

local answers = require "usagelua.conformance.answers"
local clock = require "usagelua.time.clock"
local collect = require "usagelua.collect"
local core = require "usagelua.core"
local credentials = require "usagelua.vendor.credentials"
local json = require "usagelua.json"
local placing = require "usagelua.client.placing"
local run = require "usagelua.run"

local trial = {}

---@class usagelua.trial_subject
---@field dataset table
---@field loader table
---@field answers usagelua.answers
---@field options table period, zone, set
---@field planted { value: string, read: function }

---@class usagelua.trial
---@field rows table[]
---@field text string all that came of it, masked: the same text for the same result
---@field failures string[] why it is not whole
---@field requests integer
---@field leaks string? where the planted credential stood in the open

local function spec_of(subject)
  local spec = { subject.dataset.name }
  for name, value in pairs(subject.answers.params or {}) do spec[name] = value end
  for name, value in pairs(subject.options.set) do spec[name] = value end
  return spec
end

local function new_run(subject, transport, time)
  local made = run.new {
    options = { period = subject.options.period or subject.answers.period,
      zone = subject.options.zone or subject.answers.zone },
    transport = transport, clock = time, loader = subject.loader, log = function() end,
    ledger = false,
  }
  made.needs_credentials = function() return false end
  return made
end

-- Nobody is asked for a token: what it would be asked with stands in its place.
local function auth_of(planned, subject)
  local auth = credentials.resolve(planned, subject.planted.read)
  if not placing.GRANTED[auth.kind] then return auth end
  return { kind = "bearer", token = auth.client_secret }
end

local function prepare(planned, subject)
  planned.auth = auth_of(planned, subject)
  if subject.answers.is_one_part then planned.parts = { planned.parts[1] } end
end

-- What a request says beside its auth.
local function leak_in(request, value)
  local texts = { request.url, request.body or "" }
  for _, pair in ipairs(request.headers or {}) do texts[#texts + 1] = pair[1] .. ": " .. pair[2] end
  if table.concat(texts, "\n"):find(value, 1, true) then
    return "it stands in a request beside its auth"
  end
end

local function failures_of(coverage)
  local failures = {}
  for _, entry in ipairs(coverage) do
    if entry.failed + entry.partial > 0 then
      table.move(entry.reasons, 1, #entry.reasons, #failures + 1, failures)
    end
  end
  return failures
end

local function text_of(rows, coverage, notes)
  return core.mask.text(json.encode { rows = json.array(rows), coverage = coverage, notes = notes })
end

---@param subject usagelua.trial_subject
---@param make? fun(time: table): table a transport in place of the answers' own
---@return usagelua.trial
---Raises usage errors: a wrong parameter or period.
function trial.play(subject, make)
  local given = subject.answers
  local time = clock.virtual(given.now or os.time())
  local leaks
  local transport = answers.watched(make and make(time) or given.transport(given.entries, time),
    function(request) leaks = leaks or leak_in(request, subject.planted.value) end)
  local made = new_run(subject, transport, time)
  local frame = collect.new(made, { spec_of(subject) })
  for _, planned in ipairs(made.queries) do prepare(planned, subject) end
  frame:ask "script"
  local rows, coverage = frame:result().rows, frame:coverage()
  made:close(true)
  return { rows = rows, text = text_of(rows, coverage, made.notes), leaks = leaks,
    failures = failures_of(coverage), requests = transport.count }
end

return trial
