-- What has to be said beneath a table or a chart: why figures are marked, why a
-- total is missing, what failed, which period was assumed. Each once.

local cell = require "usagelua.formats.cell"
local figures = require "usagelua.report.figures"
local gaps = require "usagelua.report.gaps"
local number = require "usagelua.report.number"
local silence = require "usagelua.report.silence"

local remarks = {}

-- A list of lines in which none stands twice, and the function that adds one.
local function once()
  local lines, seen = {}, {}
  return lines, function(line)
    if line and not seen[line] then
      seen[line] = true
      lines[#lines + 1] = line
    end
  end
end

local function add_left_out(section, add)
  local left_out = section.result.left_out or 0
  if left_out > 0 then
    add(("%s more rows are not shown: the rule has a limit"):format(number.grouped(left_out)))
  end
end

-- Names of measures by state and reason, in the order in which they come up.
local function grouped_marks(section)
  local groups, list = {}, {}
  local function visit(_, column, state, reason)
    local key = state .. "\0" .. reason
    if not groups[key] then
      groups[key] = { state = state, reason = reason, has = {} }
      list[#list + 1] = groups[key]
    end
    local group = groups[key]
    if not group.has[column.name] then
      group.has[column.name] = true
      group[#group + 1] = column.name
    end
  end
  figures.each_marked(section.result, visit)
  if section.total then figures.each_marked(section.total.result, visit) end
  return list
end

local function add_marks(section, add)
  for _, group in ipairs(grouped_marks(section)) do
    add(("%s %s: %s"):format(cell.signs[group.state], table.concat(group, ", "), group.reason))
  end
end

local function add_refused(section, add)
  if not section.total then return end
  for _, column in ipairs(section.result.columns) do
    local reason = section.total.refused[column.name]
    if reason then add(("no total of %s: %s"):format(column.name, reason)) end
  end
end

local function add_unreported(section, add)
  for _, column in ipairs(section.total and section.result.columns or {}) do
    local counts = section.total.unreported[column.name]
    local left_out = counts and silence.of_total(counts)
    local inapplicable = counts and silence.of_inapplicable(counts)
    add(left_out and ("%s %s: %s"):format(cell.signs.unreported, column.name, left_out))
    add(inapplicable and ("%s: %s"):format(column.name, inapplicable))
  end
end

local function all_told(reasons, told)
  for _, reason in ipairs(reasons) do
    if not told:find(reason, 1, true) then return false end
  end
  return #reasons > 0
end

-- A table without rows says in their place what failed; what the marks say is not
-- said again.
local function add_gaps(section, add, lines)
  if section.empty then return end
  local told = table.concat(lines, "\n")
  for _, entry in ipairs(section.coverage) do
    if not all_told(entry.reasons, told) then
      for _, line in ipairs(gaps.lines { entry }) do add("incomplete: " .. line) end
    end
  end
end

local PERIOD_WORDS <const> = {
  { "assumed", function(entry) return "period assumed: " .. gaps.assumption(entry) end },
  { "vendor's own", function(entry)
    return ("the period is the vendor's own: %s was asked without dates"):format(entry.dataset)
  end },
}

local function add_periods(section, add)
  for _, basis in ipairs(PERIOD_WORDS) do
    for _, entry in ipairs(gaps.with_period(section.sources, basis[1])) do add(basis[2](entry)) end
  end
end

-- Where there are no rows, the notes stand in their place already.
local function add_notes(section, add)
  if section.empty then return end
  for _, note in ipairs(section.result.notes or {}) do add(note) end
end

local function each_query_note(coverage, add)
  for _, entry in ipairs(coverage) do
    for _, note in ipairs(entry.notes or {}) do add(("%s: %s"):format(entry.dataset, note)) end
  end
end

local function add_query_notes(section, add)
  each_query_note(section.sources, add)
end

local PARTS <const> = { add_left_out, add_marks, add_unreported, add_notes, add_query_notes,
  add_refused, add_gaps, add_periods }

---@param section usagelua.evaluated_section a table or a chart
---@return string[] lines, not yet safe to print
function remarks.of_section(section)
  local lines, add = once()
  for _, each in ipairs(PARTS) do each(section, add, lines) end
  return lines
end

---@param coverage usagelua.coverage_entry[]
---@return string[] lines, not yet safe to print
function remarks.of_coverage(coverage)
  local lines, add = once()
  for _, entry in ipairs(coverage) do
    for _, reason in ipairs(entry.reasons or {}) do
      add(("%s: %s"):format(entry.dataset, gaps.reason(entry, reason)))
    end
  end
  each_query_note(coverage, add)
  return lines
end

local function period_line(period)
  if not period then return nil end
  if not period.from then return ("period %s"):format(period.label) end
  return ("period %s: from %s to %s, excluded"):format(period.label, period.from, period.to)
end

local function with_hash(words, hash)
  return hash and ("%s, sha256 %s"):format(words, hash) or words
end

local function vendor_line(vendor)
  local line = ("vendor %s: %s"):format(vendor.name, vendor.path or "built in")
  if vendor.verified == false then line = line .. ", unverified" end
  if type(vendor.verified) == "string" then line = ("%s, %s"):format(line, vendor.verified) end
  return with_hash(line, vendor.sha256)
end

---Where the figures come from, and what else rests on incomplete ones.
---@param evaluated usagelua.evaluated
---@return string[] lines, not yet safe to print
function remarks.of_report(evaluated)
  local lines, add = once()
  local provenance = evaluated.provenance
  local script = provenance.script
  for _, line in ipairs(evaluated.read) do add(line) end
  add(period_line(provenance.period))
  add(provenance.zone and "zone " .. provenance.zone)
  for _, unit in ipairs(provenance.units or {}) do add("unit assumed: " .. unit) end
  for _, note in ipairs(provenance.notes or {}) do add(note) end
  for _, vendor in ipairs(provenance.vendors or {}) do add(vendor_line(vendor)) end
  add(script and with_hash("script " .. script.name, script.sha256))
  add(provenance.now and "as of " .. provenance.now)
  add(provenance.version and "usagelua " .. provenance.version)
  return lines
end

return remarks
