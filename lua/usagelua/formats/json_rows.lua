-- How rows that stand in columns are written as JSON objects, the same as others
-- are by formats/record.lua.

local json_text = require "usagelua.formats.json_text"
local record = require "usagelua.formats.record"

local json_rows = {}

local function key(name)
  return json_text.encode(name) .. ":"
end

-- Behind the cells: the last members of the object, as any row has them.
local function tail_of(section, after)
  local has_columns, members_of = #section.result.columns > 0, record.members(section)
  return function(index)
    local members = members_of(index)
    local last = { members[#members - 1], members[#members] }
    local text = json_text.encode(json_text.object(last))
    return (has_columns and "," or "{") .. text:sub(2) .. after
  end
end

---@param section usagelua.evaluated_section the table
---@param before string stands before each object
---@param after string stands behind it
---@return usagelua.core.rows.form
function json_rows.form(section, before, after)
  local heads = {}
  for i, column in ipairs(section.result.columns) do
    heads[i] = (i == 1 and before .. "{" or ",") .. key(column.name)
  end
  return { heads = heads, quote = '"', absent = "null", text = json_text.encode,
    tail = tail_of(section, after) }
end

return json_rows
