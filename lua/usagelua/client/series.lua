-- Many plain GETs of one host the short way: C keeps so many in flight and
-- opens the next as one ends, and no Lua runs for an answer that is good. Here
-- is what is decided once for all of them, and for those that are not: each is
-- gone on with as `client:call` would, from the answer that has come, while
-- its slot stays taken and nothing more is opened before it is judged.

local errors = require "usagelua.errors"
local fanout = require "usagelua.client.fanout"

---@class usagelua.series.work
---@field urls string[] of one host, which may be asked
---@field in_flight integer how many at once
---@field lane usagelua.rate.lane
---@field request fun(url: string): usagelua.request all alike but for their url: a GET without
---header fields, auth and body
---@field consume fun(response: usagelua.response): any, any what `client:call` would be given
---@field responses table place -> answer; of a good one a table with status, url, body and
---fields (for transfer.fields), else what consume gave
---@field metatable table of a good one
---@field failed fun(place: integer, err: usagelua.error)

local series = {}

local function is_count(value)
  return math.type(value) == "integer" and value > 0
end

---Whether the short way is as good as the long one: the transport has it, nobody
---wants to hear of each request, and the lane holds none back but for a pause.
---@param client usagelua.client
---@param lane usagelua.rate.lane
---@param in_flight any
---@return boolean
function series.fits(client, lane, in_flight)
  if not client.transport.series or not is_count(in_flight) then return false end
  return lane:is_unlimited() and (not client.log or client.hears_parts_only)
end

-- What is not plainly good -------------------------------------------------

-- The long way, from what has come where something has.
local function go_on_with(self, place, exchange)
  local work = self.work
  local request = work.request(work.urls[place])
  local response, err
  if exchange then
    response, err = self.client:adopt(request, exchange, work.consume)
  else
    response, err = self.client:call(request, work.consume)
  end
  if response then work.responses[place] = response else work.failed(place, err) end
end

-- Its slot is free when the call is over, however often it was repeated.
local function spawn(self, place, exchange)
  self.aside = self.aside + 1
  if exchange then self.taken[exchange] = true end
  self.group:spawn(function()
    go_on_with(self, place, exchange)
    if exchange then self.taken[exchange] = nil end
    self.aside = self.aside - 1
    self.opened:give_back()
    self.scheduler:signal(self.opened)
  end)
end

local function spawn_aside(self)
  local has_spawned = false
  local place, exchange = self.opened:aside()
  while place do
    has_spawned = true
    spawn(self, place, exchange)
    place, exchange = self.opened:aside()
  end
  return has_spawned
end

-- The lane opens too late for those that are not sent: each is told so.
local function give_up(self)
  local urls = self.work.urls
  for place = self.opened:give_up(), #urls do
    self.aside = self.aside + 1
    self.group:spawn(function()
      go_on_with(self, place)
      self.aside = self.aside - 1
      self.scheduler:signal(self.opened)
    end)
  end
end

-- One look -----------------------------------------------------------------

local function take(self)
  local work = self.work
  local count = self.opened:take(work.responses, work.metatable)
  if count > 0 then work.lane.budget:give(count) end
end

-- Opens what may be; how long until more may be where the lane is paused.
local function open(self)
  local seconds = self.work.lane:paused_for()
  if seconds <= 0 then
    self.opened:go_on()
    return nil
  end
  self.opened:hold()
  if seconds > self.scheduler:time_left() then give_up(self) end
  return seconds
end

local function is_over(self)
  return self.aside == 0 and self.opened:is_done()
end

-- What stood aside comes first: it may be that it pauses the lane.
local function look(self)
  take(self)
  if self.group.has_failed then error(self.group.failure, 0) end
  if spawn_aside(self) then return self.scheduler:sleep(0) end
  local seconds = open(self)
  if not is_over(self) then self.scheduler:await(self.opened, seconds) end
end

-- A task that never began does not end what it was to go on with.
local taken_metatable = {
  __close = function(taken)
    for exchange in pairs(taken) do exchange:close() end
  end,
}

---Asks for all of them. Cancelling the present task, or whatever else raises,
---ends what is in flight.
---@param client usagelua.client
---@param work usagelua.series.work
function series.run(client, work)
  local urls, scheduler = work.urls, client.scheduler
  local opened <close>, err = client.transport:series(work.request(urls[1]), urls, work.in_flight)
  if not opened then error(errors.from(err), 0) end
  local taken <close> = setmetatable({}, taken_metatable)
  local group <close> = fanout.group(scheduler)
  local self = { client = client, scheduler = scheduler, work = work, opened = opened,
    taken = taken, group = group, aside = 0 }
  local _ <close> = work.lane:attend(function()
    opened:hold()
    scheduler:signal(opened)
  end)
  repeat look(self) until is_over(self)
end

return series
