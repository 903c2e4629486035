-- Lays cells out in columns of a terminal: texts to the left, numbers with
-- their decimal points under one another. Where the line is too short, headings
-- break first, then, if the caller allows it, the widest texts are cut with `…`;
-- a number is never cut, nor is a date.

local cells = require "usagelua.formats.cells"

local grid = {}

local GAP <const> = "  "
local LEAST_TEXT_CELLS <const> = 8
-- A date, and the mark for a time behind it.
local LEAST_DATE_CELLS <const> = 11
local DATE <const> = "^[0-9][0-9][0-9][0-9]%-[0-9][0-9]%-[0-9][0-9]"
local CUT_MARK <const> = "…"

---@class usagelua.grid_column
---@field heading string
---@field align "left"|"point"

local function pad_right(text, width)
  return text .. (" "):rep(width - cells.width(text))
end

local function pad_left(text, width)
  return (" "):rep(width - cells.width(text)) .. text
end

-- "≥ 8,450.25" stands with 7 cells before the point and 3 from it on.
local function point_widths(text)
  local fraction = text:match "%.[0-9]+$" or ""
  return cells.width(text) - #fraction, #fraction
end

-- The pieces a heading may be broken into: after `_`, at a space.
local function heading_lines(heading, width)
  local lines, line = {}, ""
  for space, piece in heading:gmatch "( ?)([^_ ]*_?)" do
    if line ~= "" and cells.width(line .. space .. piece) > width then
      lines[#lines + 1] = line
      line = piece
    else
      line = line .. space .. piece
    end
  end
  lines[#lines + 1] = line
  return lines
end

local function widest_piece(heading)
  local widest = 0
  for _, line in ipairs(heading_lines(heading, 1)) do
    widest = math.max(widest, cells.width(line))
  end
  return widest
end

local function measure_text(column, texts, may_cut)
  local width, least = 0, LEAST_TEXT_CELLS
  for _, text in ipairs(texts) do
    width = math.max(width, cells.width(text))
    if text:find(DATE) then least = LEAST_DATE_CELLS end
  end
  column.natural = math.max(width, cells.width(column.heading))
  column.least = math.max(width, widest_piece(column.heading))
  if may_cut then column.least = math.min(column.least, least) end
end

local function measure_numbers(column, texts)
  local before, after = 0, 0
  for _, text in ipairs(texts) do
    local head, tail = point_widths(text)
    before, after = math.max(before, head), math.max(after, tail)
  end
  column.after = after
  column.natural = math.max(before + after, cells.width(column.heading))
  column.least = math.max(before + after, widest_piece(column.heading))
end

local function texts_of(rows, index)
  local texts = {}
  for i, row in ipairs(rows) do texts[i] = row[index] end
  return texts
end

local function measured(columns, rows, may_cut)
  local list = {}
  for i, column in ipairs(columns) do
    list[i] = { heading = column.heading, align = column.align }
    local measure = column.align == "point" and measure_numbers or measure_text
    measure(list[i], texts_of(rows, i), may_cut)
    list[i].width = list[i].natural
  end
  return list
end

local function line_width(columns)
  local width = #GAP * (#columns - 1)
  for _, column in ipairs(columns) do width = width + column.width end
  return width
end

local function widest_shrinkable(columns)
  local widest
  for _, column in ipairs(columns) do
    local can_shrink = column.width > column.least
    if can_shrink and (not widest or column.width > widest.width) then widest = column end
  end
  return widest
end

local function shrink(columns, width)
  local too_much = line_width(columns) - width
  while too_much > 0 do
    local column = widest_shrinkable(columns)
    if not column then return false end
    column.width = column.width - 1
    too_much = too_much - 1
  end
  return true
end

local function cut(text, width)
  if cells.width(text) <= width then return text end
  return cells.cut(text, width - 1) .. CUT_MARK
end

local function placed(column, text)
  if column.align ~= "point" then return pad_right(cut(text, column.width), column.width) end
  local _, tail = point_widths(text)
  return pad_left(text .. (" "):rep(column.after - tail), column.width)
end

-- A heading over numbers stands to the right; one that is still too wide is cut.
local function placed_heading(column, text)
  text = cut(text or "", column.width)
  return column.align == "point" and pad_left(text, column.width) or pad_right(text, column.width)
end

local function joined(columns, place)
  local parts = {}
  for i, column in ipairs(columns) do parts[i] = place(column, i) end
  return (table.concat(parts, GAP):gsub(" +$", ""))
end

local function headings(columns)
  local broken, height = {}, 0
  for i, column in ipairs(columns) do
    broken[i] = heading_lines(column.heading, column.width)
    height = math.max(height, #broken[i])
  end
  local lines = {}
  for at = 1, height do
    lines[at] = joined(columns, function(column, i)
      return placed_heading(column, broken[i][at - height + #broken[i]])
    end)
  end
  return lines
end

local function rule(columns)
  return joined(columns, function(column) return ("─"):rep(column.width) end)
end

---@param columns usagelua.grid_column[]
---@param rows string[][] cells, all of them text that is safe to print
---@param width integer cells of a line
---@param may_cut boolean? texts may be shortened to fit
---@param footer string[]? a last row under a rule
---@return string[]? lines nil where the columns do not fit
function grid.lines(columns, rows, width, may_cut, footer)
  local all = table.move(rows, 1, #rows, 1, {})
  all[#all + 1] = footer
  local laid = measured(columns, all, may_cut)
  if not shrink(laid, width) then return nil end
  local lines = headings(laid)
  lines[#lines + 1] = rule(laid)
  for i, row in ipairs(all) do
    if i > #rows then lines[#lines + 1] = rule(laid) end
    lines[#lines + 1] = joined(laid, function(column, at) return placed(column, row[at]) end)
  end
  return lines
end

return grid
