-- One JSON object a line, one line a row.

local column_text = require "usagelua.formats.column_text"
local json_rows = require "usagelua.formats.json_rows"
local json_text = require "usagelua.formats.json_text"
local record = require "usagelua.formats.record"

local ndjson = { name = "ndjson", per_table = true }

---@param _ usagelua.evaluated
---@param out fun(text: string)
---@param _options usagelua.format_options
---@param section usagelua.evaluated_section the table
function ndjson.write(_, out, _options, section)
  local function line(members) out(json_text.encode(json_text.object(members)) .. "\n") end
  local members_of = record.members(section)
  column_text.write(out, section, json_rows.form(section, "", "\n"),
    function(index) line(members_of(index)) end)
  local columns = record.columns(section)
  for _, one in ipairs(record.missing(section)) do line(record.missing_members(columns, one)) end
end

return ndjson
