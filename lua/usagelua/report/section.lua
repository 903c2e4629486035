-- The sections that a report is made of. Here they are only described and checked;
-- figures come later.

local argument = require "usagelua.report.argument"
local errors = require "usagelua.errors"
local schema = require "usagelua.rule.schema"

local section = {}

local TABLE_KEYS <const> = { "name", "title", "total", "columns", "pivot", "compare" }
local CHART_KEYS <const> = { "name", "title", "kind", "x", "y", "by" }
local CHART_KINDS <const> = { "bar", "stacked", "line" }

local function column_entry(what, entry)
  if type(entry) == "string" then return entry end
  if type(entry) ~= "table" then
    errors.raise_usage("columns of %s holds column names, not a %s", what, type(entry))
  end
  for key in pairs(entry) do
    if key ~= 1 and key ~= "heading" then
      errors.raise_usage("columns of %s: %s", what,
        errors.unknown("key", tostring(key), { "heading" }))
    end
  end
  local name, heading = entry[1], entry.heading
  if type(name) ~= "string" or type(heading) ~= "string" or heading == "" then
    errors.raise_usage("columns of %s holds names and { \"tests\", heading = \"Tests run\" }", what)
  end
  return name, heading
end

local function check_headings(what, headings)
  local seen = {}
  for _, heading in pairs(headings) do
    if seen[heading] then
      errors.raise_usage("columns of %s has the heading '%s' twice", what, heading)
    end
    seen[heading] = true
  end
end

-- The names in their order, and the headings that some have.
local function read_columns(what, frame, columns)
  local names, headings, seen = {}, {}, {}
  if #columns == 0 then
    errors.raise_usage("columns of %s is an empty list; leave it out to show all", what)
  end
  for i, entry in ipairs(columns) do
    local name, heading = column_entry(what, entry)
    if seen[name] then errors.raise_usage("columns of %s names '%s' twice", what, name) end
    seen[name] = true
    argument.check_column(what, frame, name)
    names[i], headings[name] = name, heading
  end
  check_headings(what, headings)
  return names, headings
end

---A table of a frame's rows.
---
---    usage.table { by_product, name = "by-product", title = "By product", total = true }
---
---@class usagelua.table_spec
---@field [1] usagelua.frame
---@field name string? part of the file's name in formats of one table a file
---@field title string?
---@field total boolean? a last line that adds what may be added
---@field columns (string|table)[]? which ones, in which order, { "tests", heading = "Tests run" }
---where the heading is another; all by default
---@field pivot string? a column whose values become columns
---@field compare "previous"|"last year"|nil the figures of that period beside these

-- The columns that are shown, as far as they are known before the asking.
local function expected_columns(frame, names)
  if not names then return frame:columns() end
  local shown, list = {}, {}
  for _, name in ipairs(names) do shown[name] = true end
  for _, column in ipairs(frame:columns()) do
    if shown[column.name] then list[#list + 1] = column end
  end
  return list
end

local function check_pivot(what, frame, by, names)
  argument.check_column(what .. ", pivot", frame, by)
  local column = schema.index(frame:schema()):column(by)
  if column and column.measure then
    errors.raise_usage("%s, pivot: '%s' is a measure; the values of a column become columns", what, by)
  end
  local is_shown = names == nil
  for _, name in ipairs(names or {}) do is_shown = is_shown or name == by end
  if not is_shown then
    errors.raise_usage("%s: pivot = '%s' is none of its columns", what, by)
  end
end

-- The frame with the other period's columns, where one is compared with.
local function compared(what, spec, frame)
  local how = argument.optional(what, spec, "compare", "string")
  return how and require("usagelua.report.comparison").of(frame, how) or nil
end

---@param spec usagelua.table_spec
---@return table section
---Raises usage errors: unknown keys and columns with the nearest known name, a
---total that would count the same usage twice.
function section.table(spec)
  local what <const> = "usage.table"
  argument.check_keys(what, spec, TABLE_KEYS, 1)
  argument.check_name(what, spec.name)
  local basis = argument.frame(what, spec)
  local compared_with = compared(what, spec, basis)
  local frame = compared_with and compared_with.frame or basis
  local columns, headings = argument.optional(what, spec, "columns", "table"), nil
  if columns then columns, headings = read_columns(what, frame, columns) end
  local pivot = argument.optional(what, spec, "pivot", "string")
  if pivot then check_pivot(what, frame, pivot, columns) end
  local has_total = argument.optional(what, spec, "total", "boolean") or false
  if has_total then
    require("usagelua.report.total").check(what .. ", total", frame, expected_columns(frame, columns))
  end
  return {
    kind = "table", frame = frame, name = spec.name, columns = columns, headings = headings,
    total = has_total, pivot = pivot, comparison = compared_with, basis = basis,
    title = argument.optional(what, spec, "title", "string"),
  }
end

local function check_chart_kind(what, kind)
  for _, known in ipairs(CHART_KINDS) do
    if kind == known then return end
  end
  errors.raise_usage("%s", errors.unknown("kind of " .. what, kind, CHART_KINDS))
end

-- A bar stands for itself; only what is stacked, or a line, is one of several.
local function check_by(what, kind, frame, by)
  if by == nil then return end
  if kind == "bar" then
    errors.raise_usage("%s: by parts the series of kind stacked or line; a bar chart has none", what)
  end
  argument.check_column(what, frame, by)
end

---A picture of one figure over one column, as bars, stacked bars or lines; `by`
---parts the figure into series.
---
---    usage.chart { by_product, kind = "bar", x = "product", y = "hours" }
---    usage.chart { by_day, kind = "line", x = "period", y = "tests", by = "product" }
---
---@param spec table frame, x, y; kind ("bar", "stacked", "line"), by, name, title
---@return table section
function section.chart(spec)
  local what <const> = "usage.chart"
  argument.check_keys(what, spec, CHART_KEYS, 1)
  argument.check_name(what, spec.name)
  local frame = argument.frame(what, spec)
  local kind = spec.kind or "bar"
  check_chart_kind(what, kind)
  for _, axis in ipairs { "x", "y" } do
    argument.check_column(what, frame, argument.required(what, spec, axis, "string"))
  end
  check_by(what, kind, frame, argument.optional(what, spec, "by", "string"))
  return {
    kind = "chart", frame = frame, name = spec.name, chart = kind, x = spec.x, y = spec.y,
    by = spec.by,
    title = argument.optional(what, spec, "title", "string"),
  }
end

---A paragraph of text.
---@param text string
---@return table section
function section.note(text)
  if type(text) ~= "string" then
    errors.raise_usage("usage.note takes a text, not a %s", type(text))
  end
  return { kind = "note", text = text }
end

---A limit on a figure (report/budget.lua).
---@param spec table
---@return usagelua.budget
function section.budget(spec)
  return require("usagelua.report.budget").new(spec)
end

return section
