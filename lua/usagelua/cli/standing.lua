-- Where each query of a run stands, from what client and flow tell: which of its
-- parts have ended, which page, batch or poll of a job it is at, what it waits
-- for, how much has come, how many calls are left. Figures only; the words for
-- them are those of standing_text.lua.

local standing = {}

-- Of several calls under way the one that is farthest is shown.
local RANKS <const> = { queued = 1, waiting = 2, asked = 3, reading = 4 }

---@class usagelua.standing
---@field queries usagelua.standing.query[] in the order they were begun
---@field calls integer that were answered
local methods = {}
local metatable = { __name = "usagelua.standing", __index = methods }

---@class usagelua.standing.query
---@field planned usagelua.query
---@field lane usagelua.rate.lane
---@field parts integer
---@field ended integer parts
---@field failed integer parts
---@field rows integer that came with answers that ended
---@field bytes integer likewise
---@field is_over boolean?
---@field least_calls number? of a part, and whether it takes no more: once a line was wanted
---@field is_exact boolean?

---@param clock { monotonic: fun(): number } that the client goes by
---@return usagelua.standing
function standing.new(clock)
  return setmetatable({ now = clock.monotonic, queries = {}, of_part = {}, under_way = {}, calls = 0,
    told = 0, open = 0 }, metatable)
end

-- Events -------------------------------------------------------------------

local HEAR = {}

local function add_query(self, own)
  local query = { planned = own.query, lane = own.lane, parts = #own.parts, ended = 0, failed = 0,
    rows = 0, bytes = 0, active = {}, list = {} }
  for place, part in ipairs(own.parts) do
    local entry = { query = query, calls = 0 }
    self.of_part[part], query.list[place] = entry, entry
  end
  self.queries[#self.queries + 1] = query
  return query
end

function HEAR.queries(self, event)
  if self.open == 0 then self.queries, self.began, self.calls = {}, self.now(), 0 end
  self.open = self.open + 1
  for _, own in ipairs(event.list) do own.standing = add_query(self, own) end
end

function HEAR.over(self, event)
  self.open = self.open - 1
  for _, own in ipairs(event.list) do
    own.standing.is_over = true
    for _, part in ipairs(own.parts) do self.of_part[part] = nil end
  end
end

function HEAR.part(_, event, entry)
  if event.state == "begun" then
    entry.begun = true
    return
  end
  local query = entry.query
  entry.ended, query.ended = true, query.ended + 1
  query.failed = query.failed + (event.failed and 1 or 0)
  query.active[entry] = nil
end

function HEAR.page(_, event, entry)
  entry.step = { name = "page", number = event.number, of = event.of }
  entry.calls_left = event.of and event.of - event.number + 1
end

function HEAR.batch(_, event, entry)
  entry.step = { name = "batch", number = event.number, of = event.of }
end

-- A job waits by itself, without a call.
function HEAR.job(self, event, entry)
  entry.step = { name = event.step, number = event.number, state = event.state }
  entry.query.active[entry] = { entry = entry, at = self.told, kind = "waiting", reason = "job",
    until_s = event.seconds and self.now() + event.seconds }
end

-- Events of a call; what it is at replaces what it was at before.
local function note_call(self, event, entry, fields)
  fields.entry, fields.at, fields.since = entry, self.told, self.now()
  local active = entry.query.active
  local before = active[event.call]
  if event.event == "wait" and before then fields.err = before.err end
  active[entry], active[event.call] = nil, fields
end

function HEAR.wait(self, event, entry)
  note_call(self, event, entry, { kind = event.seconds and "waiting" or "queued",
    reason = event.reason, until_s = event.seconds and self.now() + event.seconds })
end

function HEAR.retry(self, event, entry)
  note_call(self, event, entry, { kind = "waiting", reason = event.reason, err = event.err,
    until_s = self.now() + event.seconds })
end

function HEAR.attempt(self, event, entry)
  note_call(self, event, entry, { kind = "asked", attempt = event.attempt })
end

function HEAR.answer(self, event, entry)
  note_call(self, event, entry, { kind = "reading", response = event.response })
end

function HEAR.done(self, event, entry)
  local query = entry.query
  query.active[event.call] = nil
  self.calls, entry.calls = self.calls + 1, entry.calls + 1
  query.rows = query.rows + (event.rows or 0)
  query.bytes = query.bytes + (event.facts.body_bytes or 0)
end

function HEAR.failed(_, event, entry)
  entry.query.active[event.call] = nil
end

local OF_RUN <const> = { queries = true, over = true }

---Takes an event of client or flow.
---@param event table
function methods:hear(event)
  local hear = HEAR[event.event]
  local entry = event.part and self.of_part[event.part]
  if not hear or not entry and not OF_RUN[event.event] then return end
  self.told = self.told + 1
  hear(self, event, entry)
end

-- What there is to see -----------------------------------------------------

---@return boolean
function methods:is_idle()
  return self.open == 0
end

local function goes_before(a, b)
  if not b or RANKS[a.kind] ~= RANKS[b.kind] then return not b or RANKS[a.kind] > RANKS[b.kind] end
  return a.at > b.at
end

---@class usagelua.standing.activity
---@field kind "queued"|"waiting"|"asked"|"reading"
---@field entry { step: { name: string, number: integer?, of: integer?, state: any }? }
---@field reason string? of a wait
---@field err usagelua.error? after which it is asked again
---@field until_s number? monotonic
---@field since number? monotonic
---@field response usagelua.response?

---What a query is at: of what goes on the farthest, and the latest of those.
---@param query usagelua.standing.query
---@return usagelua.standing.activity?
function methods.foremost(_, query)
  local best
  for _, activity in pairs(query.active) do
    if goes_before(activity, best) then best = activity end
  end
  return best
end

---Rows and bytes of a query, those of answers under way too.
---@param query usagelua.standing.query
---@return integer rows
---@return integer bytes
function methods.amount(_, query)
  local rows, bytes = query.rows, query.bytes
  for _, activity in pairs(query.active) do
    local response = activity.response
    if response then
      rows, bytes = rows + (response.rows or 0), bytes + (response:body_bytes() or 0)
    end
  end
  return rows, bytes
end

-- Most queries end before anybody wants to know.
local function expect_calls(query)
  local calls = require("usagelua.flow.forecast").calls(query.planned)
  query.is_exact, query.least_calls = calls.exact, calls.least / math.max(1, #query.planned.parts)
end

-- Calls that a part still takes at least.
local function calls_left_of(query, entry)
  if entry.ended then return 0 end
  if not entry.begun then return query.least_calls end
  return entry.calls_left or math.max(1, query.least_calls - entry.calls)
end

local function calls_left(query)
  local count = 0
  if not query.least_calls then expect_calls(query) end
  for _, entry in ipairs(query.is_over and {} or query.list) do
    count = count + calls_left_of(query, entry)
  end
  return math.ceil(count)
end

local function is_sure(query)
  if not query.least_calls then expect_calls(query) end
  if query.is_exact or query.is_over then return true end
  for _, entry in ipairs(query.list) do
    if not entry.ended and not entry.calls_left then return false end
  end
  return true
end

-- Under their rates, each lane by itself.
local function least_s(self)
  local of_lane, longest = {}, 0
  for _, query in ipairs(self.queries) do
    of_lane[query.lane] = (of_lane[query.lane] or 0) + calls_left(query)
  end
  for lane, count in pairs(of_lane) do longest = math.max(longest, lane:least_s(count)) end
  return longest
end

local PACE_CALLS <const> = 3

-- At the pace so far; nil while nobody knows how many calls are left.
local function by_pace_s(self)
  local left = 0
  for _, query in ipairs(self.queries) do
    if not is_sure(query) then return nil end
    left = left + calls_left(query)
  end
  if self.calls < PACE_CALLS then return nil end
  return left * (self.now() - self.began) / self.calls
end

---How long it still takes.
---@return number? seconds nil where nothing is known
---@return boolean? is_least it may take longer
function methods:time_left()
  local least, pace = least_s(self), by_pace_s(self)
  if pace then return math.max(least, pace), false end
  if least > 0 then return least, true end
end

---All queries together.
---@return { parts: integer, ended: integer, calls: integer, passed_s: number }
function methods:total()
  local total = { parts = 0, ended = 0, calls = self.calls, passed_s = self.now() - self.began }
  for _, query in ipairs(self.queries) do
    total.parts, total.ended = total.parts + query.parts, total.ended + query.ended
  end
  return total
end

return standing
