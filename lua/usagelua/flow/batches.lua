-- A list of values in as few requests as the vendor takes: so many at once as
-- it allows, half of them where that is too much or takes too long, down to
-- one. What was too much once is not tried again.

local fanout = require "usagelua.client.fanout"
local telling = require "usagelua.flow.telling"

local batches = {}

-- Gateways say with these that the answer took too long.
local STATUSES <const> = { 408, 504 }

local function list_of(planned)
  local described = planned.dataset.batch
  local list = described and planned.params[described.param]
  return list, described
end

---How many requests a part takes at least, and whether it takes no more: a
---single value is never divided.
---@param planned usagelua.query
---@return integer least
---@return boolean is_exact
function batches.count(planned)
  local list, described = list_of(planned)
  if not list then return 1, true end
  return (#list - 1) // (described.most or #list) + 1, #list == 1
end

---What a query's batches are made of, for people; nil where it has none.
---@param planned usagelua.query
---@return { name: string, values: integer, most: integer? }?
function batches.of(planned)
  local list, described = list_of(planned)
  if not list then return nil end
  return { name = described.param, values = #list, most = described.most }
end

local function has(statuses, status)
  for _, known in ipairs(statuses) do
    if known == status then return true end
  end
  return false
end

-- Whether less might be answered: the vendor says so, or ran out of time, or
-- its answer is larger than we take.
local function is_too_much(described, err)
  if err.kind == "too_large" or err.kind == "timeout" or err.kind == "limit" then return true end
  return err.status ~= nil and has(described.halve_on or STATUSES, err.status)
end

-- One batch ----------------------------------------------------------------

local function narrowed(one, described, list, batch)
  local values = {}
  for name, value in pairs(one.values) do values[name] = value end
  values[described.param] = table.move(list, batch.first, batch.last, 1, {})
  local copy = { values = values, window = one.window, const = one.const, whole = one,
    label = ("%s, %s %d to %d of %d"):format(one.label, described.param, batch.first, batch.last,
      #list) }
  copy.request = { first_byte_s = described.timeout_s }
  if batch.last > batch.first then
    copy.request.gives_up = function(err) return is_too_much(described, err) end
  end
  return copy
end

-- All of them --------------------------------------------------------------

---@class usagelua.batches
---@field size integer values of a request from now on
---@field begun integer batches
---@field ranges { first: integer, last: integer }[] still to be asked for
---@field failure usagelua.error?

local function take(state)
  local range = state.ranges[1]
  if not range or state.failure then return nil end
  local batch = { first = range.first, last = math.min(range.last, range.first + state.size - 1) }
  range.first = batch.last + 1
  if range.first > range.last then table.remove(state.ranges, 1) end
  return batch
end

local function halve(state, batch)
  local count = batch.last - batch.first + 1
  state.size = math.min(state.size, (count + 1) // 2)
  table.insert(state.ranges, 1, batch)
end

local function ask_in_turn(state, described, ask)
  local batch = take(state)
  while batch do
    local said, err = ask(batch)
    if said then
      state.said[#state.said + 1] = said
    elseif batch.last > batch.first and is_too_much(described, err) then
      halve(state, batch)
    else
      state.failure = state.failure or err
    end
    batch = take(state)
  end
end

-- Which of how many is asked for now, as large as they are at the moment.
local function tell(tools, one, state)
  state.begun = state.begun + 1
  local left = 0
  for _, range in ipairs(state.ranges) do
    left = left + (range.last - range.first) // state.size + 1
  end
  telling.of(tools, one, { event = "batch", number = state.begun, of = state.begun + left })
end

local function workers_of(planned, count)
  local most = math.min(planned.in_flight or planned.vendor.rate.in_flight, count)
  local list = {}
  for place = 1, most do list[place] = place end
  return list
end

---Asks for a part's list, several batches at once as far as the credential may.
---@param tools usagelua.tools
---@param planned usagelua.query
---@param one usagelua.query_part
---@param read fun(one: usagelua.query_part): table?, usagelua.error? reads a part
---whose list is a batch
---@return table[]? said what `read` gave, batch by batch; nil where one failed
---@return usagelua.error? err
function batches.each(tools, planned, one, read)
  local list, described = list_of(planned)
  local state = { size = described.most or #list, said = {}, begun = 0,
    ranges = { { first = 1, last = #list } } }
  local workers = workers_of(planned, (batches.count(planned)))
  fanout.run(tools.scheduler, workers, #workers, function()
    ask_in_turn(state, described, function(batch)
      tell(tools, one, state)
      return read(narrowed(one, described, list, batch))
    end)
  end)
  if state.failure then return nil, state.failure end
  return state.said
end

---Whether a query is asked in batches.
---@param planned usagelua.query
---@return boolean
function batches.are_needed(planned)
  return list_of(planned) ~= nil
end

return batches
