-- CSV by RFC 4180, one table a file: a header, then rows with CRLF. Unknown
-- and absent figures are empty cells; `marks` tells them apart. Texts that a
-- spreadsheet would take for a formula get an apostrophe in front.

local csv_cell = require "usagelua.formats.csv_cell"
local csv_rows = require "usagelua.formats.csv_rows"

local csv = { name = "csv", per_table = true }

local function name_of(column) return column.name end

---@param _ usagelua.evaluated
---@param out fun(text: string)
---@param options usagelua.format_options
---@param section usagelua.evaluated_section the table
function csv.write(_, out, options, section)
  local neutralise = options.neutralise ~= false
  csv_rows.write(out, section, name_of, function(value) return csv_cell.text(value, neutralise) end)
end

return csv
