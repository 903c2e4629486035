-- One figure out of a result of one row: its value, its state, and why.

local figure = {}

local function absence(name, result)
  if result.taken > 0 then return name .. " is not reported" end
  if #result.notes > 0 then return table.concat(result.notes, "; ") end
  return "there are no rows"
end

---@class usagelua.figure_read
---@field state "known"|"at_least"|"unknown"|"absent"
---@field value number? of known and at_least
---@field reason string? of all but known
---@field unit string?
---@field rows integer rows that the conditions let in
---@field unmatched usagelua.unmatched[]

---@param result usagelua.result of a rule without groups and with one measure
---@param name string
---@return usagelua.figure_read
function figure.read(result, name)
  local row, of_row = result.rows[1], result.marks[1]
  local value, mark = row and row[name], of_row and of_row[name]
  local state = mark and mark.state or (value ~= nil and "known" or "absent")
  return {
    state = state, value = value, unit = result.columns[1].unit, rows = result.taken,
    reason = mark and mark.reason or (state == "absent" and absence(name, result) or nil),
    unmatched = result.unmatched,
  }
end

return figure
