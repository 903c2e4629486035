-- A figure against its limits: passed, failed, or undecided. An incomplete figure
-- can still decide: over its max it has failed, over its min it has passed.

local number = require "usagelua.report.number"

local limit = {}

---@class usagelua.limits
---@field max number?
---@field min number?
---@field max_words string? how the limit is told; the number by default
---@field min_words string?

---@class usagelua.limit_verdict
---@field outcome "passed"|"failed"|"undecided"
---@field bound "max"|"min" the limit that decided
---@field reason string

-- Tried from the top: outcome, the limit that decides, words, when. A figure of
-- which only a part is known may cross a limit upwards later, never fall back under it.
local JUDGEMENTS <const> = {
  { "failed", "max", "is over max", function(l, value) return l.max and value > l.max end },
  { "failed", "min", "is under min",
    function(l, value, state) return l.min and value < l.min and not state end },
  { "undecided", "max", "so far, may be over max",
    function(l, _, state) return l.max and state end },
  { "undecided", "min", "so far, may be under min",
    function(l, value) return l.min and value < l.min end },
  { "passed", "max", "is within max", function(l) return l.max end },
  { "passed", "min", "reaches min", function(l) return l.min end },
}

---@param value number
---@param unit string?
---@return string
function limit.told(value, unit)
  local text = number.grouped(value)
  if unit and unit ~= "1" then text = text .. " " .. unit end
  return text
end

---@param limits usagelua.limits
---@return "max"|"min"
function limit.bound(limits)
  return limits.max and "max" or "min"
end

local function judgement_of(limits, value, state)
  for _, judgement in ipairs(JUDGEMENTS) do
    if judgement[4](limits, value, state) then return table.unpack(judgement, 1, 3) end
  end
end

---@param figure { value: number, state: "at_least"|nil, unit: string?, reason: string?,
---  words: string? } words: how the figure is told; the number by default
---@param limits usagelua.limits
---@return usagelua.limit_verdict
function limit.judge(figure, limits)
  local outcome, bound, words = judgement_of(limits, figure.value, figure.state)
  local reason = ("%s%s %s %s"):format(figure.state and "at least " or "",
    figure.words or limit.told(figure.value, figure.unit), words,
    limits[bound .. "_words"] or limit.told(limits[bound], figure.unit))
  if outcome == "undecided" then reason = ("%s: %s"):format(reason, figure.reason) end
  return { outcome = outcome, bound = bound, reason = reason }
end

return limit
