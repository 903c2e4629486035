-- Sessions at the same time, made up: each ten minutes of each product has fixed figures, so
-- that the peak of any range is known.
local random = require "vendors.random"

local concurrency = {}

local SAMPLE_S = 600

concurrency.ALLOWED, concurrency.QUEUE_LIMIT = 50, 150

local function sample(seed, product, index)
  local fraction = random.fraction(("%d %s %d"):format(seed, product, index))
  -- One in a hundred is a rush that fills the plan and queues.
  if fraction > 0.99 then return concurrency.ALLOWED, 1 + math.floor((fraction - 0.99) * 1000) end
  return math.floor(fraction * 40), 0
end

--- Highest sessions and queue of the ten-minute samples that begin in [from, to).
function concurrency.peak(seed, product, from, to)
  local sessions, queued = 0, 0
  for index = math.ceil(from / SAMPLE_S), math.ceil(to / SAMPLE_S) - 1 do
    local s, q = sample(seed, product, index)
    sessions, queued = math.max(sessions, s), math.max(queued, q)
  end
  return sessions, queued
end

local function bucket_start(instant, step_s, offset_s)
  return math.floor((instant + offset_s) / step_s) * step_s - offset_s
end

--- The buckets of a range: { { at, sessions, queued }, ... }; the first may begin before it.
function concurrency.buckets(seed, asked)
  local list = {}
  for at = bucket_start(asked.from, asked.step_s, asked.offset_s), asked.to - 1, asked.step_s do
    local sessions, queued = concurrency.peak(seed, asked.product, math.max(at, asked.from),
      math.min(at + asked.step_s, asked.to))
    list[#list + 1] = { at = at, sessions = sessions, queued = queued }
  end
  return list
end

return concurrency
