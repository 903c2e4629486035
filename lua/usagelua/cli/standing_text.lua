-- Where the queries stand, in words: a line per query, a line for all of them.
-- Text of vendors in it is masked, made safe and shortened.

local core = require "usagelua.core"
local excerpt = require "usagelua.client.excerpt"
local number = require "usagelua.report.number"
local safe = require "usagelua.formats.safe"

local standing_text = {}

-- Of a vendor's own words, in characters.
local STATE <const> = 30
local ERROR <const> = 60
-- An answer that is not there at once is nothing to tell of.
local PATIENCE_S <const> = 2
-- Less than this is not worth a figure.
local LEAST_BYTES <const> = 100000

local function vendors_words(value, most)
  return safe.text(excerpt.of(core.mask.text(tostring(value)), most))
end

local ENDINGS <const> = { "st", "nd", "rd" }

-- 1st, 2nd, 3rd, 4th, 11th, 21st.
local function ordinal(count)
  local teens = count // 10 % 10 == 1
  return ("%d%s"):format(count, not teens and ENDINGS[count % 10] or "th")
end

---Seconds as people say them: "3 s", "4 min 05 s", "1 h 02 min".
---@param seconds number
---@return string
function standing_text.time(seconds)
  local whole = math.max(0, math.ceil(seconds))
  if whole < 60 then return ("%d s"):format(whole) end
  if whole < 3600 then return ("%d min %02d s"):format(whole // 60, whole % 60) end
  return ("%d h %02d min"):format(whole // 3600, whole % 3600 // 60)
end

local SIZES <const> = { { 1e9, "GB" }, { 1e6, "MB" }, { 1e3, "kB" } }

local function size(bytes)
  for _, one in ipairs(SIZES) do
    if bytes >= one[1] then
      local count = bytes / one[1]
      local shown = count < 10 and number.grouped(math.floor(count * 10) / 10) or ("%d"):format(count // 1)
      return shown .. " " .. one[2]
    end
  end
  return bytes .. " bytes"
end

local function plural(count, word)
  return ("%s %s%s"):format(number.grouped(count), word, count == 1 and "" or "s")
end

-- What it is at ------------------------------------------------------------

local function numbered(step)
  return ("%s %d%s"):format(step.name, step.number, step.of and " of " .. step.of or "")
end

-- The step that a part is at; of a job with the vendor's word for its state.
local STEPS <const> = {
  page = numbered,
  batch = numbered,
  place = function() return "waiting for one of its other jobs to end" end,
  create = function() return "creating the job" end,
  poll = function(step)
    local state = step.state ~= nil and step.state ~= core.json.null
      and (" (%s)"):format(vendors_words(step.state, STATE)) or ""
    return ("polling, %s time%s"):format(ordinal(step.number), state)
  end,
  result = function() return "fetching the result" end,
  delete = function() return "deleting the job" end,
}

-- Why it waits, by the reason that client or flow gives.
local REASONS <const> = {
  rate = "for the rate",
  retry_after = "as the vendor asks",
  throttled = "after being too fast",
  backoff = "before it is asked again",
  token = "for another token",
  queue = "for its turn",
  in_flight = "for a call to end",
}

local function reason_text(activity)
  local text = REASONS[activity.reason] or activity.reason
  if not activity.err then return text end
  return ("%s: %s"):format(text, vendors_words(activity.err, ERROR))
end

local KINDS <const> = {
  queued = function(activity) return "waiting " .. reason_text(activity) end,
  waiting = function(activity, now)
    local left = activity.until_s and activity.until_s - now
    if activity.reason == "job" then
      return left and left > 0 and "again in " .. standing_text.time(left) or nil
    end
    if not left or left <= 0 then return "waiting " .. reason_text(activity) end
    return ("waiting %s %s"):format(standing_text.time(left), reason_text(activity))
  end,
  asked = function(activity, now)
    local passed = now - activity.since
    return passed >= PATIENCE_S and ("no answer for %s"):format(standing_text.time(passed // 1)) or nil
  end,
  reading = function() end,
}

local function amount_text(where, query)
  local rows, bytes = where:amount(query)
  local words = {}
  if bytes >= LEAST_BYTES then words[1] = size(bytes) end
  if rows > 0 then words[#words + 1] = plural(rows, "row") end
  return words[1] and table.concat(words, ", ")
end

-- Lines --------------------------------------------------------------------

local function name_of(query)
  local planned = query.planned
  local words = { planned.name, planned.period and planned.period.label }
  words[#words + 1] = planned.account
  words[#words + 1] = planned.region
  return vendors_words(table.concat(words, " "), ERROR)
end

local function has_ended(query)
  return query.is_over or query.ended == query.parts
end

local function parts_text(query)
  if has_ended(query) then
    return query.failed == 0 and "done" or ("%d of %d failed"):format(query.failed, query.parts)
  end
  return query.parts > 1 and ("%d of %d parts"):format(query.ended, query.parts) or nil
end

---What a query is at: "page 7 of 12, 48 MB, 61,000 rows, waiting 3 s for the rate".
---@param where usagelua.standing
---@param query usagelua.standing.query
---@return string
function standing_text.of_query(where, query)
  local words, now = {}, where.now()
  local function add(text) words[#words + 1] = text end
  add(parts_text(query))
  local activity = not has_ended(query) and where:foremost(query)
  local step = activity and activity.entry.step
  if step then add(STEPS[step.name](step)) end
  add(amount_text(where, query))
  if activity then add(KINDS[activity.kind](activity, now)) end
  return words[1] and table.concat(words, ", ") or activity and "asking" or "waiting for its turn"
end

---How far all of them are: "3 of 9 parts, 14 calls, 12 s; at least 40 s left".
---@param where usagelua.standing
---@return string
function standing_text.total(where)
  local total = where:total()
  local left, is_least = where:time_left()
  local text = ("%d of %s, %s, %s"):format(total.ended, plural(total.parts, "part"),
    plural(total.calls, "call"), standing_text.time(total.passed_s // 1))
  if not left or total.ended == total.parts then return text end
  return ("%s; %s %s left"):format(text, is_least and "at least" or "about", standing_text.time(left))
end

local function unfinished_first(queries)
  local list, finished = {}, {}
  for _, query in ipairs(queries) do
    local to = has_ended(query) and finished or list
    to[#to + 1] = query
  end
  return table.move(finished, 1, #finished, #list + 1, list)
end

local function shown(where, most)
  local queries = where.queries
  if #queries <= most then return queries, 0 end
  local list = unfinished_first(queries)
  local count = math.max(0, most - 1)
  return table.move(list, 1, count, 1, {}), #list - count
end

---A line per query and one for all of them, no more than fit.
---@param where usagelua.standing
---@param most integer lines
---@return { [1]: string, [2]: string }[] name and what it is at; no name: of all
function standing_text.lines(where, most)
  local queries, more = shown(where, most - 1)
  local lines = {}
  for place, query in ipairs(queries) do
    lines[place] = { name_of(query), standing_text.of_query(where, query) }
  end
  if more > 0 then lines[#lines + 1] = { "", ("… and %d more"):format(more) } end
  lines[#lines + 1] = { "", standing_text.total(where) }
  return lines
end

local MOST_NAMED <const> = 3

---All of it in one line, for a log.
---@param where usagelua.standing
---@return string
function standing_text.line(where)
  local words, more = { standing_text.total(where) }, 0
  for _, query in ipairs(where.queries) do
    if has_ended(query) then goto next end
    if #words > MOST_NAMED then
      more = more + 1
    else
      words[#words + 1] = ("%s: %s"):format(name_of(query), standing_text.of_query(where, query))
    end
    ::next::
  end
  if more > 0 then words[#words + 1] = ("and %d more"):format(more) end
  return table.concat(words, "; ")
end

return standing_text
