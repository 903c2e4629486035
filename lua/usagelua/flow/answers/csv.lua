-- CSV (RFC 4180): rows of text under the names of the first row, or under those
-- that the description gives. A figure is what its field says, exactly.

local columns = require "usagelua.flow.answers.columns"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local fields = require "usagelua.flow.fields"
local pages = require "usagelua.flow.pages"
local path = require "usagelua.flow.path"
local alone = require "usagelua.flow.alone"
local text = require "usagelua.flow.answers.text"
local values = require "usagelua.flow.values"
local whole = require "usagelua.flow.answers.whole"

local csv = {
  accept = "text/csv",
  help = "CSV (RFC 4180; `delimiter`), columns named by the first row or by the list `columns`; an "
    .. "empty cell is null, columns without a field are not read; whole as with JSON lines",
  has_side = false, has_path = false,
}

-- The columns that fields name, and the end mark.
local function named(dataset, selected)
  local names, paths = {}, whole.paths(dataset.ends)
  local function add(one) paths[#paths + 1] = one end
  add(dataset.pages and dataset.pages.unique)
  for _, name in ipairs(alone.names(dataset)) do add(dataset.fields[name][1]) end
  for _, one in ipairs(selected or {}) do add(one) end
  for _, field in pairs(selected and {} or dataset.fields) do
    add(field[1])
    add(field.else_path)
  end
  for _, one in ipairs(paths) do names[#names + 1] = path.head(one) end
  return names
end

-- The columns of a row; nil: all, for the description's own function, or where
-- pages are told apart by their rows.
local function given(dataset, selected)
  if not selected and (dataset.record or pages.needs_rows(dataset.pages)) then return nil end
  return named(dataset, selected)
end

local function has_any(known, needed)
  for _, name in ipairs(needed) do
    if known[name] then return true end
  end
  return false
end

-- A column that a field names is there, or the answer is another one than meant;
-- where none is there, it may be no table at all, and another the next time.
local function check_columns(names, needed)
  local known = {}
  for _, name in ipairs(names) do known[name] = true end
  for _, name in ipairs(needed) do
    if not known[name] then
      return nil, errors.new { kind = "shape", code = "columns", retry = not has_any(known, needed) or nil,
        message = ("no column is named %s; there are %s"):format(values.shown(name),
          values.shown(table.concat(names, ", "))) }
    end
  end
  return true
end

function csv.open(dataset, _, selected, is_whole)
  local sink = core.csv.reader { delimiter = dataset.delimiter, columns = dataset.columns,
    fields = given(dataset, not is_whole and selected or nil), slots = named(dataset, selected) }
  local needed = columns.wanted(dataset)
  return text.reader(sink, {
    ends = dataset.ends,
    is_empty = function() return dataset.columns ~= nil or sink:columns() == nil end,
    check = function()
      local names = sink:columns()
      if not names then return false end
      local _, err = check_columns(names, needed)
      return true, err
    end,
  })
end

-- Cells are text, whatever they mean.
function csv.settle(dataset)
  for name, field in pairs(dataset.fields) do
    if fields.is_measure(name, field) or fields.is_boolean(name) then field.text = true end
  end
end

local function check_path(text_of_path, place)
  if text_of_path and text_of_path ~= "" and path.head(text_of_path)
    and path.of_name(path.head(text_of_path)) == text_of_path then
    return
  end
  errors.raise_usage("%s: '%s' is not the name of a column ('tests', '[\"Total tests\"]')", place,
    tostring(text_of_path))
end

function csv.check(dataset, place)
  whole.check(dataset.ends, place)
  if dataset.columns ~= nil and (type(dataset.columns) ~= "table" or #dataset.columns == 0) then
    errors.raise_usage("%s.columns: of CSV it is the list of names that its rows have, where there "
      .. "is no header", place)
  end
  if dataset.each then errors.raise_usage("%s.each: a row of CSV holds no members", place) end
  for name, field in pairs(dataset.fields) do
    for _, one in ipairs { field[1], field.else_path } do
      check_path(one, ("%s.fields.%s"):format(place, name))
    end
  end
  for _, one in ipairs(whole.paths(dataset.ends)) do check_path(one, place .. ".ends") end
end

return csv
