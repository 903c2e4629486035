-- Where a report's figures come from: the version, the script, the period,
-- what was assumed and what is unverified. Every format prints it.

local core = require "usagelua.core"
local once = require "usagelua.once"
local version = require "usagelua.version"

local provenance = {}

local function script_of(run)
  if not run.script_text then return nil end
  return { name = run.script_name, sha256 = core.digest.sha256(run.script_text) }
end

local function is_same(a, b)
  return a == b or a.label == b.label and a.from == b.from and a.to == b.to
end

-- The option's period where something was asked for it, else the one that all
-- was asked for; of several the coverage tells.
local function asked_period(run)
  local own, other = run:period(), nil
  for _, planned in ipairs(run.queries) do
    if is_same(planned.period, own) then return own end
    if other and not is_same(planned.period, other) then return nil end
    other = planned.period
  end
  return other or own
end

local function period_of(run)
  local period = asked_period(run)
  if not period then return nil end
  if period.vendor then return { label = period.label } end
  return { label = period.label, from = period.zone:rfc3339(period.from),
    to = period.zone:rfc3339(period.to) }
end

local function own_vendors(run)
  local list = {}
  for _, vendor in ipairs(run.loader:users_own()) do
    list[#list + 1] = { name = vendor.name, path = vendor.path, sha256 = vendor.sha256,
      verified = vendor.replaces and "replaces the built-in one" or "the user's own" }
  end
  return list
end

-- Fields whose unit a parameter says, and which.
local units_asked = once.of(function(described)
  local params = {}
  for name, field in pairs(described) do
    params[name] = field.unit and field.unit:match "^{([%w_]+)}$"
  end
  return params
end)

-- "testmu.summary: totalDuration in ms, as documented": a unit that a
-- parameter may change was assumed by whoever left it alone.
local function add_units(notes, seen, planned)
  for name, param in pairs(units_asked(planned.dataset.fields)) do
    local text = ("%s: %s is read in %s (parameter %s)"):format(planned.name, name,
      planned.params[param], param)
    if not seen[text] then notes[#notes + 1] = text end
    seen[text] = true
  end
end

local function units_of(run)
  local notes, seen = {}, {}
  for _, planned in ipairs(run.queries) do add_units(notes, seen, planned) end
  table.sort(notes)
  return notes
end

-- What is asked before a period's end is not the whole of it.
local function add_unfinished(notes, run)
  local seen, now = {}, run:now()
  for _, planned in ipairs(run.queries) do
    local period = planned.period
    if period.to and period.to > now and not seen[period.label] then
      seen[period.label] = true
      notes[#notes + 1] = ("%s has not ended yet: its figures may still grow"):format(period.label)
    end
  end
end

local function notes_of(run)
  local notes = table.move(run.notes, 1, #run.notes, 1, {})
  add_unfinished(notes, run)
  for _, planned in ipairs(run.queries) do
    local status = planned.dataset.status
    if status ~= "documented" and status ~= "observed" then
      notes[#notes + 1] = ("%s is %s: see usagelua vendors %s"):format(planned.name, status,
        planned.name)
    end
  end
  if run.options.replay then
    notes[#notes + 1] = ("replayed from %s, nothing was asked"):format(run.options.replay)
  end
  return notes
end

---@param run usagelua.run
---@return usagelua.provenance
function provenance.of(run)
  return {
    version = version,
    script = script_of(run),
    period = period_of(run),
    zone = run.zone.name,
    now = require("usagelua.time.timestamp").format_rfc3339(math.floor(run:now())),
    vendors = own_vendors(run),
    units = units_of(run),
    notes = notes_of(run),
  }
end

return provenance
