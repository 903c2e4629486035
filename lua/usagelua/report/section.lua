-- The sections that a report is made of. Here they are only described and checked;
-- figures come later.

local argument = require "usagelua.report.argument"
local budget = require "usagelua.report.budget"
local errors = require "usagelua.errors"
local total = require "usagelua.report.total"

local section = {}

local TABLE_KEYS <const> = { "name", "title", "total", "columns" }
local CHART_KEYS <const> = { "name", "title", "kind", "x", "y", "by" }
local CHART_KINDS <const> = { "bar", "stacked", "line" }

local function check_columns(what, frame, columns)
  local seen = {}
  if #columns == 0 then
    errors.raise_usage("columns of %s is an empty list; leave it out to show all", what)
  end
  for _, name in ipairs(columns) do
    if type(name) ~= "string" then
      errors.raise_usage("columns of %s holds column names, not a %s", what, type(name))
    end
    if seen[name] then errors.raise_usage("columns of %s names '%s' twice", what, name) end
    seen[name] = true
    argument.check_column(what, frame, name)
  end
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
---@field columns string[]? which ones, in which order; all by default

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

---@param spec usagelua.table_spec
---@return table section
---Raises usage errors: unknown keys and columns with the nearest known name, a
---total that would count the same usage twice.
function section.table(spec)
  local what <const> = "usage.table"
  argument.check_keys(what, spec, TABLE_KEYS, 1)
  argument.check_name(what, spec.name)
  local frame = argument.frame(what, spec)
  local columns = argument.optional(what, spec, "columns", "table")
  if columns then
    check_columns(what, frame, columns)
    columns = table.move(columns, 1, #columns, 1, {})
  end
  local has_total = argument.optional(what, spec, "total", "boolean") or false
  if has_total then total.check(what .. ", total", frame, expected_columns(frame, columns)) end
  return {
    kind = "table", frame = frame, name = spec.name, columns = columns, total = has_total,
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

section.budget = budget.new

return section
