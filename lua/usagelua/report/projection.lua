-- The run-rate of a figure: what the parts of a period that are complete come to
-- over the whole of it. A part without any row counts as a part with none: what
-- was asked for is known from the queries, not from what came.

local errors = require "usagelua.errors"
local limit = require "usagelua.report.limit"
local order = require "usagelua.order"

local projection = {}

local WHAT <const> = "projected of usage.budget"
local ADDS <const> = { sum = true, count = true }

-- The spans that the frame's datasets were asked for, each once; all of them
-- have to be cut alike, or a part of one would be complete and of another not.
local function parts_of(frame)
  local by_label, labels = {}, nil
  for _, dataset in ipairs(frame:schema().datasets) do
    local own = {}
    for _, span in ipairs(dataset.periods or {}) do
      if not span.label then return nil end
      own[#own + 1], by_label[span.label] = span.label, span
    end
    table.sort(own)
    local joined = table.concat(own, "\0")
    if labels and labels ~= joined then
      errors.raise_usage("%s: the frame's queries are cut into different parts; judge one dataset, "
        .. "or ask all of them at the same grain", WHAT)
    end
    labels = joined
  end
  return by_label
end

---Refuses, before anything is asked for, what has no run-rate.
---@param frame usagelua.frame
---@param measure string
function projection.check(frame, measure)
  local has_period = false
  for _, column in ipairs(frame:columns()) do
    if column.name == "period" then has_period = true end
    if column.name == measure and not ADDS[column.kind] then
      errors.raise_usage("%s: '%s' is of kind %s, and only what adds up has a run-rate", WHAT,
        measure, tostring(column.kind))
    end
  end
  if not has_period then
    errors.raise_usage("%s needs the column period: ask with grain = \"day\" and group the frame "
      .. "by period", WHAT)
  end
  parts_of(frame)
end

local function split(by_label, now)
  local complete, from, to, seconds = {}, math.huge, -math.huge, 0
  for _, label in ipairs(order.keys(by_label)) do
    local span = by_label[label]
    from, to = math.min(from, span.from), math.max(to, span.to)
    if span.to <= now then
      complete[#complete + 1] = label
      seconds = seconds + span.to - span.from
    end
  end
  return complete, seconds, to - from
end

local function both(where, labels)
  if where == nil then return { period = labels } end
  if type(where) == "table" then
    local copy = { period = labels }
    for key, value in pairs(where) do
      if key == "period" then
        errors.raise_usage("%s chooses the periods itself; leave period out of where", WHAT)
      end
      copy[key] = value
    end
    return copy
  end
  local is_complete = {}
  for _, label in ipairs(labels) do is_complete[label] = true end
  return function(row) return is_complete[row.period] and where(row) end
end

local function undecided(figure, reason)
  return { state = "unknown", unit = figure and figure.unit, reason = reason }
end

---The figure as it will be at the end of the period, with its basis in words.
---@param frame usagelua.frame
---@param measure string
---@param where table|function|nil
---@param now number epoch seconds
---@return usagelua.figure_read and words; and where, which says of which rows it is
function projection.of(frame, measure, where, now)
  local by_label = parts_of(frame)
  local complete, seconds, whole = split(by_label or {}, now)
  if #complete == 0 then
    return undecided(nil, "no part of the period is complete yet, so there is no run-rate")
  end
  local count = #order.keys(by_label)
  local parts = both(where, complete)
  local figure = frame:figure(measure, parts)
  figure.where = parts
  if type(figure.value) ~= "number" then return figure end
  if #complete == count then return figure end
  local rate = (figure.value + 0.0) * whole / seconds -- as integers the product may be beyond 64 bits
  figure.words = ("%s (run-rate of %s in %d of %d parts)"):format(
    limit.told(rate, figure.unit), limit.told(figure.value, figure.unit), #complete, count)
  figure.value = rate
  return figure
end

return projection
