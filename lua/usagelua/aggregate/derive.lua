-- Figures that a rule's functions make of a group's figures. Each inherits the lack
-- of what it reads: of an unknown or incomplete figure nothing known comes.

local errors = require "usagelua.errors"
local marks = require "usagelua.marks"
local units = require "usagelua.units"

local derive = {}

---@class usagelua.group_row one row of a result in the making
---@field row table
---@field marks table<string, usagelua.mark>

---A table for a rule's function that notes which marked and which absent figures
---it reads, and knows its names.
---@param entry usagelua.group_row
---@param index usagelua.schema_index what may be read
---@return table group
---@return { mark: usagelua.mark?, absent: boolean } seen
function derive.watched(entry, index)
  local seen = { absent = false }
  return setmetatable({}, {
    __name = "usagelua.group",
    __index = function(_, name)
      index:need(name)
      if entry.marks[name] then seen.mark = marks.worse(seen.mark, entry.marks[name]) end
      seen.absent = seen.absent or entry.row[name] == nil
      return entry.row[name]
    end,
    __newindex = function(_, name)
      errors.raise_usage("a group is read only: '%s' is not set", tostring(name))
    end,
  }), seen
end

-- How Lua words it for integers; doubles give an infinity instead.
local DIVISIONS <const> = {
  "attempt to divide by zero", "attempt to perform 'n//0'", "attempt to perform 'n%",
}

local function is_division_by_zero(value)
  for _, words in ipairs(DIVISIONS) do
    if not errors.is(value) and tostring(value):find(words, 1, true) then return true end
  end
  return false
end

-- Arithmetic on a figure that is not there: then the derived one is not either.
local function comes_of_absence(value)
  return not errors.is(value) and tostring(value):find("nil", 1, true) ~= nil
end

local function finite(value, name)
  if type(value) ~= "number" then return value end
  if value == value and value ~= math.huge and value ~= -math.huge then
    return units.plain(value)
  end
  return nil, ("%s is a division by zero"):format(name)
end

---The value, or the mark that it inherits.
---@param entry usagelua.group_row
---@param derived { name: string, fn: function }
---@param index usagelua.schema_index what may be read
---@return any value
---@return usagelua.mark?
function derive.value(entry, derived, index)
  local group, seen = derive.watched(entry, index)
  local ok, value = errors.try(derived.fn, group)
  if not ok and errors.is(value) then error(value, 0) end
  if seen.mark then return nil, marks.unknown { [seen.mark.reason] = true } end
  if not ok and is_division_by_zero(value) then
    return nil, marks.unknown { [derived.name .. " is a division by zero"] = true }
  end
  if not ok and seen.absent and comes_of_absence(value) then return nil end
  if not ok then error(value, 0) end
  local number, why = finite(value, derived.name)
  return number, why and marks.unknown { [why] = true }
end

---@param entries usagelua.group_row[]
---@param plan usagelua.plan
function derive.add(entries, plan)
  for _, entry in ipairs(entries) do
    local made = {}
    for _, derived in ipairs(plan.derive) do
      made[derived.name] = table.pack(derive.value(entry, derived, plan.group_index))
    end
    for name, pair in pairs(made) do entry.row[name], entry.marks[name] = pair[1], pair[2] end
  end
end

return derive
