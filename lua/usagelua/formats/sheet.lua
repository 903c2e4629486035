-- A table as lines that fit: side by side; where that is too wide, with what is
-- the same in all rows said once above; then with texts cut; else as a list.

local cell = require "usagelua.formats.cell"
local cells = require "usagelua.formats.cells"
local duration = require "usagelua.formats.duration"
local grid = require "usagelua.formats.grid"
local wrap = require "usagelua.formats.wrap"

local sheet = {}

local function texts_of(result, columns)
  local rows = {}
  for i = 1, #result.rows do
    local row = {}
    for at, column in ipairs(columns) do row[at] = duration.at(result, i, column) end
    rows[i] = row
  end
  return rows
end

local function first_text_column(columns)
  for at, column in ipairs(columns) do
    if not column.measure then return at end
  end
end

local function total_text(total, column)
  return column.measure and cell.of_total(total, column, duration.at) or ""
end

-- The last line; a table without any text column has no place for the word.
local function footer_of(total, columns)
  local at = total and first_text_column(columns)
  if not at then return nil end
  local row = {}
  for i, column in ipairs(columns) do row[i] = total_text(total, column) end
  row[at] = total.label
  return row
end

local function grid_columns(columns)
  local list = {}
  for i, column in ipairs(columns) do
    list[i] = { heading = duration.heading(column), align = cell.alignment(column) }
  end
  return list
end

local function side_by_side(section, columns, width, may_cut)
  return grid.lines(grid_columns(columns), texts_of(section.result, columns), width, may_cut,
    footer_of(section.total, columns))
end

local function is_constant(result, column)
  if column.measure or #result.rows < 2 then return false end
  local first = result.rows[1][column.name]
  for i = 2, #result.rows do
    if result.rows[i][column.name] ~= first then return false end
  end
  return true
end

local function split(result, columns)
  local same, different = {}, {}
  for _, column in ipairs(columns) do
    local list = is_constant(result, column) and same or different
    list[#list + 1] = column
  end
  return same, different
end

local function pair_text(result, index, column)
  return ("%s = %s"):format(duration.heading(column), duration.at(result, index, column))
end

local function same_lines(result, columns, width)
  local parts = {}
  for i, column in ipairs(columns) do parts[i] = pair_text(result, 1, column) end
  return wrap.lines("in all rows: " .. table.concat(parts, ", "), width, "", "  ")
end

local function folded(section, columns, width, may_cut)
  local same, different = split(section.result, columns)
  if #same == 0 or #different == 0 then return nil end
  local lines = side_by_side(section, different, width, may_cut)
  if not lines then return nil end
  local above = same_lines(section.result, same, width)
  above[#above + 1] = ""
  return table.move(lines, 1, #lines, #above + 1, above)
end

local function heading_width(columns)
  local width = 0
  for _, column in ipairs(columns) do width = math.max(width, cells.width(duration.heading(column))) end
  return width
end

local function add_pair(lines, heading, text, left, width)
  local lead = heading .. (" "):rep(left - cells.width(heading) + 2)
  local wrapped = wrap.lines(text, width, lead, (" "):rep(left + 2))
  table.move(wrapped, 1, #wrapped, #lines + 1, lines)
end

local function add_total(lines, total, columns, left, width)
  lines[#lines + 1] = ""
  lines[#lines + 1] = total.label
  for _, column in ipairs(columns) do
    local text = total_text(total, column)
    if text ~= "" then add_pair(lines, duration.heading(column), text, left, width) end
  end
end

local function as_list(section, columns, width)
  local lines = {}
  local left = heading_width(columns)
  for i = 1, #section.result.rows do
    if i > 1 then lines[#lines + 1] = "" end
    for _, column in ipairs(columns) do
      local text = duration.at(section.result, i, column)
      add_pair(lines, duration.heading(column), text, left, width)
    end
  end
  if section.total then add_total(lines, section.total, columns, left, width) end
  return lines
end

---@param section { result: usagelua.result, total: usagelua.total_row? } with rows
---@param width integer cells of a line
---@return string[] lines
function sheet.lines(section, width)
  local columns = duration.columns(section.result)
  return side_by_side(section, columns, width)
    or folded(section, columns, width)
    or side_by_side(section, columns, width, true)
    or folded(section, columns, width, true)
    or as_list(section, columns, width)
end

return sheet
