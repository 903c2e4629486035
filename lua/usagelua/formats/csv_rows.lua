-- The lines of a table in the CSV formats: a header, the rows, what is missing;
-- each with `complete` and `marks` behind its own columns.

local column_text = require "usagelua.formats.column_text"
local csv_cell = require "usagelua.formats.csv_cell"
local figures = require "usagelua.report.figures"
local record = require "usagelua.formats.record"

local csv_rows = {}

local function marks_text(marks)
  local parts = {}
  for i, mark in ipairs(marks) do parts[i] = ("%s:%s"):format(mark.name, mark.state) end
  return table.concat(parts, " ")
end

local function header(columns, heading_of, text_of)
  local cells = {}
  for i, column in ipairs(columns) do cells[i] = text_of(heading_of(column)) end
  cells[#cells + 1] = "complete"
  cells[#cells + 1] = "marks"
  return cells
end

local function row_cells(section, index, text_of)
  local cells = {}
  for i, column in ipairs(section.result.columns) do
    local value = figures.at(section.result, index, column.name)
    cells[i] = text_of(value)
  end
  local marks, complete = record.marks(section, index)
  cells[#cells + 1] = tostring(complete)
  cells[#cells + 1] = text_of(marks_text(marks))
  return cells
end

-- How rows without marks are written that stand in columns.
local function form_of(section, text_of, separator)
  local heads = {}
  for i in ipairs(section.result.columns) do heads[i] = i > 1 and separator or "" end
  return { heads = heads, quote = "", absent = text_of(nil), text = text_of, real = text_of,
    tail = function(index)
      local marks, complete = record.marks(section, index)
      return csv_cell.line({ "", tostring(complete), text_of(marks_text(marks)) }, separator)
    end }
end

local function missing_cells(columns, one, text_of)
  local cells = {}
  for i, column in ipairs(columns) do cells[i] = text_of(one.row[column.name]) end
  cells[#cells + 1] = "false"
  cells[#cells + 1] = marks_text { one.mark }
  return cells
end

---@param out fun(text: string)
---@param section usagelua.evaluated_section the table
---@param heading_of fun(column: usagelua.result_column): string
---@param text_of fun(value: any): string of a cell
---@param separator string? where it is no comma
function csv_rows.write(out, section, heading_of, text_of, separator)
  local function line(cells) out(csv_cell.line(cells, separator)) end
  local columns = record.columns(section)
  line(header(columns, heading_of, text_of))
  column_text.write(out, section, form_of(section, text_of, separator or ","),
    function(index) line(row_cells(section, index, text_of)) end)
  for _, one in ipairs(record.missing(section)) do line(missing_cells(columns, one, text_of)) end
end

return csv_rows
