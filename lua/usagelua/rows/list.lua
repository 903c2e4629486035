-- The rows of a result that stand in columns, as a list: `#rows`, `rows[i]`, and
-- `ipairs` go as with a table of tables. A row is made when it is asked for; to
-- change it changes nothing here.

local row_list = {}

---@class usagelua.row_list
---@field [integer] table

-- By list, what it is made of; `made` is the row that was asked for last, since
-- many read one cell after another.
local behind = setmetatable({}, { __mode = "k" })

local function row_at(rows, i)
  local own = behind[rows]
  if own.last ~= i then
    if math.type(i) ~= "integer" or i < 1 or i > #own.view then return nil end
    own.last, own.made = i, own.view:row(i, own.names)
  end
  return own.made
end

local function next_row(rows, i)
  local row = row_at(rows, (i or 0) + 1)
  if row then return (i or 0) + 1, row end
end

local metatable = {
  __name = "usagelua.row_list",
  __index = row_at,
  __len = function(rows) return #behind[rows].view end,
  __pairs = function(rows) return next_row, rows, nil end,
}

---@param view usagelua.core.rows.view
---@param names string[] of its columns
---@param beneath usagelua.core.rows? those that the view is on, where it shows all their columns
---as they are
---@return usagelua.row_list
function row_list.new(view, names, beneath)
  local rows = setmetatable({}, metatable)
  behind[rows] = { view = view, names = names, beneath = beneath }
  return rows
end

---@param rows any
---@return boolean
function row_list.is(rows)
  return getmetatable(rows) == metatable
end

---The view that the rows are from; nil where they are tables.
---@param rows table
---@return usagelua.core.rows.view?
---@return string[]? names of its columns
---@return usagelua.core.rows? beneath those that it is on, where it shows them as they are
function row_list.view(rows)
  local own = row_list.is(rows) and behind[rows]
  if own then return own.view, own.names, own.beneath end
end

---Is each of the figures a number that can be shown?
---@param rows usagelua.row_list
---@return boolean
function row_list.is_finite(rows)
  local own = behind[rows]
  if own.is_finite == nil then own.is_finite = own.view:is_finite() end
  return own.is_finite
end

---Puts a row into a table.
---@param rows usagelua.row_list
---@param i integer
---@param target table? empty; nil: a table of its own
---@return table
function row_list.fill(rows, i, target)
  local own = behind[rows]
  return own.view:row(i, own.names, target)
end

return row_list
