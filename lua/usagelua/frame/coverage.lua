-- What was asked against what was answered, one entry for each query. It stands
-- beside the figures in every format and decides the exit status.

local order = require "usagelua.order"

local coverage = {}

---@class usagelua.coverage_entry
---@field dataset string
---@field account string?
---@field period_start string? RFC 3339, included
---@field period_end string? RFC 3339, excluded
---@field period "echoed"|"assumed"|"vendor's own"|nil is the period what the vendor says it was? nil:
---no window was answered, so there is no figure of any
---@field doubt string? what is not known of the dates that were sent
---@field asked integer windows
---@field answered integer windows that were answered whole
---@field partial integer windows that stayed partial
---@field failed integer windows of which nothing came
---@field reasons string[] of what is partial or failed, each once, sorted
---@field notes string[] what else people should know of the answers, each once, sorted

---@class usagelua.coverage
local methods = {}
local metatable = { __name = "usagelua.coverage", __index = methods }

---@return usagelua.coverage
function coverage.new()
  return setmetatable({ queries = {} }, metatable)
end

---Adds a query.
---@param fields table dataset, account, period_start, period_end, period, doubt
---@return table query handle for the methods below
function methods:query(fields)
  assert(type(fields.dataset) == "string", "a query names its dataset")
  local query = {
    dataset = fields.dataset, account = fields.account, period_start = fields.period_start,
    period_end = fields.period_end, period = fields.period, doubt = fields.doubt or nil,
    asked = 0, answered = 0, partial = 0, failed = 0, reasons = {}, notes = {},
  }
  self.queries[#self.queries + 1] = query
  return query
end

---A window is asked for; it ends as answered, partial or failed.
function methods.asked(_, query)
  query.asked = query.asked + 1
end

function methods.answered(_, query)
  query.answered = query.answered + 1
end

---@param reason any shown as text
function methods.partial(_, query, reason)
  query.partial = query.partial + 1
  query.reasons[tostring(reason)] = true
end

---@param reason any shown as text
function methods.failed(_, query, reason)
  query.failed = query.failed + 1
  query.reasons[tostring(reason)] = true
end

---A sentence about what was asked or came, beside the figures.
---@param text string
function methods.note(_, query, text)
  query.notes[text] = true
end

-- The weaker word stands for the whole query.
local STRENGTH <const> = { echoed = 3, assumed = 2, ["vendor's own"] = 1 }

---Says of one window's period how it is known.
---@param period "echoed"|"assumed"|"vendor's own"
function methods.period(_, query, period)
  assert(STRENGTH[period], "a period is echoed, assumed or the vendor's own")
  if not query.period or STRENGTH[period] < STRENGTH[query.period] then query.period = period end
end

---The account, once an answer tells it.
---@param account string
function methods.account(_, query, account)
  query.account = query.account or account
end

local function unfinished(query)
  return query.asked - query.answered - query.partial - query.failed
end

local function entry_of(query)
  local entry = {}
  for key, value in pairs(query) do entry[key] = value end
  entry.failed = query.failed + unfinished(query)
  entry.reasons = order.keys(query.reasons)
  entry.notes = order.keys(query.notes)
  if unfinished(query) > 0 then entry.reasons[#entry.reasons + 1] = "not finished" end
  return entry
end

local SORTED_BY <const> = { "dataset", "account", "period_start", "period_end", "position" }

-- Mostly the queries stand in that order already.
local function sort(entries)
  local compare = order.rows(SORTED_BY)
  for i = 2, #entries do
    if compare(entries[i - 1], entries[i]) > 0 then
      return table.sort(entries, function(a, b) return compare(a, b) < 0 end)
    end
  end
end

---The entries, sorted; a window that was asked and never ended counts as failed.
---@return usagelua.coverage_entry[]
function methods:list()
  local entries = {}
  for i, query in ipairs(self.queries) do
    entries[i] = entry_of(query)
    entries[i].position = i
  end
  sort(entries)
  for _, entry in ipairs(entries) do entry.position = nil end
  return entries
end

---Takes over the queries of another one.
---@param other usagelua.coverage
function methods:merge(other)
  table.move(other.queries, 1, #other.queries, #self.queries + 1, self.queries)
end

---"whole": all that was asked was answered; "nothing": not one window; else "partial".
---@return "whole"|"partial"|"nothing"
function methods:status()
  local asked, whole, something = 0, 0, false
  for _, query in ipairs(self.queries) do
    asked, whole = asked + query.asked, whole + query.answered
    something = something or query.answered > 0 or query.partial > 0
  end
  if asked == whole then return "whole" end
  return something and "partial" or "nothing"
end

return coverage
