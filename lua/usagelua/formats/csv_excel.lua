-- CSV as Excel opens it by a double click: a byte order mark, so that it reads
-- UTF-8, the separator of the reader's locale, headings for people. Where the
-- separator is a semicolon, numbers have a decimal comma, as those locales do.

local cell = require "usagelua.formats.cell"
local csv_cell = require "usagelua.formats.csv_cell"
local csv_rows = require "usagelua.formats.csv_rows"

local csv_excel = { name = "csv-excel", per_table = true }

local BYTE_ORDER_MARK <const> = "\u{FEFF}"

local function writer(separator, neutralise)
  local has_comma = separator == ";"
  return function(value)
    local text = csv_cell.text(value, neutralise, separator)
    if has_comma and math.type(value) == "float" then return (text:gsub("%.", ",")) end
    return text
  end
end

---@param _ usagelua.evaluated
---@param out fun(text: string)
---@param options usagelua.format_options
---@param section usagelua.evaluated_section the table
function csv_excel.write(_, out, options, section)
  local separator = options.separator or ","
  out(BYTE_ORDER_MARK)
  csv_rows.write(out, section, cell.heading, writer(separator, options.neutralise ~= false), separator)
end

return csv_excel
