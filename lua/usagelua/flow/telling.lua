-- Tells whoever listens how far the queries are, in numbers and words of the
-- flow; how it is shown is the listener's own. Where nobody listens, nothing is
-- made.
--
--   queries    list of { query, parts, lane }: these are going to be asked
--   part       state "begun" or "ended", failed
--   page       number, of: how many there are, where the vendor says it
--   batch      number, of
--   job        step "place", "create", "poll", "result" or "delete"; number of the
--              poll, state in the vendor's word, seconds until it is asked
--   over       the queries of that list are over, however they ended

local telling = {}

---@class usagelua.told
---@field event string
---@field part usagelua.query_part? of the query
---@field step string? of a job
---@field state any
---@field number integer?
---@field of integer?
---@field seconds number?

---The part of a query to which a narrower one belongs: a batch, a function's call.
---@param one table
---@return table
function telling.whole(one)
  return one.whole or one
end

---@param tools usagelua.tools
---@param one usagelua.query_part
---@param event usagelua.told
function telling.of(tools, one, event)
  if not tools.tell then return end
  event.part = telling.whole(one)
  tools.tell(event)
end

-- Pages in all: rows that the vendor says there are, by rows of a page.
local function pages_in_all(described, reading)
  local size = described.size or reading.number > 0 and reading.items // reading.number
  if not reading.total or not size or size < 1 then return nil end
  return math.max((reading.total + size - 1) // size, reading.number + 1)
end

---Tells which page is asked for next.
---@param tools usagelua.tools
---@param one usagelua.query_part
---@param described table? the dataset's `pages`
---@param reading usagelua.pages_reading?
function telling.page(tools, one, described, reading)
  if not tools.tell or not reading then return end
  telling.of(tools, one, { event = "page", number = reading.number + 1,
    of = pages_in_all(described, reading) })
end

local function by_query(jobs)
  local list, of = {}, {}
  for _, job in ipairs(jobs) do
    local own = of[job.planned]
    if not own then
      own = { query = job.planned, parts = {} }
      of[job.planned], list[#list + 1] = own, own
    end
    own.parts[#own.parts + 1] = job.part
  end
  return list
end

local NOBODY <const> = setmetatable({}, { __close = function() end })

---Tells that these are going to be asked, and, when closed, that they are over.
---@param tools usagelua.tools
---@param jobs { planned: usagelua.query, part: usagelua.query_part }[]
---@return table to be closed
function telling.queries(tools, jobs)
  if not tools.tell then return NOBODY end
  local list = by_query(jobs)
  for _, own in ipairs(list) do own.lane = tools.client:lane(own.query.lane) end
  tools.tell { event = "queries", list = list }
  return setmetatable({}, { __close = function() tools.tell { event = "over", list = list } end })
end

return telling
