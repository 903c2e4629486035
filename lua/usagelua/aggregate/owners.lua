-- Whose a slot's readings are, as core.fold takes it: of the columns that the slot
-- notes of each, which tell things apart, and which say what is added to others.

local owners = {}

local SUM <const>, LAST <const> = "sum", "last"

-- What usagelua.aggregate.last takes the moment of a reading from.
local MOMENTS <const> = { "period_end", "period_start" }

---Whether figures of a slot have owners, or moments.
---@param slot table as core.fold takes it
---@return boolean
function owners.has(slot)
  return slot.adding == LAST or slot.adding == SUM and #slot.of > 0
end

-- A column and its value; true for any row.
local function sign_of(column, value, place)
  return column and { place[column], value } or nil
end

local function shared_sign(shared, place)
  if type(shared) ~= "table" then return shared or nil end
  return sign_of(shared.column, shared.value, place)
end

local function containing_sign(condition, place)
  if type(condition) ~= "table" then return condition or nil end
  local column, value = next(condition)
  return sign_of(column, value, place)
end

local function places_of(names, place)
  local list = {}
  for i, name in ipairs(names) do list[i] = place[name] end
  return list
end

---@param entry table the slot as core.fold has it, with `names` beside `of`
---@param cell table what is the same for all its rows
---@return table? said nil: the figures have no owners
function owners.of(entry, cell)
  if not owners.has(entry) then return nil end
  local slot, place, is_last = cell.slot, {}, entry.adding == LAST
  for i, name in ipairs(entry.names) do place[name] = i end
  return {
    id = cell.of and places_of({ "vendor", "account", cell.of }, place) or {},
    part = is_last and place[slot.per] or nil,
    at = is_last and places_of(MOMENTS, place) or {},
    shared = is_last and shared_sign(slot.shared, place) or nil,
    contains = containing_sign(cell.may_contain, place), over = slot.over ~= nil,
  }
end

local function spelled_sign(said)
  return type(said) == "table" and ("%d=%s"):format(said[1], tostring(said[2])) or tostring(said)
end

---The same as text: readings of two tables of groups can be put together where it
---is the same.
---@param entry table
---@param cell table
---@return string
function owners.spelled(entry, cell)
  local said = owners.of(entry, cell)
  if not said then return "" end
  return table.concat({ table.concat(entry.names, " "), tostring(cell.of), spelled_sign(said.shared),
    spelled_sign(said.contains) }, "\1")
end

return owners
