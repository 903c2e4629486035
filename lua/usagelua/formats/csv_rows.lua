-- The lines of a table in the CSV formats: a header, the rows, what is missing;
-- each with `complete` and `marks` behind its own columns.

local column_text = require "usagelua.formats.column_text"
local csv_cell = require "usagelua.formats.csv_cell"
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

-- Texts repeat themselves; so many are remembered.
local REMEMBERED <const> = 1000

local function remembering(text_of)
  local known, count = {}, 0
  return function(value)
    if type(value) ~= "string" then return text_of(value) end
    local text = known[value]
    if text then return text end
    if count == REMEMBERED then known, count = {}, 0 end
    text = text_of(value)
    known[value], count = text, count + 1
    return text
  end
end

-- What a function gives for a table, once for those that are the same again.
local function once(of)
  local last, result
  return function(list)
    if list ~= last then last, result = list, of(list) end
    return result
  end
end

local function row_writer(section, text_of)
  local read, count = record.reader(section), #section.result.columns
  local marks_cell = once(function(marks) return text_of(marks_text(marks)) end)
  return function(index)
    local cells, marks, complete = read(index)
    for i = 1, count do cells[i] = text_of(cells[i]) end
    cells[count + 1] = tostring(complete)
    cells[count + 2] = marks_cell(marks)
    return cells
  end
end

-- How rows without marks are written that stand in columns.
local function form_of(section, text_of, separator)
  local heads, read = {}, record.reader(section)
  for i in ipairs(section.result.columns) do heads[i] = i > 1 and separator or "" end
  return { heads = heads, quote = "", absent = text_of(nil), text = text_of, real = text_of,
    tail = function(index)
      local _, marks, complete = read(index)
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

-- Lines go out by so many.
local LINES <const> = 100

local function batched(out)
  local lines, count = {}, 0
  local function flush()
    out(table.concat(lines, "", 1, count))
    count = 0
  end
  return function(text)
    count = count + 1
    lines[count] = text
    if count == LINES then flush() end
  end, flush
end

---@param out fun(text: string)
---@param section usagelua.evaluated_section the table
---@param heading_of fun(column: usagelua.result_column): string
---@param text_of fun(value: any): string of a cell
---@param separator string? where it is no comma
function csv_rows.write(out, section, heading_of, text_of, separator)
  local add, flush = batched(out)
  local function line(cells) add(csv_cell.line(cells, separator)) end
  local columns = record.columns(section)
  text_of = remembering(text_of)
  line(header(columns, heading_of, text_of))
  local cells_of = row_writer(section, text_of)
  column_text.write(function(text)
    flush()
    out(text)
  end, section, form_of(section, text_of, separator or ","), function(index) line(cells_of(index)) end)
  for _, one in ipairs(record.missing(section)) do line(missing_cells(columns, one, text_of)) end
  flush()
end

return csv_rows
