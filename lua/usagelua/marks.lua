-- The state of a figure: known (no mark), at least so much, or unknown, each with
-- its reasons. All places that put a mark on a figure do it by the rules here.

local order = require "usagelua.order"

local marks = {}

---@class usagelua.mark
---@field state "at_least"|"unknown"
---@field reason string

local REASONS_TOLD <const> = 3

---Keeps one more reason; equal ones are told once.
---@param reasons table<string, true>? nil: none yet
---@param reason string
---@return table<string, true>
function marks.with(reasons, reason)
  reasons = reasons or {}
  reasons[reason] = true
  return reasons
end

---@param reasons table<string, true>?
---@param others table<string, true>?
---@return table<string, true>?
function marks.union(reasons, others)
  for reason in pairs(others or {}) do reasons = marks.with(reasons, reason) end
  return reasons
end

---Several reasons as one text, the same whatever order they came in.
---@param reasons table<string, true>
---@return string
function marks.told(reasons)
  local list = order.keys(reasons)
  if #list <= REASONS_TOLD then return table.concat(list, "; ") end
  return ("%s; and %d more"):format(table.concat(list, "; ", 1, REASONS_TOLD), #list - REASONS_TOLD)
end

---@param reasons table<string, true>
---@return usagelua.mark
function marks.unknown(reasons)
  return { state = "unknown", reason = marks.told(reasons) }
end

---The mark of a figure of which something may be missing. What is there bounds
---it from below only if the figure grows with its parts and a part is there.
---@param value number? what is known of it
---@param reasons table<string, true>
---@param grows boolean
---@return usagelua.mark
function marks.doubted(value, reasons, grows)
  if grows and value ~= nil then return { state = "at_least", reason = marks.told(reasons) } end
  return marks.unknown(reasons)
end

---The mark that covers both.
---@param a usagelua.mark?
---@param b usagelua.mark?
---@return usagelua.mark?
function marks.worse(a, b)
  if not (a and b) then return a or b end
  local unknown = a.state == "unknown" or b.state == "unknown"
  return {
    state = unknown and "unknown" or "at_least",
    reason = marks.told { [a.reason] = true, [b.reason] = true },
  }
end

---All that is said of a row's figures, for comparing rows.
---@param of_row table<string, usagelua.mark>?
---@return string
function marks.spelled(of_row)
  local list = {}
  for _, name in ipairs(order.keys(of_row or {})) do
    list[#list + 1] = ("%s:%s:%s"):format(name, of_row[name].state, of_row[name].reason)
  end
  return table.concat(list, "\0")
end

---The `marks` column of machine formats: "tests:at_least users:unknown".
---@param of_row table<string, usagelua.mark>?
---@return string? nil where the row is complete
function marks.text(of_row)
  if not of_row or next(of_row) == nil then return nil end
  local list = {}
  for _, name in ipairs(order.keys(of_row)) do
    list[#list + 1] = name .. ":" .. of_row[name].state
  end
  return table.concat(list, " ")
end

return marks
