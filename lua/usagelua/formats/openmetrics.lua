-- The report's tables as OpenMetrics text, for node exporter's textfile collector
-- and for Pushgateway: one gauge per measure, the text columns as labels. An
-- unknown figure has no sample, for a gauge cannot say "unknown"; what is
-- incomplete is counted by a metric of its own. Samples bear no times: the
-- textfile collector refuses them. What is another text in each run is no label.
-- Source: OpenMetrics 1.0.0; promtool's rules for names and units.

local errors = require "usagelua.errors"
local figures = require "usagelua.report.figures"
local number = require "usagelua.report.number"
local remarks = require "usagelua.formats.remarks"
local safe = require "usagelua.formats.safe"
local timestamp = require "usagelua.time.timestamp"
local units = require "usagelua.units"

local openmetrics = { name = "openmetrics", per_table = false }

local PREFIX <const> = "usagelua_"
local TABLE_LABEL <const> = "table"

-- What Prometheus measures in: the base unit of a family and its name. A figure
-- in another unit of it is converted, as its naming rules ask for.
local BASES <const> = { { unit = "s", name = "seconds" }, { unit = "B", name = "bytes" } }

-- Column names that are units themselves say nothing of what was measured.
local UNIT_WORDS <const> = {
  seconds = true, minutes = true, hours = true, days = true, milliseconds = true, bytes = true,
  kilobytes = true, megabytes = true, gigabytes = true,
}
local MEASURED <const> = { seconds = "duration", bytes = "data" }

local function name_part(text)
  return (text:gsub("[^A-Za-z0-9_]", "_"))
end

local function base_of(unit)
  for _, base in ipairs(BASES) do
    if unit and errors.try(units.ratio, unit, base.unit) then return base end
  end
end

local function without_unit(name, unit)
  local suffix = "_" .. unit
  if #name > #suffix and name:sub(-#suffix) == suffix then return name:sub(1, -#suffix - 1) end
  return name
end

-- `duration_s` in s is `usagelua_duration_seconds`, and so is `hours` in h.
local function metric_of(column)
  local base, name = base_of(column.unit), name_part(column.name)
  if not base then return { name = PREFIX .. name } end
  local stem = without_unit(name, column.unit)
  if UNIT_WORDS[stem] then stem = MEASURED[base.name] end
  if stem:sub(-#base.name) ~= base.name then stem = ("%s_%s"):format(stem, base.name) end
  return { name = PREFIX .. stem, unit = base.name, from = column.unit, to = base.unit }
end

-- Whoever reads it has doubles: what is beyond 64 bits is the nearest one.
local function in_base_unit(metric, value)
  if not metric.from then return value end
  local converted = units.convert(value, metric.from, metric.to)
  if math.abs(converted) < math.huge then return converted end
  return units.convert(value + 0.0, metric.from, metric.to)
end

local ESCAPES <const> = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local function label_text(value)
  return (safe.shown(tostring(value)):gsub('[\\"\n]', ESCAPES))
end

local function label_name(name)
  return (name_part(name):gsub("^%d", "_%0"))
end

local function labels_text(labels)
  if #labels == 0 then return "" end
  local parts = {}
  for i, one in ipairs(labels) do
    parts[i] = ('%s="%s"'):format(label_name(one[1]), label_text(one[2]))
  end
  return ("{%s}"):format(table.concat(parts, ","))
end

-- Families in the order in which they come up, each with all its samples: the
-- format wants them together.
local function new_families()
  local list, by_name = {}, {}
  return list, function(name, unit, help)
    local family = by_name[name]
    if not family then
      family = { name = name, unit = unit, help = help, samples = {}, values = {},
        repeats = 0 }
      by_name[name], list[#list + 1] = family, family
    end
    return family
  end
end

local function row_labels(section, index)
  local labels = { { TABLE_LABEL, section.name } }
  for _, column in ipairs(section.result.columns) do
    local value = not figures.is_number(column) and section.result.rows[index][column.name]
    if value ~= nil and value ~= false then labels[#labels + 1] = { column.name, value } end
  end
  return labels
end

-- A series that is there already keeps its one value; another value under the
-- same labels gets its number, for neither may be lost or taken for the other.
local function add_sample(family, labels, value)
  local text, series = number.exact(value), labels_text(labels)
  local known = family.values[series]
  if known == text then return end
  if known then
    family.repeats = family.repeats + 1
    local more = table.move(labels, 1, #labels, 1, {})
    more[#more + 1] = { "repeat", family.repeats }
    series = labels_text(more)
  end
  family.values[series] = text
  family.samples[#family.samples + 1] = ("%s%s %s"):format(family.name, series, text)
end

local STATE_HELP <const> = "Figures that are only partly known: at_least or unknown"

local function add_mark(family_of, column, labels, state)
  local more = table.move(labels, 1, #labels, 1, {})
  more[#more + 1], more[#more + 2] = { "measure", column.name }, { "state", state }
  add_sample(family_of(PREFIX .. "incomplete", nil, STATE_HELP), more, 1)
end

local function help_text(text)
  return (safe.shown(text):gsub("\\", "\\\\"))
end

local function help_of(column)
  return ("%s of the report's period"):format(help_text(column.name))
end

local function add_row(family_of, section, index)
  local labels = row_labels(section, index)
  for _, column in ipairs(section.result.columns) do
    if figures.is_number(column) then
      local value, state = figures.at(section.result, index, column.name)
      if value ~= nil then
        local metric = metric_of(column)
        add_sample(family_of(metric.name, metric.unit, help_of(column)), labels,
          in_base_unit(metric, value))
      end
      if state then add_mark(family_of, column, labels, state) end
    end
  end
end

local function add_tables(family_of, evaluated)
  for _, section in ipairs(evaluated.sections) do
    if section.kind == "table" then
      local plain = section.plain or section
      for index = 1, #plain.result.rows do add_row(family_of, plain, index) end
    end
  end
end

local OUTCOMES <const> = { "passed", "failed", "undecided" }

local function add_budgets(family_of, evaluated)
  for _, one in ipairs(evaluated.budgets) do
    for _, outcome in ipairs(OUTCOMES) do
      add_sample(family_of(PREFIX .. "budget_outcome", nil, "1 for the outcome of each budget"),
        { { "budget", one.name }, { "outcome", outcome } }, one.outcome == outcome and 1 or 0)
    end
  end
end

local COUNTS <const> = { "asked", "answered", "partial", "failed" }

-- Queries that differ in nothing a label says are counted together: a series
-- may stand there once only.
local function add_coverage(family_of, evaluated)
  local sums, order = {}, {}
  for _, entry in ipairs(evaluated.coverage) do
    local key = ("%s\0%s"):format(entry.dataset, entry.account or "")
    if not sums[key] then
      sums[key] = { entry = entry, asked = 0, answered = 0, partial = 0, failed = 0 }
      order[#order + 1] = sums[key]
    end
    for _, count in ipairs(COUNTS) do sums[key][count] = sums[key][count] + entry[count] end
  end
  for _, sum in ipairs(order) do
    for _, count in ipairs(COUNTS) do
      local labels = { { "dataset", sum.entry.dataset } }
      if sum.entry.account then labels[2] = { "account", sum.entry.account } end
      labels[#labels + 1] = { "state", count }
      add_sample(family_of(PREFIX .. "windows", nil, "Windows asked for, by how they ended"),
        labels, sum[count])
    end
  end
end

-- Where the figures come from, for those who look at a series and wonder. The words
-- are another text in each run: as a label they would make a new series each time,
-- so they are the help of one that stays; its time is a figure.
local function add_provenance(family_of, evaluated)
  local words = remarks.of_report(evaluated)
  if #words > 0 then
    local help = "Where the figures come from: " .. table.concat(words, "; ")
    add_sample(family_of(PREFIX .. "provenance", nil, help_text(help)), {}, 1)
  end
  local as_of = timestamp.instant(evaluated.provenance.now or "")
  if as_of then
    add_sample(family_of(PREFIX .. "as_of_timestamp_seconds", "seconds", "When the figures were asked for"),
      {}, units.plain(as_of))
  end
end

local function line(out, text)
  out(safe.line(text) .. "\n")
end

local function write_family(out, family)
  line(out, ("# HELP %s %s"):format(family.name, family.help))
  line(out, ("# TYPE %s gauge"):format(family.name))
  if family.unit then line(out, ("# UNIT %s %s"):format(family.name, family.unit)) end
  for _, sample in ipairs(family.samples) do line(out, sample) end
end

---@param evaluated usagelua.evaluated
---@param out fun(text: string)
function openmetrics.write(evaluated, out)
  local list, family_of = new_families()
  add_tables(family_of, evaluated)
  add_budgets(family_of, evaluated)
  add_coverage(family_of, evaluated)
  add_provenance(family_of, evaluated)
  for _, family in ipairs(list) do write_family(out, family) end
  out "# EOF\n"
end

return openmetrics
