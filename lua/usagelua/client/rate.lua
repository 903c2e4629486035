-- How fast one credential may ask: a burst, so many a minute after it, so many
-- at once, a gap between two, and a pause of the whole lane when the vendor
-- asks for one. All queries and polls of a run that use the credential share
-- its lane, first come, first served.
--
-- The vendor counts a request when it arrives, somewhere between our sending
-- and its answer. The bucket here is the worst case of that: a request that is
-- under way is already spent, and its token only begins to come back when the
-- answer is there (or ARRIVAL_S later). So the vendor's own bucket always
-- holds at least as much as ours, whatever the network does in between.

local errors = require "usagelua.errors"

local ARRIVAL_S <const> = 2
-- Clocks of two machines differ a little; ours refills a thousandth slower.
local CAUTION <const> = 0.999
local EPSILON <const> = 1e-9
local IN_FLIGHT <const> = 4

---@class usagelua.rate.settings
---@field name string for messages
---@field burst integer? requests at once after a rest; 1 when absent
---@field per_minute number? requests a minute after the burst; no limit when absent
---@field in_flight integer? requests under way at the same time; 4 when absent
---@field gap_s number? seconds between two requests, at least

---@class usagelua.rate.lane
local methods = {}
local metatable = { __name = "usagelua.rate.lane", __index = methods }
local slot_methods = {}
local slot_metatable = { __name = "usagelua.rate.slot", __index = slot_methods }

local rate = {}

---@param scheduler usagelua.scheduler
---@param settings usagelua.rate.settings
---@return usagelua.rate.lane
function rate.new(scheduler, settings)
  local burst = settings.per_minute and (settings.burst or 1) or math.huge
  return setmetatable({
    scheduler = scheduler,
    clock = scheduler.clock,
    name = settings.name or "lane",
    burst = burst,
    per_s = (settings.per_minute or 0) / 60 * CAUTION,
    most_in_flight = settings.in_flight or IN_FLIGHT,
    gap_s = settings.gap_s or 0,
    level = burst,            -- tokens at `updated`, requests under way not taken off
    updated = scheduler.clock.monotonic(),
    under_way = {},           -- slots whose token does not come back yet, oldest first
    in_flight = 0,
    last_sent = -math.huge,
    paused_until = -math.huge,
    queue = {},               -- tickets in the order they came: `first` to `last`, chained
    passing = { reserve = 0 }, -- the ticket of who finds nobody waiting
    attending = {},           -- functions that hear of pauses
  }, metatable)
end

---The least time that so many requests take under a lane's settings: from the
---first one sent to the last one sent, if every answer came at once.
---@param settings usagelua.rate.settings
---@param requests integer
---@return number seconds
function rate.least_s(settings, requests)
  local gaps_s = math.max(0, requests - 1) * (settings.gap_s or 0)
  if not settings.per_minute then return gaps_s end
  local waiting = math.max(0, requests - (settings.burst or 1))
  return math.max(gaps_s, waiting * 60 / (settings.per_minute * CAUTION))
end

-- The bucket ---------------------------------------------------------------

local function refill(lane, time)
  lane.level = math.min(lane.burst, lane.level + math.max(0, time - lane.updated) * lane.per_s)
  lane.updated = math.max(lane.updated, time)
end

local function spend(lane, place, time)
  table.remove(lane.under_way, place).counted = true
  refill(lane, time)
  lane.level = lane.level - 1
end

local function bring_up_to_date(lane)
  local now = lane.clock.monotonic()
  if lane.per_s == 0 then -- nothing is counted
    lane.updated = now
    return now
  end
  local oldest = lane.under_way[1]
  while oldest and oldest.sent + ARRIVAL_S <= now do
    spend(lane, 1, oldest.sent + ARRIVAL_S)
    oldest = lane.under_way[1]
  end
  refill(lane, now)
  return now
end

-- The first time at which so many tokens may be there.
local function time_of_tokens(lane, tokens)
  local missing = tokens + #lane.under_way - lane.level
  if missing <= EPSILON then return lane.updated end
  if tokens + #lane.under_way > lane.burst and lane.under_way[1] then
    return lane.under_way[1].sent + ARRIVAL_S
  end
  return lane.updated + missing / lane.per_s
end

-- Tickets ------------------------------------------------------------------

-- A reserve as large as the burst could never be met.
local function tokens_needed(lane, ticket)
  return math.min(1 + ticket.reserve, lane.burst)
end

-- Whether nobody before it in the queue goes first: one that asks for a larger
-- reserve lets those pass that may use it.
local function is_next(lane, ticket)
  local other = lane.queue.first
  while other and other ~= ticket do
    if other.reserve <= ticket.reserve then return false end
    other = other.behind
  end
  return true
end

local function wake_next(lane)
  local ticket, least = lane.queue.first, math.huge
  while ticket and least > 0 do
    if ticket.reserve < least then
      least = ticket.reserve
      lane.scheduler:signal(ticket)
    end
    ticket = ticket.behind
  end
end

local function join_queue(lane, ticket)
  local queue, last = lane.queue, lane.queue.last
  ticket.before, ticket.is_queued = last or false, true
  if last then last.behind = ticket else queue.first = ticket end
  queue.last = ticket
end

local function leave_queue(lane, ticket)
  if ticket.is_queued then
    local queue, before, behind = lane.queue, ticket.before, ticket.behind
    if before then before.behind = behind else queue.first = behind end
    if behind then behind.before = before else queue.last = before or nil end
    ticket.is_queued = false
  end
  wake_next(lane)
end

local ticket_metatable = {
  __close = function(ticket) leave_queue(ticket.lane, ticket) end,
}

-- What is to be left may change while it waits.
local function new_ticket(lane, reserve)
  local reserve_now = type(reserve) == "function" and reserve or nil
  return setmetatable({ lane = lane, reserve_now = reserve_now,
    reserve = reserve_now and reserve_now() or reserve or 0,
    is_queued = false, before = false, behind = nil }, ticket_metatable)
end

-- When the ticket could go as far as time decides, and why not before.
local function earliest(lane, ticket)
  local at, reason = lane.paused_until, lane.pause_reason
  local after_gap = lane.last_sent + lane.gap_s
  if after_gap > at then at, reason = after_gap, "rate" end
  if lane.per_s > 0 then
    local refilled = time_of_tokens(lane, tokens_needed(lane, ticket))
    if refilled > at then at, reason = refilled, "rate" end
  end
  return at, reason
end

-- No later than this can be hoped for: everybody before it takes a token too.
local function hoped_for(lane, ticket)
  local at = lane.paused_until
  if lane.per_s == 0 then return at end
  local before, other = 0, ticket.before
  while other do
    before, other = before + 1, other.before
  end
  local missing = 1 + before + #lane.under_way - lane.level
  return math.max(at, lane.updated + missing / lane.per_s)
end

local function deadline_error(lane, seconds, left)
  return errors.new { kind = "deadline",
    message = ("%s allows the next request in %.0f s, and only %.0f s are left"):format(
      lane.name, seconds, left),
    hint = "give the run more time with --deadline, or ask for less" }
end

local function take_slot(lane, now)
  local is_counted = lane.per_s > 0
  local slot = setmetatable({ lane = lane, sent = now, counted = not is_counted, released = false },
    slot_metatable)
  lane.in_flight, lane.last_sent = lane.in_flight + 1, now
  if is_counted then table.insert(lane.under_way, slot) end
  return slot
end

-- One look at the lane: a slot, or how long to wait (nil: until it changes)
-- and why.
local function try(lane, ticket)
  local now = bring_up_to_date(lane)
  if ticket.reserve_now then ticket.reserve = ticket.reserve_now() end
  if lane.queue.first and not is_next(lane, ticket) then return nil, nil, "queue" end
  local at, reason = earliest(lane, ticket)
  if at > now then return nil, at - now, reason end
  if lane.in_flight >= lane.most_in_flight then return nil, nil, "in_flight" end
  return take_slot(lane, now)
end

---A slot where nobody waits and one is free; never waits.
---@param reserve (integer|fun(): integer)? requests to leave free for others
---@return usagelua.rate.slot? slot to be closed
function methods:take(reserve)
  if self.queue.first then return nil end
  if type(reserve) == "function" then reserve = reserve() end
  self.passing.reserve = reserve or 0
  return (try(self, self.passing))
end

local function time_left(lane, want)
  if want.time_left then return want.time_left() end
  return lane.scheduler:time_left()
end

---Waits for a slot, in turn. A wait that cannot end before the deadline is not
---begun.
---@param want { reserve: (integer|fun(): integer)?, urgent: boolean?,
---  time_left: (fun(): number, boolean?)?, on_wait: function? }?
---reserve: requests to leave free for others; urgent: neither wait nor queue
---(deleting after a signal); time_left: seconds, and whether the run's own deadline
---ends the wait then; on_wait(reason, seconds?, is_new) hears of each wait
---why, and whether the one before had another reason
---@return usagelua.rate.slot? slot to be closed
---@return usagelua.error? err kind "deadline"
function methods:acquire(want)
  want = want or {}
  if want.urgent then return take_slot(self, bring_up_to_date(self)) end
  local ticket <close> = new_ticket(self, want.reserve)
  join_queue(self, ticket)
  local told
  while true do
    local slot, seconds, reason = try(self, ticket)
    if slot then return slot end
    local left, is_of_run = time_left(self, want)
    local hoped = hoped_for(self, ticket) - self.updated
    if hoped > left or left <= 0 then return nil, deadline_error(self, hoped, left) end
    if want.on_wait then want.on_wait(reason, seconds, told ~= reason) end
    told = reason
    local is_timed = seconds or not is_of_run
    self.scheduler:await(ticket, is_timed and math.min(seconds or left, left) or nil)
  end
end

---How long it takes at least until so many more requests are sent, whoever sends
---them.
---@param requests integer
---@return number seconds
function methods:least_s(requests)
  if requests <= 0 then return 0 end
  local now = bring_up_to_date(self)
  local at = math.max(now, self.paused_until, self.last_sent + requests * self.gap_s)
  local missing = requests + #self.under_way - self.level
  if self.per_s > 0 then at = math.max(at, self.updated + missing / self.per_s) end
  return at - now
end

---What is to be left free has changed: everybody who waits looks again.
function methods:reconsider()
  local ticket = self.queue.first
  while ticket do
    self.scheduler:signal(ticket)
    ticket = ticket.behind
  end
end

---Holds the whole lane; a pause is only ever made longer.
---@param seconds number
---@param reason string for example "retry_after"
function methods:pause(seconds, reason)
  local until_time = self.scheduler.clock.monotonic() + seconds
  if until_time <= self.paused_until then return end
  self.paused_until, self.pause_reason = until_time, reason
  for on_pause in pairs(self.attending) do on_pause() end
end

---Whether somebody waits for a slot.
---@return boolean
function methods:is_awaited()
  return self.queue.first ~= nil
end

---Whether nothing but a pause ever holds a request back.
---@return boolean
function methods:is_unlimited()
  return self.per_s == 0 and self.gap_s == 0 and self.most_in_flight == math.huge
end

---@return number seconds that a pause still lasts; 0 where there is none
function methods:paused_for()
  return math.max(0.0, self.paused_until - self.clock.monotonic())
end

local attendance_metatable = {
  __close = function(attendance) attendance.lane.attending[attendance.on_pause] = nil end,
}

---For who sends without asking for each slot: the function is called when the
---lane is paused.
---@param on_pause function
---@return table attendance to be closed
function methods:attend(on_pause)
  self.attending[on_pause] = true
  return setmetatable({ lane = self, on_pause = on_pause }, attendance_metatable)
end

---The vendor says that we were too fast: what we thought was left is not there.
function methods:drained()
  bring_up_to_date(self)
  if self.per_s > 0 then self.level = math.min(self.level, 0) end
end

---The vendor has answered, so it has counted the request.
function slot_methods:answered()
  if self.counted then return end
  local lane = self.lane
  local now = bring_up_to_date(lane)
  for place, slot in ipairs(lane.under_way) do
    if slot == self then
      spend(lane, place, now)
      break
    end
  end
  self.counted = true
end

---Gives the slot back; again does nothing.
function slot_methods:release()
  if self.released then return end
  self.released = true
  if not self.counted then self:answered() end
  local lane = self.lane
  lane.in_flight = lane.in_flight - 1
  if lane.queue.first then wake_next(lane) end
end

slot_metatable.__close = slot_methods.release

return rate
