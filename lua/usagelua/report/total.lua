-- The last line of a table: the sum of each measure that adds up over the rows
-- shown; the others stay empty, with the reason. How many rows report nothing of a
-- measure stands beside its sum, which is of the others then.

local errors = require "usagelua.errors"
local rule = require "usagelua.rule"

local total = {}

---@class usagelua.total_row
---@field label string
---@field result usagelua.result of one row
---@field refused table<string, string> measures without a total, with the reason
---@field unreported table<string, usagelua.unreported> of measures with a total that some rows do
---not have

local ADDS <const> = { sum = true, count = true }

local WHY_NOT <const> = {
  distinct = "different things may be the same ones in several rows",
  max = "peaks do not add up",
  min = "minima do not add up",
  mean = "means do not add up",
  last = "a state at one time does not add up",
  derived = "it is made of other figures",
}

local function refusal(column)
  if ADDS[column.kind] then return nil end
  return WHY_NOT[column.kind] or "nothing says how it adds up"
end

---Refuses, before anything is asked for, a total that would count the same usage
---twice.
---@param what string for the message
---@param frame usagelua.frame
---@param columns usagelua.result_column[]
function total.check(what, frame, columns)
  for _, column in ipairs(columns) do
    if column.measure and not refusal(column) then
      local ok, err = errors.try(rule.figure, column.name, nil, frame:schema())
      if not ok then error(errors.is(err) and errors.wrap(err, what) or err, 0) end
    end
  end
end

---What the last line is called.
---@param result usagelua.result
---@return string
function total.label(result)
  local left_out = result.left_out or 0
  if left_out == 0 then return "total" end
  return ("total of %d of %d"):format(#result.rows, #result.rows + left_out)
end

local function add_sum(row, marks, name, figure)
  row[name] = figure.value
  if figure.reason and figure.state ~= "absent" then
    marks[name] = { state = figure.state, reason = figure.reason }
  end
end

-- Where there is no sum, its sign says it all.
local function add_unreported(list, name, frame, options)
  local counts = require("usagelua.frame.unreported").of(frame, name, options)
  if counts.rows + counts.inapplicable > 0 then list[name] = counts end
end

---@param frame usagelua.frame
---@param result usagelua.result the frame's, with the columns that are shown
---@param where (table|function)? which rows; all by default
---@param options_of (fun(name: string): usagelua.unreported_options?)? of a measure, how its rows
---are counted
---@return usagelua.total_row
function total.of(frame, result, where, options_of)
  local row, marks, refused, silent = {}, {}, {}, {}
  for _, column in ipairs(result.columns) do
    local name, reason = column.name, refusal(column)
    if column.measure and reason then
      refused[name] = reason
    elseif column.measure then
      add_sum(row, marks, name, frame:figure(name, where))
      if row[name] ~= nil then
        add_unreported(silent, name, frame, options_of and options_of(name) or { where = where })
      end
    end
  end
  return {
    label = total.label(result), refused = refused, unreported = silent,
    result = { columns = result.columns, rows = { row }, marks = { marks } },
  }
end

return total
