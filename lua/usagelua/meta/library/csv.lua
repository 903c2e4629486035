---@meta
-- Tables of the user's own, read by usage.csv. `#sheet` counts the rows.

---@class usagelua.csv_table
---@field path string
---@field columns string[] as the header has them
---@field rows table<string, string>[] an empty cell is nil
---@field lines integer[] where each row begins
local sheet = {}

---Iterates over the rows, each a table of its own.
---@return fun(): table<string, string>?
function sheet:each() end

---A function from a value of one column to that of another. What matches nothing
---is "(unassigned)". Raises kind `usage` where one key has two values.
---@param key string column
---@param column string
---@param options { exact: boolean?, otherwise: string? }? exact: capital letters count
---@return fun(value: any): string
function sheet:lookup(key, column, options) end

---The rows as a frame, to be grouped and joined with usage.
---@param options { measures: table<string, table>? }? columns that hold numbers
---@return usagelua.frame
function sheet:records(options) end

return sheet
