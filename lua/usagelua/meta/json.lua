---@meta
-- The C functions of usagelua.core.json. Scripts use usagelua.json.

---What C returns for a document that is wrong; usagelua.errors makes it an
---error object.
---@class usagelua.core.json.error
---@field kind "json"|"shape"|"limit"
---@field code "syntax"|"incomplete"|"utf8"|"depth"|"duplicate"|"range"|"shape"|"length"
---@field message string with line, column, byte and path
---@field offset integer bytes before the place
---@field line integer from 1
---@field column integer bytes, from 1
---@field path string? for example `data.users[3].email`; items count from 0

---@class usagelua.core.json
---@field null lightuserdata the value of null, the same as cjson.null
local json = {}

---The value of a whole document (RFC 8259).
---@param text string
---@param options? { max_depth: integer? } levels, 1 to 1000, default 128
---@return any value nil where the document is wrong
---@return usagelua.core.json.error? err
function json.decode(text, options) end

---The text of a value. Raises on what JSON cannot hold: nan, infinity,
---functions, strings that are not UTF-8, tables with holes or with both names
---and positions, more than 128 levels. Tables are read raw.
---@param value any
---@param options? { indent: integer?, key_order: string[]? } spaces, 0 to 16; names that come first, in this order
---@return string
function json.encode(value, options) end

---Marks a table as an array, so that it is written as one when it is empty.
---@param list? table changed and returned; without it a new one
---@return table
function json.array(list) end

---A table whose names are written in the order given.
---@param pairs { [1]: string, [2]: any }[]
---@return table
function json.object(pairs) end

---@class usagelua.core.json.plan
---@field rows string? path of the items, `.` for the whole document; none: only side values
---@field fields string[]? paths below an item; only these are built, nested as in the source
---@field side table<string, string>? name to path, names only (no [] or {})
---@field max_depth integer? levels, 1 to 1000, default 128
---@field lines boolean? a document on each line
---@field arrays { at: string, name: string? }? items are arrays, whose values a fold takes by their names:
---`at` is the side value that lists these, `name` the path of each in there, if it is not that itself

---@param plan usagelua.core.json.plan raises on a wrong one
---@return usagelua.core.json.reader
function json.reader(plan) end

---Takes a document in pieces of any size and gives what the plan names. It
---may also be handed to the transfer module, which feeds it without strings.
---@class usagelua.core.json.reader
local reader = {}

---Takes the next bytes. After an error it returns that error for ever; items
---that were complete before it are still there.
---@param bytes string
---@return true? ok
---@return usagelua.core.json.error? err
function reader:feed(bytes) end

---Says that no more bytes come: an error unless the document is complete.
---@return true? ok
---@return usagelua.core.json.error? err
function reader:finish() end

---The next item and its keys, one for each {} of the rows path, outermost
---first. Nil when none is ready. JSON null is `json.null`.
---@return any item
---@return string? key
---@return string ...
function reader:next() end

---Drops the items at hand.
function reader:discard() end

---@return integer items so far, taken or not
function reader:count() end

---Whether the rows path led somewhere: to items, to none of them, or to null.
---@return boolean
---@return boolean null null stood on the way, which stands for no items
function reader:found() end

---The side values that are complete so far. The table is the reader's and the
---same until another value is complete; do not change it.
---@return table<string, any>
function reader:side() end

---Gives its memory back; the reader can be closed twice, and by `<close>`.
function reader:close() end

return json
