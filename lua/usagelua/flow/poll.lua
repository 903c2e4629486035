-- The pace of asking again: short waits first, longer ones as it takes longer,
-- and none that cannot end in time.

local errors = require "usagelua.errors"

local poll = {}

local FIRST_S <const> = 1
local LONGEST_S <const> = 30
local GROWTH <const> = 1.5
-- What the run needs after the last wait: to fetch and to delete.
local FINISH_S <const> = 2

---@class usagelua.poll
---@field began number monotonic seconds
local methods = {}
local metatable = { __name = "usagelua.poll", __index = methods }

---@param settings { first_s: number? }?
---@return number seconds before the first question
function poll.first_s(settings)
  return settings and settings.first_s or FIRST_S
end

---@param scheduler usagelua.scheduler
---@param settings { first_s: number?, longest_s: number? }?
---@param time_s number seconds that all of it may take
---@return usagelua.poll
function poll.new(scheduler, settings, time_s)
  local began = scheduler.clock.monotonic()
  settings = settings or {}
  return setmetatable({
    scheduler = scheduler, began = began, ends = began + time_s, time_s = time_s,
    next_s = poll.first_s(settings), longest_s = settings.longest_s or LONGEST_S,
  }, metatable)
end

local function too_late(kind, format, ...)
  return nil, errors.new { kind = kind, retry = false, message = format:format(...),
    hint = kind == "deadline" and "give the run more time with --deadline" or nil }
end

-- Seconds that a wait may take; nil and an error that says what has run out.
local function time_left(self)
  local own = self.ends - self.scheduler.clock.monotonic()
  if own <= 0 then return too_late("timeout", "waited for %g s", self.time_s) end
  local left = self.scheduler:time_left() - FINISH_S
  if left <= 0 then return too_late("deadline", "the run has no time left to wait") end
  return math.min(own, left)
end

---Seconds until it is time to ask again, as far as its own pace says.
---@param least_s number? what the vendor asks to wait
---@return number
function methods:next_wait(least_s)
  return math.max(self.next_s, least_s or 0)
end

---Waits until it is time to ask again.
---@param least_s number? what the vendor asks to wait
---@return boolean? ok
---@return usagelua.error? err kind "timeout" where its own time is over,
---"deadline" where the run's is
function methods:wait(least_s)
  local left, err = time_left(self)
  if not left then return nil, err end
  if (least_s or 0) > left then
    return too_late("deadline", "the vendor asks to wait %.0f s, and only %.0f s are left", least_s,
      left)
  end
  self.scheduler:sleep(math.min(self:next_wait(least_s), left))
  self.next_s = math.min(self.next_s * GROWTH, math.max(self.longest_s, self.next_s))
  return true
end

return poll
