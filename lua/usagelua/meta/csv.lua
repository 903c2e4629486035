---@meta
-- core.csv, bound in C (csrc/core/csv.c).

---What C returns for CSV that is wrong; usagelua.errors makes it an error object.
---@class usagelua.core.csv.error
---@field kind "shape"|"cut"|"limit" cut: the end of the document stands where it cannot
---@field code "syntax"|"utf8"|"length"|"duplicate"|"incomplete"
---@field message string with line and row
---@field offset integer bytes before the place
---@field line integer from 1
---@field row integer from 1; 0 in the header

---Takes CSV (RFC 4180, strictly) in pieces of any size and gives its rows: CRLF or LF, a byte order
---mark is dropped, empty lines are no rows where there are several columns. May be handed to the
---transfer module, which feeds it without strings.
---@class usagelua.core.csv.reader: userdata
local reader = {}

---@param bytes string
---@return true? ok
---@return usagelua.core.csv.error? err the same for ever
function reader:feed(bytes) end

---@return true? ok
---@return usagelua.core.csv.error? err
function reader:finish() end

---The next row by its columns: text as it stands, `json.null` for an empty cell.
---@return table<string, any>? row nil when none is ready
function reader:next() end

---Drops the rows at hand.
function reader:discard() end

---@return integer rows so far, taken or not
function reader:count() end

---@return string[]? names nil before they are known
function reader:columns() end

---Whether the last row came without its line end, so that it may be cut; after `finish`.
---@return boolean
function reader:open_row() end

---Gives the last row, which came without its line end, to the fold that takes the
---rows; until then it waits, and `discard` makes it none.
function reader:release() end

---Gives its memory back; the reader can be closed twice, and by `<close>`.
function reader:close() end

return {
  ---@param options { delimiter: string?, fields: string[]?, columns: string[]?, slots: string[]? }
  ---delimiter: one ASCII character; fields: only these columns are given; columns: their names,
  ---where the document has no header; slots: the columns that a fold may take, where those are
  ---others than `fields`
  ---@return usagelua.core.csv.reader
  reader = function(options) end,
}
