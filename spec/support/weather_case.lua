-- One run in bad weather over all three vendors, drawn from a seed: what a script asks, and the law
-- that its report is held to, whoever played it (the simulator or nginx): a figure that is shown as
-- known is the ledger's, one that is marked is never above it, and the status is 0 only where all of
-- it is known.
local calendar = require "vendors.calendar"
local cjson = require "cjson"
local random = require "support.random"

local weather_case = {}

local DAY_S <const> = 86400
local NOW <const> = 1784109600 -- the vendors' own: 2026-07-15T10:00:00Z
local FIRST_DAY <const> = calendar.epoch(2025, 1, 1, 0, 0, 0)
local LAST_DAY <const> = calendar.epoch(2026, 7, 1, 0, 0, 0)

weather_case.NOW = NOW
---What the vendors hold: little, so that many runs take little time.
weather_case.SETTINGS = {
  testmu = { ledger = { first = "2024-12-01", last = "2026-08-01" } },
  browserstack = { ledger = { users = 20 } },
  workato = { ledger = { workspaces = 6, recipes = 2, jobs_a_day = 2 } },
}
weather_case.NOW_TEXT = os.date("!%Y-%m-%dT%H:%M:%SZ", NOW)

-- Who counts what -------------------------------------------------------------

local function epochs(entry)
  return calendar.parse_rfc3339(entry.period_start), calendar.parse_rfc3339(entry.period_end)
end

local function day(epoch)
  return os.date("!%Y-%m-%d", math.floor(epoch))
end

local function testmu_total(control, query, entry)
  local from, to = epochs(entry)
  local product = query.set.product
  local right = control(("/testmu/total?from_epoch=%d&to_epoch=%d%s%s"):format(from, to,
    product and "&product=" .. product or "", query.set.type and "&type=" .. query.set.type or ""))
  return { tests = right.tests, duration_s = right.duration_ms / 1000, screenshots = right.screenshots }
end

local function testmu_peak(control, query, entry)
  local from, to = epochs(entry)
  return { sessions_peak = control(("/testmu/concurrency?from_epoch=%d&to_epoch=%d&product=%s"):format(
    from, to, query.set.product)).max_concurrency }
end

local function browserstack_total(control, entry)
  local from, to = epochs(entry)
  local sums = { tests = 0, duration_s = 0, cypress_runs = 0 }
  local total = control(("/browserstack/total?startDate=%s&endDate=%s"):format(day(from), day(to - 1)))
  for _, product in pairs(total.products) do
    sums.tests = sums.tests + product.tests_run
    sums.duration_s = sums.duration_s + 60 * (product.minutes_used or 0)
    sums.cypress_runs = sums.cypress_runs + (product.cypress_executions_run or 0)
  end
  return sums
end

local function workato_total(control, query, entry)
  local from, to = epochs(entry)
  local right = control(("/workato/total?from_epoch=%d&to_epoch=%d&workspace_ids=%s"):format(from, to,
    query.set.workspace_ids))
  return { tasks = right.tasks, jobs_succeeded = right.succeeded, jobs_failed = right.failed }
end

local function workato_month(control, _, entry)
  local from, to = epochs(entry)
  local tasks = 0
  for _, row in ipairs(control("/workato/monthly").rows) do
    if row.from_epoch >= from and row.to_epoch <= to then tasks = tasks + row.tasks end
  end
  return { tasks = tasks }
end

local function plan_of(name)
  return function(control)
    return { sessions_running = control("/browserstack/settings")[name].parallel_sessions_running }
  end
end

-- What is drawn ---------------------------------------------------------------

local function days(draw, longest)
  local first = FIRST_DAY + draw:integer(0, 400) * DAY_S
  local last = math.min(first + draw:integer(0, longest) * DAY_S, LAST_DAY)
  return day(first) .. ".." .. day(last)
end

local TESTMU_ZONES <const> = { "UTC", "Europe/Berlin", "+05:30", "America/St_Johns" }
local PRODUCTS <const> = { "automation", "app-automation", "realtime" }

local DATASETS <const> = {
  { name = "testmu.summary", measures = { "tests", "duration_s", "screenshots" }, right = testmu_total,
    draw = function(draw) return { period = days(draw, 200), zone = draw:item(TESTMU_ZONES), set = {} } end },
  { name = "testmu.users", measures = { "tests", "duration_s", "screenshots" }, right = testmu_total,
    draw = function(draw)
      return { period = days(draw, 120), zone = draw:item(TESTMU_ZONES),
        set = { product = draw:item { "automation", "smartui" } } }
    end },
  { name = "testmu.concurrency", measures = { "sessions_peak" }, right = testmu_peak,
    draw = function(draw)
      return { period = days(draw, 70), zone = "UTC", set = { product = draw:item(PRODUCTS) } }
    end },
  { name = "browserstack.users", measures = { "tests", "duration_s", "cypress_runs" }, is_job = true,
    right = function(control, _, entry) return browserstack_total(control, entry) end,
    draw = function(draw) return { period = days(draw, 60), zone = "UTC", set = {} } end },
  -- The organisation's row is added to no other: team by team.
  { name = "browserstack.teams", measures = { "duration_s" }, group_by = { "team" }, is_job = true,
    right = function(control, _, entry)
      return { duration_s = browserstack_total(control, entry).duration_s }
    end,
    draw = function(draw) return { period = days(draw, 60), zone = "UTC", set = {} } end },
  { name = "browserstack.automate_plan", measures = { "sessions_running" }, right = plan_of "plan",
    draw = function() return { set = {} } end },
  { name = "browserstack.app_automate_plan", measures = { "sessions_running" }, right = plan_of "app_plan",
    draw = function() return { set = {} } end },
  { name = "workato.usage", measures = { "tasks", "jobs_succeeded", "jobs_failed" }, right = workato_total,
    draw = function(draw)
      local first = draw:integer(1001, 1003)
      local ids = {}
      for id = first, first + draw:integer(0, 3) do ids[#ids + 1] = id end
      return { period = days(draw, 60), zone = "UTC", set = { workspace_ids = table.concat(ids, ",") } }
    end },
  { name = "workato.monthly_tasks", measures = { "tasks" }, right = workato_month,
    draw = function(draw)
      return { period = draw:item { "2025-08", "2025-12", "2026-02", "2026-06" }, zone = "UTC", set = {} }
    end },
}

local function vendor_of(dataset)
  return dataset:match "^[^.]+"
end

-- One dataset of each vendor at least, others as they come.
local function draw_datasets(draw, only)
  local chosen, missing = {}, { testmu = {}, browserstack = {}, workato = {} }
  for _, dataset in ipairs(DATASETS) do
    table.insert(missing[vendor_of(dataset.name)], dataset)
    if draw:integer(1, 5) < 3 then chosen[dataset.name] = true end
  end
  if only then return { [only] = true } end
  for _, vendor in ipairs { "testmu", "browserstack", "workato" } do
    chosen[draw:item(missing[vendor]).name] = true
  end
  return chosen
end

---@param seed integer
---@param only string? this dataset and no other
---@return table case: seed, queries; each query with dataset, period, zone, set
function weather_case.draw(seed, only)
  local draw, case = random.new(seed), { seed = seed, queries = {} }
  local chosen = draw_datasets(draw, only)
  for _, dataset in ipairs(DATASETS) do
    if chosen[dataset.name] then
      local query = dataset.draw(draw)
      query.dataset = dataset
      case.queries[#case.queries + 1] = query
    end
  end
  return case
end

---Queries of one call each, all of them different.
---@param count integer
---@return table case
function weather_case.single_calls(count)
  local case = { seed = 0, queries = {} }
  for i = 1, count do
    local date = day(FIRST_DAY + i * DAY_S)
    case.queries[i] = { dataset = DATASETS[1], period = date .. ".." .. date, zone = "UTC",
      set = { type = "account-user" } }
  end
  return case
end

-- The script ------------------------------------------------------------------

local SCRIPT <const> = [[
local usage = require "usagelua"
local sections = { title = "weather" }
for index, query in ipairs(QUERIES) do
  local asked = { query.dataset, period = query.period and usage.period(query.period, query.zone) }
  for name, value in pairs(query.set) do asked[name] = value end
  local rule = { measures = query.measures, group_by = query.group_by }
  sections[index] = usage.table { usage.collect { asked }:aggregate(rule), name = "query-" .. index }
end
return usage.report(sections)
]]

local function text_of(value)
  if type(value) ~= "table" then return ("%q"):format(value) end
  local parts = {}
  for _, item in ipairs(value) do parts[#parts + 1] = text_of(item) end
  for key, item in pairs(value) do
    if type(key) == "string" then parts[#parts + 1] = ("%s = %s"):format(key, text_of(item)) end
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

---The text of the script that asks a case's queries.
---@return string
function weather_case.script(case)
  local lines = {}
  for i, query in ipairs(case.queries) do
    local dataset = query.dataset
    lines[i] = "  " .. text_of { dataset = dataset.name, period = query.period, zone = query.zone,
      set = query.set, measures = dataset.measures, group_by = dataset.group_by } .. ",\n"
  end
  return "local QUERIES = {\n" .. table.concat(lines) .. "}\n" .. SCRIPT
end

-- The law ---------------------------------------------------------------------

local function fail(case, query, format, ...)
  error(("seed %d, %s %s %s: %s%s"):format(case.seed, query.dataset.name, query.period or "now",
    query.zone or "", format:format(...), case.replay and "; " .. case.replay or ""), 0)
end

local function state_of(row, measure)
  local mark = type(row.marks) == "table" and row.marks[measure]
  local state = mark and mark.state
  return (state == "at_least" or state == "unknown") and state or nil
end

local function number(value)
  return type(value) == "number" and value or nil
end

-- What the rows show together: the sum, and the worst of their states.
local function shown_of(section, measure)
  local sum, state
  for _, row in ipairs(section.rows) do
    local value = number(row[measure])
    if value then sum = (sum or 0) + value end
    local own = state_of(row, measure)
    if state ~= "unknown" then state = own or state end
  end
  return sum, state
end

local function check_figure(case, query, measure, right, section, is_whole)
  local value, state = shown_of(section, measure)
  if is_whole and state then fail(case, query, "%s is %s although all was answered", measure, state) end
  if state == nil then
    if is_whole and math.abs((value or 0) - right) < 1e-6 then return end
    -- No row at all: nothing is claimed.
    if not is_whole and value == nil and section.empty ~= cjson.null then return end
    fail(case, query, "%s is shown as %s and is %s", measure, value, right)
  elseif state == "at_least" and (value or 0) > right + 1e-6 then
    fail(case, query, "%s is shown as at least %s and is %s", measure, value, right)
  elseif state == "unknown" and value and value > right + 1e-6 then
    fail(case, query, "%s is unknown and shown as %s of %s", measure, value, right)
  end
end

local function entry_of(case, query, document)
  local first = query.period and query.period:match "^%d+%-%d+%-%d+"
  for _, entry in ipairs(document.coverage) do
    local is_from = not first or tostring(entry.period_start):sub(1, #first) == first
    if entry.dataset == query.dataset.name and is_from then return entry end
  end
  fail(case, query, "no coverage")
end

-- Why a query may be marked although each fault passes: promises A3, A5, A8.
local LIMITS <const> = {
  "outcome is unknown", "outcome unknown", "attempts", "too many failures", "only %d+ s are left",
  "within %d+ s", "deadline", "was not done", "not done after", "failed twice", "gave up", "given up",
}

local function is_explained(entry)
  for _, reason in ipairs(entry.reasons) do
    for _, pattern in ipairs(LIMITS) do
      if reason:find(pattern) then return true end
    end
  end
  return false
end

local function check_query(case, query, section, document, control)
  local entry = entry_of(case, query, document)
  if entry.asked ~= entry.answered + entry.partial + entry.failed then fail(case, query, "coverage") end
  local is_whole = entry.asked == entry.answered
  if not is_whole and #entry.reasons == 0 then fail(case, query, "no reason why") end
  local right = query.dataset.right(control, query, entry)
  for _, measure in ipairs(query.dataset.measures) do
    check_figure(case, query, measure, right[measure], section, is_whole)
  end
  if not is_whole and not case.has_lasting and not is_explained(entry) then
    fail(case, query, "not answered, and no limit says why: %s", table.concat(entry.reasons, "; "))
  end
  return is_whole, entry
end

local function check_status(case, status, whole, some)
  local right = whole and 0 or some and 4 or 5
  if status ~= right then
    error(("seed %d: status %s and not %d%s"):format(case.seed, status, right,
      case.replay and "; " .. case.replay or ""), 0)
  end
end

---Holds a run to the law; raises with the seed where it breaks it.
---@param case table of draw; has_lasting: some fault would not pass; replay: how to play it again
---@param document table the report as JSON has it
---@param status integer
---@param control fun(path: string): table what the vendors' ledgers say
---@return boolean whole all of it is exact
---@return table<string, boolean> by dataset
function weather_case.check(case, document, status, control)
  local whole, some, by_dataset = true, false, {}
  for i, query in ipairs(case.queries) do
    local is_whole, entry = check_query(case, query, document.sections[i], document, control)
    whole, some = whole and is_whole, some or entry.answered + entry.partial > 0
    by_dataset[query.dataset.name], query.parts = is_whole, entry.asked
  end
  check_status(case, status, whole, some)
  return whole, by_dataset
end

return weather_case
