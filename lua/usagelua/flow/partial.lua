-- What is still known of an answer that the vendor itself calls partial. It
-- does not say which part failed: what failed shows zero.

local partial = {}

local ZERO <const> = "the vendor marked its answer as partial: a zero may be a failed fetch"
local COUNT <const> = "the vendor marked its answer as partial"

local function mark(batch, index, name, state, reason)
  batch.marks = batch.marks or {}
  batch.marks[index] = batch.marks[index] or {}
  batch.marks[index][name] = { state = state, reason = reason }
end

local function mark_row(batch, index, row, declared)
  local zeros = {}
  for name, value in pairs(row) do
    local measure = declared[name]
    if value == 0 then
      zeros[#zeros + 1] = name
    elseif measure and measure.kind == "distinct" then
      mark(batch, index, name, "at_least", COUNT)
    end
  end
  for _, name in ipairs(zeros) do
    row[name] = nil
    mark(batch, index, name, "unknown", ZERO)
  end
  return #zeros > 0
end

---Makes every zero unknown and every count of different things at least so
---much.
---@param batch usagelua.batch
---@param declared table<string, usagelua.measure>
---@return boolean found a zero: what failed shows
function partial.mark(batch, declared)
  local found = false
  for index, row in ipairs(batch.rows) do
    found = mark_row(batch, index, row, declared) or found
  end
  return found
end

return partial
