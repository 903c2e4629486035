-- CSV by RFC 4180, one table a file: a header, then rows with CRLF. Unknown
-- and absent figures are empty cells; `marks` tells them apart. Texts that a
-- spreadsheet would take for a formula get an apostrophe in front.

local csv_cell = require "usagelua.formats.csv_cell"
local figures = require "usagelua.report.figures"
local record = require "usagelua.formats.record"

local csv = { name = "csv", per_table = true }

local cell, line = csv_cell.text, csv_cell.line

local function marks_cell(marks)
  local parts = {}
  for i, mark in ipairs(marks) do parts[i] = ("%s:%s"):format(mark.name, mark.state) end
  return table.concat(parts, " ")
end

local function header(columns, neutralise)
  local cells = {}
  for i, column in ipairs(columns) do cells[i] = cell(column.name, neutralise) end
  cells[#cells + 1] = "complete"
  cells[#cells + 1] = "marks"
  return line(cells)
end

local function row_line(section, index, neutralise)
  local cells = {}
  for i, column in ipairs(section.result.columns) do
    local value = figures.at(section.result, index, column.name)
    cells[i] = cell(value, neutralise)
  end
  local marks, complete = record.marks(section, index)
  cells[#cells + 1] = tostring(complete)
  cells[#cells + 1] = cell(marks_cell(marks), neutralise)
  return line(cells)
end

local function missing_line(columns, one, neutralise)
  local cells = {}
  for i, column in ipairs(columns) do cells[i] = cell(one.row[column.name], neutralise) end
  cells[#cells + 1] = "false"
  cells[#cells + 1] = marks_cell { one.mark }
  return line(cells)
end

---@param _ usagelua.evaluated
---@param out fun(text: string)
---@param options usagelua.format_options
---@param section usagelua.evaluated_section the table
function csv.write(_, out, options, section)
  local neutralise, columns = options.neutralise ~= false, record.columns(section)
  out(header(columns, neutralise))
  for index = 1, #section.result.rows do out(row_line(section, index, neutralise)) end
  for _, one in ipairs(record.missing(section)) do out(missing_line(columns, one, neutralise)) end
end

return csv
