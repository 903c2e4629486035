-- The rows of a table that stand in columns, as lines of a format: most are written
-- in C, a piece at a time; those with marks are left to whoever writes rows.

local figures = require "usagelua.report.figures"
local row_list = require "usagelua.rows.list"

local column_text = {}

local PIECE_ROWS <const> = 500

-- What the marks of a row hang on that has none of its own (formats/record.lua).
local ORIGIN <const> = { "dataset", "vendor", "account" }

-- The columns of the view, by name.
local function places_of(names)
  local place = {}
  for i, name in ipairs(names) do place[name] = i end
  return place
end

local function list_of(place, names)
  local list = {}
  for i, name in ipairs(names) do list[i] = place[name] or 0 end
  return list
end

-- Writes the rows without marks up to this one.
local function write_plain(out, view, first, last, form)
  while first <= last do
    local piece_last = math.min(first + PIECE_ROWS - 1, last)
    out(view:text(first, piece_last, form))
    first = piece_last + 1
  end
end

---Writes the rows of a table.
---@param out fun(text: string)
---@param section usagelua.evaluated_section the table
---@param form usagelua.core.rows.form without columns and `by`; `heads` are the columns'
---@param write_row fun(index: integer) writes one with marks, or of a table without columns
---@param from integer? the first row; 1
function column_text.write(out, section, form, write_row, from)
  local result = section.result
  local view, names = row_list.view(result.rows)
  if not view or not row_list.is_finite(result.rows) then
    for index = from or 1, #result.rows do write_row(index) end
    return
  end
  local place = places_of(names)
  form.columns, form.by = list_of(place, figures.names(result.columns)), list_of(place, ORIGIN)
  local first = from or 1
  for index in figures.marked_rows(result) do
    if index >= first then
      write_plain(out, view, first, index - 1, form)
      write_row(index)
      first = index + 1
    end
  end
  write_plain(out, view, first, #result.rows, form)
end

return column_text
