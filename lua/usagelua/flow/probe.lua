-- The cheapest call that shows whether a vendor takes a credential: the one
-- that its description names (`check`), else one window of its first dataset
-- that needs no parameter.

local answer = require "usagelua.flow.answer"
local core = require "usagelua.core"
local credentials = require "usagelua.vendor.credentials"
local errors = require "usagelua.errors"
local job = require "usagelua.flow.job"
local order = require "usagelua.order"
local query = require "usagelua.flow.query"
local request = require "usagelua.flow.request"
local tailor = require "usagelua.flow.tailor"
local url = require "usagelua.client.url"
local windows = require "usagelua.flow.windows"

local probe = {}

local ATTEMPTS <const> = 3
local TIMEOUT_S <const> = 60
local BODY_BYTES <const> = 64 << 20

-- The latest one of what a dataset's dates are whole of.
local PERIODS <const> = { day = "yesterday", week = "last week", month = "last month",
  quarter = "last quarter", year = "last year" }

---@alias usagelua.probe_outcome
---| "accepted"    # a good answer came
---| "missing"     # a credential is not there or unusable; nothing was sent
---| "refused"     # the credential was not accepted
---| "not allowed" # accepted, and not permitted to ask
---| "unreachable" # no answer came
---| "failed"      # an answer came that is none
---| "not tried"   # the description names nothing that could be asked

---@class usagelua.probe : usagelua.target
---@field variables { name: string, is_there: boolean, file: string? }[]
---@field problems string[] a sentence for each credential that is missing or unusable
---@field host string where the credential goes: a host, or an origin that is not its https
---@field asks string? "GET /usage"
---@field leaves_open string? what an accepted call does not show
---@field outcome usagelua.probe_outcome? nil before it is asked
---@field reason string?

-- kind of error → what it says about the credential
local OUTCOMES <const> = {
  auth = "refused", refused = "refused", permission = "not allowed", credential = "missing",
  network = "unreachable", timeout = "unreachable", deadline = "unreachable",
}

-- What is asked ------------------------------------------------------------

local function needs_nothing(dataset)
  for _, param in pairs(dataset.params) do
    if param.required then return false end
  end
  return true
end

local function is_get(dataset)
  return dataset.request ~= nil and not dataset.flow and dataset.request.method == "GET"
end

local function is_job(dataset) return dataset.job ~= nil and not dataset.flow end

local function first_dataset(vendor, is_fit)
  for _, name in ipairs(order.keys(vendor.datasets)) do
    local dataset = vendor.datasets[name]
    if is_fit(dataset) and needs_nothing(dataset) then return { dataset = name } end
  end
end

-- A report job is created only where nothing else shows whether a credential
-- works.
local function described_check(vendor)
  return vendor.check or first_dataset(vendor, is_get) or first_dataset(vendor, is_job)
end

-- One value of each list that is asked value by value.
local function narrowed(vendor, described, target)
  local dataset = vendor.datasets[described.dataset]
  local spec = { dataset.name, account = target.account, region = target.region }
  for _, name in ipairs(dataset.fan_out or {}) do
    local default = dataset.params[name].default
    spec[name] = type(default) == "table" and { default[1] } or default
  end
  for name, value in pairs(described.params or {}) do spec[name] = value end
  return spec
end

-- The vendor's own days: a credential does not depend on the report's.
local function period_of(made, described, run)
  local dataset = made.vendor.datasets[described.dataset]
  local params = tailor.defaults(dataset.params)
  for name, value in pairs(described.params or {}) do params[name] = value end
  local rules = tailor.window(dataset.window or {}, params)
  return run:read_period(described.period or PERIODS[windows.unit_of_days(rules)],
    windows.own_zone(rules))
end

local function plan_dataset(made, described, run)
  local spec = narrowed(made.vendor, described, made)
  spec.period = period_of(made, described, run)
  local planned = query.plan(spec, { loader = run.loader, now = run:now() })
  return planned, planned.parts[1].values
end

local function plan_request(made, described)
  local planned = { name = made.vendor.name,
    dataset = { request = tailor.request(described.request, {}, {}), params = {} } }
  for key, value in pairs(made) do planned[key] = planned[key] or value end
  return planned, {}
end

local function add_request(made, run)
  local described = described_check(made.vendor)
  if not described then return end
  local make = described.request and plan_request or plan_dataset
  made.query, made.values = make(made, described, run)
  made.leaves_open = described.leaves_open
  local dataset = made.query.dataset
  local first = dataset.job and dataset.job.create or dataset.request
  made.asks = ("%s %s%s"):format(first.method, first.path,
    dataset.job and " (a report job, deleted at once)" or "")
end

-- Credentials --------------------------------------------------------------

local function find_variables(vendor, account)
  local list = {}
  for index, name in ipairs(credentials.variables(vendor, account)) do
    local is_there, file = core.secret.has(name)
    list[index] = { name = name, is_there = is_there, file = file }
  end
  return list
end

---Whether anything of a vendor's credential is there.
---@param vendor table
---@return boolean
function probe.is_set_up(vendor)
  for _, variable in ipairs(find_variables(vendor)) do
    if variable.is_there then return true end
  end
  return false
end

local function shown_host(origin)
  return (origin:gsub("^https://", ""))
end

---Finds the credential of a vendor's account and plans the call; sends nothing.
---@param run usagelua.run
---@param vendor table
---@param spec { account: string?, region: string? }
---@return usagelua.probe
function probe.new(run, vendor, spec)
  local made = query.target(vendor, spec, vendor.name)
  made.variables = find_variables(vendor, made.account)
  made.auth, made.problems = credentials.resolve(made)
  local origin, reason = url.origin(made.base_url)
  if not origin then errors.raise_usage("%s: '%s': %s", vendor.name, made.base_url, reason) end
  made.host = shown_host(origin)
  local token_url = made.auth and made.auth.token_url
  if token_url then
    made.host = ("%s, with a token of %s"):format(made.host, shown_host(url.origin(token_url)))
  end
  add_request(made, run)
  if not made.auth then made.outcome = "missing" end
  return made
end

-- Asking -------------------------------------------------------------------

-- What is no good answer does not show that a key was accepted: a page of a
-- proxy, a cut one, an error inside 200.
local function read_answer(made)
  return function(response) return answer.read(response, made.query, made.values) end
end

local function read_json(response)
  local reader = core.json.reader {}
  local ok, err = response:feed(reader)
  if ok then ok, err = reader:finish() end
  if not ok then return nil, errors.from(err) end
  return true
end

local function build(made)
  local built = request.build(made.query, made.values)
  built.what = made.vendor.name
  built.attempts, built.timeout_s = ATTEMPTS, TIMEOUT_S
  return built
end

-- Creates a job and deletes it: `<close>` does.
local function ask_job(made, run)
  local planned = made.query
  run.client:lane(made.lane, made.vendor.rate)
  local report <close>, err = job.open(planned.dataset.job, made.values, {
    client = run.client, scheduler = run.scheduler, planned = planned, label = made.vendor.name,
    ledger = run.ledger, note = function(text) run.log.message(text) end,
  }, read_json)
  return report ~= nil, err
end

local function ask_request(made, run)
  return run.client:call(build(made), made.query.parts and read_answer(made) or read_json)
end

---Sends the call, and notes what came of it.
---@param made usagelua.probe whose outcome is not known yet
---@param run usagelua.run
function probe.ask(made, run)
  if not made.query then
    made.outcome = "not tried"
    made.reason = "its description names no `check`, and every dataset needs a parameter or asks by its "
      .. "own function; name a call in it: check = { request = { path = \"/me\" } }, or { dataset = "
      .. "\"usage\", params = { team = \"all\" } }"
    return
  end
  made.query.auth = made.auth
  made.query.max_body_bytes = BODY_BYTES
  local ok, err = (made.query.dataset.job and ask_job or ask_request)(made, run)
  made.outcome = ok and "accepted" or OUTCOMES[err.kind] or "failed"
  made.reason = err and tostring(err)
end

return probe
