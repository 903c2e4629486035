-- A limit on a figure as a script describes it, and how it comes out: the figure
-- itself, its share of a contract, its run-rate, its change since an earlier run,
-- once or for each group.

local argument = require "usagelua.report.argument"
local core = require "usagelua.core"
local earlier = require "usagelua.report.earlier"
local errors = require "usagelua.errors"
local limit = require "usagelua.report.limit"
local number = require "usagelua.report.number"
local part = require "usagelua.report.part"
local projection = require "usagelua.report.projection"
local rule = require "usagelua.rule"
local silence = require "usagelua.report.silence"
local unmatched = require "usagelua.report.unmatched"
local unreported = require "usagelua.frame.unreported"

local budget = {}

local KEYS <const> = {
  "name", "measure", "where", "max", "min", "of", "max_share", "min_share", "projected", "against",
  "max_change", "min_change", "each",
}
local WHAT <const> = "usage.budget"

---@class usagelua.budget a limit as a script describes it
---@field kind "budget"
---@field frame usagelua.frame
---@field name string
---@field measure string
---@field where table|function|nil
---@field max number?
---@field min number?
---@field of number? what the contract holds; max_share and min_share are parts of it
---@field projected boolean? the run-rate to the end of the period is judged
---@field against string? JSON file of an earlier run; max_change and min_change are parts of its
---figure: 0.2 is 20 % more
---@field each string? column of which each value is judged by itself

---@class usagelua.budget_outcome
---@field name string
---@field outcome "passed"|"failed"|"undecided"
---@field value number? the figure, or the part of it that is known
---@field limit number? the limit that decided, or the one that stands; nil where it rests on an
---earlier figure that is not known
---@field reason string
---@field measure string
---@field unit string?
---@field bound "max"|"min" which limit that is
---@field state "at_least"|"unknown"|nil of the figure
---@field unreported integer? rows that report nothing of the measure, which the figure leaves out

---@class usagelua.budget_context
---@field now number? epoch seconds; the clock's by default
---@field read (fun(path: string): string?, table?)? a file's text
---@field period (fun(): { label: string, from: string?, to: string? }?)? that the run asks for

-- Description --------------------------------------------------------------

local function optional_number(spec, key)
  local value = argument.optional(WHAT, spec, key, "number")
  if value and (value ~= value or math.abs(value) == math.huge) then
    errors.raise_usage("%s of %s has to be a finite number", key, WHAT)
  end
  return value
end

-- Ways to say a limit: keys of its upper and lower end, and what it rests on.
local WAYS <const> = {
  { max = "max", min = "min" },
  { max = "max_share", min = "min_share", needs = "of" },
  { max = "max_change", min = "min_change", needs = "against" },
}

local function check_way(spec, way)
  local max, min = optional_number(spec, way.max), optional_number(spec, way.min)
  local is_said = max ~= nil or min ~= nil
  if is_said and way.needs and spec[way.needs] == nil then
    errors.raise_usage("%s: %s needs %s", WHAT, max and way.max or way.min, way.needs)
  elseif not is_said and way.needs and spec[way.needs] ~= nil then
    errors.raise_usage("%s: %s needs %s or %s", WHAT, way.needs, way.max, way.min)
  end
  if max and min and min > max then
    errors.raise_usage("%s: %s %s is over %s %s", WHAT, way.min, number.exact(min), way.max,
      number.exact(max))
  end
  return is_said and way or nil
end

local function way_of(spec)
  local chosen
  for _, way in ipairs(WAYS) do
    local said = check_way(spec, way)
    if said and chosen then
      errors.raise_usage("%s: %s and %s are two limits; write a budget for each", WHAT, chosen.max,
        said.max)
    end
    chosen = chosen or said
  end
  if not chosen then
    errors.raise_usage("usage.budget needs max or min; of a contract (of) max_share or min_share, "
      .. "against an earlier run (against) max_change or min_change")
  end
  return chosen
end

local function check_contract(spec)
  local of = optional_number(spec, "of")
  if of and of <= 0 then
    errors.raise_usage("of of %s is what the contract holds, more than 0, not %s", WHAT,
      number.exact(of))
  end
end

local function check_name(name)
  if name == "" then errors.raise_usage("name of %s is empty", WHAT) end
end

-- What could not be judged is refused before anything is asked for.
local function check_figure(b)
  local ok, err = errors.try(function()
    rule.figure(b.measure, b.where, b.frame:schema())
    if b.projected then projection.check(b.frame, b.measure) end
  end)
  if ok then return end
  error(errors.is(err) and errors.wrap(err, ("%s '%s'"):format(WHAT, b.name)) or err, 0)
end

local function check_each(b)
  if not b.each then return end
  argument.check_column(WHAT, b.frame, b.each)
  if type(b.where) == "table" and b.where[b.each] ~= nil then
    errors.raise_usage("%s '%s': each = '%s' judges every value of that column, and where chooses "
      .. "some; choose them in the frame's rule", WHAT, b.name, b.each)
  end
end

---A limit that the run has to keep.
---
---    usage.budget { by_product, name = "testmu-tests", measure = "tests",
---                   where = { vendor = "testmu" }, max = 500000 }
---    usage.budget { by_product, measure = "tests", of = 1e6, max_share = 0.9 }
---    usage.budget { by_day, measure = "tests", max = 1e6, projected = true }
---    usage.budget { by_team, measure = "tests", max = 50000, each = "team" }
---    usage.budget { by_product, measure = "tests", against = "last.json", max_change = 0.2 }
---
---@param spec table frame, measure, and one limit: max, min; max_share, min_share with of;
---max_change, min_change with against. Further: name (the measure's by default), where, projected,
---each
---@return usagelua.budget
---Raises usage errors: unknown keys, columns and measures with the nearest known
---name, limits that cannot be kept, a figure that would count the same usage twice.
function budget.new(spec)
  argument.check_keys(WHAT, spec, KEYS, 1)
  local frame = argument.frame(WHAT, spec)
  local measure = argument.required(WHAT, spec, "measure", "string")
  check_name(argument.optional(WHAT, spec, "name", "string"))
  check_contract(spec)
  local made = {
    kind = "budget", frame = frame, name = spec.name or measure, measure = measure,
    where = spec.where, way = way_of(spec), max = spec.max, min = spec.min, of = spec.of,
    max_share = spec.max_share, min_share = spec.min_share,
    max_change = spec.max_change, min_change = spec.min_change,
    projected = argument.optional(WHAT, spec, "projected", "boolean") or nil,
    against = argument.optional(WHAT, spec, "against", "string"),
    each = argument.optional(WHAT, spec, "each", "string"),
  }
  check_figure(made)
  check_each(made)
  return made
end

-- The figure ---------------------------------------------------------------

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

local function figure_of(b, context)
  local figure
  if b.projected then
    figure = projection.of(b.frame, b.measure, b.where, context.now)
  else
    figure = b.frame:figure(b.measure, b.where)
  end
  return with_cut_off(b, figure)
end

local function why_undecided(figure)
  if figure.state ~= "absent" or #(figure.unmatched or {}) == 0 then return figure.reason end
  return "no row matches: " .. unmatched.told(figure.unmatched)
end

-- The limits ---------------------------------------------------------------

local function percent(share)
  return number.grouped(share * 100) .. " %"
end

local LIMITS = {}

function LIMITS.max(b) return { max = b.max, min = b.min } end

function LIMITS.max_share(b, unit)
  local function words(share)
    return share and ("%s of %s"):format(percent(share), limit.told(b.of, unit))
  end
  return {
    max = b.max_share and part.of(b.of, b.max_share), max_words = words(b.max_share),
    min = b.min_share and part.of(b.of, b.min_share), min_words = words(b.min_share),
  }
end

local function change_words(change, base, path, unit)
  if not change then return nil end
  return ("%s%s on the %s of %s"):format(change >= 0 and "+" or "", percent(change),
    limit.told(base, unit), path)
end

function LIMITS.max_change(b, unit, context)
  local before = earlier.figure(b.against, { name = b.name, measure = b.measure, unit = unit,
    period = context.period() }, context.read)
  if not before.value then return nil, before.reason end
  local base = before.value
  if base < 0 then
    return nil, ("the figure was %s in %s, and no part of what is below zero is more of it"):format(
      limit.told(base, unit), b.against)
  end
  return {
    max = b.max_change and part.more(base, b.max_change),
    max_words = change_words(b.max_change, base, b.against, unit),
    min = b.min_change and part.more(base, b.min_change),
    min_words = change_words(b.min_change, base, b.against, unit),
  }
end

-- Judging ------------------------------------------------------------------

local function bound_of(b)
  return b[b.way.max] and "max" or "min"
end

local function state_of(figure)
  if figure.state == "at_least" or figure.state == "unknown" then return figure.state end
end

local function undecided(b, figure, limits, reason)
  local bound = bound_of(b)
  return {
    name = b.name, outcome = "undecided", value = figure.value, limit = limits and limits[bound],
    reason = reason, measure = b.measure, unit = figure.unit, bound = bound, state = state_of(figure),
  }
end

-- What a row does not report is no part of the figure, and the limit is on what is
-- reported; that the others are left out stands beside the outcome.
local function with_silence(outcome, b, figure)
  if type(figure.value) ~= "number" then return outcome end
  local counts = unreported.of(b.frame, b.measure, { where = figure.where or b.where })
  local told = silence.of_figure(counts, b.measure)
  outcome.unreported = counts.rows
  outcome.reason = told and ("%s; %s"):format(outcome.reason, told) or outcome.reason
  return outcome
end

local function judged(b, figure, context)
  local limits, no_limits = LIMITS[b.way.max](b, figure.unit, context)
  if type(figure.value) ~= "number" then
    return undecided(b, figure, limits, why_undecided(figure))
  end
  if not limits then return undecided(b, figure, nil, no_limits) end
  local verdict = limit.judge({
    value = figure.value, unit = figure.unit, reason = figure.reason, words = figure.words,
    state = figure.state == "at_least" and "at_least" or nil,
  }, limits)
  return {
    name = b.name, outcome = verdict.outcome, value = figure.value, limit = limits[verdict.bound],
    reason = verdict.reason, measure = b.measure, unit = figure.unit, bound = verdict.bound,
    state = state_of(figure),
  }
end

local function judge_one(b, context)
  local figure = figure_of(b, context)
  return with_silence(judged(b, figure, context), b, figure)
end

-- Each group ---------------------------------------------------------------

local function values_of(b)
  local list, seen, has_none = {}, {}, false
  for _, row in ipairs(b.frame:result().rows) do
    local value = row[b.each]
    if value == nil then
      has_none = true
    elseif not seen[value] then
      seen[value], list[#list + 1] = true, value
    end
  end
  return list, has_none
end

local function narrowed(b, condition, is_meant, label)
  local copy = {}
  for key, value in pairs(b) do copy[key] = value end
  copy.name = ("%s: %s"):format(b.name, label)
  if type(b.where) == "function" then
    copy.where = function(row) return is_meant(row[b.each]) and b.where(row) end
    return copy
  end
  copy.where = { [b.each] = condition }
  for key, value in pairs(b.where or {}) do copy.where[key] = value end
  return copy
end

local function groups_of(b)
  local groups = {}
  local values, has_none = values_of(b)
  for i, value in ipairs(values) do
    groups[i] = narrowed(b, value, function(own) return own == value end, tostring(value))
  end
  if has_none then
    groups[#groups + 1] = narrowed(b, { absent = true }, function(own) return own == nil end, "–")
  end
  return groups
end

---Compares the figure with its limit, or each group's; asks for it if that was
---not done.
---@param b usagelua.budget
---@param context usagelua.budget_context?
---@return usagelua.budget_outcome[] one, or one for each group; where there is no group, one that
---is undecided
function budget.judge(b, context)
  context = {
    now = context and context.now or core.clock.wall(),
    read = context and context.read or core.file.read,
    period = context and context.period or function() end,
  }
  local groups = b.each and groups_of(b) or {}
  if #groups == 0 then return { judge_one(b, context) } end
  local outcomes = {}
  for i, group in ipairs(groups) do outcomes[i] = judge_one(group, context) end
  return outcomes
end

return budget
