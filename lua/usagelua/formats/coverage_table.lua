-- What was asked against what was answered, as a table for people.

local coverage_table = {}

local COLUMNS <const> = {
  { name = "dataset", type = "text" },
  { name = "account", type = "text" },
  { name = "from", type = "text" },
  { name = "to (excluded)", type = "text" },
  { name = "period", type = "text" },
  { name = "asked", type = "integer", measure = true },
  { name = "answered", type = "integer", measure = true },
  { name = "partial", type = "integer", measure = true },
  { name = "failed", type = "integer", measure = true },
}

-- Midnight says no more than its date.
local function short_time(time)
  return time and (time:gsub("T00:00:00[Z+-].*$", ""))
end

local function row_of(entry)
  local row = {}
  for _, column in ipairs(COLUMNS) do row[column.name] = entry[column.name] end
  row.from, row["to (excluded)"] = short_time(entry.period_start), short_time(entry.period_end)
  return row
end

-- A column of accounts says nothing where no query has one.
local function columns_of(coverage)
  for _, entry in ipairs(coverage) do
    if entry.account then return COLUMNS end
  end
  local columns = {}
  for _, column in ipairs(COLUMNS) do
    if column.name ~= "account" then columns[#columns + 1] = column end
  end
  return columns
end

---@param coverage usagelua.coverage_entry[]
---@return usagelua.result
function coverage_table.result(coverage)
  local rows = {}
  for i, entry in ipairs(coverage) do rows[i] = row_of(entry) end
  return { columns = columns_of(coverage), rows = rows }
end

return coverage_table
