---@meta
-- The C functions of usagelua.core.rows: rows kept as typed columns. They come out
-- of a fold (meta/fold.lua). Rows and columns are counted from 1.

---@class usagelua.core.rows
---@operator len: integer
local rows = {}

---What they take in memory: cells, dictionaries, and what holds them together.
---@return integer bytes
function rows:bytes() end

---@return ("text"|"boolean"|"number")[] kinds of the columns
function rows:kinds() end

---Fills a table with one row; what is absent is nil there.
---@param i integer
---@param names string[] of the columns
---@param into table
---@return table into
function rows:row(i, names, into) end

---Takes over the rows of others, which are closed then. Raises for want of memory,
---and then no row was moved.
---@param others usagelua.core.rows
---@param columns integer[] for each of theirs which of ours it is, of the same kind;
---the number behind the last is a new one
function rows:append(others, columns) end

---Takes over the columns of others, which are closed then. Raises for want of
---memory, and then both are as they were.
---@param others usagelua.core.rows as many, and made in pieces of as many
function rows:attach(others) end

---Gives their memory back.
function rows:close() end

---Rows made of tables. Nothing where a value is no text, boolean or finite number,
---or where two in one column are of different kinds.
---@param list table[]
---@param const table<string, any> what the rows have where they say nothing themselves
---@return usagelua.core.rows?
---@return string[]? names of the columns
---@return string[]? kinds "text", "boolean", "number"
local function of(list, const) end

---Which of some rows there are, in which order, and which of their columns: figures
---in another unit where a scale says how many of it one is.
---@class usagelua.core.rows.view
---@operator len: integer
local view_methods = {}

---@param on usagelua.core.rows
---@param columns { column: integer?, numerator: integer?, denominator: integer? }[]
---@return usagelua.core.rows.view
local function view(on, columns) end

---@param i integer
---@param names string[] of the columns; those behind its last are left out
---@param into table? else a table of its own
---@return table into
function view_methods:row(i, names, into) end

---@param i integer
---@param column integer
---@return string|number|boolean|nil
function view_methods:value(i, column) end

---What the values of each column are together; false where no row has one.
---@return ("integer"|"number"|"boolean"|"text"|false)[]
function view_methods:types() end

---@return boolean whether no figure is infinite or no number
function view_methods:is_finite() end

---How the lines of a format are written.
---@class usagelua.core.rows.form
---@field columns integer[] of the view, by cell; 0: nothing stands there
---@field heads string[] what stands before each cell
---@field quote string around a plain text
---@field absent string
---@field text (fun(value: string): string) a cell of a text that is not plain
---@field real (fun(value: number): string)? of a double; else as JSON has it
---@field by integer[] columns on which the tail hangs
---@field tail (fun(i: integer): string) what stands behind the cells of a row

---Rows as lines of a format.
---@param first integer
---@param last integer
---@param form usagelua.core.rows.form
---@return string
function view_methods:text(first, last, form) end

---Sorts the rows: absent, false, true, numbers, texts by their bytes; equal rows
---stay as they stood. Raises for want of memory.
---@param keys { [1]: integer, descending: boolean?, absent_last: boolean? }[] columns; the first decides
function view_methods:sort(keys) end

---Leaves the first rows alone.
---@param count integer
function view_methods:cut(count) end

---Leaves the rows of which the test is true.
---@param test fun(i: integer): boolean
function view_methods:choose(test) end

---Leaves the rows with a value in a column from the first one on.
---@param first integer column
---@param but table<integer, any> rows that stay all the same: their numbers are its keys
function view_methods:leave_out_absent(first, but) end

---@param column integer
---@param first integer row
---@return boolean whether the rows from that one on have the same there
function view_methods:is_one_value(column, first) end

---@param i integer
---@return integer which of the rows that is, from 1
function view_methods:number(i) end

---Rows of their own, with the view's columns, in the order of the rows beneath.
---@return usagelua.core.rows
function view_methods:copy() end

---Where some rows stand.
---@param numbers table<integer, any> the rows' numbers are its keys
---@return table<integer, integer> place by number
function view_methods:places(numbers) end

---What it takes in memory, beside the rows.
---@return integer bytes
function view_methods:bytes() end

---Gives its memory back; the rows stay.
function view_methods:close() end

return { rows = rows, of = of, view = view }
