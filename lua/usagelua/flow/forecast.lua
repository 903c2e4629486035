-- What planned queries will cost: windows as they are sent, calls, and the
-- least time under the rates. Nothing is sent to know it.

local batches = require "usagelua.flow.batches"
local order = require "usagelua.order"
local poll = require "usagelua.flow.poll"
local rate = require "usagelua.client.rate"
local template = require "usagelua.flow.template"

local forecast = {}

---@class usagelua.forecast
---@field queries usagelua.forecast_query[]
---@field lanes usagelua.forecast_lane[] one per credential, sorted by name
---@field calls { least: integer, exact: boolean }
---@field least_s number seconds: the slowest lane's

---@class usagelua.forecast_query
---@field name string
---@field account string?
---@field region string?
---@field period string label
---@field windows { from: string?, to: string?, label: string?, sent: { [1]: string, [2]: string }[] }[]
---@field fan_out { name: string, values: string[] }[]
---@field batch { name: string, values: integer, most: integer? }?
---@field calls { least: integer, exact: boolean }
---@field by_function boolean the dataset's own function asks
---@field lane string
---@field may_differ boolean the sum over its windows need not be the total
---@field unverified string[]
---@field note string?
---@field notes string[] about its figures

---@class usagelua.forecast_lane
---@field name string
---@field calls { least: integer, exact: boolean }
---@field burst integer?
---@field per_minute number?
---@field gap_s number?
---@field in_flight integer
---@field least_s number seconds
---@field rounds integer answers that come one after another, at least

-- Calls --------------------------------------------------------------------

-- The calls that a job takes at least: each step once, the files of its result
-- one at least; a vendor that may answer at once takes a single one.
local function calls_of_job(job)
  if job.ready_status then return 1 end
  local count = 1
  for _, step in ipairs { "status", "result", "delete" } do
    if job[step] then count = count + 1 end
  end
  return job.files and count + 1 or count
end

-- How many calls one part takes at least, and whether it takes no more. What a
-- function will ask nobody knows before.
local function calls_of_part(dataset)
  if dataset.flow then return 1, false end
  if dataset.job then return calls_of_job(dataset.job), false end
  return 1, dataset.request ~= nil and not dataset.pages
end

-- Seconds before the vendor is first asked about a query's jobs, of which so
-- many live at once.
local function polling_s(planned)
  local job = not planned.dataset.flow and planned.dataset.job
  if not job or not job.status or job.ready_status then return 0 end
  local rounds = (#planned.parts + job.live - 1) // job.live
  return rounds * poll.first_s(job.poll)
end

local function calls_of(planned)
  local least, is_exact = calls_of_part(planned.dataset)
  local count, is_undivided = batches.count(planned)
  return { least = least * count * #planned.parts, exact = is_exact and is_undivided }
end

---How many calls a query takes at least, and whether it takes no more.
---@param planned usagelua.query
---@return { least: integer, exact: boolean }
forecast.calls = calls_of

local function add_calls(sum, calls)
  sum.least = sum.least + calls.least
  sum.exact = sum.exact and calls.exact
end

-- Windows ------------------------------------------------------------------

-- Names that windows fill, the beginning first.
local EDGE_ORDER <const> = { "from", "from_utc", "year", "month", "day", "hour", "to", "to_utc",
  "timezone" }

-- Where an entry stands among those that the window fills; nil for the others.
local function edge_place(text, params)
  for place, name in ipairs(EDGE_ORDER) do
    if not params[name] and text:find("{" .. name .. "}", 1, true) then return place end
  end
  for name in pairs(template.names(text)) do
    if not params[name] then return #EDGE_ORDER + 1 end
  end
end

-- The entries of a request (at any depth: query, body, a job's create) that
-- the window decides, as name and text.
local function add_sent(described, part, params, found)
  for name, text in pairs(described or {}) do
    if type(text) == "table" then
      add_sent(text, part, params, found)
    elseif type(text) == "string" and edge_place(text, params) then
      local filled = template.fill(text, part.values)
      if filled and name ~= "path" then
        found[#found + 1] = { tostring(name), filled, place = edge_place(text, params) }
      end
    end
  end
end

local function sent_edges(dataset, part)
  local found = {}
  add_sent(dataset.request, part, dataset.params, found)
  add_sent(dataset.job, part, dataset.params, found)
  table.sort(found, order.by { "place", 1 })
  return found
end

local function windows_of(planned)
  local list, seen = {}, {}
  for _, part in ipairs(planned.parts) do
    local window = part.window
    if not seen[window] then
      seen[window] = true
      list[#list + 1] = { label = window.label, from = window.period_start,
        to = window.period_end, sent = sent_edges(planned.dataset, part) }
    end
  end
  return list
end

-- Queries and lanes --------------------------------------------------------

local function fan_out_of(planned)
  local list = {}
  for _, name in ipairs(planned.dataset.fan_out or {}) do
    local values = planned.params[name]
    if values then list[#list + 1] = { name = name, values = values } end
  end
  return list
end

local function may_differ(planned)
  for _, window in ipairs(planned.windows) do
    if window.may_differ then return true end
  end
  return false
end

local function of_query(planned)
  return {
    name = planned.name, account = planned.account, region = planned.region,
    period = planned.period.label, windows = windows_of(planned), fan_out = fan_out_of(planned),
    batch = batches.of(planned),
    calls = calls_of(planned), by_function = planned.dataset.flow ~= nil, lane = planned.lane,
    may_differ = may_differ(planned), note = planned.note, notes = planned.notes,
    unverified = require("usagelua.vendor.doubts").of(planned.dataset),
  }
end

-- The first query of a credential sets up its lane, as when it is asked.
local function new_lane(planned)
  local limits = planned.vendor.rate
  return { name = planned.lane, calls = { least = 0, exact = true }, polling_s = 0, burst = limits.burst,
    per_minute = limits.per_minute, gap_s = limits.gap_s,
    in_flight = planned.in_flight or limits.in_flight }
end

local function lanes_of(queries)
  local list, by_name = {}, {}
  for _, planned in ipairs(queries) do
    local lane = by_name[planned.lane]
    if not lane then
      lane = new_lane(planned)
      by_name[planned.lane], list[#list + 1] = lane, lane
    end
    add_calls(lane.calls, calls_of(planned))
    lane.polling_s = math.max(lane.polling_s, polling_s(planned))
  end
  table.sort(list, order.by { "name" })
  return list
end

---@param queries usagelua.query[] planned, each with the parts that will be asked
---@return usagelua.forecast
function forecast.of(queries)
  local made = { queries = {}, lanes = lanes_of(queries), least_s = 0,
    calls = { least = 0, exact = true } }
  for index, planned in ipairs(queries) do made.queries[index] = of_query(planned) end
  for _, lane in ipairs(made.lanes) do
    lane.least_s = math.max(rate.least_s(lane, lane.calls.least), lane.polling_s)
    lane.rounds = (lane.calls.least + lane.in_flight - 1) // lane.in_flight
    made.least_s = math.max(made.least_s, lane.least_s)
    add_calls(made.calls, lane.calls)
  end
  return made
end

return forecast
