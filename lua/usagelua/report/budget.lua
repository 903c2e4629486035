-- A limit on one figure: passed, failed, or undecided. An incomplete figure can
-- still decide: over its max it has failed, over its min it has passed.

local argument = require "usagelua.report.argument"
local errors = require "usagelua.errors"
local number = require "usagelua.report.number"
local rule = require "usagelua.rule"
local unmatched = require "usagelua.report.unmatched"

local budget = {}

local KEYS <const> = { "name", "measure", "where", "max", "min" }
local WHAT <const> = "usage.budget"

---@class usagelua.budget a limit as a script describes it
---@field kind "budget"
---@field frame usagelua.frame
---@field name string
---@field measure string
---@field where table|function|nil
---@field max number?
---@field min number?

---@class usagelua.budget_outcome
---@field name string
---@field outcome "passed"|"failed"|"undecided"
---@field value number? the figure, or the part of it that is known
---@field limit number the limit that decided, or the one that stands
---@field reason string
---@field measure string
---@field unit string?
---@field bound "max"|"min" which limit that is
---@field state "at_least"|"unknown"|nil of the figure

local function check_limit(spec, key)
  local limit = argument.optional(WHAT, spec, key, "number")
  if limit and (limit ~= limit or math.abs(limit) == math.huge) then
    errors.raise_usage("%s of %s has to be a finite number", key, WHAT)
  end
  return limit
end

local function check_limits(spec)
  local max, min = check_limit(spec, "max"), check_limit(spec, "min")
  if not (max or min) then errors.raise_usage("%s needs max or min", WHAT) end
  if max and min and min > max then
    errors.raise_usage("%s: min %s is over max %s", WHAT, number.exact(min), number.exact(max))
  end
  return max, min
end

local function check_name(name)
  if name == "" then errors.raise_usage("name of %s is empty", WHAT) end
end

-- What could not be judged is refused before anything is asked for.
local function check_figure(b)
  local ok, err = pcall(rule.figure, b.measure, b.where, b.frame:schema())
  if ok then return end
  error(errors.is(err) and errors.wrap(err, ("%s '%s'"):format(WHAT, b.name)) or err, 0)
end

---A limit that the run has to keep.
---
---    usage.budget { by_product, name = "testmu-tests", measure = "tests",
---                   where = { vendor = "testmu" }, max = 500000 }
---
---@param spec table frame, measure, max and/or min; name (the measure's by default), where
---@return usagelua.budget
---Raises usage errors: unknown keys, columns and measures with the nearest known
---name, limits that cannot be kept, a figure that would count the same usage twice.
function budget.new(spec)
  argument.check_keys(WHAT, spec, KEYS, 1)
  local frame = argument.frame(WHAT, spec)
  local measure = argument.required(WHAT, spec, "measure", "string")
  check_name(argument.optional(WHAT, spec, "name", "string"))
  local max, min = check_limits(spec)
  local made = {
    kind = "budget", frame = frame, name = spec.name or measure, measure = measure,
    where = spec.where, max = max, min = min,
  }
  check_figure(made)
  return made
end

-- Does the condition name one value of every column, so that one row at most meets it?
local function names_one_row(b, result)
  if type(b.where) ~= "table" then return false end
  for _, column in ipairs(result.columns) do
    local wanted = b.where[column.name]
    if not column.measure and (wanted == nil or type(wanted) == "table") then return false end
  end
  return true
end

-- Rows that a limit cut off may belong to the figure as well.
local function with_cut_off(b, figure)
  local result = b.frame:result()
  if (result.left_out or 0) == 0 or names_one_row(b, result) then return figure end
  local reason = ("the rule's limit cut off %d rows that may count; judge a frame without limit")
    :format(result.left_out)
  return { state = "unknown", reason = reason, unit = figure.unit }
end

local function with_unit(value, unit)
  local text = number.grouped(value)
  if unit and unit ~= "1" then text = text .. " " .. unit end
  return text
end

-- Tried from the top: outcome, the limit that decides, words, when. A figure of
-- which only a part is known may cross a limit upwards later, never fall back under it.
local JUDGEMENTS <const> = {
  { "failed", "max", "is over max", function(b, value) return b.max and value > b.max end },
  { "failed", "min", "is under min",
    function(b, value, state) return b.min and value < b.min and not state end },
  { "undecided", "max", "so far, may be over max",
    function(b, _, state) return b.max and state end },
  { "undecided", "min", "so far, may be under min",
    function(b, value) return b.min and value < b.min end },
  { "passed", "max", "is within max", function(b) return b.max end },
  { "passed", "min", "reaches min", function(b) return b.min end },
}

local function judgement_of(b, value, state)
  for _, judgement in ipairs(JUDGEMENTS) do
    if judgement[4](b, value, state) then return table.unpack(judgement, 1, 3) end
  end
end

local function outcome_of(b, fields)
  fields.name, fields.measure = b.name, b.measure
  fields.bound = fields.bound or (b.max and "max" or "min")
  fields.limit = b[fields.bound]
  return fields
end

local function decided(b, figure)
  local value, unit = figure.value, figure.unit
  local state = figure.state == "at_least" and "at_least" or nil
  local outcome, bound, words = judgement_of(b, value, state)
  local reason = ("%s%s %s %s"):format(state and "at least " or "", with_unit(value, unit), words,
    with_unit(b[bound], unit))
  if outcome == "undecided" then reason = ("%s: %s"):format(reason, figure.reason) end
  return outcome_of(b, {
    outcome = outcome, value = value, state = state, bound = bound, reason = reason, unit = unit,
  })
end

local function why_undecided(figure)
  if figure.state ~= "absent" or #(figure.unmatched or {}) == 0 then return figure.reason end
  return "no row matches: " .. unmatched.told(figure.unmatched)
end

local function undecided(b, figure)
  return outcome_of(b, {
    outcome = "undecided", reason = why_undecided(figure), unit = figure.unit,
    state = figure.state == "unknown" and "unknown" or nil,
  })
end

---Compares the figure with its limit; asks for it if that was not done.
---@param b usagelua.budget
---@return usagelua.budget_outcome
function budget.judge(b)
  local figure = with_cut_off(b, b.frame:figure(b.measure, b.where))
  if type(figure.value) == "number" then return decided(b, figure) end
  return undecided(b, figure)
end

return budget
