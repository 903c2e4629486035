-- The whole report as one JSON object. Its shape is docs/schema/report.schema.json,
-- its keys stand in that order, each row on a line of its own.

local column_text = require "usagelua.formats.column_text"
local json_rows = require "usagelua.formats.json_rows"
local json_text = require "usagelua.formats.json_text"
local record = require "usagelua.formats.record"

local json = { name = "json", per_table = false }

local SCHEMA <const> = 1

local array, encode, members, object =
  json_text.array, json_text.encode, json_text.members, json_text.object

-- `"key": [` then an item a line, then `]`; `item(i)` encodes the i-th.
local function write_list(out, indent, key, count, item)
  out(('%s"%s": ['):format(indent, key))
  for i = 1, count do
    out(i == 1 and "\n" or ",\n")
    out(indent .. "  ")
    out(item(i))
  end
  out(count > 0 and "\n" .. indent .. "]" or "]")
end

local function with(list, key, value)
  list[#list + 1] = { key, value }
  return list
end

local function column_object(column)
  return object(with(members(column, "name type unit kind"), "measure", column.measure or false))
end

local function refused_object(columns, refused)
  local list = {}
  for _, column in ipairs(columns) do
    if refused[column.name] then with(list, column.name, refused[column.name]) end
  end
  return object(list)
end

local function measures_of(columns)
  local list = {}
  for _, column in ipairs(columns) do
    if column.measure then list[#list + 1] = column end
  end
  return list
end

-- Of the measures that some rows do not have, how many rows that are and why.
local function unreported_object(columns, unreported)
  local list = {}
  for _, column in ipairs(columns) do
    local counts = unreported[column.name]
    if counts then with(list, column.name, object(members(counts, "rows inapplicable reported"))) end
  end
  return object(list)
end

local function total_object(total)
  local columns = measures_of(total.result.columns)
  local result = { columns = columns, rows = total.result.rows, marks = total.result.marks }
  local row = record.members { result = result } (1)
  with(row, "refused", refused_object(columns, total.refused))
  return object(with(row, "unreported", unreported_object(columns, total.unreported)))
end

-- `"key": value`, a line each, without a comma behind the last.
local function write_members(out, indent, list)
  for i, member in ipairs(list) do
    if i > 1 then out ",\n" end
    out(('%s"%s": %s'):format(indent, member[1], encode(member[2])))
  end
end

-- As write_list does it; each row brings what stands before it.
local function write_rows(out, indent, key, section)
  local count, before = #section.result.rows, "\n" .. indent .. "  "
  local members_of = record.members(section)
  local function row(index) return encode(object(members_of(index))) end
  out(('%s"%s": ['):format(indent, key))
  if count > 0 then
    out(before .. row(1))
    column_text.write(out, section, json_rows.form(section, "," .. before, ""),
      function(index) out("," .. before .. row(index)) end, 2)
  end
  out(count > 0 and "\n" .. indent .. "]" or "]")
end

local function chart_object(section)
  return object { { "kind", section.chart }, { "x", section.x }, { "y", section.y },
    { "by", section.by } }
end

-- What stands behind the rows.
local function tail(section)
  return {
    section.kind == "chart" and { "chart", chart_object(section) }
      or { "total", section.total and total_object(section.total) },
    { "left_out", section.result.left_out or 0 },
    { "empty", section.empty },
    { "notes", array(section.result.notes, tostring) },
  }
end

local function write_figures(out, section)
  local head = members(section, "kind name title")
  out "    {\n"
  write_members(out, "      ", with(head, "columns", array(section.result.columns, column_object)))
  out ",\n"
  write_rows(out, "      ", "rows", section)
  out ",\n"
  write_members(out, "      ", tail(section))
  out "\n    }"
end

local function write_section(out, section)
  if section.kind == "note" then
    out("    " .. encode(object(members(section, "kind text"))))
  else
    write_figures(out, section)
  end
end

local function write_sections(out, sections)
  out '  "sections": [\n'
  for i, section in ipairs(sections) do
    if i > 1 then out ",\n" end
    write_section(out, section)
  end
  out "\n  ],\n"
end

local function budget_object(one)
  return object(members(one, "name outcome value limit reason measure unit bound state unreported"))
end

local function coverage_object(entry)
  local list = members(entry,
    "dataset account period_start period_end period asked answered partial failed")
  with(list, "reasons", array(entry.reasons, tostring))
  return object(with(list, "notes", array(entry.notes or {}, tostring)))
end

local function provenance_object(evaluated)
  local provenance = evaluated.provenance
  local script, period = provenance.script, provenance.period
  local notes = table.move(evaluated.read, 1, #evaluated.read, 1, {})
  table.move(provenance.notes or {}, 1, #(provenance.notes or {}), #notes + 1, notes)
  local function vendor(one) return object(members(one, "name path sha256 verified")) end
  return object {
    { "version", provenance.version },
    { "script", script and object(members(script, "name sha256")) },
    { "period", period and object(members(period, "label from to")) },
    { "zone", provenance.zone },
    { "now", provenance.now },
    { "vendors", array(provenance.vendors, vendor) },
    { "units", array(provenance.units, tostring) },
    { "notes", array(notes, tostring) },
  }
end

local function write_objects(out, key, list, make)
  write_list(out, "  ", key, #list, function(i) return encode(make(list[i])) end)
  out ",\n"
end

local function write_content(out, evaluated)
  if evaluated.is_records then
    local records = evaluated.sections[1]
    write_rows(out, "  ", "records", records)
    out ",\n"
    write_members(out, "  ", { { "empty", records.empty } })
    out ",\n"
  else
    write_members(out, "  ", { { "title", evaluated.title } })
    out ",\n"
    write_sections(out, evaluated.sections)
  end
end

---@param evaluated usagelua.evaluated
---@param out fun(text: string)
function json.write(evaluated, out)
  out(('{\n  "schema": %d,\n'):format(SCHEMA))
  write_content(out, evaluated)
  write_objects(out, "budgets", evaluated.budgets, budget_object)
  write_objects(out, "coverage", evaluated.coverage, coverage_object)
  out(('  "provenance": %s\n}\n'):format(encode(provenance_object(evaluated))))
end

return json
