-- A figure that a rule's own functions make of the rows of a group: `init`, then
-- `step` for each row, then `finish`. The rows are kept until then and go through
-- in one order, whatever order they came in; what is not known of them is not known
-- of the figure.

local errors = require "usagelua.errors"
local marks = require "usagelua.marks"
local order = require "usagelua.order"
local record = require "usagelua.rows.record"
local units = require "usagelua.units"

local own = { numeric = false, grows = false }

function own.new()
  return { rows = {} }
end

-- The row in canonical units, as far as the rule reads it.
function own.add(state, _, cell)
  local view, row = cell.view, {}
  for name in view:each() do
    if not view.fields or view.fields[name] then row[name] = view:get(name) end
  end
  state.fields = view.fields
  state.rows[#state.rows + 1] = { row = row, marks = view.row_marks or {} }
end

function own.merge(state, other)
  table.move(other.rows, 1, #other.rows, #state.rows + 1, state.rows)
  state.fields = state.fields or other.fields
end

-- Reading -------------------------------------------------------------------

local function names_of(rows)
  local names = {}
  for _, entry in ipairs(rows) do
    for name in pairs(entry.row) do names[name] = true end
  end
  return order.keys(names)
end

-- Rows alike in all that can be read are alike for the functions too.
local function sorted(rows)
  local copy, by_row, compare = table.move(rows, 1, #rows, 1, {}), order.rows(names_of(rows)),
    order.comparer()
  table.sort(copy, function(a, b)
    local sign = by_row(a.row, b.row)
    if sign ~= 0 then return sign < 0 end
    return compare(marks.spelled(a.marks), marks.spelled(b.marks)) < 0
  end)
  return copy
end

local function read(shown, fields, name)
  if not shown.entry then record.raise_over() end
  if fields and not fields[name] then
    errors.raise_usage("the rule's fields do not name '%s', which its function reads", tostring(name))
  end
  local mark = shown.entry.marks[name]
  if mark then shown.noticed = marks.worse(shown.noticed, mark) end
  return shown.entry.row[name]
end

-- The present row, read only, that notices when a figure is read that is not known.
local function proxy_of(shown, fields)
  return setmetatable({}, {
    __name = "usagelua.row",
    __index = function(_, name) return read(shown, fields, name) end,
    __newindex = function(_, name)
      errors.raise_usage("rows are read only: '%s' is not set", tostring(name))
    end,
    __pairs = function(proxy)
      local row = shown.entry and shown.entry.row or record.raise_over()
      return function(_, name)
        local following = next(row, name)
        if following ~= nil then return following, proxy[following] end
      end, proxy, nil
    end,
  })
end

local function run(state, slot, shown)
  local row, value = proxy_of(shown, state.fields), slot.own.init()
  for _, entry in ipairs(sorted(state.rows)) do
    shown.entry = entry
    value = slot.own.step(value, row)
  end
  shown.entry = nil
  return slot.own.finish(value)
end

local function checked(slot, value)
  if value == nil then return nil end
  if type(value) ~= "number" then
    errors.raise_usage("measure '%s': finish gives a number or nil, not a %s", slot.name, type(value))
  elseif value ~= value or value == math.huge or value == -math.huge then
    return nil, slot.name .. " is no finite number"
  end
  return units.plain(value)
end

function own.read(state, slot)
  local shown = {}
  local ok, value = pcall(run, state, slot, shown)
  if shown.noticed and (ok or not errors.is(value)) then return nil, shown.noticed.reason end
  if not ok then error(value, 0) end
  return checked(slot, value)
end

return own
