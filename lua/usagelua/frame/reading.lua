-- Rows as a script gets them: tables of its own. A row with figures that are not
-- known notices when one is read, so that the run knows what rests on it.

local row_list = require "usagelua.rows.list"

local reading = {}

local function clear(target)
  for name in pairs(target) do target[name] = nil end
  return target
end

local function plain_copy(row, target)
  for name, value in pairs(row) do target[name] = value end
  return target
end

local function noticing(row, of_row, notice)
  local function read(_, name)
    local mark = of_row[name]
    if not mark then return nil end
    notice(name, mark)
    return row[name]
  end
  local function each(self)
    return function(_, name)
      local following = next(row, name)
      if following ~= nil then return following, self[following] end
    end, self, nil
  end
  return { __name = "usagelua.row", __index = read, __pairs = each }
end

-- Marked figures are left to the metatable, so that every reading passes there.
local function copy(row, of_row, notice, target)
  plain_copy(row, target)
  if not of_row then return target end
  for name in pairs(of_row) do target[name] = nil end
  return setmetatable(target, noticing(row, of_row, notice))
end

-- A row that is a table nowhere else needs no copy.
local function row_at(result, i, notice, target)
  local of_row = result.marks[i]
  if not of_row and row_list.is(result.rows) then return row_list.fill(result.rows, i, target) end
  return copy(result.rows[i], of_row, notice, target or {})
end

---@param result usagelua.result
---@param reuse boolean one table for all rows
---@param notice fun(name: string, mark: usagelua.mark)
---@return fun(): table?
function reading.rows(result, reuse, notice)
  local i, count, shared = 0, #result.rows, {}
  return function()
    i = i + 1
    if i > count then return nil end
    return row_at(result, i, notice, reuse and clear(setmetatable(shared, nil)) or nil)
  end
end

return reading
