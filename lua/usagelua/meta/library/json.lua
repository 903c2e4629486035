---@meta usagelua.json
-- usage.json: whole documents, items of a stream, and writing.

---@class usagelua.json
---@field null lightuserdata the value of JSON null, the same as cjson.null
local json = {}

---Marks a table as an array (`[]` when it is empty); without one makes a new.
---@param list table?
---@return table
function json.array(list) end

---A table whose names are written in the order given.
---
---    json.encode(json.object { { "schema", 1 }, { "records", json.array() } })
---    --> {"schema":1,"records":[]}
---
---@param pairs { [1]: string, [2]: any }[]
---@return table
function json.object(pairs) end

---The JSON text of a value. Names come sorted bytewise, or as `json.object` or
---`key_order` say. Raises, with the path, on what JSON cannot hold.
---@param value any
---@param options { indent: integer?, key_order: string[]? }? indent: spaces
---@return string
function json.encode(value, options) end

---The value of a document (RFC 8259). Integers are exact to 2^63-1.
---@param text string
---@param options { max_depth: integer? }? levels, 128 where absent
---@return any value nil where the document is wrong
---@return usagelua.error? err kind `json`, with offset, line, column and path
function json.decode(text, options) end

---@class usagelua.json.items_options
---@field fields string[]? paths below an item: only these are built
---@field optional boolean? a path that the document does not have is no error
---@field lines boolean? a document on each line
---@field max_depth integer? levels, 128 where absent

---Iterates over the items at a path as the pieces come, in constant memory:
---each item, then its key for each `{}` of the path. Raises error objects.
---
---    for user in json.items(io.open "report.json", "data.users[]") do print(user.email) end
---
---@param source string|file*|table|fun(): string? text, pieces until nil, or what has read
---@param path string `data.users[]`, `data.products{}`, `.`
---@param options usagelua.json.items_options?
---@return fun(): any, string?, string?
function json.items(source, path, options) end

return json
