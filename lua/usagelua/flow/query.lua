-- Plans a query: parameters checked, windows cut, requests counted, before
-- anything is sent.

local base_url = require "usagelua.flow.base_url"
local errors = require "usagelua.errors"
local notes = require "usagelua.flow.notes"
local once = require "usagelua.once"
local parameters = require "usagelua.flow.parameters"
local parts = require "usagelua.flow.parts"
local past = require "usagelua.flow.past"
local records = require "usagelua.flow.records"
local request = require "usagelua.flow.request"
local tailor = require "usagelua.flow.tailor"
local together = require "usagelua.flow.together"
local windows = require "usagelua.flow.windows"

local query = {}

-- The largest answer taken where nobody says: read as it comes, or held whole.
local BODY_BYTES <const> = { stream = 8 << 30, whole = 64 << 20 }

---@class usagelua.query : usagelua.target
---@field name string "testmu.summary"
---@field dataset table as this query has it (flow/tailor.lua)
---@field params table<string, any> lists for list parameters
---@field period usagelua.period
---@field windows usagelua.window[]
---@field parts usagelua.query_part[] one per window and fan-out value
---@field columns string[] that its records can have
---@field measures table<string, usagelua.measure> likewise
---@field in_flight integer?
---@field grain string
---@field note string? what people should know about the plan
---@field notes string[] what people should know about the figures

local function check_in_flight(value, place)
  if value ~= nil and (math.type(value) ~= "integer" or value < 1) then
    errors.raise_usage("%s: in_flight must be a whole number from 1, not %s", place,
      tostring(value))
  end
  return value
end

local function check_account(account, place)
  if account ~= nil and (type(account) ~= "string" or not account:find "^%w[%w_-]*$") then
    errors.raise_usage("%s: account must be a short name (letters, digits, _ and -), not '%s'; it "
      .. "picks the variables NAME__ACCOUNT", place, tostring(account))
  end
  return account
end

local SNAPSHOT <const> = { { vendor = true } }

-- A dataset without window is asked once, for what is the case now.
local function snapshot(grain, place)
  if grain ~= "total" then
    errors.raise_usage("%s: grain '%s': the dataset has no periods that could be cut", place, grain)
  end
  return SNAPSHOT
end

-- All that windows are made of beside the rules; the zone is compared.
local function spelled(period, grain)
  return ("%s %s %s %s %s"):format(grain, period.from, period.to, period.vendor, period.label)
end

local cut_before = once.by_text()

-- Queries of a dataset for the same period have their windows in common.
local function windows_of(planned)
  local rules, period, known = planned.dataset.window, planned.period, cut_before(planned.dataset)
  if not rules then return snapshot(planned.grain, planned.name) end
  local key = spelled(period, planned.grain)
  local made = known[key]
  if not made or made.zone ~= period.zone then
    made = { zone = period.zone, list = windows.cut(period, rules, planned.grain) }
    known[key] = made
  end
  return made.list
end

---@class usagelua.query_context
---@field loader usagelua.loader
---@field period usagelua.period? where the query names none
---@field grain string?
---@field now number? epoch seconds

---@class usagelua.target where a query goes, and as whom
---@field vendor table
---@field account string?
---@field region string?
---@field base_url string
---@field lane string of the credential
---@field auth table? once the credentials are resolved

---@param vendor table checked description
---@param spec { account: string?, region: string? }
---@param place string for messages
---@param own string? base URL of the dataset's own
---@return usagelua.target
function query.target(vendor, spec, place, own)
  local account = check_account(spec.account, place)
  return { vendor = vendor, account = account, region = spec.region,
    base_url = base_url.of(vendor, spec.region, place, own),
    lane = vendor.name .. ":" .. (account or "default") }
end

-- Raises where a value cannot stand in a path, or a list cannot be sent so. The
-- first part's path is built with its request.
local function check_requests(planned)
  local dataset = planned.dataset
  local sent = dataset.job and request.instead(planned, dataset.job.create) or planned
  if not sent.dataset.request then return end
  for place = 2, #planned.parts do request.path(sent, planned.parts[place].values) end
  request.build(sent, planned.parts[1].values)
end

---Plans one query; raises usage errors, sends nothing.
---@param spec table { "vendor.dataset", parameters…, period =, grain =, account =, region = }
---@param context usagelua.query_context
---@return usagelua.query
function query.plan(spec, context)
  local vendor, dataset = context.loader:dataset(spec[1])
  local place = dataset.name
  local planned = query.target(vendor, spec, place, dataset.base_url)
  planned.name, planned.grain = place, spec.grain or context.grain or "total"
  planned.params = parameters.check(spec, dataset.params, place, tailor.keys(dataset))
  together.check(planned.params, dataset, place)
  planned.dataset = tailor.fit(dataset, planned.params, spec, place)
  planned.notes = notes.of(dataset, planned.params)
  planned.in_flight = check_in_flight(spec.in_flight, place)
  planned.max_body_bytes = context.max_body or BODY_BYTES[dataset.answer]
  planned.period, planned.note = past.part_of(spec.period or context.period, dataset, context.now)
  planned.columns, planned.measures = records.schema(planned.dataset)
  planned.windows = windows_of(planned)
  planned.parts = parts.of(planned)
  check_requests(planned)
  return planned
end

-- The account that a query without a name asks as: another one than any that
-- has a name.
local DEFAULT_ACCOUNT <const> = ""

-- Parameters with one value tell two queries of a dataset apart; of two lists
-- nobody knows what they share.
local function identity(planned)
  local apart = { account = planned.account or DEFAULT_ACCOUNT, region = planned.region }
  for _, name in ipairs(planned.dataset.fan_out or {}) do
    local list = planned.params[name]
    if list and #list == 1 then apart[name] = list[1] end
  end
  return apart
end

-- As records name them: windows of one period follow one another. A list of
-- windows was cut for one grain.
local periods_of = once.of(function(list, grain)
  local periods = {}
  for _, window in ipairs(list) do
    local label, last = windows.period_name(window, grain), periods[#periods]
    if last and last.label == label then
      last.to = window.to
    elseif window.from then
      periods[#periods + 1] = { from = window.from, to = window.to, label = label }
    end
  end
  return periods
end)

local const_before = once.by_text()

local function const_of(planned)
  local known, region = const_before(planned.dataset), planned.region or ""
  known[region] = known[region]
    or { vendor = planned.vendor.name, dataset = planned.name, region = planned.region }
  return known[region]
end

---The dataset entry of a frame's schema for this query.
---@param planned usagelua.query
---@return usagelua.dataset_schema
function query.schema(planned)
  return {
    name = planned.name, counts = planned.dataset.counts, of = planned.dataset.of,
    may_contain = planned.dataset.may_contain, columns = planned.columns,
    measures = planned.measures, periods = periods_of(planned.windows, planned.grain),
    identity = identity(planned),
    const = const_of(planned), open = true,
  }
end

return query
