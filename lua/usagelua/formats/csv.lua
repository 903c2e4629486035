-- CSV by RFC 4180, one table a file: a header, then rows with CRLF. Unknown
-- and absent figures are empty cells; `marks` tells them apart. Texts that a
-- spreadsheet would take for a formula get an apostrophe in front.

local figures = require "usagelua.report.figures"
local number = require "usagelua.report.number"
local record = require "usagelua.formats.record"
local safe = require "usagelua.formats.safe"

local csv = { name = "csv", per_table = true }

local LINE_END <const> = "\r\n"

-- Source: OWASP, CSV injection. The full-width forms count in East Asian Excel.
local FORMULA_STARTS <const> = {
  ["="] = true, ["+"] = true, ["-"] = true, ["@"] = true,
  ["\t"] = true, ["\r"] = true, ["\n"] = true,
  ["\u{FF1D}"] = true, ["\u{FF0B}"] = true, ["\u{FF0D}"] = true, ["\u{FF20}"] = true,
}

-- A cell may hold line breaks; no line of it becomes a command of a CI log.
local function without_commands(text)
  if not (text:find("::", 1, true) or text:find("##", 1, true)) then return text end
  return (text:gsub("[^\r\n]+", safe.line))
end

local function shown_but_breaks(text)
  if not text:find "[^\x20-\x7E]" then return text end
  return (text:gsub("[^\t\r\n]+", safe.shown))
end

local function harmless(text)
  text = without_commands(shown_but_breaks(text))
  local first = text:match(utf8.charpattern)
  return FORMULA_STARTS[first] and "'" .. text or text
end

local function quoted(text)
  if not text:find '[",\r\n]' then return text end
  return '"' .. text:gsub('"', '""') .. '"'
end

local WRITE = {
  number = number.exact,
  boolean = tostring,
  ["nil"] = function() return "" end,
}

local function cell(value, neutralise)
  local write = WRITE[type(value)]
  if write then return write(value) end
  local text = tostring(value)
  return quoted(neutralise and harmless(text) or text)
end

local function marks_cell(marks)
  local parts = {}
  for i, mark in ipairs(marks) do parts[i] = ("%s:%s"):format(mark.name, mark.state) end
  return table.concat(parts, " ")
end

local function line(cells)
  return table.concat(cells, ",") .. LINE_END
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
